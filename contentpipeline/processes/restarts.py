"""When a process that ended is started again, and when that has no use."""

from __future__ import annotations

import signal
import time

DEATHS = 5
DEATHS_SECONDS = 60.0
"""So many deaths within so long a time, and it is not started again."""
FIRST_PAUSE_SECONDS = 0.5
"""Before the second start within that time. The first one is at once; later pauses double."""


class KeepsDying(Exception):
    """One sentence for the person at the terminal."""


class Restarts:
    """The deaths of one process and those that took its place."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._deaths: list[float] = []

    def after(self, exitcode: int | None) -> str:
        """Take note of a death and return what to say of it. Raises KeepsDying."""
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < DEATHS_SECONDS] + [now]
        how = f"{self._name} {how_it_ended(exitcode)}"
        if len(self._deaths) >= DEATHS:
            raise KeepsDying(
                f"{how}, for the {len(self._deaths)}th time within {DEATHS_SECONDS:g} seconds: "
                "stopping everything, see the messages above."
            )
        when = f" in {self.pause_seconds:g} s" if self.pause_seconds else ""
        return f"{how}: starting it again{when}."

    @property
    def pause_seconds(self) -> float:
        """How long to wait now before the next start."""
        count = len(self._deaths)
        return FIRST_PAUSE_SECONDS * 2 ** (count - 2) if count > 1 else 0.0


def how_it_ended(exitcode: int | None) -> str:
    """Of a process of `multiprocessing`: a negative number is that of a signal."""
    if exitcode is None or exitcode >= 0:
        return f"ended with status {exitcode}"
    try:
        return f"was killed by {signal.Signals(-exitcode).name}"
    except ValueError:
        return f"was killed by signal {-exitcode}"
