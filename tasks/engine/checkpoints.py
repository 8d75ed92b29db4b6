"""What the runs of one worker leave in the database: many small writes, gathered into few transactions.

While one batch is being written the next one gathers. A write names its lease; when the row says that the
lease has ended, nothing of it is written and whoever waits for it hears LeaseLost.
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
    from tasks.pipeline.providers.calls import CallRecord


logger = logging.getLogger(__name__)


class Lease(NamedTuple):
    task_id: int
    epoch: int


@dataclass(frozen=True)
class Entered:
    """The run is in this stage from here on."""

    stage: str
    progress: int


@dataclass(frozen=True)
class Finished:
    """What a stage returned; it will not run again."""

    run: int
    attempt: int
    key: str
    output: Any
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True)
class Failed:
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
class Text:
    """What a model has written since `offset`, for those who watch."""

    stage: str
    offset: int
    text: str


@dataclass(frozen=True)
class Ended:
    """The run is over: where its task goes, and why."""

    task: ContentTask
    status: Status
    reason: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Called:
    """A call of a model, booked whoever has the task by now: it was made and costs money."""

    run: int
    record: CallRecord
    is_reserved: bool = False


Fact = Entered | Finished | Failed | Text | Ended | Called


@dataclass(frozen=True)
class Write:
    lease: Lease
    fact: Fact
    done: asyncio.Future[None] | None = field(default=None, compare=False)


class Checkpoints:
    """The writer of one worker. `in_thread` runs a function where the database may be waited for."""

    def __init__(self, worker_id: int, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._worker_id = worker_id
        self._in_thread = in_thread
        self._gathered: list[Write] = []
        self._has_some = asyncio.Event()
        self._is_open = True
        self.unbooked: list[Write] = []
        """Calls that were made, but could not be booked before the writing ended."""

    def tell(self, lease: Lease, fact: Fact) -> None:
        """Write it soon; nobody waits for it."""
        if self._is_open:
            self._gather(Write(lease, fact))

    async def save(self, lease: Lease, fact: Fact) -> None:
        """Return when it is on disk. Raises LeaseLost when it must not be."""
        if not self._is_open:
            if isinstance(fact, Called):
                self.unbooked.append(Write(lease, fact))
            raise LeaseLost("This worker has stopped writing.")
        done = asyncio.get_running_loop().create_future()
        self._gather(Write(lease, fact, done))
        await done

    async def write(self) -> None:
        """Write batch after batch until cancelled; what is still open then is refused."""
        batch: list[Write] = []
        failed: list[Write] = []
        try:
            while True:
                await self._has_some.wait()
                self._has_some.clear()
                batch, self._gathered = self._gathered, []
                await self._flush(batch)
        except Exception:
            failed = batch  # after a cancellation the thread still writes it
            raise
        finally:
            self._is_open = False
            self.unbooked += [write for write in [*failed, *self._gathered] if isinstance(write.fact, Called)]
            _answer([*batch, *self._gathered], lost=None)

    async def _flush(self, batch: Sequence[Write]) -> None:
        try:
            _answer(batch, lost=await self._in_thread(flush, self._worker_id, batch))
        except (DataError, IntegrityError) as error:
            if len(batch) == 1:
                logger.exception("A checkpoint of task %s was refused", batch[0].lease.task_id)
                _refuse(batch[0], error)
                return
            # Something that the database cannot hold: the others must not suffer for it.
            for write in batch:
                await self._flush([write])

    def _gather(self, write: Write) -> None:
        self._gathered.append(write)
        self._has_some.set()


def _refuse(write: Write, error: Exception) -> None:
    if write.done is not None and not write.done.done():
        write.done.set_exception(error)


def _answer(batch: Iterable[Write], lost: set[Lease] | None) -> None:
    """Tell those who wait what became of their writes; with `lost` None, nothing is known of any."""
    for write in batch:
        if lost is None or write.lease in lost:
            _refuse(write, LeaseLost(f"The lease of task {write.lease.task_id} has ended."))
        elif write.done is not None and not write.done.done():
            write.done.set_result(None)


# --- In the database's thread ---------------------------------------------------------------------------


class Held(NamedTuple):
    """What the row of a lease that still holds said when it was locked."""

    event_seq: int
    stage: str
    progress: int


@transaction.atomic
def flush(worker_id: int, batch: Sequence[Write]) -> set[Lease]:
    """Write a batch in one transaction; return the leases that had ended: of these, only calls are kept."""
    book(batch)
    fenced = [write for write in batch if not isinstance(write.fact, Called)]
    if not fenced:
        return set()
    leases = {write.lease for write in fenced}
    held = _lock(worker_id, leases)
    by_lease: dict[Lease, list[Fact]] = {lease: [] for lease in held}
    for write in fenced:
        if write.lease in by_lease:
            by_lease[write.lease].append(write.fact)
    _insert_stage_runs(by_lease)
    _update_tasks(by_lease, held)
    _move([fact for facts in by_lease.values() for fact in facts if isinstance(fact, Ended)])
    return leases - held.keys()


@transaction.atomic
def book(batch: Iterable[Write]) -> None:
    """Write down the calls of a batch, and give back what was put aside for them."""
    calls = [(write.lease, write.fact) for write in batch if isinstance(write.fact, Called)]
    if reserved := [lease for lease, call in calls if call.is_reserved]:
        spending.settle(reserved)
    ModelCall.objects.bulk_create(
        ModelCall(task_id=lease.task_id, run=call.run, **asdict(call.record)) for lease, call in calls
    )


def _lock(worker_id: int, leases: Iterable[Lease]) -> dict[Lease, Held]:
    """Lock the rows of the leases that still hold. Rows before the audit chain: every writer's order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, lease_epoch, event_seq, stage, progress FROM tasks_contenttask"
            " WHERE id = ANY(%s) AND lease_owner = %s AND status = 'in_progress' ORDER BY id FOR UPDATE",
            [[lease.task_id for lease in leases], worker_id],
        )
        found = {Lease(row[0], row[1]): Held(*row[2:]) for row in cursor.fetchall()}
    return {lease: found[lease] for lease in leases if lease in found}


