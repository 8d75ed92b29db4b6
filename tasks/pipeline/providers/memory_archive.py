"""A SourceArchive for tests and trials without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.pipeline.providers import FetchedPage
    from tasks.pipeline.reading.types import Reading
    from tasks.pipeline.search_results import SearchResult


@dataclass
class MemoryArchive:
    saved: dict[int, tuple[FetchedPage, Reading | None]] = field(default_factory=dict)
    """By number, what the source was last."""

    async def save(self, number: int, page: FetchedPage, reading: Reading | None) -> None:
        self.saved[number] = page, reading

    async def add(self, number: int, result: SearchResult, page: FetchedPage, reading: Reading) -> int:
        await self.save(number, page, reading)
        return number
