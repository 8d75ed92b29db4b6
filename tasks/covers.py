"""When a run may give a draft another cover, and what makes covers: an app above, which stores images."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings

from tasks.models import Draft

if TYPE_CHECKING:
    from tasks.pipeline.types import Cover, CoverRequest

COVER_FIELDS = ("cover_image", "cover_alt", "cover_credit")


class CoverSource(Protocol):
    async def make(self, wanted: CoverRequest) -> Cover:
        """Make a cover and store it. Raises ProviderError."""
        ...

    def is_stored(self, image: str) -> bool: ...

    def title_on(self, image: str) -> str | None:
        """The title that a generated image was made from; None for any other image."""
        ...


cover_sources: list[CoverSource] = []
"""At most one: an app above appends its own in `ready`."""


@dataclass(frozen=True)
class TaskCovers:
    """The CoverMaker of one run. `in_thread` runs a function where the database may be waited for."""

    task_id: int
    in_thread: Callable[..., Awaitable[Any]]
    source: CoverSource

    async def make(self, wanted: CoverRequest) -> Cover:
        from tasks.pipeline.types import Cover  # loads pydantic

        if await self.in_thread(self._stays, wanted.title):
            return Cover()
        return await self.source.make(wanted)

    async def is_stored(self, cover: Cover) -> bool:
        return bool(await self.in_thread(self.source.is_stored, cover.image))

    def _stays(self, title: str) -> bool:
        draft = Draft.objects.filter(task=self.task_id).first()
        if draft is None:
            return False
        if is_decided_by_person(draft):
            return True
        return bool(draft.cover_image) and self.source.title_on(draft.cover_image) in (None, title)


def covers_for(task_id: int, in_thread: Callable[..., Awaitable[Any]]) -> TaskCovers | None:
    """None when covers are left to people."""
    if settings.COVERS == "off" or not cover_sources:
        return None
    return TaskCovers(task_id, in_thread, cover_sources[0])


def is_decided_by_person(draft: Draft) -> bool:
    """Whether a person set, described or removed the cover, and no run has changed it since."""
    rows = list(draft.history.order_by("version").values_list("author_id", *COVER_FIELDS))
    before = [(None, "", "", ""), *rows]
    authors = [new[0] for old, new in pairwise(before) if old[1:] != new[1:]]
    return bool(authors) and authors[-1] is not None
