"""Whether the site has a page at a path, for links within texts."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import Resolver404, resolve

from publishing.models import Author, Category, Post, Redirect, Tag

PAGES = {
    "home",
    "archives",
    "about",
    "corrections",
    "search",
    "archive",
    "feed-rss",
    "feed-atom",
    "feed-json",
}
"""Pages that are there whatever has been published."""
GROUPS = {"category": Category, "tag": Tag, "author": Author}


def unknown_paths(paths: Sequence[str]) -> list[str]:
    """Those of these paths at which a reader finds no page."""
    return [path for path in paths if not _is_known(path)]


def _is_known(path: str) -> bool:
    for candidate in (path, f"{path}/"):
        try:
            match = resolve(candidate)
        except Resolver404:
            continue
        slug = match.kwargs.get("slug", "")
        if match.url_name == "post":
            return (
                Post.objects.published().articles().filter(slug=slug).exists()
                or Redirect.objects.filter(slug=slug, post__is_live=True, post__is_page=False).exists()
            )
        if match.url_name == "page":
            is_live = Post.objects.published().pages().filter(slug=slug).exists()
            return (
                is_live or Redirect.objects.filter(slug=slug, post__is_live=True, post__is_page=True).exists()
            )
        if match.url_name in GROUPS:
            return GROUPS[match.url_name]._default_manager.filter(slug=slug).exists()
        return match.url_name in PAGES
    return False
