"""The text that is being written, for those who follow a task: sent as events, a few times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from tasks.engine.checkpoints import Lease, TextWritten

SEND_SECONDS = 0.25
FOLLOWED_SECONDS = 15.0
"""How long after the last request the text of a followed task is sent."""

Writing = Callable[[], Iterable[tuple[Lease, str, str]]]
"""The runs in progress: the stage that writes, and its text so far."""


class LiveTexts:
    def __init__(self, writing: Writing, send: Callable[[Lease, TextWritten], None]) -> None:
        self._writing, self._send = writing, send
        self._followed_until: dict[int, float] = {}
        self._sent: dict[Lease, tuple[str, int]] = {}
        self._is_followed = asyncio.Event()

    def follow(self, task_ids: Iterable[int]) -> None:
        until = time.monotonic() + FOLLOWED_SECONDS
        self._followed_until |= dict.fromkeys(task_ids, until)
        self._is_followed.set()

    async def run(self) -> None:
        """Send for ever what was written since the last time, of the tasks that are followed."""
        while True:
            await self._is_followed.wait()
            await asyncio.sleep(SEND_SECONDS)
            now = time.monotonic()
            self._followed_until = {pk: until for pk, until in self._followed_until.items() if until > now}
            if self._followed_until:
                self._send_all()
            else:
                self._is_followed.clear()

    def _send_all(self) -> None:
        before, self._sent = self._sent, {}
        for lease, stage, text in self._writing():
            if lease.task_id in self._followed_until:
                self._sent[lease] = self._send_new(lease, stage, text, before.get(lease, ("", 0)))

    def _send_new(self, lease: Lease, stage: str, text: str, sent: tuple[str, int]) -> tuple[str, int]:
        sent_stage, offset = sent
        if stage != sent_stage or len(text) < offset:  # another stage, or another model that began again
            offset = 0
        if len(text) > offset:
            self._send(lease, TextWritten(stage, offset, text[offset:]))
        return stage, len(text)
