"""RSS, Atom and JSON Feed, each with the full text: of the site, a category, a tag or an author.

Rendered items are cached by their content, as cards are: usually one item of a feed is new. Feeds are
revalidated by their ETag alone: the date of the newest change does not change when a post is withdrawn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from io import StringIO
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, TextField, Value, When
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from publishing import site_identity
from publishing.addresses import absolute, path_of
from publishing.models import Author, Category, Image, Post, Tag
from publishing.site import queries
from publishing.site.queries import SelectPosts
from tasks.pipeline.text.markdown import CONTROL_CHARACTERS
from tasks.prepared_queries import PreparedQuery

ITEMS = 20
CACHED_ITEMS = 200
"""In each process, of each format, with their full texts."""
SRCSET = re.compile(r'(<(?:img|source)\s[^<>]*?\bsrcset=")([^"<>]*)')
PATH_IN_SRCSET = re.compile(r"(?:^|(?<=, ))(?=/)")


class Item(NamedTuple):
    """What feeds show of a post: values only, so that equal items are rendered the same."""

    title: str
    slug: str
    feed_id: str
    summary: str
    seo_description: str
    body_html: str
    language: str
    published_at: datetime
    updated_at: datetime
    cover_alt: str
    citations: str
    body: str  # of a post without any description
    category: str | None
    cover: str | None
    cover_width: int | None
    cover_height: int | None
    tags: tuple[str, ...]

    @property
    def permanent_id(self) -> str:
        """Identifies it to feed readers, even after its address changes."""
        return self.feed_id or absolute(path_of("post", self.slug))

    def as_post(self) -> Post:
        """As the template of an item needs it."""
        own = ("title", "slug", "summary", "seo_description", "body_html", "body", "language", "cover_alt")
        post = Post(**{name: getattr(self, name) for name in own}, citations=json.loads(self.citations))
        if self.cover is not None:
            size = {"width": self.cover_width, "height": self.cover_height}
            post.cover = Image(name=self.cover, **size)
        return post


@dataclass(frozen=True)
class Channel:
    """The subject of a feed, and its items."""

    title: str
    description: str
    path: str
    items: list[Item]

    @property
    def changed_at(self) -> datetime | None:
        return max((item.updated_at for item in self.items), default=None)


def channel(kind: str = "", slug: str = "") -> Channel:
    """The newest posts of the site, or of a category, tag or author. Raises Http404 where the page would."""
    if not kind:
        site = site_identity.current()
        return Channel(site.name, site.description, reverse("home"), _newest(queries.all_posts))
    group, select = _group(kind, slug)
    found = _newest(select, group=group.pk)
    if not found:
        raise Http404("Nothing is published here.")
    site = site_identity.current()
    about = f"{_about(kind).format(group=group.name, site=site.name)} {site.description}"
    return Channel(f"{group.name} · {site.name}", about, group.get_absolute_url(), found)


def _about(kind: str) -> str:
    if kind == "author":
        return _("Author “{group}” of {site}.")
    return _("Tag “{group}” of {site}.") if kind == "tag" else _("Category “{group}” of {site}.")


def _group(kind: str, slug: str) -> tuple[Category | Tag | Author, SelectPosts]:
    if kind == "author":
        return get_object_or_404(Author, slug=slug, is_public=True), queries.of_author
    if kind == "tag":
        return get_object_or_404(Tag, slug=slug), queries.of_tag
    return get_object_or_404(Category, slug=slug), queries.of_category


def _newest(select: SelectPosts, **parameters: Any) -> list[Item]:
    rows = _items(select).rows(**parameters)
    return [Item._make([*values[:-1], tuple(values[-1])]) for values in rows]


@cache
def _items(select: SelectPosts) -> PreparedQuery:
    tags = Tag.objects.filter(posts=OuterRef("pk")).values_list("name")
    described = Case(
        When(seo_description="", summary="", then="body"), default=Value(""), output_field=TextField()
    )
    columns: list[Any] = [
        *Item._fields[:10], Cast("citations", TextField()), described, "category__name", "cover__name",
        "cover__width", "cover__height", ArraySubquery(tags),
    ]  # fmt: skip
    posts = select(Post.objects.published().articles()).values_list(*columns)
    return PreparedQuery(posts[:ITEMS], prepare=select not in queries.NOT_PREPARED)


def full_text(post: Post) -> str:
    """The body and its sources as HTML to be read elsewhere, so with absolute addresses."""
    html: str = render_to_string("publishing/_feed_item.html", {"post": post})
    address = absolute(post.get_absolute_url())
    # In tags alone: an article may be about HTML, and show it.
    html = re.sub(r'(<a\s[^<>]*?\bhref=")(?=#)', rf"\1{address}", html)
    html = SRCSET.sub(lambda found: found[1] + PATH_IN_SRCSET.sub(absolute(""), found[2]), html)
    return re.sub(r'(<(?:a|img)\s[^<>]*?\b(?:href|src)=")(?=/)', rf"\1{absolute('')}", html)


def _plain(text: str) -> str:
    return CONTROL_CHARACTERS.sub("", text)


# --- RSS and Atom ---------------------------------------------------------------------------------------


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


Feed = Rss201rev2Feed | Atom1Feed


def _with_cached_items(kind: type[Feed]) -> Any:
    class CachedItemsFeed(kind):  # type: ignore[misc,valid-type]  # of either format
        channel: Channel

        def write_items(self, handler: SimplerXMLGenerator) -> None:
            for item in self.channel.items:
                # Writes the text without escaping it.
                handler.ignorableWhitespace(_rendered(kind, item, get_language()))  # type: ignore[arg-type]  # classes have a hash

        def latest_post_date(self) -> datetime:
            return self.channel.changed_at or super().latest_post_date()

    return CachedItemsFeed


@lru_cache(maxsize=2 * CACHED_ITEMS)
def _rendered(kind: type[Feed], item: Item, language: str | None) -> str:
    """The item's element, with words in the active language."""
    post, categories = item.as_post(), ([item.category] if item.category else []) + list(item.tags)
    feed = kind(title="", link="", description="")
    address = absolute(post.get_absolute_url())
    feed.add_item(
        _plain(item.title),
        address,
        escape(_plain(post.description)),  # both formats expect HTML
        unique_id=item.permanent_id,
        unique_id_is_permalink=False,
        pubdate=item.published_at,
        updateddate=item.updated_at,
        categories=[_plain(name) for name in categories],
        full_text=_plain(full_text(post)),
    )
    out = StringIO()
    feed.write_items(SimplerXMLGenerator(out, "utf-8", short_empty_elements=True))
    return out.getvalue()


