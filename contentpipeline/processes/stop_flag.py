"""An event between forked processes that no death can leave locked.

`multiprocessing.Event.set` waits until each process that waited for it has woken up, and for ever when one of
them was killed. So did a cluster whose sentinel was killed.
"""

from __future__ import annotations

import os
import select


class StopFlag:
    """A pipe that can be read once the flag is set. It is never cleared, and is made before the forks."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()

    def __del__(self) -> None:
        os.close(self._reader)
        os.close(self._writer)

    def set(self) -> None:
        """May be called by a signal handler."""
        if not self.is_set():
            os.write(self._writer, b".")

    def is_set(self) -> bool:
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it is set by then."""
        poll = select.poll()  # not select(), which knows no file beyond the thousandth
        poll.register(self._reader, select.POLLIN)
        return bool(poll.poll(None if timeout is None else timeout * 1000))

    def fileno(self) -> int:
        """What becomes readable when the flag is set; nothing is ever read from it."""
        return self._reader
