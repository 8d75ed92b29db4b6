"""Which worker has which task: taking, renewing and releasing leases. All SQL about leases is here.

A lease is the worker's row together with the advisory lock of its id: one small update every two seconds
renews a thousand leases. A worker whose lock is gone is dead; one without a heartbeat for LEASE_SECONDS is
treated as dead. Whatever it writes later names an owner and an epoch that the task's row no longer has.
Any process may look for dead workers: workers, and the maintenance processes of web server and cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, Sum, prefetch_related_objects
from django.utils import timezone

from tasks.advisory_locks import Lock, about_sql, holders_sql
from tasks.check_rules import rules_in_force
from tasks.engine import spending
from tasks.engine.heartbeats import Heartbeats
from tasks.engine.mapping import LeasedTask, locked_paragraphs
from tasks.guidance import guidelines_for
from tasks.lifecycle import Status, move_all
from tasks.models import ContentTask, ModelCall, StageRun, TaskKind, Worker
from tasks.models.operations import LEASE_SECONDS
from tasks.source_records import file_readings

MAX_LOST_LEASES = 10
"""How many workers in a row may die in one stage of a task before the task is treated as the cause."""


# --- Taking ---------------------------------------------------------------------------------------------


@transaction.atomic
def take_leases(worker_id: int, limit: int, only: int | None = None) -> list[LeasedTask]:
    """Take up to `limit` waiting tasks, the most urgent first, with everything their run begins from."""
    now = timezone.now()
    waiting = _due(now).filter(pk=only) if only else _due(now)
    tasks = list(waiting.select_for_update(skip_locked=True).order_by("-priority", "id")[:limit])
    if not tasks:
        return []
    move_all([(task, "", _lease_fields(task, worker_id, now)) for task in tasks], Status.IN_PROGRESS)
    return _with_inputs(tasks)


def _due(now: datetime) -> Any:
    is_due = Q(run_after=None) | Q(run_after__lte=now)
    return ContentTask.objects.filter(is_due, status=Status.PENDING, kind=TaskKind.ARTICLE)


def _lease_fields(task: ContentTask, worker_id: int, now: datetime) -> dict[str, Any]:
    # The time limit holds for all attempts of a run together, the pauses between them included.
    is_first = task.deadline_at is None
    return {
        "lease_owner": worker_id,
        "lease_epoch": task.lease_epoch + 1,
        "attempts": task.attempts + 1,
        "started_at": now if is_first else task.started_at,
        "deadline_at": now + timedelta(seconds=task.timeout_seconds) if is_first else task.deadline_at,
        "error": "",
        "error_kind": "",
    }


def _with_inputs(tasks: Sequence[ContentTask]) -> list[LeasedTask]:
    """Read what the runs begin from, for all tasks at once."""
    prefetch_related_objects(tasks, "sources", "guidance")
    guidelines, rules = guidelines_for(tasks), rules_in_force() if tasks else ()
    readings = file_readings(source for task in tasks for source in task.sources.all())
    leased = [
        LeasedTask(
            task, category_guidance=guidelines.get(task.pk, ()), check_rules=rules, file_readings=readings
        )
        for task in tasks
    ]
    if resumed := {one.task.pk: one for one in leased if one.task.lease_epoch > 1}:
        _load_earlier_work(resumed)
    return leased


def _load_earlier_work(by_id: Mapping[int, LeasedTask]) -> None:
    ids = list(by_id)
    for task_id, locked in locked_paragraphs(ids).items():
        by_id[task_id].locked_paragraphs = locked
    finished = StageRun.objects.filter(task__in=ids, output__isnull=False).order_by()
    for task_id, run, key, output in finished.values_list("task_id", "run", "key", "output"):
        if run == by_id[task_id].task.run:
            by_id[task_id].saved_outputs[key] = output
    if settings.PIPELINE_MODELS:
        spent = ModelCall.objects.filter(task__in=ids).order_by().values("task_id")
        for row in spent.annotate(usd=Sum("cost_usd")):
            by_id[row["task_id"]].spent_usd = row["usd"] or Decimal(0)


def seconds_until_due() -> float | None:
    """When the next task that waits for its time may be taken; None when none does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM min(run_after) - now()) FROM tasks_contenttask"
            " WHERE status = 'pending' AND kind = 'article' AND run_after > now()"
        )
        (seconds,) = cursor.fetchone()
    return None if seconds is None else float(seconds)


