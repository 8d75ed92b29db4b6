"""The timetable: publishes what is scheduled when its time has come.

Apart from the watch, whose mails may wait for a slow server. It runs beside the workers and beside the web
server; any number of them may run at once.
"""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, InterfaceError, connections

from publishing.jobs import publish_due
from publishing.schedule import seconds_until_next

logger = logging.getLogger(__name__)

LONGEST_SECONDS = 2.0
"""How late a time that was set at the last moment may be noticed."""
SHORTEST_SECONDS = 0.1


class Timetable(threading.Thread):
    """Sleeps until the next time of publication. Start it after the last fork, as the watch."""

    def __init__(self) -> None:
        super().__init__(name="timetable", daemon=True)
        self._must_stop = threading.Event()
        self._was_away = False

    def run(self) -> None:
        wait_seconds = 0.0
        while not self._must_stop.wait(wait_seconds):
            wait_seconds = self.go_round()
            connections.close_all()  # this thread's own: between two times nobody needs one

    def stop(self) -> None:
        """Have it end after what it is at."""
        self._must_stop.set()

    def go_round(self) -> float:
        """Publish what is due; return for how many seconds to sleep. Never raises."""
        try:
            publish_due()
            until_next = seconds_until_next()
            self._was_away = False
        except (DatabaseError, InterfaceError) as error:
            if not self._was_away:
                logger.warning(
                    "The timetable waits for the database: %s", str(error).strip().splitlines()[:1]
                )
            self._was_away = True
            return LONGEST_SECONDS
        except Exception:
            logger.exception("A round of the timetable failed")
            return LONGEST_SECONDS
        if until_next is None:
            return LONGEST_SECONDS
        return min(max(until_next, SHORTEST_SECONDS), LONGEST_SECONDS)
