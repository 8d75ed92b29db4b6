"""The watch: marks what waits too long, notices incidents and tells of them, and tidies up.

It runs beside the workers and beside the web server, so that an alert leaves even when one of them is gone.
Every part of it may run in any number of processes at once.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connections

from approvals.heads import keep_head
from approvals.notices.sending import forget_old, send_due
from contentpipeline.timetable import Timetable
from publishing.indexnow import announce_due
from tasks.alerts import check
from tasks.breaches import mark_overdue_in_queue
from tasks.deliveries import deliver
from tasks.housekeeping import forget_old_rows

logger = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
TIDY_SECONDS = 3600.0


class Watch(threading.Thread):
    """Goes round until its process ends. Start it after the last fork, which would take its locks along."""

    def __init__(self, round_seconds: float = ROUND_SECONDS) -> None:
        super().__init__(name="watch", daemon=True)
        self._round_seconds = round_seconds
        self._tidy_at = time.monotonic() + TIDY_SECONDS
        self._must_stop = threading.Event()
        self._was_away = False

    def run(self) -> None:
        while not self._must_stop.wait(self._round_seconds):
            self.go_round()

    def stop(self) -> None:
        """Have it end after the present round."""
        self._must_stop.set()

    def go_round(self) -> None:
        """Never raises: whatever is broken now is looked at again in the next round."""
        try:
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
            self._was_away = False
        except (DatabaseError, InterfaceError) as error:
            if not self._was_away:
                logger.warning("The watch waits for the database: %s", str(error).strip().splitlines()[:1])
            self._was_away = True
        except Exception:
            logger.exception("A round of the watch failed")
        finally:
            connections.close_all()  # this thread's own


def watch_beside(parent: int, let_go: Callable[[], object]) -> None:
    """Go round in a process of its own, for as long as `parent` lives."""
    let_go()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGTERM])
    Timetable().start()
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
