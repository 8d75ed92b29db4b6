"""The watch: marks what waits too long, notices incidents and tells of them, and tidies up.

The cluster has one and the web server has one, so that an alert leaves even when one of them is gone; below
`manage.py up`, which starts either again, only the cluster has one.
Every part of it may run in any number of processes at once.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable

from setproctitle import getproctitle, setproctitle

from approvals.access.housekeeping import forget_old as forget_old_counts
from approvals.audit.checkpoints import keep_head
from approvals.notifications.delivery import forget_old, send_due
from approvals.webhooks.delivery import forget_old as forget_old_deliveries
from contentpipeline.processes.lease_reaper import LeaseReaper
from contentpipeline.processes.periodic_thread import Rounds
from contentpipeline.processes.publication_scheduler import Timetable
from contentpipeline.processes.webhook_dispatcher import Messenger
from publishing.indexnow import announce_due
from tasks.alerts.breaches import mark_overdue_at_deadline, mark_overdue_in_queue
from tasks.alerts.deliveries import deliver
from tasks.alerts.incidents import check
from tasks.housekeeping import delete_old_rows

logger = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
TIDY_SECONDS = 3600.0
STOPS = (signal.SIGINT, signal.SIGTERM)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Before the next watch beside a server. They grow only while watches live for less than the longest."""


class Watch(Rounds):
    """Looks after everything that no request and no worker does."""

    def __init__(self, round_seconds: float = ROUND_SECONDS) -> None:
        super().__init__("watch", round_seconds, first_seconds=round_seconds)
        self._tidy_at = time.monotonic() + TIDY_SECONDS

    def one_round(self) -> float:
        mark_overdue_in_queue()
        mark_overdue_at_deadline()
        check()
        deliver()
        send_due()
        announce_due()
        keep_head()
        if time.monotonic() > self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_SECONDS
            delete_old_rows()
            forget_old()
            forget_old_deliveries()
            forget_old_counts()
        return self.longest_seconds


def watch_beside(parent: int, let_go: Callable[[], object]) -> None:
    """Go round in a process of its own, for as long as `parent` lives."""
    let_go()
    setproctitle(f"{getproctitle()}: maintenance")
    for sign in STOPS:
        signal.signal(sign, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    Timetable().start()
    Messenger().start()
    LeaseReaper().start()
    watch = Watch()
    while os.getppid() == parent:
        time.sleep(ROUND_SECONDS)
        watch.go_round()


class NoWatch:
    """In place of one beside the web server where `up` sees to it that the cluster, which has one, lives."""

    def living(self) -> list[int]:
        return []

    def look(self) -> None:
        pass


class WatchBeside(NoWatch):
    """A fork of this process that keeps watch, and the next one when it has ended.

    No thread of this process, which forks while it runs. A fork begins with `let_go`, which closes what it is
    not to hold.
    """

    def __init__(self, let_go: Callable[[], object] = bool) -> None:
        self._let_go = let_go
        self._pause_seconds = 0.0
        self._next_at: float | None = None
        self._start()

    def living(self) -> list[int]:
        """Its process id, unless it has ended."""
        return [self._fork.pid] if self._fork.is_alive() and self._fork.pid else []

    def look(self) -> None:
        """Start the next one, after a pause that doubles while they end soon. Call it every second or so."""
        if self._next_at is not None:
            if time.monotonic() >= self._next_at:
                self._start()
        elif not self._fork.is_alive():
            lived_seconds = time.monotonic() - self._started_at
            self._pause_after(lived_seconds)
            logger.error(
                "The watch ended with status %s after %d seconds; another begins in %g.",
                self._fork.exitcode, lived_seconds, self._pause_seconds,
            )  # fmt: skip

    def _start(self) -> None:
        self._fork = multiprocessing.get_context("fork").Process(
            target=watch_beside, args=(os.getpid(), self._let_go), name="watch", daemon=True
        )
        self._started_at, self._next_at = time.monotonic(), None
        # A stop that came before the fork has its own handlers would get the server's, and be lost.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        try:
            self._fork.start()
        except OSError as error:
            self._pause_after(0)
            logger.error("The watch cannot start (%s): tried again in %g.", error, self._pause_seconds)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def _pause_after(self, lived_seconds: float) -> None:
        soon = lived_seconds < LONGEST_PAUSE_SECONDS
        doubled = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
        self._pause_seconds = max(doubled, FIRST_PAUSE_SECONDS) if soon else FIRST_PAUSE_SECONDS
        self._next_at = time.monotonic() + self._pause_seconds
