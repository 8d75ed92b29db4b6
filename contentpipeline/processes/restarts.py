"""When a process that ended is restarted, and when it is given up."""

from __future__ import annotations

import signal
import time

MAX_EXITS = 5
WINDOW_SECONDS = 60.0
"""A process that ends this often within the window is not restarted."""
FIRST_PAUSE_SECONDS = 0.5
"""Before the second restart within the window. The first one is immediate; later pauses double."""


class CrashLoop(Exception):
    """One sentence for the person at the terminal."""


class Restarts:
    """The exits of one process and of its replacements."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._exits: list[float] = []

    def record_exit(self, exitcode: int | None) -> str:
        """Return the message about it. Raises CrashLoop."""
        now = time.monotonic()
        self._exits = [at for at in self._exits if now - at < WINDOW_SECONDS] + [now]
        how = f"{self._name} {how_it_ended(exitcode)}"
        if len(self._exits) >= MAX_EXITS:
            raise CrashLoop(
                f"{how}, for the {len(self._exits)}th time within {WINDOW_SECONDS:g} seconds: "
                "stopping everything, see the messages above."
            )
        when = f" in {self.pause_seconds:g} s" if self.pause_seconds else ""
        return f"{how}: starting it again{when}."

    @property
    def pause_seconds(self) -> float:
        """How long to wait now before the next start."""
        count = len(self._exits)
        return FIRST_PAUSE_SECONDS * 2 ** (count - 2) if count > 1 else 0.0


def how_it_ended(exitcode: int | None) -> str:
    """Of a process of `multiprocessing`: a negative number is that of a signal."""
    if exitcode is None or exitcode >= 0:
        return f"ended with status {exitcode}"
    try:
        return f"was killed by {signal.Signals(-exitcode).name}"
    except ValueError:
        return f"was killed by signal {-exitcode}"
