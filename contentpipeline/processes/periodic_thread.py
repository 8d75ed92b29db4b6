"""A thread that looks after something again and again, whatever is broken meanwhile."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, InterfaceError, connections

logger = logging.getLogger(__name__)


class Rounds(threading.Thread):
    """Goes round until its process ends. Start it after the last fork, which would take its locks along."""

    keeps_connection = False
    """Whether its connection stays open between two rounds, for as long as nothing fails."""

    def __init__(self, name: str, longest_seconds: float, *, first_seconds: float = 0.0) -> None:
        super().__init__(name=name, daemon=True)
        self.longest_seconds = longest_seconds
        self._first_seconds = first_seconds
        self._must_stop = threading.Event()
        self._was_away = False

    def one_round(self) -> float:
        """Do what there is to do; return for how many seconds to sleep."""
        raise NotImplementedError

    def run(self) -> None:
        wait_seconds = self._first_seconds
        try:
            while not self._must_stop.wait(wait_seconds):
                wait_seconds = self.go_round()
        finally:
            connections.close_all()  # this thread's own

    def stop(self) -> None:
        """Have it end after what it is at."""
        self._must_stop.set()

    def go_round(self) -> float:
        """Never raises: whatever is broken now is looked at again in the next round."""
        is_well = False
        for kept in connections.all(initialized_only=True):
            kept.close_if_unusable_or_obsolete()  # and it is looked at before its first use in this round
        try:
            wait_seconds = self.one_round()
            self._was_away, is_well = False, True
            return wait_seconds
        except (DatabaseError, InterfaceError) as error:
            if not self._was_away:
                why = str(error).strip().splitlines()[:1]
                logger.warning("The %s waits for the database: %s", self.name, why)
            self._was_away = True
        except Exception:
            logger.exception("A round of the %s failed", self.name)
        finally:
            if not (is_well and self.keeps_connection):
                connections.close_all()  # this thread's own: between two rounds nobody needs one
        return self.longest_seconds
