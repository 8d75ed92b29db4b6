"""Taking tasks back from dead workers, also where no worker is left that could do it."""

from __future__ import annotations

from contentpipeline.processes.periodic_thread import Rounds
from tasks.engine import leases
from tasks.engine.heartbeats import Heartbeats

REAP_SECONDS = 1.0


class LeaseReaper(Rounds):
    """It runs beside the workers and beside the web server; any number of them may run at once."""

    keeps_connection = True  # a new one each second would cost more than all else that is idle

    def __init__(self) -> None:
        super().__init__("lease reaper", REAP_SECONDS)
        self._heartbeats = Heartbeats()

    def one_round(self) -> float:
        leases.reap_dead_workers(None, self._heartbeats)
        return self.longest_seconds
