"""The source of covers that runs ask: loads what makes them with the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publishing.models import Image
from tasks.covers import CoverSource

if TYPE_CHECKING:
    from tasks.pipeline.types import Cover, CoverRequest


class AutomaticCovers(CoverSource):
    async def make(self, wanted: CoverRequest) -> Cover:
        from publishing.images.automatic import make_cover

        return await make_cover(wanted)

    def is_stored(self, image: str) -> bool:
        return Image.objects.filter(name=image).exists()

    def title_on(self, image: str) -> str | None:
        origin = Image.objects.filter(name=image).values_list("origin", flat=True).first() or {}
        return origin.get("title") if origin.get("is_generated") else None
