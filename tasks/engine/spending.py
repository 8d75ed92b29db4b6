"""The day's budget, shared by all workers, and calls in progress. All SQL about either is here.

An amount is reserved before a call, and released in the transaction that books the call: at any moment
what was booked and what is reserved are together no more than the budget. Days are those of UTC.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DecimalField, F, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from tasks.advisory_locks import Lock, lock_until_commit
from tasks.models import ContentTask, ModelCall, OpenCall, Proposal
from tasks.pipeline.errors import BudgetExceeded

if TYPE_CHECKING:
    from tasks.engine.checkpoints import Lease
    from tasks.pipeline.providers.model_calls.budget import BudgetRequest
    from tasks.pipeline.providers.model_calls.calls import CallRecord


def _sum_of_reserved(rows: QuerySet[Any]) -> Coalesce:
    summed = rows.order_by().values(all=Value(1)).annotate(usd=Sum("reserved_usd")).values("usd")
    return Coalesce(Subquery(summed), Value(Decimal(0)), output_field=DecimalField())


RESERVED = _sum_of_reserved(OpenCall.objects.all()) + _sum_of_reserved(
    Proposal.objects.filter(open_call__isnull=False)
)
"""For calls in progress, of runs and of proposals."""
RESERVED_FOR_PROPOSALS = (
    "SELECT coalesce(sum(reserved_usd), 0) FROM tasks_proposal WHERE open_call IS NOT NULL"
)

LOST = "The worker ended during this call; what it had cost until then is estimated."

TODAY = "date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
SPENT_TODAY = f"SELECT coalesce(sum(cost_usd), 0) FROM tasks_modelcall WHERE created_at >= {TODAY}"


@dataclass(frozen=True)
class DaySpending:
    """What the models have cost since midnight UTC."""

    budget_usd: Decimal | None
    spent_usd: Decimal
    reserved_usd: Decimal
    """For calls in progress."""

    @property
    def is_spent(self) -> bool:
        return self.budget_usd is not None and self.spent_usd >= self.budget_usd


def midnight() -> datetime:
    """When the present day of UTC began."""
    return timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def today() -> DaySpending:
    return DaySpending(daily_budget_usd(), *_sums())


@transaction.atomic
def reserve(owner: int, lease: Lease, run: int, request: BudgetRequest) -> Decimal | None:
    """Reserve what is requested, or as much as the day has left; None when others must finish first.

    Raises BudgetExceeded when what was spent today leaves less than the least that is of use.
    """
    granted = _granted(request, except_task=lease.task_id)
    if granted is not None:
        _open(owner, lease, run, granted, request.expected)
    return granted


def _granted(request: BudgetRequest, **except_own: int) -> Decimal | None:
    budget_usd, granted = daily_budget_usd(), request.usd
    if budget_usd is not None:
        lock_until_commit(Lock.DAILY_BUDGET)
        # A statement of its own: it sees what was committed before the lock was given.
        spent_usd, reserved_usd = _sums(**except_own)
        if budget_usd - spent_usd < request.least_usd:
            raise BudgetExceeded(
                f"The day's budget of ${budget_usd} is spent (${spent_usd:.4f}): raise DAILY_BUDGET_USD, or "
                "retry after midnight UTC; finished stages are kept."
            )
        granted = min(granted, budget_usd - spent_usd - reserved_usd)
        if granted < request.least_usd:
            return None
    return granted


def release(lease: Lease) -> None:
    """Release the reservation of a call that was not made."""
    _close([lease])


def settle(leases: Collection[Lease]) -> None:
    """A call of each of these leases is booked in this transaction: release its reservation.

    Where it is gone, the worker was treated as dead and its call as lost: that booking is undone.
    """
    if gone := {lease.task_id for lease in leases} - _close(leases):
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM tasks_modelcall WHERE id IN (SELECT max(id) FROM tasks_modelcall"
                " WHERE task_id = ANY(%s) AND outcome = 'lost' GROUP BY task_id)",
                [list(gone)],
            )


def _close(leases: Iterable[Lease]) -> set[int]:
    pairs = [[lease.task_id, lease.epoch] for lease in leases]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tasks_opencall call USING jsonb_array_elements(%s::jsonb) AS lease"
            " WHERE call.task_id = (lease->>0)::bigint AND call.lease_epoch = (lease->>1)::bigint"
            " RETURNING call.task_id",
            [json.dumps(pairs)],
        )
        return {task_id for (task_id,) in cursor.fetchall()}


def note_progress(owner: int, calls: Mapping[Lease, CallRecord]) -> None:
    """Record what calls in progress have cost so far, in case their worker dies before it books them."""
    rows = [
        {
            "task_id": lease.task_id,
            "epoch": lease.epoch,
            "output": call.output_tokens,
            "usd": str(call.cost_usd),
        }
        for lease, call in calls.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tasks_opencall call SET output_tokens = new.output, cost_usd = round(new.usd, 6)
            FROM jsonb_to_recordset(%s::jsonb) AS new (task_id bigint, epoch bigint, output int, usd numeric)
            WHERE call.task_id = new.task_id AND call.lease_epoch = new.epoch AND call.lease_owner = %s
            """,
            [json.dumps(rows), owner],
        )