def seconds_until_work() -> float | None:
    """The same, and 0 when one may be taken now: a cheaper look than taking none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM tasks_contenttask"
            " WHERE status = 'pending' AND kind = 'article' AND (run_after IS NULL OR run_after <= now()))"
        )
        (is_there,) = cursor.fetchone()
    return 0.0 if is_there else seconds_until_due()


# --- Releasing ----------------------------------------------------------------------------------------


@transaction.atomic
def release_leases(worker_id: int, reason: str) -> None:
    """Release all leases of this worker, so that others go on at once. Not counted as an attempt."""
    held = ContentTask.objects.select_for_update().filter(lease_owner=worker_id, status=Status.IN_PROGRESS)
    _return_tasks(list(held.order_by("id")), reason)
    spending.book_lost([worker_id])


def _return_tasks(tasks: Sequence[ContentTask], reason: str, *, is_lost: bool = False) -> None:
    moves = [
        (
            task,
            reason,
            {
                "attempts": max(task.attempts - 1, 0),
                "lost_leases": task.lost_leases + is_lost,
                "lease_owner": None,
                "run_after": None,
            },
        )
        for task in tasks
    ]
    move_all(moves, Status.PENDING)


DEAD_OR_SILENT = f"""
    SELECT worker.id, worker.heartbeat_at, lock.objid IS NULL,
        worker.heartbeat_at <= clock_timestamp() - make_interval(secs => %(lease_seconds)s)
    FROM tasks_worker worker
    LEFT JOIN pg_locks lock ON {holders_sql(Lock.WORKER, "lock")} AND lock.objid = {about_sql("worker.id")}
    WHERE worker.id IS DISTINCT FROM %(own)s
    UNION
    SELECT task.lease_owner, NULL, true, true FROM tasks_contenttask task
    WHERE task.status = 'in_progress' AND coalesce(task.lease_owner, 0) <> coalesce(%(own)s, -1)
        AND NOT EXISTS (SELECT FROM tasks_worker worker WHERE worker.id = task.lease_owner)
"""


def reap_dead_workers(worker_id: int | None, heartbeats: Heartbeats | None = None) -> int:
    """Return the tasks of dead workers to the queue and delete those workers; return how many tasks.

    Without `heartbeats`, the database's clock alone decides how long a worker has been silent.
    """
    # No transaction for the query itself: it runs all the time in every process, and hardly ever finds one.
    keys = {"lease_seconds": LEASE_SECONDS, "own": worker_id}
    with connection.cursor() as cursor:
        cursor.execute(DEAD_OR_SILENT, keys)
        found = cursor.fetchall()
    is_silent = heartbeats.are_silent(found) if heartbeats else {row[0]: row[3] for row in found}
    dead = [owner for owner, _, has_no_lock, _ in found if has_no_lock or is_silent[owner]]
    return _take_over(dead) if dead else 0


def reap_and_check_others(worker_id: int, heartbeats: Heartbeats | None = None) -> bool:
    """Reap, and return whether other workers have tasks, which they may lose at any moment."""
    reap_dead_workers(worker_id, heartbeats)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM tasks_contenttask"
            " WHERE status = 'in_progress' AND lease_owner IS DISTINCT FROM %s)",
            [worker_id],
        )
        return bool(cursor.fetchone()[0])


@transaction.atomic
def _take_over(dead: Sequence[int | None]) -> int:
    owners = [owner for owner in dead if owner is not None]
    abandoned = Q(lease_owner__in=owners) | (Q(lease_owner=None) if None in dead else Q(pk=None))
    tasks = list(
        ContentTask.objects.select_for_update(skip_locked=True)
        .filter(abandoned, status=Status.IN_PROGRESS)
        .order_by("id")
    )
    # First: a worker that finds its row gone stops.
    Worker.objects.filter(pk__in=owners).delete()
    spending.book_lost(owners)
    poisonous = [task for task in tasks if task.lost_leases + 1 >= MAX_LOST_LEASES]
    _return_tasks(
        [task for task in tasks if task not in poisonous],
        "The worker that was writing it has ended.",
        is_lost=True,
    )
    now = timezone.now()
    failed = [
        (
            task,
            error := f"{MAX_LOST_LEASES} workers in a row ended while writing it, the last one in: "
            f"{task.stage or 'the start'}. Check the workers' log before you retry.",
            {
                "error": error,
                "error_kind": "worker_died",
                "lost_leases": task.lost_leases + 1,
                "lease_owner": None,
                "finished_at": now,
            },
        )
        for task in poisonous
    ]
    move_all(failed, Status.FAILED)
    return len(tasks)
