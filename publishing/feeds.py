"""RSS, Atom and JSON Feed, each with the full text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.views.decorators.http import require_safe

from publishing.addresses import absolute
from publishing.models import Post
from tasks.markdown import CONTROL_CHARACTERS

ITEMS = 20
DESCRIPTION = "Articles that an editor has read and approved."


def newest() -> QuerySet[Post]:
    return Post.objects.published().select_related("category").prefetch_related("tags")[:ITEMS]


def full_text(post: Post) -> str:
    """The body and its sources as HTML that is read elsewhere, so with absolute addresses."""
    html = render_to_string("publishing/_feed_item.html", {"post": post})
    address = absolute(post.get_absolute_url())
    html = re.sub(r'href="(?=#)', f'href="{address}', html)
    return re.sub(r'href="(?=/)', f'href="{absolute("")}', html)


def _plain(text: str) -> str:
    return CONTROL_CHARACTERS.sub("", text)


class FullTextRss(Rss201rev2Feed):
    def root_attributes(self) -> dict[str, str]:
        return super().root_attributes() | {"xmlns:content": "http://purl.org/rss/1.0/modules/content/"}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["full_text"])


class FullTextAtom(Atom1Feed):
    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["full_text"], {"type": "html"})


class RssFeed(Feed):
    feed_type = FullTextRss
    title = settings.SITE_NAME
    description = DESCRIPTION
    language = settings.LANGUAGE_CODE
    address = "feed-rss"

    def link(self) -> str:
        return absolute(reverse("home"))

    def feed_url(self) -> str:
        return absolute(reverse(self.address))

    def items(self) -> Iterable[Post]:
        return newest()

    def item_title(self, item: Post) -> str:
        return _plain(item.title)

    def item_description(self, item: Post) -> str:
        return _plain(item.description)

    def item_link(self, item: Post) -> str:
        return absolute(item.get_absolute_url())

    def item_pubdate(self, item: Post) -> Any:
        return item.published_at

    def item_updateddate(self, item: Post) -> Any:
        return item.updated_at

    def item_categories(self, item: Post) -> list[str]:
        names = [item.category.name] if item.category else []
        return [_plain(name) for name in names + [tag.name for tag in item.tags.all()]]

    def item_extra_kwargs(self, item: Post) -> dict[str, Any]:
        return {"full_text": _plain(full_text(item))}


class AtomFeed(RssFeed):
    feed_type = FullTextAtom
    subtitle = DESCRIPTION
    address = "feed-atom"
    author_name = settings.SITE_NAME


@require_safe
def json_feed(request: HttpRequest) -> JsonResponse:
    """JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": settings.SITE_NAME,
        "description": DESCRIPTION,
        "home_page_url": absolute(reverse("home")),
        "feed_url": absolute(reverse("feed-json")),
        "language": settings.LANGUAGE_CODE,
        "authors": [{"name": settings.SITE_NAME, "url": absolute(reverse("home"))}],
        "items": [_json_item(post) for post in newest()],
    }
    return JsonResponse(feed, content_type="application/feed+json")


def _json_item(post: Post) -> dict[str, Any]:
    address = absolute(post.get_absolute_url())
    return {
        "id": address,
        "url": address,
        "title": post.title,
        "summary": post.description,
        "content_html": full_text(post),
        "date_published": post.published_at.isoformat(),
        "date_modified": post.updated_at.isoformat(),
        "language": post.language,
        "tags": [tag.name for tag in post.tags.all()],
    }
