"""Publishes what is scheduled when its time has come.

Apart from the maintenance loop, whose mails may wait for a slow server. It runs in the cluster and in the web
server; any number of them may run at once.
"""

from __future__ import annotations

from contentpipeline.processes.periodic_thread import PeriodicThread
from publishing.jobs import publish_due
from publishing.schedule import seconds_until_next

MAX_PAUSE_SECONDS = 2.0
"""How late a schedule that was set at the last moment may be noticed."""
MIN_PAUSE_SECONDS = 0.1


class PublicationScheduler(PeriodicThread):
    """Sleeps until the next publication is due."""

    keeps_connection = True  # connecting costs more than the query

    def __init__(self) -> None:
        super().__init__("publication scheduler", MAX_PAUSE_SECONDS)

    def run_once(self) -> float:
        publish_due()
        until_next = seconds_until_next()
        if until_next is None:
            return MAX_PAUSE_SECONDS
        return min(max(until_next, MIN_PAUSE_SECONDS), MAX_PAUSE_SECONDS)
