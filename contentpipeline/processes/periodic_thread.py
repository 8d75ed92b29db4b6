"""A thread that runs something periodically and survives every failure."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, InterfaceError, connections

logger = logging.getLogger(__name__)


class PeriodicThread(threading.Thread):
    """Runs until its process ends. Start it after the last fork, which would copy its locks."""

    keeps_connection = False
    """Whether its database connection stays open between two runs, for as long as nothing fails."""

    def __init__(self, name: str, max_pause_seconds: float, *, first_seconds: float = 0.0) -> None:
        super().__init__(name=name, daemon=True)
        self.max_pause_seconds = max_pause_seconds
        self._first_seconds = first_seconds
        self._must_stop = threading.Event()
        self._was_unreachable = False

    def run_once(self) -> float:
        """Do the work that is due; return for how many seconds to sleep."""
        raise NotImplementedError

    def run(self) -> None:
        wait_seconds = self._first_seconds
        try:
            while not self._must_stop.wait(wait_seconds):
                wait_seconds = self.run_safely()
        finally:
            connections.close_all()  # this thread's own

    def stop(self) -> None:
        """Stop it after the current run."""
        self._must_stop.set()

    def run_safely(self) -> float:
        """Like `run_once`, but never raises: what failed is tried again in the next run."""
        succeeded = False
        for connection in connections.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()  # and it is checked before its first use in this run
        try:
            wait_seconds = self.run_once()
            self._was_unreachable, succeeded = False, True
            return wait_seconds
        except (DatabaseError, InterfaceError) as error:
            if not self._was_unreachable:
                why = str(error).strip().splitlines()[:1]
                logger.warning("The %s waits for the database: %s", self.name, why)
            self._was_unreachable = True
        except Exception:
            logger.exception("A run of the %s failed", self.name)
        finally:
            if not (succeeded and self.keeps_connection):
                connections.close_all()  # this thread's own: none is needed between two runs
        return self.max_pause_seconds
