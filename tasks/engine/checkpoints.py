"""What the runs of one worker leave in the database: many small writes, gathered into few transactions.

While one batch is being written the next one gathers. A write names its lease; when the row says that the
lease has ended, nothing of it is written, and the caller that waits for it gets LeaseLost.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import DataError, IntegrityError, connection, transaction

from tasks.engine import spending, wakeups
from tasks.lifecycle import Status, move_all
from tasks.models import ContentTask, ModelCall
from tasks.pipeline.errors import LeaseLost

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_calls.calls import CallRecord


logger = logging.getLogger(__name__)


class Lease(NamedTuple):
    task_id: int
    epoch: int


@dataclass(frozen=True)
class StageEntered:
    """The run is in this stage from here on."""

    stage: str
    progress: int


@dataclass(frozen=True)
class StageFinished:
    """What a stage returned; it will not run again."""

    run: int
    attempt: int
    key: str
    output: Any
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True)
class StageError:
    """How a stage ended without a result. `breached_at` says when it exceeded its time limit, if it did."""

    run: int
    attempt: int
    key: str
    error: str
    kind: str
    started_at: datetime
    finished_at: datetime
    breached_at: datetime | None = None


@dataclass(frozen=True)
class TextWritten:
    """What a model has written since `offset`, for those who follow the task."""

    stage: str
    offset: int
    text: str


@dataclass(frozen=True)
class RunEnded:
    """The run is over: where its task goes, and why."""

    task: ContentTask
    status: Status
    reason: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class CallMade:
    """A call of a model. It is booked even after the lease has ended: it was made and costs money."""

    run: int
    record: CallRecord
    is_reserved: bool = False


Checkpoint = StageEntered | StageFinished | StageError | TextWritten | RunEnded | CallMade


@dataclass(frozen=True)
class PendingWrite:
    lease: Lease
    checkpoint: Checkpoint
    done: asyncio.Future[None] | None = field(default=None, compare=False)


class CheckpointWriter:
    """The writer of one worker. `in_thread` runs a function where the database may be waited for."""

    def __init__(self, worker_id: int, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._worker_id = worker_id
        self._in_thread = in_thread
        self._pending: list[PendingWrite] = []
        self._has_pending = asyncio.Event()
        self._is_open = True
        self.unbooked: list[PendingWrite] = []
        """Calls that were made, but could not be recorded before the writing ended."""

    def enqueue(self, lease: Lease, checkpoint: Checkpoint) -> None:
        """Write it soon, without waiting for it."""
        if self._is_open:
            self._add(PendingWrite(lease, checkpoint))

    async def save(self, lease: Lease, checkpoint: Checkpoint) -> None:
        """Return when it is on disk. Raises LeaseLost when it must not be."""
        if not self._is_open:
            if isinstance(checkpoint, CallMade):
                self.unbooked.append(PendingWrite(lease, checkpoint))
            raise LeaseLost("This worker has stopped writing.")
        done = asyncio.get_running_loop().create_future()
        self._add(PendingWrite(lease, checkpoint, done))
        await done

    async def write(self) -> None:
        """Write batch after batch until cancelled; what is still open then is refused."""
        batch: list[PendingWrite] = []
        failed: list[PendingWrite] = []
        try:
            while True:
                await self._has_pending.wait()
                self._has_pending.clear()
                batch, self._pending = self._pending, []
                await self._flush(batch)
        except Exception:
            failed = batch  # after a cancellation the thread still writes it
            raise
        finally:
            self._is_open = False
            self.unbooked += [
                write for write in [*failed, *self._pending] if isinstance(write.checkpoint, CallMade)
            ]
            _resolve([*batch, *self._pending], lost=None)

    async def _flush(self, batch: Sequence[PendingWrite]) -> None:
        try:
            _resolve(batch, lost=await self._in_thread(flush, self._worker_id, batch))
        except (DataError, IntegrityError) as error:
            if len(batch) == 1:
                logger.exception("A checkpoint of task %s was refused", batch[0].lease.task_id)
                _reject(batch[0], error)
                return
            # One of them cannot be stored: the others must not suffer for it.
            for write in batch:
                await self._flush([write])

    def _add(self, write: PendingWrite) -> None:
        self._pending.append(write)
        self._has_pending.set()


def _reject(write: PendingWrite, error: Exception) -> None:
    if write.done is not None and not write.done.done():
        write.done.set_exception(error)


def _resolve(batch: Iterable[PendingWrite], lost: set[Lease] | None) -> None:
    """Resolve the futures of a batch; with `lost` None, it is not known which writes succeeded."""
    for write in batch:
        if lost is None or write.lease in lost:
            _reject(write, LeaseLost(f"The lease of task {write.lease.task_id} has ended."))
        elif write.done is not None and not write.done.done():
            write.done.set_result(None)


# --- In the database's thread ---------------------------------------------------------------------------


class LeasedRow(NamedTuple):
    """The row of a lease that still holds, as it was when it was locked."""

    event_seq: int
    stage: str
    progress: int


@transaction.atomic
def flush(worker_id: int, batch: Sequence[PendingWrite]) -> set[Lease]:
    """Write a batch in one transaction; return the leases that had ended: of them, only calls are written."""
    book(batch)
    fenced = [write for write in batch if not isinstance(write.checkpoint, CallMade)]
    if not fenced:
        return set()
    leases = {write.lease for write in fenced}
    held = _lock_leased_rows(worker_id, leases)
    by_lease: dict[Lease, list[Checkpoint]] = {lease: [] for lease in held}
    for write in fenced:
        if write.lease in by_lease:
            by_lease[write.lease].append(write.checkpoint)
    _insert_stage_runs(by_lease)
    _update_tasks(by_lease, held)
    _move_ended([fact for facts in by_lease.values() for fact in facts if isinstance(fact, RunEnded)])
    return leases - held.keys()


@transaction.atomic
def book(batch: Iterable[PendingWrite]) -> None:
    """Book the calls of a batch, and release their reservations."""
    calls = [(write.lease, write.checkpoint) for write in batch if isinstance(write.checkpoint, CallMade)]
    if reserved := [lease for lease, call in calls if call.is_reserved]:
        spending.settle(reserved)
    ModelCall.objects.bulk_create(
        ModelCall(task_id=lease.task_id, run=call.run, **asdict(call.record)) for lease, call in calls
    )


def _lock_leased_rows(worker_id: int, leases: Iterable[Lease]) -> dict[Lease, LeasedRow]:
    """Lock the rows of the leases that still hold. Rows before the audit chain: every writer's order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, lease_epoch, event_seq, stage, progress FROM tasks_contenttask"
            " WHERE id = ANY(%s) AND lease_owner = %s AND status = 'in_progress' ORDER BY id FOR UPDATE",
            [[lease.task_id for lease in leases], worker_id],
        )
        found = {Lease(row[0], row[1]): LeasedRow(*row[2:]) for row in cursor.fetchall()}
    return {lease: found[lease] for lease in leases if lease in found}


