"""A field of a brief reaches every place that has to know it; a failure names the places that are missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.contrib.admin.utils import flatten_fieldsets

from approvals.audit import dossier
from tasks.actions import LIMITS
from tasks.admin import BRIEF_FIELDSETS
from tasks.api.serializers.tasks import BriefSerializer, TaskSerializer
from tasks.brief_fields import BRIEF_FIELDS, LISTS, NUMBERS, TEXTS, TIMES
from tasks.engine.mapping import BRIEF_COLUMNS
from tasks.pipeline.types import Brief

FROM_OTHER_TABLES = {"sources", "guidance", "category_guidance", "locked", "check_rules"}
"""Fields of `Brief` that `tasks.engine.mapping.brief_of` reads from other tables than the task's."""
PLACES: dict[str, Collection[str]] = {
    "tasks/models/tasks.py: an editable column of ContentTask": BRIEF_FIELDS,
    "tasks/engine/mapping.py: brief_of": BRIEF_COLUMNS,
    "tasks/admin.py: BRIEF_FIELDSETS": flatten_fieldsets(BRIEF_FIELDSETS),
    "tasks/api/serializers/tasks.py: BriefSerializer": BriefSerializer.Meta.fields,
    "tasks/api/serializers/tasks.py: TaskSerializer": TaskSerializer.Meta.fields,
    "tasks/brief_fields.py: fields of TOML files": TEXTS | LISTS | TIMES | NUMBERS,
    "approvals/audit/dossier.py: BRIEF": dossier.BRIEF,
}


def gaps(fields: Iterable[str]) -> list[str]:
    wanted = set(fields) - FROM_OTHER_TABLES
    return [
        f"{place} lacks {', '.join(sorted(missing))}"
        for place, known in PLACES.items()
        if (missing := wanted - set(known))
    ]


def test_every_field_of_a_brief_is_in_every_list():
    assert not gaps(Brief.model_fields)


def test_every_column_that_people_fill_in_is_in_the_admin_the_api_and_toml_files():
    for place in ("tasks/admin.py: BRIEF_FIELDSETS", "tasks/api/serializers/tasks.py: BriefSerializer"):
        assert set(BRIEF_FIELDS) <= set(PLACES[place]), place


def test_a_column_either_changes_the_article_or_is_a_setting_or_a_date():
    assert set(BRIEF_FIELDS) - set(Brief.model_fields) - set(LIMITS) == {"due_at"}


def test_a_new_field_is_missing_in_every_place_by_name():
    found = gaps([*Brief.model_fields, "angle"])
    assert found == [f"{place} lacks angle" for place in PLACES]