def book_lost(owners: Iterable[int]) -> None:
    """Book what is known of calls whose workers have ended, and release their reservations."""
    owners = list(owners)
    _book_lost_proposals(owners)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH lost AS (DELETE FROM tasks_opencall WHERE lease_owner = ANY(%s) RETURNING *)
            INSERT INTO tasks_modelcall (task_id, run, stage, role, provider, model, input_tokens,
                output_tokens, cost_usd, is_estimated, duration_ms, outcome, error, prompt_version,
                created_at)
            SELECT task_id, run, stage, role, provider, model, input_tokens, output_tokens, cost_usd, true,
                least(1000 * extract(epoch FROM clock_timestamp() - created_at), 2147483647)::int, 'lost',
                %s,
                prompt_version, clock_timestamp()
            FROM lost
            """,
            [owners, LOST],
        )


# --- Calls for proposals ----------------------------------------------------------------------------------


@transaction.atomic
def reserve_for_proposal(proposal_id: int, request: BudgetRequest) -> Decimal | None:
    """As `reserve` does. Of a call that is lost its input alone is on record: replies are short."""
    granted = _granted(request, except_proposal=proposal_id)
    if granted is not None:
        call = asdict(request.expected) | {"role": str(request.expected.role)}
        call["cost_usd"] = str(request.expected.cost_usd)
        Proposal.objects.filter(pk=proposal_id).update(open_call=call, reserved_usd=granted)
    return granted


def release_for_proposal(proposal_id: int) -> None:
    Proposal.objects.filter(pk=proposal_id).update(open_call=None, reserved_usd=0)


@transaction.atomic
def book_for_proposal(proposal: Proposal, task: ContentTask, record: CallRecord) -> None:
    """Book a call for a proposal and release its reservation, also when it was dismissed meanwhile."""
    ModelCall.objects.create(task=task, run=task.run, **asdict(record))
    # Without a known price the sum is unknown: it stays null.
    cost_usd = F("cost_usd") + Value(record.cost_usd, output_field=DecimalField())
    Proposal.objects.filter(pk=proposal.pk).update(open_call=None, reserved_usd=0, cost_usd=cost_usd)


def _book_lost_proposals(owners: Sequence[int]) -> None:
    lost = Proposal.objects.select_for_update(of=("self",)).filter(
        lease_owner__in=owners, open_call__isnull=False
    )
    with transaction.atomic():
        for proposal in lost.select_related("draft__task"):
            call = dict(proposal.open_call or {}) | {"error": LOST, "is_estimated": True}
            ModelCall.objects.create(task=proposal.draft.task, run=proposal.draft.task.run, **call)
            cost_usd = F("cost_usd") + Decimal(call["cost_usd"])
            Proposal.objects.filter(pk=proposal.pk).update(open_call=None, reserved_usd=0, cost_usd=cost_usd)


def daily_budget_usd() -> Decimal | None:
    """What may be spent in a day; None for any amount."""
    budget_usd: Decimal | None = settings.DAILY_BUDGET_USD
    return budget_usd if budget_usd is not None and budget_usd.is_finite() else None


def _sums(except_task: int | None = None, except_proposal: int | None = None) -> tuple[Decimal, Decimal]:
    """What was spent today, and what is reserved for others than this task's run or this proposal."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({SPENT_TODAY}), ({RESERVED_FOR_PROPOSALS} AND id IS DISTINCT FROM %s)"
            " + coalesce(sum(reserved_usd), 0) FROM tasks_opencall WHERE task_id IS DISTINCT FROM %s",
            [except_proposal, except_task],
        )
        spent_usd, reserved_usd = cursor.fetchone()
    return spent_usd, reserved_usd


def _open(owner: int, lease: Lease, run: int, reserved_usd: Decimal, expected: CallRecord) -> None:
    fields: dict[str, Any] = asdict(expected)
    fields |= {"task_id": lease.task_id, "epoch": lease.epoch, "owner": owner, "run": run}
    fields |= {"reserved_usd": reserved_usd, "role": str(expected.role)}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tasks_opencall (task_id, lease_owner, lease_epoch, reserved_usd, run, stage, role,
                provider, model, input_tokens, output_tokens, cost_usd, prompt_version)
            VALUES (%(task_id)s, %(owner)s, %(epoch)s, trunc(%(reserved_usd)s, 6), %(run)s, %(stage)s,
                %(role)s, %(provider)s, %(model)s, %(input_tokens)s, 0, round(%(cost_usd)s, 6),
                %(prompt_version)s)
            ON CONFLICT (task_id) DO UPDATE SET lease_owner = excluded.lease_owner,
                lease_epoch = excluded.lease_epoch, reserved_usd = excluded.reserved_usd, run = excluded.run,
                stage = excluded.stage, role = excluded.role, provider = excluded.provider,
                model = excluded.model, input_tokens = excluded.input_tokens, output_tokens = 0,
                cost_usd = excluded.cost_usd, prompt_version = excluded.prompt_version,
                created_at = clock_timestamp()
            """,
            fields,
        )
