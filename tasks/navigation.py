"""The desk's navigation: every app registers the pages of its own, and the shell shows them by group.

An item is shown to those for whom `is_for` says so. `count` is the figure next to its title: every page of
the desk asks for it, so it is one indexed query or a cached value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.contrib.auth.models import User
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString

from tasks.fragments import fragment


class Group(StrEnum):
    """The groups, in the order in which they are shown."""

    WORK = "Work"
    SITE = "Site"
    SYSTEM = "System"


@dataclass(frozen=True)
class NavigationItem:
    """`url_name` is reversed without arguments, `place` orders a group, `keywords` are for the search.

    `covers` are further beginnings of paths on whose pages it is the current item, `icon` is a symbol of
    static/desk/icons.svg, `key` the letter that opens it after g, and `is_bad` marks a count to worry about.
    """

    name: str
    title: str
    url_name: str
    group: Group
    place: int
    is_for: Callable[[User], bool]
    count: Callable[[User], int] | None = None
    keywords: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    icon: str = "page"
    key: str = ""
    is_bad: bool = False
    has_pages_below: bool = True

    @property
    def url(self) -> str:
        return _path_of(self.url_name, get_script_prefix())

    def reach(self, path: str) -> int:
        """How much of the path it covers; 0 for a page that is not below it."""
        if not self.has_pages_below:
            return len(path) if path == self.url else 0
        return max((len(start) for start in (self.url, *self.covers) if path.startswith(start)), default=0)


@dataclass(frozen=True)
class ShownItem:
    """An item as one person sees it on one page. `count` is None where there is none to show."""

    item: NavigationItem
    count: int | None
    is_current: bool
    is_this_page: bool = False
    """Current, and not only what the page is below."""


@cache
def _path_of(url_name: str, prefix: str) -> str:
    """Every page of the desk asks for all of them, and for some twice."""
    return reverse(url_name)


_registered: dict[str, NavigationItem] = {}


def register(item: NavigationItem) -> None:
    """Add an item. Raises ValueError for a name that is taken."""
    if item.name in _registered:
        raise ValueError(f"There is already a navigation item named {item.name!r}.")
    _registered[item.name] = item


def permitted(*permissions: str) -> Callable[[User], bool]:
    """For an item that needs all of these permissions."""
    return lambda user: user.has_perms(permissions)


def items_for(user: User) -> list[NavigationItem]:
    """What this person may open, by group and place."""
    order = list(Group)
    items = (item for item in _registered.values() if item.is_for(user))
    return sorted(items, key=lambda item: (order.index(item.group), item.place, item.name))


def navigation(user: User, path: str) -> dict[Group, list[ShownItem]]:
    """The navigation for one page. Current is the item that covers most of its path."""
    items = items_for(user)
    current = max(items, key=lambda item: item.reach(path), default=None)
    if current and not current.reach(path):
        current = None
    groups: dict[Group, list[ShownItem]] = {}
    for item in items:
        count = item.count(user) if item.count else None
        is_current = item is current
        shown = ShownItem(item, count, is_current, is_current and item.url == path)
        groups.setdefault(item.group, []).append(shown)
    return groups


def navigation_html(shown: dict[Group, list[ShownItem]]) -> SafeString:
    groups = tuple((group, tuple(items)) for group, items in shown.items())
    return fragment("desk/_navigation.html", "groups", groups)
