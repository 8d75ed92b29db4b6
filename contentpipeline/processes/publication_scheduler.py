"""The timetable: publishes what is scheduled when its time has come.

Apart from the watch, whose mails may wait for a slow server. It runs beside the workers and beside the web
server; any number of them may run at once.
"""

from __future__ import annotations

from contentpipeline.processes.periodic_thread import Rounds
from publishing.jobs import publish_due
from publishing.schedule import seconds_until_next

LONGEST_SECONDS = 2.0
"""How late a time that was set at the last moment may be noticed."""
SHORTEST_SECONDS = 0.1


class Timetable(Rounds):
    """Sleeps until the next time of publication."""

    keeps_connection = True  # to connect costs more than to look

    def __init__(self) -> None:
        super().__init__("timetable", LONGEST_SECONDS)

    def one_round(self) -> float:
        publish_due()
        until_next = seconds_until_next()
        if until_next is None:
            return LONGEST_SECONDS
        return min(max(until_next, SHORTEST_SECONDS), LONGEST_SECONDS)