def _xml_feed(kind: type[Feed], file: str) -> Callable[..., HttpResponse]:
    feed_class = _with_cached_items(kind)

    def view(request: HttpRequest, **which: str) -> HttpResponse:
        of = channel(**which)
        feed = feed_class(
            title=_plain(of.title),
            link=absolute(of.path),
            description=_plain(of.description),
            subtitle=_plain(of.description),
            language=site_identity.current().language,
            author_name=_plain(site_identity.current().name),
            feed_url=absolute(of.path + file),
        )
        feed.channel = of
        return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)

    return view


rss = require_safe(_xml_feed(FullTextRss, "feed/"))
atom = require_safe(_xml_feed(FullTextAtom, "feed/atom/"))


# --- JSON Feed 1.1 --------------------------------------------------------------------------------------


@require_safe
def json_feed(request: HttpRequest, **which: str) -> HttpResponse:
    of = channel(**which)
    head = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": of.title,
        "description": of.description,
        "home_page_url": absolute(of.path),
        "feed_url": absolute(of.path + "feed.json"),
        "language": site_identity.current().language,
        "authors": [{"name": site_identity.current().name, "url": absolute(reverse("home"))}],
    }
    items = ", ".join(_as_json(item, get_language()) for item in of.items)
    return HttpResponse(
        f'{json.dumps(head)[:-1]}, "items": [{items}]}}', content_type="application/feed+json"
    )


@lru_cache(maxsize=CACHED_ITEMS)
def _as_json(item: Item, language: str | None) -> str:
    """With words in the active language."""
    post = item.as_post()
    address = absolute(post.get_absolute_url())
    shown = {"image": post.card["address"]} if post.card else {}
    shown |= {
        "id": item.permanent_id,
        "url": address,
        "title": post.title,
        "summary": post.description,
        "content_html": full_text(post),
        "date_published": item.published_at.isoformat(),
        "date_modified": item.updated_at.isoformat(),
        "language": item.language,
        "tags": item.tags,
    }
    return json.dumps(shown)
