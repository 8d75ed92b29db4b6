"""Recorded runs: replaying them, and moving them between desks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from tasks import actions
from tasks.brief_fields import BRIEF_FIELDS
from tasks.engine.exchanges import FIELDS
from tasks.models import ContentTask, RecordedExchange, Source

if TYPE_CHECKING:
    from tasks.pipeline.providers.recording import ProviderExchange

FORMAT = "editorial-desk-recording/1"
BRANCHES = ("research", "outline", "draft", "critique", "refine", "image", "seo")
"""The stages from which a replay may ask again; a test holds them equal to those of the pipeline."""
_NOT_COPIED = frozenset({"run_after", "due_at"})
_SOURCE_FIELDS = ("title", "url", "text", "found_by", "found_query", "found_rank", "found_at")


def recorded_run(task: ContentTask, run: int | None = None) -> int:
    """The run of a task whose recording is whole, by default the newest. Raises ValidationError."""
    runs = RecordedExchange.objects.filter(task=task, kind="brief").order_by("-run")
    if run is not None:
        runs = runs.filter(run=run)
    found = runs.values_list("run", flat=True).first()
    if found is None:
        which = "was not recorded" if run is None else f"has no recording of run {run}"
        raise ValidationError(
            {"task": f"Task {task.pk} {which}. Set RECORD_RUNS before a run that is to be replayed."}
        )
    return found


@transaction.atomic
def replay(task: ContentTask, *, by: User | None, run: int | None = None, branch: str = "") -> ContentTask:
    """File a task that repeats a recorded run, from the stage `branch` on with new calls.

    Raises ValidationError naming the field.
    """
    if branch and branch not in BRANCHES:
        raise ValidationError({"branch": f"Choose a stage: {', '.join(BRANCHES)}, or none."})
    replayed = ContentTask(**{name: getattr(task, name) for name in BRIEF_FIELDS if name not in _NOT_COPIED})
    replayed.replay_of, replayed.replay_run, replayed.replay_branch = task, recorded_run(task, run), branch
    rows = _sources_of(task, replayed.replay_run).values(*_SOURCE_FIELDS)
    actions.file_task(replayed, [Source(**row) for row in rows], by=by)
    return replayed


def exported(task: ContentTask, run: int | None = None) -> dict[str, Any]:
    """A recording as JSON, with the brief it is of. Raises ValidationError."""
    found = recorded_run(task, run)
    rows = task.recorded_exchanges.filter(run=found).order_by("id")
    fields = {name: getattr(task, name) for name in BRIEF_FIELDS if name not in _NOT_COPIED}
    return {
        "format": FORMAT,
        "task": {
            name: str(value) if name == "budget_usd" and value else value for name, value in fields.items()
        },
        "sources": [
            row | {"found_at": row["found_at"].isoformat() if row["found_at"] else None}
            for row in _sources_of(task, found).values(*_SOURCE_FIELDS)
        ],
        "exchanges": list(rows.values(*FIELDS)),
    }


@transaction.atomic
def imported(recording: Mapping[str, Any], *, by: User | None) -> ContentTask:
    """File a task that replays an exported recording. Raises ValidationError naming what is wrong."""
    if not isinstance(recording, Mapping) or recording.get("format") != FORMAT:
        raise ValidationError({"file": f"This is no recording of the format {FORMAT}."})
    exchanges = _checked(recording.get("exchanges", ()))
    try:
        task = ContentTask(**recording["task"])
        sources = [Source(**fields) for fields in recording["sources"]]
    except (KeyError, TypeError) as error:
        raise ValidationError({"file": f"The recording is damaged: {error}."}) from error
    actions.file_task(task, sources, by=by)
    RecordedExchange.objects.bulk_create(
        RecordedExchange(task=task, run=0, **exchange.model_dump(mode="json")) for exchange in exchanges
    )
    # A worker sees the task only when this transaction has ended.
    ContentTask.objects.filter(pk=task.pk).update(replay_of=task, replay_run=0)
    task.refresh_from_db(fields=["replay_of", "replay_run"])
    return task


def _sources_of(task: ContentTask, run: int) -> QuerySet[Source]:
    """The sources that the run began with, without those that it found: its replay finds them again."""
    brief = task.recorded_exchanges.filter(run=run, kind="brief").values_list("reply", flat=True).get()
    numbers = [source["number"] for source in (brief or {}).get("sources", ())]
    return task.sources.filter(Q(found_by="") | Q(number__in=numbers))


def _checked(rows: Iterable[Any]) -> list[ProviderExchange]:
    import pydantic

    from tasks.pipeline.providers.recording import ProviderExchange

    try:
        exchanges = [ProviderExchange.model_validate(row) for row in rows]
    except (pydantic.ValidationError, TypeError) as error:
        raise ValidationError({"file": "The recording is damaged: an exchange cannot be read."}) from error
    if not any(one.kind == "brief" for one in exchanges):
        raise ValidationError({"file": "The recording is incomplete: it has no brief."})
    return exchanges
