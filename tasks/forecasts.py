"""What a brief will cost and how long it will take, from list prices and from the desk's own history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Length

from tasks.lifecycle import Status
from tasks.models import ContentTask, ModelCall, Source

if TYPE_CHECKING:
    from tasks.pipeline.forecast import ExpectedCall

HISTORY = 50
"""The most recent tasks that are compared with what was expected of them."""
ENOUGH = 5
"""With fewer, the interval is that of a guess."""
GUESS = (0.5, 1.0, 2.5)
DONE = (Status.AWAITING_APPROVAL, Status.APPROVED, Status.PUBLISHED, Status.REJECTED)


@dataclass(frozen=True)
class Range:
    """What is expected, and within what eight of ten are."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True)
class Forecast:
    cost_usd: Range | None
    """None where a model has no known price. Without a model, nothing is spent."""
    seconds: Range
    based_on: int
    """How many tasks of this desk it is based on; 0 for list prices and usual speeds alone."""
    models: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"models": list(self.models)}


@dataclass(frozen=True)
class _Needs:
    """What of a brief decides about its cost."""

    target_words: int
    max_refinements: int
    source_characters: tuple[int, ...]


def forecast(fields: Mapping[str, Any], sources: Sequence[Mapping[str, Any]]) -> Forecast:
    """For a brief that is not filed yet: the fields of a task, and its sources with `text` or `url`."""
    lengths = tuple(_length(len(source.get("text") or "")) for source in sources)
    words = fields.get("target_words") or ContentTask._meta.get_field("target_words").default
    refinements = fields.get("max_refinements")
    if refinements is None:
        refinements = settings.MAX_REFINEMENTS
    return _forecast(_Needs(words, refinements, lengths), before=None)


def store_forecast(task: ContentTask) -> None:
    """Store, when its first run begins, what a task is expected to need: its error is shown later."""
    found = _forecast(_needs_of([task])[task.pk], before=task.pk)
    ContentTask.objects.filter(pk=task.pk, forecast__isnull=True).update(forecast=found.as_json())


def error_of(task: ContentTask) -> dict[str, float] | None:
    """How far a finished first run was from its forecast: 0.25 is a quarter more than expected."""
    if not task.forecast or task.status not in DONE or task.finished_at is None or task.started_at is None:
        return None
    errors = {}
    expected, cost = task.forecast["cost_usd"], task.cost_usd
    if expected and expected["expected"] and cost is not None:
        errors["cost"] = float(cost) / expected["expected"] - 1
    seconds = (task.finished_at - task.started_at).total_seconds()
    errors["seconds"] = seconds / (task.forecast["seconds"]["expected"] or 1.0) - 1
    return errors


def median_error() -> dict[str, float]:
    """Of the latest finished tasks with a forecast, by what share they were off, as a median."""
    rows = ContentTask.objects.filter(status__in=DONE, forecast__isnull=False).order_by("-finished_at")
    errors = [error for task in rows.prefetch_related("calls")[:HISTORY] if (error := error_of(task))]
    return {
        name: median(abs(error[name]) for error in errors if name in error)
        for name in ("cost", "seconds")
        if any(name in error for error in errors)
    }


def _forecast(needs: _Needs, *, before: int | None) -> Forecast:
    models = tuple(dict.fromkeys(name for chain in _chains().values() for name in chain[:1]))
    if not models:
        return Forecast(Range(0.0, 0.0, 0.0), Range(0.5, 1.0, 5.0), 0, ())
    rounds, cost_ratios, time_ratios = _history(models, before=before)
    calls = _calls(needs, rounds)
    cost = _list_price(calls)
    return Forecast(
        None if cost is None else _spread(float(cost), cost_ratios),
        _spread(_seconds(calls), time_ratios),
        len(time_ratios) if len(time_ratios) >= ENOUGH else 0,
        models,
    )