def _insert_stage_runs(by_lease: Mapping[Lease, Sequence[Fact]]) -> None:
    rows = [
        {"task_id": lease.task_id, **_as_stage_run(fact)}
        for lease, facts in by_lease.items()
        for fact in facts
        if isinstance(fact, Finished | Failed)
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


def _as_stage_run(fact: Finished | Failed) -> dict[str, Any]:
    fields = vars(fact) | {"started_at": str(fact.started_at), "finished_at": str(fact.finished_at)}
    fields.pop("breached_at", None)
    return fields


def _update_tasks(by_lease: Mapping[Lease, Sequence[Fact]], held: Mapping[Lease, Held]) -> None:
    """Bring the rows up to date, and tell those who watch. Of several stages in one batch the last counts."""
    rows, events = [], []
    for lease, facts in by_lease.items():
        seq, stage, progress = held[lease]
        entered = [fact for fact in facts if isinstance(fact, Entered)]
        if entered:
            stage, progress = entered[-1].stage, max(progress, entered[-1].progress)
            data = {"status": Status.IN_PROGRESS, "stage": stage, "progress": progress, "error": ""}
            events.append({"task_id": lease.task_id, "seq": (seq := seq + 1), "kind": "stage", "data": data})
        for text in (fact for fact in facts if isinstance(fact, Text)):
            data = vars(text)
            events.append({"task_id": lease.task_id, "seq": (seq := seq + 1), "kind": "text", "data": data})
        has_finished = any(isinstance(fact, Finished) for fact in facts)
        breach = next((fact for fact in facts if isinstance(fact, Failed) and fact.breached_at), None)
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
            SET stage = news.stage, progress = news.progress, event_seq = news.event_seq,
                lost_leases = CASE WHEN news.has_finished THEN 0 ELSE task.lost_leases END,
                breached_stage = CASE WHEN task.breached_at IS NULL
                    THEN news.breached_stage ELSE task.breached_stage END,
                breached_at = coalesce(task.breached_at, news.breached_at)
            FROM jsonb_to_recordset(%s::jsonb) AS news (id bigint, stage text, progress int, event_seq int,
                has_finished boolean, breached_stage text, breached_at timestamptz)
            WHERE task.id = news.id
            """,
            [_rows(rows)],
        )


def _insert_events(events: Sequence[Mapping[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks_taskevent (task_id, seq, kind, data) SELECT * FROM"
            " jsonb_to_recordset(%s::jsonb) AS news (task_id bigint, seq int, kind text, data jsonb)",
            [_rows(events)],
        )
    wakeups.tell_of_events({event["task_id"] for event in events})


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """One parameter for all rows: arrays are put together value by value, in Python."""
    return json.dumps(rows)


def _move(ends: Sequence[Ended]) -> None:
    def kind(end: Ended) -> tuple[str, list[str]]:
        return end.status, sorted(end.fields)

    for (status, _), alike in groupby(sorted(ends, key=kind), kind):
        move_all([(end.task, end.reason, end.fields) for end in alike], Status(status))
