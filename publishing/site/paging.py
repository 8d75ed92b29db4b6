"""Pagination at a cost that does not grow with the list: no count, and no large offset.

The first pages have numbers, which people like. A later page is identified by the post it comes after, so
that the millionth post costs no more than the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from publishing.cards import Card
from publishing.models import Post
from publishing.site.queries import Listing
from publishing.site_identity import current
from tasks import localized_dates

NUMBERED_PAGES = 25
"""The database walks over the posts of these, 2,400 at most, to reach the last of them."""


@dataclass(frozen=True)
class Slice:
    posts: list[Card]
    number: int | None
    """None for a page that is identified by a post."""
    here: str
    """The query of this page's own address; empty for the first."""
    older: str
    """The query of the next page; empty where the list ends."""

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def newer(self) -> str | None:
        """The query of the previous page, None on the first; after the numbered pages, that of the first."""
        if self.number == 1:
            return None
        return f"?page={self.number - 1}" if self.number and self.number > 2 else "?"

    @property
    def label(self) -> str:
        """Distinguishes this page's title from those of the other pages."""
        if self.number:
            return _("page {number}").format(number=self.number) if self.number > 1 else ""
        newest = self.posts[0].published_at
        return _("up to {date}").format(date=f"{localized_dates.day(newest)}, {newest:%H:%M:%S}")

    @property
    def suffix(self) -> str:
        """The label as it ends a sentence."""
        return f", {self.label}" if self.label else ""


def paginate(posts: Listing, query: QueryDict) -> Slice:
    """The page of `posts` that the query names. Raises Http404 if there is none."""
    if "before" in query:
        return _page_after(posts, whole_number(query.get("before", "")))
    return _numbered_page(posts, whole_number(query.get("page", "1")))


def _numbered_page(posts: Listing, number: int) -> Slice:
    if not 1 <= number <= NUMBERED_PAGES:
        raise Http404("There is no such page.")
    amount = current().posts_per_page
    found = posts.cards(amount + 1, skip=(number - 1) * amount)
    if number > 1 and not found:
        raise Http404("There is no such page.")
    older = f"?page={number + 1}" if number < NUMBERED_PAGES else _before(found)
    return _slice(found, number, f"?page={number}" if number > 1 else "", older)


def _page_after(posts: Listing, post_id: int) -> Slice:
    # Withdrawn posts too, so that a link to the page keeps working.
    anchor = Post.objects.filter(pk=post_id).only("published_at").first()
    found = posts.cards_after(anchor, current().posts_per_page + 1) if anchor else []
    if not found:
        raise Http404("There is no such page.")
    return _slice(found, None, f"?before={post_id}", _before(found))


def _slice(found: list[Card], number: int | None, here: str, older: str) -> Slice:
    shown = found[: current().posts_per_page]
    return Slice(shown, number, here, older if len(found) > len(shown) else "")


def _before(found: list[Card]) -> str:
    return f"?before={found[: current().posts_per_page][-1].pk}" if found else ""


def whole_number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise Http404("There is no such page.")
