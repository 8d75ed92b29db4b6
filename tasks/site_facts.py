"""Looks up what checks need to know of the site and of cited addresses: for a run, and for an edited text."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from tasks.models import Draft
from tasks.near_duplicates import similar_published
from tasks.pipeline.link_state import LinkState, alive
from tasks.pipeline.providers.web.links import TOTAL_SECONDS, GuardedLinks, RecentLinks
from tasks.pipeline.quality.site_facts import SimilarText, SiteFacts, look_up_site, published_addresses
from tasks.pipeline.types import Article, Research
from tasks.seo_texts import seo_texts_before
from tasks.site_paths import unknown_path_checks

if TYPE_CHECKING:
    from tasks.pipeline.providers import LinkLookup

logger = logging.getLogger(__name__)

_LOCAL_LINK = re.compile(
    r"\]\(\s{0,9}<?(/[^)\s>]{0,500})|^ {0,3}\[[^\]\n]{1,200}\]:\s{0,9}<?(/[^\s>]{0,500})", re.MULTILINE
)
MOST_PATHS = 100
_recent_links = RecentLinks()


def look_up_site_for(
    task_id: int, in_thread: Any, links: LinkLookup | None, *, is_fetched_now: bool = False
) -> None:
    """Let inspections in this context look up what is around the task's text, and the addresses it cites.

    `in_thread` calls a function with its arguments where the database may be used. `is_fetched_now`: pages
    were fetched by the research of this run, and need no second request.
    """

    async def look_up(research: Research, article: Article) -> SiteFacts:
        facts, found = await asyncio.gather(
            in_thread(site_facts_of, task_id, article),
            _links_of(research, article, links, is_fetched_now=is_fetched_now),
        )
        looked_up: SiteFacts = facts.model_copy(update={"links": found})
        return looked_up

    look_up_site.set(look_up)


def link_lookup(most_seconds: float = TOTAL_SECONDS) -> GuardedLinks | None:
    """None when the desk does not want cited addresses to be looked up."""
    if not settings.CHECK_LINKS:
        return None
    return GuardedLinks(
        settings.FETCH_ALLOW_PRIVATE_NETWORKS,
        settings.SITE_URL,
        total_seconds=min(TOTAL_SECONDS, most_seconds),
        recent=_recent_links,
    )


async def _links_of(
    research: Research, article: Article, links: LinkLookup | None, *, is_fetched_now: bool
) -> tuple[LinkState, ...] | None:
    if links is None:
        return None
    fetched = {one.url for one in research.sources if one.final_url} if is_fetched_now else set()
    urls = published_addresses(research, article)
    asked = await links.look_up([url for url in urls if url not in fetched], is_online=bool(fetched))
    return (*(alive(url) for url in urls if url in fetched), *asked)


def site_facts_of(task_id: int, article: Article) -> SiteFacts:
    """A failed look-up is reported: its checks are skipped, and the inspection goes on."""
    try:
        similar, missing = similar_published(article.title, article.body, own_task=task_id)
        unknown = unknown_paths(article.body)
        draft = Draft.objects.filter(task=task_id).first()
        before = seo_texts_before(draft, article) if draft else None
    except Exception:
        logger.exception("What is around the text of task %s could not be looked up", task_id)
        return SiteFacts(not_compared="Published texts could not be looked up.")
    not_compared = (
        f"{missing} published texts have not been prepared for a comparison yet." if missing else ""
    )
    found = tuple(SimilarText(title=other, resemblance=alike) for other, alike in similar)
    return SiteFacts(similar=found, not_compared=not_compared, unknown_paths=unknown, seo_texts_before=before)


def unknown_paths(body: str) -> tuple[str, ...] | None:
    """The local paths that the text links to and no part of the site has; None when nothing could say."""
    if not unknown_path_checks:
        return None
    links = dict.fromkeys(one or two for one, two in _LOCAL_LINK.findall(body))
    paths = {link: unquote(urlsplit(link).path) for link in links if not link.startswith(("//", "/\\"))}
    left = list(dict.fromkeys(paths.values()))[:MOST_PATHS]
    for check in unknown_path_checks:
        left = list(check(left)) if left else left
    return tuple(link for link, path in paths.items() if path in left)
