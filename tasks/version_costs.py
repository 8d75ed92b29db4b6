"""What each version of a draft cost, from the calls that led to it."""

from __future__ import annotations

from decimal import Decimal

from tasks.models import Draft, ModelCall, Proposal, StageRun


def costs_of_versions(draft: Draft) -> dict[int, Decimal | None]:
    """US dollars by version; None where a call that was answered has no known price.

    A machine's version costs what the calls of its run cost since the version before it, its critic's
    included: a version is saved when it has been judged. What a person wrote costs nothing, and calls after
    the last version of a run belong to none. A version that a person took from a model's proposal costs
    what the proposal did.
    """
    versions = list(draft.history.order_by("version").values_list("version", "history_date", "author_id"))
    runs = _runs(draft)
    costs: dict[int, Decimal | None] = {version: Decimal(0) for version, _, _ in versions}
    by_machine = [(version, at) for version, at, author_id in versions if author_id is None]
    taken = draft.proposals.filter(taken_version__isnull=False)
    if len(by_machine) == len(versions):
        taken = taken.none()
    costs |= {
        version: cost for version, cost in taken.values_list("taken_version", "cost_usd") if version in costs
    }
    calls = ModelCall.objects.filter(task=draft.task_id).exclude(stage__in=Proposal.Kind.values)
    calls = calls.order_by("created_at", "pk")
    for call in calls.only("task_id", "run", "created_at", "input_tokens", "output_tokens", "cost_usd"):
        while by_machine and by_machine[0][1] < call.created_at:
            by_machine.pop(0)
        for version, _ in by_machine:
            # An unfinished version has no stage that would name its run.
            if runs.get(version, call.run) == call.run:
                costs[version] = _sum(costs[version], call)
                break
    return costs


def _runs(draft: Draft) -> dict[int, int]:
    """Which run saved which version."""
    saved = StageRun.objects.filter(task=draft.task_id, key__startswith="version-", output__isnull=False)
    return {output["version"]: run for run, output in saved.values_list("run", "output") if output}


def _sum(cost: Decimal | None, call: ModelCall) -> Decimal | None:
    if not call.input_tokens and not call.output_tokens:
        return cost
    return None if cost is None or call.cost_usd is None else cost + call.cost_usd
