"""What a draft is checked against beyond its sources' texts: published texts, pages of the site, links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from tasks.pipeline.link_state import LinkState
from tasks.pipeline.types import Article, Research, Value


class SimilarText(Value):
    title: str
    resemblance: float
    """The estimated Jaccard index of their runs of three words."""


class SeoTextsBefore(Value):
    """What the SEO texts of an article were written for. Empty: nothing else than it has."""

    title: str = ""
    summary: str = ""


class SiteFacts(Value):
    """What was looked up for one draft. None: it was not looked up, for the reason given."""

    similar: tuple[SimilarText, ...] | None = None
    """Published texts that resemble it, the nearest first."""
    not_compared: str = ""
    """Why published texts were not, or not all, compared."""
    unknown_paths: tuple[str, ...] | None = None
    """Of the paths it links to, those that the site does not have."""
    links: tuple[LinkState, ...] | None = None
    """What was found at the addresses that it cites; see `published_addresses`."""
    seo_texts_before: SeoTextsBefore | None = None


def published_addresses(research: Research, article: Article) -> list[str]:
    """The addresses of web pages that readers of the text can open: those of its citations and sources.

    Others in the text are no links on the page, and are never requested: an address that a model made up
    could carry what it has read to a stranger.
    """
    cited = [one.url for one in article.citations]
    linked = [source.url for source in research.sources if source.url and source.url in article.body]
    return [
        url for url in dict.fromkeys([*cited, *linked]) if url.lower().startswith(("http://", "https://"))
    ]


async def _nothing(research: Research, article: Article) -> SiteFacts:
    return SiteFacts()


look_up_site: ContextVar[Callable[[Research, Article], Awaitable[SiteFacts]]] = ContextVar(
    "look_up_site", default=_nothing
)
"""Called with an article before it is inspected. Who has a database sets it for the task in hand."""
