"""SEO texts of a draft that a person changed: they follow its title and summary, or are known to be older."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tasks.models import Draft
from tasks.pipeline.text.titles import is_shortened, shortened

if TYPE_CHECKING:
    from tasks.pipeline.quality.site_facts import SeoTextsBefore
    from tasks.pipeline.types import Article

FOLLOWS = {"seo_title": ("title", 60), "seo_description": ("summary", 155)}
"""By SEO text, the text that it may be a short form of, and the length that search engines show."""


def with_seo_texts(draft: Draft, content: Mapping[str, Any]) -> dict[str, Any]:
    """The change with SEO texts that follow it, where these were the old title or summary, or its beginning.

    One that is part of the change, or has words of its own, stays.
    """
    followed = dict(content)
    for name, (followed_name, limit) in FOLLOWS.items():
        seo, old = getattr(draft, name), getattr(draft, followed_name)
        new = content.get(followed_name, old)
        if new != old and content.get(name, seo) == seo and is_shortened(seo, old):
            followed[name] = shortened(new, limit)
    return followed


def seo_texts_before(draft: Draft, article: Article) -> SeoTextsBefore:
    """The title and the summary for which the SEO texts were written: those of their first version."""
    from tasks.pipeline.quality.site_facts import SeoTextsBefore  # loads pydantic

    rows = list(draft.history.order_by("-version").values("title", "summary", "seo_title", "seo_description"))
    found = {}
    for name, (followed_name, _) in FOLLOWS.items():
        found[followed_name] = ""
        for row in rows:
            if row[name] != getattr(article, name):
                break
            found[followed_name] = row[followed_name]
    return SeoTextsBefore(**found)
