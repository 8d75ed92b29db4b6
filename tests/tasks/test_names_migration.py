"""What the migration 0003_names makes of locks on parts that are parts no longer."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from tasks.models import Draft
from tasks.pipeline.text.paragraphs import paragraph_sha256
from tests.factories import make_draft, make_user

LIST = "- shade\n- water\n\n- wind"


def locked(body: str, *texts: str) -> Draft:
    draft, user = make_draft(body=body), make_user("edna")
    for text in texts:
        draft.locks.create(
            text=text, sha256=paragraph_sha256(text), reason="Agreed.", locked_by=user, locked_by_name="edna"
        )
    import_module("tasks.migrations.0003_names").relock(apps, None)
    return draft


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        (f"Text.\n\n{LIST}", ["- wind"], [LIST]),
        (f"Text.\n\n{LIST}", ["- shade\n- water", "- wind"], [LIST]),
        ("Above:\n- one\n- two\n\nText.", ["Above:\n- one\n- two"], ["Above:", "- one\n- two"]),
        ("Text.\n\nMore.", ["Text."], ["Text."]),
        ("Text.", ["Gone."], ["Gone."]),
    ],
)
def test_a_lock_holds_the_part_that_it_belongs_to(body: str, before: list[str], after: list[str]) -> None:
    locks = locked(body, *before).locks.order_by("pk")
    assert [lock.text for lock in locks] == after
    assert {(lock.sha256, lock.reason, lock.locked_by_name) for lock in locks} == {
        (paragraph_sha256(text), "Agreed.", "edna") for text in after
    }
