"""The lifecycle under whatever people, workers and crashes do to it, in any order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from approvals.audit.verification import first_failure
from approvals.models import AuditEntry
from tasks import actions
from tasks.engine import leases
from tasks.engine.checkpoints import Lease, PendingWrite, RunEnded, StageEntered, StageFinished, flush
from tasks.engine.mapping import LeasedTask
from tasks.errors import TransitionRefused
from tasks.lifecycle import TRANSITIONS, Status
from tasks.models import ContentTask
from tests.factories import make_task

KEYS = ("research", "outline", "draft")
WORKERS = (1, 2, 3)


class Lifecycle(RuleBasedStateMachine):
    """One task, three workers that may die or come back from the dead, and people who press every button."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.task = make_task()
        self.leases: list[tuple[int, LeasedTask]] = []
        self.finished: set[tuple[int, str]] = set()
        self.statuses = [Status.PENDING]

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # --- People ---

    @rule(verb=st.sampled_from([actions.cancel, actions.hold, actions.resume, actions.retry]))
    def press_a_button(self, verb: Any) -> None:
        task = ContentTask.objects.get(pk=self.task.pk)
        before = task.status
        try:
            with transaction.atomic():
                verb(task, by=None, reason="because")
        except TransitionRefused:
            assert ContentTask.objects.get(pk=task.pk).status == before
        else:
            self._note()

    # --- Workers ---

    @rule(worker=st.sampled_from(WORKERS))
    def take(self, worker: int) -> None:
        for leased in leases.take_leases(worker, 10):
            run_of_task = leased.task.run
            assert set(leased.saved_outputs) == {key for run, key in self.finished if run == run_of_task}
            self.leases.append((worker, leased))
            self._note()

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), key=st.sampled_from(KEYS))
    def finish_a_stage(self, data: Any, key: str) -> None:
        """Also for a lease that ended long ago: that worker was frozen and knows nothing of it."""
        worker, leased = data.draw(st.sampled_from(self.leases))
        task = leased.task
        if (task.run, key) in self.finished or key in leased.saved_outputs:
            return
        lease, now = Lease(task.pk, task.lease_epoch), timezone.now()
        lost = flush(worker, [
            PendingWrite(lease, StageEntered(key, 10)),
            PendingWrite(lease, StageFinished(task.run, task.attempts, key, {}, now, now)),
        ])  # fmt: skip
        assert bool(lost) != self._holds(worker, task)
        if not lost:
            self.finished.add((task.run, key))

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), status=st.sampled_from([Status.AWAITING_APPROVAL, Status.FAILED, Status.PENDING]))
    def end(self, data: Any, status: Status) -> None:
        worker, leased = data.draw(st.sampled_from(self.leases))
        task = leased.task
        held = self._holds(worker, task)
        lost = flush(worker, [PendingWrite(Lease(task.pk, task.lease_epoch), RunEnded(task, status, "", {}))])
        assert bool(lost) != held
        if held:
            self._note()

    @rule()
    def notice_the_dead(self) -> None:
        """None of these workers holds a lock, so each is treated as dead."""
        if leases.reap_dead_workers(None):
            self._note()

    @rule(worker=st.sampled_from(WORKERS))
    def stop_in_order(self, worker: int) -> None:
        leases.release_leases(worker, "stopped")
        if ContentTask.objects.get(pk=self.task.pk).status != self.statuses[-1]:
            self._note()

    @rule()
    def time_passes(self) -> None:
        ContentTask.objects.filter(run_after__isnull=False).update(
            run_after=timezone.now() - timedelta(seconds=1)
        )

    # --- What must hold ---

    @invariant()
    def the_row_is_sound(self) -> None:
        task = ContentTask.objects.get(pk=self.task.pk)
        assert task.status == self.statuses[-1]
        if task.status == Status.IN_PROGRESS:
            assert task.lease_owner in WORKERS
            assert sum(self._holds(worker, leased.task) for worker, leased in self.leases) == 1, (
                "one worker has it"
            )
        assert 0 <= task.attempts <= len(self.leases)

    @invariant()
    def nothing_finished_is_repeated_or_lost(self) -> None:
        rows = list(self.task.stage_runs.filter(output__isnull=False).values_list("run", "key"))
        assert len(rows) == len(set(rows))
        assert set(rows) == self.finished

    @invariant()
    def every_move_is_allowed_announced_and_recorded(self) -> None:
        for old, new in zip(self.statuses, self.statuses[1:], strict=False):
            assert new in TRANSITIONS[old]
        events = list(self.task.events.values_list("seq", "kind", "data__status"))
        assert [seq for seq, _, _ in events] == list(range(1, len(events) + 1))
        assert [status for _, kind, status in events if kind == "status"] == self.statuses[1:]
        sealed = AuditEntry.objects.filter(task_id=self.task.pk, action__startswith="task.").order_by("seq")
        assert list(sealed.values_list("data__to", flat=True)) == self.statuses[1:]
        assert first_failure() is None

    def _holds(self, worker: int, task: ContentTask) -> bool:
        now = ContentTask.objects.get(pk=task.pk)
        return (now.status, now.lease_owner, now.lease_epoch) == (
            Status.IN_PROGRESS, worker, task.lease_epoch
        )  # fmt: skip

    def _note(self) -> None:
        self.statuses.append(Status(ContentTask.objects.get(pk=self.task.pk).status))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.django_db
def test_no_order_of_events_loses_repeats_or_forges_anything() -> None:
    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
