"""What happened to a task, for its page: the stages of its runs, and what people and the engine did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Q, Sum
from django.db.models.fields.json import KeyTransform

from tasks.alerts.breaches import in_words
from tasks.lifecycle import Status
from tasks.models import ContentTask, ModelCall, Stage, StageRun
from tasks.pipeline.errors import KINDS

MAX_STAGES = 400
MAX_EVENTS = 60
DONE, RUNNING, FAILED, WAITING = "done", "running", "failed", "waiting"


@dataclass
class StageEntry:
    """One stage of one run."""

    key: str
    state: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    seconds: float | None = None
    attempt: int = 1
    error: str = ""
    cause: str = ""
    result: str = ""
    """What came of it, in a few words."""
    calls: int = 0
    tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0
    models: Sequence[str] = ()

    @property
    def duration(self) -> str:
        """As in "0.4 s" or "2 min 5 s"."""
        return _duration(self.seconds or 0)

    @property
    def label(self) -> str:
        """As in "Critique 2" or "Research: search"."""
        name, *rest = self.key.split("-")
        label = str(Stage(name).label) if name in Stage.values else name.capitalize()
        round_number = rest.pop(0) if rest and rest[0].isdigit() and rest[1:2] != ["of"] else ""
        label = f"{label} {round_number}".strip()
        return f"{label}: {' '.join(rest)}" if rest else label


@dataclass
class RunEntry:
    """One run: a task that was asked to change its text has several."""

    number: int
    stages: list[StageEntry] = field(default_factory=list)

    @property
    def cost_usd(self) -> Decimal:
        return sum((stage.cost_usd for stage in self.stages), Decimal(0))

    @property
    def duration(self) -> str:
        return _duration(sum(stage.seconds or 0 for stage in self.stages))


@dataclass(frozen=True)
class HistoryEntry:
    """What was done about a task, by whom and why."""

    at: datetime
    what: str
    by: str = ""
    why: str = ""


contributors: list[Callable[[ContentTask, User, int], Iterable[HistoryEntry]]] = []
"""The apps above add what they have on record: each is given the task, who looks, and how many at most."""


def history(task: ContentTask, user: User) -> list[HistoryEntry]:
    """What happened, newest first, and at last that it was filed."""
    found = [entry for each in contributors for entry in each(task, user, MAX_EVENTS)]
    author = task.created_by.get_username() if task.created_by else ""
    filed = HistoryEntry(task.created_at, "Filed", author, _origin(task))
    newest = sorted(found, key=lambda entry: entry.at, reverse=True)
    return [*newest[:MAX_EVENTS], filed]


def runs(task: ContentTask) -> list[RunEntry]:
    """Its runs, newest first; the present one with what is being done and what is to come."""
    rows = StageRun.objects.filter(task=task).defer("output").order_by("-run", "id")
    rows = rows.annotate(score=KeyTransform("score", "output"))[:MAX_STAGES]
    found = {
        number: RunEntry(number, [_entry(row) for row in group])
        for number, group in groupby(rows, key=lambda row: row.run)
    }
    if task.status in {Status.PENDING, Status.IN_PROGRESS, Status.ON_HOLD} or not found:
        found.setdefault(task.run, RunEntry(task.run))
    if task.run in found:
        found[task.run].stages += _rest(task, found[task.run].stages)
    _add_calls(task, found)
    return sorted(found.values(), key=lambda run: -run.number)


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else in_words(timedelta(seconds=seconds))


def _entry(row: Any) -> StageEntry:
    is_done = not row.error and not row.error_kind
    seconds = max(0.0, (row.finished_at - row.started_at).total_seconds())
    result = f"score {row.score}" if isinstance(row.score, int) else ""
    return StageEntry(
        row.key,
        DONE if is_done else FAILED,
        row.started_at,
        row.finished_at,
        seconds,
        row.attempt,
        row.error,
        KINDS.get(row.error_kind, row.error_kind),
        result,
    )


def _rest(task: ContentTask, before: Sequence[StageEntry]) -> list[StageEntry]:
    """The stage that is running, and those that are expected after it."""
    if task.status not in {Status.PENDING, Status.IN_PROGRESS, Status.ON_HOLD}:
        return []
    done = {stage.key.partition("-")[0] for stage in before if stage.state == DONE}
    reached = [name for name in Stage.values if name in done]
    after = Stage.values.index(reached[-1]) + 1 if reached else 0
    rest = []
    if task.status == Status.IN_PROGRESS and task.stage:
        rest.append(StageEntry(task.stage, RUNNING, before[-1].finished_at if before else task.started_at))
        after = max(after, Stage.values.index(task.stage) + 1)
    return rest + [StageEntry(name, WAITING) for name in Stage.values[after:]]


def _add_calls(task: ContentTask, found: dict[int, RunEntry]) -> None:
    """Add the calls of models to the stage that made them; of one that was repeated, to the last attempt."""
    sums = (
        ModelCall.objects.filter(task=task)
        .order_by()
        .values("run", "stage", "model")
        .annotate(
            calls=Count("pk"),
            tokens=Sum(F("input_tokens") + F("output_tokens")),
            cost=Sum("cost_usd"),
            unpriced=Count("pk", filter=Q(cost_usd=None) & ~Q(input_tokens=0, output_tokens=0)),
        )
    )
    for row in sums[:MAX_STAGES]:
        run = found.get(row["run"])
        stages = [one for one in run.stages if one.key == row["stage"]] if run else []
        if not stages:
            continue
        stage = stages[-1]
        stage.calls += row["calls"]
        stage.tokens += row["tokens"] or 0
        stage.cost_usd += row["cost"] or Decimal(0)
        stage.unpriced += row["unpriced"]
        stage.models = [*stage.models, row["model"]]


def _origin(task: ContentTask) -> str:
    if task.replay_of_id:
        return f"It repeats run {task.replay_run} of task {task.replay_of_id}."
    return ""