def _insert_stage_runs(by_lease: Mapping[Lease, Sequence[Checkpoint]]) -> None:
    rows = [
        {"task_id": lease.task_id, **_as_stage_run(fact)}
        for lease, facts in by_lease.items()
        for fact in facts
        if isinstance(fact, StageFinished | StageError)
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO tasks_stagerun
                    (task_id, run, attempt, key, output, error, error_kind, started_at, finished_at)
                SELECT task_id, run, attempt, key, output, coalesce(error, ''), coalesce(kind, ''),
                    started_at, finished_at
                FROM jsonb_to_recordset(%s::jsonb) AS ended (task_id bigint, run int, attempt int, key text,
                    output jsonb, error text, kind text, started_at timestamptz, finished_at timestamptz)
                """,
                [_rows(rows)],
            )


def _as_stage_run(fact: StageFinished | StageError) -> dict[str, Any]:
    fields = vars(fact) | {"started_at": str(fact.started_at), "finished_at": str(fact.finished_at)}
    fields.pop("breached_at", None)
    return fields


def _update_tasks(by_lease: Mapping[Lease, Sequence[Checkpoint]], held: Mapping[Lease, LeasedRow]) -> None:
    """Update the rows and add the events. Of several stages in one batch the last counts."""
    rows, events = [], []
    for lease, facts in by_lease.items():
        seq, stage, progress = held[lease]
        entered = [fact for fact in facts if isinstance(fact, StageEntered)]
        if entered:
            stage, progress = entered[-1].stage, max(progress, entered[-1].progress)
            data = {"status": Status.IN_PROGRESS, "stage": stage, "progress": progress, "error": ""}
            events.append({"task_id": lease.task_id, "seq": (seq := seq + 1), "kind": "stage", "data": data})
        for text in (fact for fact in facts if isinstance(fact, TextWritten)):
            data = vars(text)
            events.append({"task_id": lease.task_id, "seq": (seq := seq + 1), "kind": "text", "data": data})
        has_finished = any(isinstance(fact, StageFinished) for fact in facts)
        breach = next((fact for fact in facts if isinstance(fact, StageError) and fact.breached_at), None)
        if entered or has_finished or breach or seq != held[lease].event_seq:
            row = {"id": lease.task_id, "stage": stage, "progress": progress, "event_seq": seq}
            row |= {"has_finished": has_finished, "breached_stage": "", "breached_at": None}
            if breach:
                row["breached_stage"] = breach.key.partition("-")[0]
                row["breached_at"] = str(breach.breached_at)
            rows.append(row)
    if rows:
        _update_rows(rows)
    if events:
        _insert_events(events)


def _update_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tasks_contenttask task
            SET stage = new.stage, progress = new.progress, event_seq = new.event_seq,
                lost_leases = CASE WHEN new.has_finished THEN 0 ELSE task.lost_leases END,
                breached_stage = CASE WHEN task.breached_at IS NULL
                    THEN new.breached_stage ELSE task.breached_stage END,
                breached_at = coalesce(task.breached_at, new.breached_at)
            FROM jsonb_to_recordset(%s::jsonb) AS new (id bigint, stage text, progress int, event_seq int,
                has_finished boolean, breached_stage text, breached_at timestamptz)
            WHERE task.id = new.id
            """,
            [_rows(rows)],
        )


def _insert_events(events: Sequence[Mapping[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks_taskevent (task_id, seq, kind, data) SELECT * FROM"
            " jsonb_to_recordset(%s::jsonb) AS new (task_id bigint, seq int, kind text, data jsonb)",
            [_rows(events)],
        )
    wakeups.notify_events({event["task_id"] for event in events})


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """One parameter for all rows: arrays are put together value by value, in Python."""
    return json.dumps(rows)


def _move_ended(ends: Sequence[RunEnded]) -> None:
    def kind(end: RunEnded) -> tuple[str, list[str]]:
        return end.status, sorted(end.fields)

    for (status, _), alike in groupby(sorted(ends, key=kind), kind):
        move_all([(end.task, end.reason, end.fields) for end in alike], Status(status))
