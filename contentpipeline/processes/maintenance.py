"""Maintenance: detects overdue tasks and incidents, sends alerts and notifications, deletes old rows.

The cluster and the web server each run it in a process of its own, so that an alert is sent even when one of
them is down; below `manage.py up`, which restarts either, only the cluster does.
Any number of maintenance processes may run at once.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable

from setproctitle import getproctitle, setproctitle

import approvals.access.housekeeping
import approvals.notifications.delivery
import approvals.webhooks.delivery
import tasks.housekeeping
import tasks.near_duplicates
from approvals.audit.checkpoints import write_checkpoint
from approvals.notifications.delivery import send_due
from contentpipeline.processes.lease_reaper import LeaseReaper
from contentpipeline.processes.periodic_thread import PeriodicThread
from contentpipeline.processes.publication_scheduler import PublicationScheduler
from contentpipeline.processes.webhook_dispatcher import WebhookDispatcher
from publishing.indexnow import announce_due
from publishing.search.index import index_outdated
from tasks.alerts.breaches import mark_overdue_at_deadline, mark_overdue_in_queue
from tasks.alerts.deliveries import deliver
from tasks.alerts.incidents import check

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 5.0
CLEANUP_SECONDS = 3600.0
SKETCHES_A_TIME = 50
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Before the next maintenance process. The pause grows while they live for less than the longest."""


class MaintenanceLoop(PeriodicThread):
    """Does everything periodic that no request and no worker does."""

    def __init__(self, interval_seconds: float = INTERVAL_SECONDS) -> None:
        super().__init__("maintenance loop", interval_seconds, first_seconds=interval_seconds)
        self._cleanup_at = time.monotonic() + CLEANUP_SECONDS
        self._may_be_outdated = True
        """Whether posts may have to be indexed again: only an upgrade makes them so, and it restarts us."""

    def run_once(self) -> float:
        mark_overdue_in_queue()
        mark_overdue_at_deadline()
        check()
        deliver()
        send_due()
        announce_due()
        write_checkpoint()
        tasks.near_duplicates.record_sketches(SKETCHES_A_TIME)
        if self._may_be_outdated:
            self._may_be_outdated = bool(index_outdated())
        if time.monotonic() > self._cleanup_at:
            self._cleanup_at = time.monotonic() + CLEANUP_SECONDS
            tasks.housekeeping.delete_old_rows()
            approvals.notifications.delivery.delete_old_notifications()
            approvals.webhooks.delivery.delete_old_deliveries()
            approvals.access.housekeeping.delete_old_rows()
        return self.max_pause_seconds


def run_maintenance(parent: int, close_inherited: Callable[[], object]) -> None:
    """The body of a maintenance process; returns when `parent` has ended."""
    close_inherited()
    setproctitle(f"{getproctitle()}: maintenance")
    for sign in STOP_SIGNALS:
        signal.signal(sign, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    PublicationScheduler().start()
    WebhookDispatcher().start()
    LeaseReaper().start()
    loop = MaintenanceLoop()
    while os.getppid() == parent:
        time.sleep(INTERVAL_SECONDS)
        loop.run_safely()


class NoMaintenanceProcess:
    """For a web server below `manage.py up`: the cluster, which `up` restarts, has a maintenance process."""

    def pids(self) -> list[int]:
        return []

    def check(self) -> None:
        pass


class MaintenanceProcess(NoMaintenanceProcess):
    """Runs the maintenance loop in a fork of this process, and starts another when that has ended.

    Not in a thread: this process forks while it runs. A fork begins with `close_inherited`, which closes what
    only this process may hold open.
    """

    def __init__(self, close_inherited: Callable[[], object] = bool) -> None:
        self._close_inherited = close_inherited
        self._pause_seconds = 0.0
        self._next_at: float | None = None
        self._start()

    def pids(self) -> list[int]:
        """Its process id, unless it has ended."""
        return [self._fork.pid] if self._fork.is_alive() and self._fork.pid else []

    def check(self) -> None:
        """Restart it after a pause, which doubles while it ends soon. Call it every second or so."""
        if self._next_at is not None:
            if time.monotonic() >= self._next_at:
                self._start()
        elif not self._fork.is_alive():
            lived_seconds = time.monotonic() - self._started_at
            self._pause_after(lived_seconds)
            logger.error(
                "The maintenance process ended with status %s after %d seconds; it is restarted in %g s.",
                self._fork.exitcode, lived_seconds, self._pause_seconds,
            )  # fmt: skip

    def _start(self) -> None:
        self._fork = multiprocessing.get_context("fork").Process(
            target=run_maintenance, args=(os.getpid(), self._close_inherited), name="maintenance", daemon=True
        )
        self._started_at, self._next_at = time.monotonic(), None
        # A stop that came before the fork has its own handlers would get the server's, and be lost.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            self._fork.start()
        except OSError as error:
            self._pause_after(0)
            logger.error(
                "The maintenance process cannot start (%s): retrying in %g s.",
                error,
                self._pause_seconds,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def _pause_after(self, lived_seconds: float) -> None:
        soon = lived_seconds < LONGEST_PAUSE_SECONDS
        doubled = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
        self._pause_seconds = max(doubled, FIRST_PAUSE_SECONDS) if soon else FIRST_PAUSE_SECONDS
        self._next_at = time.monotonic() + self._pause_seconds
