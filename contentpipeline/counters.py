"""Counters that all processes of one web server add to, and that any process of this machine can read.

They are in a file that all of them map, in a part for each process, so that none waits for another's lock.
They are reset when the server starts.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import threading
from collections import Counter
from pathlib import Path

from django.conf import settings

from contentpipeline.cache_tiers import TIERS

logger = logging.getLogger(__name__)

NAMES = (
    "pages.hit", "pages.unchanged", "pages.joined", "pages.miss", "pages.purge",
    *(f"{tier}.{what}" for tier in TIERS
      for what in ("hit", "miss", "error")),
)  # fmt: skip
PARTS = 64
"""More processes than that share some of them, and may then lose a count."""
WIDTH = 1 + len(NAMES)  # the first number of the first part says how many parts were taken
FILE = "server-counts"


class Counters:
    def __init__(self) -> None:
        self._file: Path | None = None
        self._numbers = memoryview(bytearray(8 * WIDTH)).cast("Q")
        self._offset = 0
        self._pid = 0
        self._lock = threading.Lock()
        self._positions = {name: number for number, name in enumerate(NAMES, start=1)}

    def share(self, path: Path | None = None) -> None:
        """In the server's main process, before it forks: from here on, the counts are shared."""
        path = path or settings.DATA_DIR / FILE
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(bytes(8 * WIDTH * PARTS))
        except OSError as error:
            # No reason not to serve pages.
            logger.warning(
                "Each process counts its hits alone: %s cannot be written (%s).", path, error.strerror
            )
            return
        self._file, self._numbers, self._pid = path, _mapped(path), 0

    def add(self, name: str) -> None:
        if self._file is not None and self._pid != os.getpid():
            self._take_part()
        position = self._offset + self._positions[name]
        with self._lock:
            self._numbers[position] += 1

    def _take_part(self) -> None:
        assert self._file is not None
        self._lock = threading.Lock()  # the parent's may have been held when this process was forked
        self._pid = os.getpid()
        with self._file.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._offset = (self._numbers[0] % PARTS) * WIDTH
            self._numbers[0] += 1

    def totals(self) -> Counter[str]:
        """Of all processes of the server."""
        return _totals(self._numbers)


def server_totals() -> Counter[str] | None:
    """What the server with the same DATA_DIR has counted; None when there was none."""
    path = settings.DATA_DIR / FILE
    return _totals(_mapped(path)) if path.exists() else None


def _mapped(path: Path) -> memoryview:
    with path.open("r+b") as file:
        return memoryview(mmap.mmap(file.fileno(), 0)).cast("Q")


def _totals(numbers: memoryview) -> Counter[str]:
    return Counter({name: sum(numbers[position::WIDTH]) for position, name in enumerate(NAMES, start=1)})


counters = Counters()
