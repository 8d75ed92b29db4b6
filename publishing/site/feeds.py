"""RSS, Atom and JSON Feed, each with the full text: of the site, a category, a tag or an author."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import escape
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from publishing.addresses import absolute
from publishing.models import Author, Category, Post, Tag
from tasks.markdown import CONTROL_CHARACTERS

ITEMS = 20
DESCRIPTION = "Articles that an editor has read and approved."


@dataclass(frozen=True)
class Channel:
    """What a feed is of."""

    title: str
    description: str
    path: str
    posts: list[Post]


def channel(kind: str = "", slug: str = "") -> Channel:
    """The newest of the site, or of a category, tag or author. Raises Http404 where the page would."""
    posts = Post.objects.published().select_related("category", "author", "cover").prefetch_related("tags")
    if not kind:
        return Channel(settings.SITE_NAME, DESCRIPTION, reverse("home"), list(posts[:ITEMS]))
    group = _group(kind, slug)
    found = list(posts.of(group)[:ITEMS])  # type: ignore[attr-defined]
    if not found:
        raise Http404("Nothing is published here.")
    about = f"{kind.capitalize()} “{group.name}” of {settings.SITE_NAME}. {DESCRIPTION}"
    return Channel(f"{group.name} · {settings.SITE_NAME}", about, group.get_absolute_url(), found)


def _group(kind: str, slug: str) -> Category | Tag | Author:
    if kind == "author":
        return get_object_or_404(Author, slug=slug, is_public=True)
    return get_object_or_404({"category": Category, "tag": Tag}[kind], slug=slug)


def full_text(post: Post) -> str:
    """The body and its sources as HTML that is read elsewhere, so with absolute addresses."""
    html = render_to_string("publishing/_feed_item.html", {"post": post})
    address = absolute(post.get_absolute_url())
    html = re.sub(r'href="(?=#)', f'href="{address}', html)
    return re.sub(r'(href|src)="(?=/)', rf'\1="{absolute("")}', html)


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
    language = settings.LANGUAGE_CODE
    file = "feed/"

    def get_object(self, request: HttpRequest, **which: str) -> Channel:
        return channel(**which)

    def title(self, channel: Channel) -> str:
        return _plain(channel.title)

    def description(self, channel: Channel) -> str:
        return _plain(channel.description)

    def link(self, channel: Channel) -> str:
        return absolute(channel.path)

    def feed_url(self, channel: Channel) -> str:
        return absolute(channel.path + self.file)

    def items(self, channel: Channel) -> Iterable[Post]:
        return channel.posts

    def item_title(self, item: Post) -> str:
        return _plain(item.title)

    def item_description(self, item: Post) -> str:
        return escape(_plain(item.description))  # both formats take it for HTML

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
    file = "feed/atom/"
    author_name = settings.SITE_NAME

    def subtitle(self, channel: Channel) -> str:
        return self.description(channel)


@require_safe
def json_feed(request: HttpRequest, **which: str) -> JsonResponse:
    """JSON Feed 1.1."""
    of = channel(**which)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": of.title,
        "description": of.description,
        "home_page_url": absolute(of.path),
        "feed_url": absolute(of.path + "feed.json"),
        "language": settings.LANGUAGE_CODE,
        "authors": [{"name": settings.SITE_NAME, "url": absolute(reverse("home"))}],
        "items": [_json_item(post) for post in of.posts],
    }
    response = JsonResponse(feed, content_type="application/feed+json")
    if of.posts:
        response["Last-Modified"] = http_date(max(post.updated_at for post in of.posts).timestamp())
    return response


def _json_item(post: Post) -> dict[str, Any]:
    address = absolute(post.get_absolute_url())
    return ({"image": post.card["address"]} if post.card else {}) | {
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
