"""Pages of a list whose cost does not grow with the list: nothing is counted, and nothing far is skipped.

The first pages have numbers, which people like. After them a page is named by the post it comes after, so
that the millionth post is as near as the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, QueryDict

from publishing.models import Post
from publishing.site.queries import Card, Listing

POSTS_A_PAGE = 20
NUMBERED_PAGES = 25
"""The database walks over the posts of these, 480 at most, to reach the last of them."""


@dataclass(frozen=True)
class Slice:
    posts: list[Card]
    number: int | None
    """None for a page that is named by a post."""
    here: str
    """The query of this page's own address; empty for the first."""
    older: str
    """The query of the next page; empty where the list ends."""

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def newer(self) -> str | None:
        """The query of the page before, None on the first; beyond the numbers, that of the first."""
        if self.number == 1:
            return None
        return f"?page={self.number - 1}" if self.number and self.number > 2 else "?"

    @property
    def label(self) -> str:
        """What tells this page's title from those of the other pages."""
        if self.number:
            return f"page {self.number}" if self.number > 1 else ""
        return f"from {self.posts[0].published_at:%-d %B %Y, %H:%M:%S} back"

    @property
    def suffix(self) -> str:
        """The label as it ends a sentence."""
        return f", {self.label}" if self.label else ""


def cut(posts: Listing, asked: QueryDict) -> Slice:
    """The page that the query names of `posts`. Raises Http404 when there is none."""
    if "before" in asked:
        return _named(posts, whole_number(asked["before"]))
    return _numbered(posts, whole_number(asked.get("page", "1")))


def _numbered(posts: Listing, number: int) -> Slice:
    if not 1 <= number <= NUMBERED_PAGES:
        raise Http404("There is no such page.")
    start = (number - 1) * POSTS_A_PAGE
    found = posts.cards(POSTS_A_PAGE + 1, skip=start)
    if number > 1 and not found:
        raise Http404("There is no such page.")
    older = f"?page={number + 1}" if number < NUMBERED_PAGES else _before(found)
    return _slice(found, number, f"?page={number}" if number > 1 else "", older)


def _named(posts: Listing, post_id: int) -> Slice:
    # Withdrawn posts too: an address that was handed out stays good.
    anchor = Post.objects.filter(pk=post_id).only("published_at").first()
    found = posts.cards_after(anchor, POSTS_A_PAGE + 1) if anchor else []
    if not found:
        raise Http404("There is no such page.")
    return _slice(found, None, f"?before={post_id}", _before(found))


def _slice(found: list[Card], number: int | None, here: str, older: str) -> Slice:
    shown = found[:POSTS_A_PAGE]
    return Slice(shown, number, here, older if len(found) > len(shown) else "")


def _before(found: list[Card]) -> str:
    return f"?before={found[:POSTS_A_PAGE][-1].pk}" if found else ""


def whole_number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise Http404("There is no such page.")
