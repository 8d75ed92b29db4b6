"""Pages such as About, Contact or Imprint: live ones, and which addresses they cannot have.

A page is a post whose task says so. It stands at an address of its own, below the root, and in no list, feed
or search.
"""

from __future__ import annotations

from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

from publishing.models import Post, PostQuerySet

OTHER_ADDRESSES = frozenset({"static", "media", "mcp", "events", "assets"})
"""Served by others than Django, or set aside."""


def live_pages() -> PostQuerySet:
    return Post.objects.published().pages().order_by("title", "id")


def is_reserved(slug: str) -> bool:
    """Whether the site has, or may get, something else at this address."""
    return slug.lower() in reserved()


@cache
def reserved() -> frozenset[str]:
    """The first part of every address of the product."""
    return frozenset(_firsts(get_resolver().url_patterns)) | OTHER_ADDRESSES


def _firsts(patterns: list[URLPattern | URLResolver]) -> set[str]:
    found = set()
    for pattern in patterns:
        first = str(pattern.pattern).lstrip("^").partition("/")[0]
        if first and "<" not in first:
            found.add(first.lower())
        elif not first and isinstance(pattern, URLResolver):
            found |= _firsts(pattern.url_patterns)
    return found
