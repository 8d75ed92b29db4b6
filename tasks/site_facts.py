"""Looks up what checks need to know of the rest of the site: for a run, and for an edited text."""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from tasks.near_duplicates import similar_published
from tasks.pipeline.quality.site_facts import SimilarText, SiteFacts, look_up_site
from tasks.pipeline.types import Article
from tasks.site_paths import unknown_path_checks

logger = logging.getLogger(__name__)

_LOCAL_LINK = re.compile(
    r"\]\(\s{0,9}<?(/[^)\s>]{0,500})|^ {0,3}\[[^\]\n]{1,200}\]:\s{0,9}<?(/[^\s>]{0,500})", re.MULTILINE
)
MOST_PATHS = 100


def look_up_site_for(task_id: int, in_thread: Any) -> None:
    """Let inspections in this context look up what is around the task's text.

    `in_thread` calls a function with its arguments where the database may be used.
    """
    look_up_site.set(partial(in_thread, site_facts_of, task_id))


def site_facts_of(task_id: int, article: Article) -> SiteFacts:
    """A failed look-up is reported: its checks are skipped, and the inspection goes on."""
    try:
        similar, missing = similar_published(article.title, article.body, own_task=task_id)
        unknown = unknown_paths(article.body)
    except Exception:
        logger.exception("What is around the text of task %s could not be looked up", task_id)
        return SiteFacts(not_compared="Published texts could not be looked up.")
    not_compared = (
        f"{missing} published texts have not been prepared for a comparison yet." if missing else ""
    )
    found = tuple(SimilarText(title=other, resemblance=alike) for other, alike in similar)
    return SiteFacts(similar=found, not_compared=not_compared, unknown_paths=unknown)


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