def _history(models: Sequence[str], *, before: int | None) -> tuple[float | None, list[float], list[float]]:
    """How often texts were refined, and what tasks cost and took, each as a share of what was expected."""
    names = [name.partition(":")[2] for name in models]
    done = ContentTask.objects.filter(status__in=DONE, run=1, finished_at__isnull=False, replay_of=None)
    if before is not None:
        done = done.exclude(pk=before)
    wrote = Count("calls", filter=Q(calls__model__in=names, calls__outcome="ok"))
    refined = Count("stage_runs", filter=Q(stage_runs__key__startswith="refine"), distinct=True)
    recent = done.annotate(wrote=wrote).filter(wrote__gt=0).annotate(refined=refined).order_by("-finished_at")
    tasks = list(recent[:HISTORY])
    if not tasks:
        return None, [], []
    rounds = sum(task.refined for task in tasks) / len(tasks)
    spent = dict(
        ModelCall.objects.filter(task__in=tasks, cost_usd__isnull=False)
        .values_list("task")
        .annotate(total=Sum("cost_usd"))
        .order_by()
    )
    costs, times = list[float](), list[float]()
    for pk, needs in _needs_of(tasks).items():
        task = next(one for one in tasks if one.pk == pk)
        calls = _calls(needs, rounds)
        expected = _list_price(calls)
        if expected and pk in spent:
            costs.append(float(spent[pk] / expected))
        if task.started_at and task.finished_at:
            times.append((task.finished_at - task.started_at).total_seconds() / _seconds(calls))
    return rounds, costs, times


def _needs_of(tasks: Sequence[ContentTask]) -> dict[int, _Needs]:
    found: dict[int, list[int]] = {task.pk: [] for task in tasks}
    rows = Source.objects.filter(task__in=found).annotate(length=Length(F("text")))
    for task_id, length in rows.values_list("task", "length"):
        found[task_id].append(_length(length))
    return {task.pk: _Needs(task.target_words, task.max_refinements, tuple(found[task.pk])) for task in tasks}


def _length(characters: int) -> int:
    from tasks.pipeline.forecast import UNKNOWN_PAGE_CHARACTERS

    return characters or UNKNOWN_PAGE_CHARACTERS


def _calls(needs: _Needs, rounds: float | None) -> tuple[ExpectedCall, ...]:
    # Imported here: it loads pydantic, which most processes never need.
    from tasks.pipeline.forecast import expected_calls

    refined = min(needs.max_refinements / 2 if rounds is None else rounds, needs.max_refinements)
    return expected_calls(needs.target_words, needs.source_characters, rounds=refined)


def _seconds(calls: Sequence[ExpectedCall]) -> float:
    from tasks.pipeline.forecast import expected_seconds

    return expected_seconds(calls)


def _chains() -> dict[str, Sequence[str]]:
    from tasks.pipeline.types import Role

    return {role: settings.MODEL_FOR.get(role, settings.PIPELINE_MODELS) for role in Role}


def _list_price(calls: Sequence[ExpectedCall]) -> Decimal | None:
    """By the first model of each role's chain; None if one has no known price."""
    from tasks.pipeline.providers.model_calls.calls import Usage, list_price_usd

    chains, total = _chains(), Decimal(0)
    for call in calls:
        chain = chains[call.role]
        vendor, _, model = chain[0].partition(":") if chain else ("", "", "")
        price = list_price_usd(vendor, model, Usage(call.input_tokens, call.output_tokens))
        if price is None:
            return None
        total += price
    return total


def _spread(expected: float, ratios: Sequence[float]) -> Range:
    """What was expected, corrected by the desk's own history."""
    if len(ratios) < ENOUGH:
        low, middle, high = GUESS
    else:
        deciles = quantiles(ratios, n=10, method="inclusive")
        low, middle, high = deciles[0], median(ratios), deciles[-1]
    return Range(*(round(expected * ratio, 6) for ratio in (low, middle, high)))
