"""A fixed number of threads that run requests. While all are busy, requests wait in the order they came."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

logger = logging.getLogger(__name__)


class ThreadPool:
    """Daemons, unlike an executor's: a request that never ends must not keep a server from stopping."""

    def __init__(self, count: int, name: str = "page") -> None:
        self._waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
        for number in range(count):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def run(self, work: Callable[[], None]) -> None:
        self._waiting.put(work)

    def _work(self) -> None:
        while True:
            work = self._waiting.get()
            try:
                work()
            except Exception:
                logger.exception("A request failed outside of the application.")
            del work  # it holds a whole response, and the next request may be long in coming
