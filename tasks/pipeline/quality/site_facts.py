"""What a draft is checked against beyond its own sources: published texts and the pages of the site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from tasks.pipeline.types import Article, Value


class SimilarText(Value):
    title: str
    resemblance: float
    """The estimated Jaccard index of their runs of three words."""


class SiteFacts(Value):
    """What was looked up for one draft. None: it was not looked up, for the reason given."""

    similar: tuple[SimilarText, ...] | None = None
    """Published texts that resemble it, the nearest first."""
    not_compared: str = ""
    """Why published texts were not, or not all, compared."""
    unknown_paths: tuple[str, ...] | None = None
    """Of the paths it links to, those that the site does not have."""


async def _nothing(article: Article) -> SiteFacts:
    return SiteFacts()


look_up_site: ContextVar[Callable[[Article], Awaitable[SiteFacts]]] = ContextVar(
    "look_up_site", default=_nothing
)
"""Called with an article before it is inspected. Who has a database sets it for the task in hand."""
