"""Reclaims the tasks of dead workers, also where no worker is left that could do it."""

from __future__ import annotations

from contentpipeline.processes.periodic_thread import PeriodicThread
from tasks.engine import leases
from tasks.engine.heartbeats import Heartbeats

REAP_SECONDS = 1.0


class LeaseReaper(PeriodicThread):
    """Runs in the cluster and in the web server; any number of them may run at once."""

    keeps_connection = True  # a new one each second would be the costliest part of an idle process

    def __init__(self) -> None:
        super().__init__("lease reaper", REAP_SECONDS)
        self._heartbeats = Heartbeats()

    def run_once(self) -> float:
        leases.reap_dead_workers(None, self._heartbeats)
        return self.max_pause_seconds
