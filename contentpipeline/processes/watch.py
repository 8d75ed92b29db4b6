"""The watch: marks what waits too long, notices incidents and tells of them, and tidies up.

It runs beside the workers and beside the web server, so that an alert leaves even when one of them is gone.
Every part of it may run in any number of processes at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable

from approvals.audit.heads import keep_head
from approvals.notices.sending import forget_old, send_due
from approvals.webhooks.sending import forget_old as forget_old_deliveries
from contentpipeline.processes.messenger import Messenger
from contentpipeline.processes.rounds import Rounds
from contentpipeline.processes.timetable import Timetable
from publishing.indexnow import announce_due
from tasks.alerts.breaches import mark_overdue_in_queue
from tasks.alerts.deliveries import deliver
from tasks.alerts.incidents import check
from tasks.housekeeping import forget_old_rows

ROUND_SECONDS = 5.0
TIDY_SECONDS = 3600.0


class Watch(Rounds):
    """Looks after everything that no request and no worker does."""

    def __init__(self, round_seconds: float = ROUND_SECONDS) -> None:
        super().__init__("watch", round_seconds, first_seconds=round_seconds)
        self._tidy_at = time.monotonic() + TIDY_SECONDS

    def one_round(self) -> float:
        mark_overdue_in_queue()
        check()
        deliver()
        send_due()
        announce_due()
        keep_head()
        if time.monotonic() > self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_SECONDS
            forget_old_rows()
            forget_old()
            forget_old_deliveries()
        return self.longest_seconds


def watch_beside(parent: int, let_go: Callable[[], object]) -> None:
    """Go round in a process of its own, for as long as `parent` lives."""
    let_go()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGTERM])
    Timetable().start()
    Messenger().start()
    watch = Watch()
    while os.getppid() == parent:
        time.sleep(ROUND_SECONDS)
        watch.go_round()


def start_beside(let_go: Callable[[], object] = bool) -> int:
    """For a process that forks while it runs, in which no other thread may live: a fork of it keeps watch.

    The fork begins with `let_go`, which closes what it must not hold. Its process id is returned.
    """
    fork = multiprocessing.get_context("fork")
    beside = fork.Process(target=watch_beside, args=(os.getpid(), let_go), name="watch", daemon=True)
    beside.start()
    assert beside.pid is not None
    return beside.pid
