"""The first page of the desk: every app registers the sections that it can fill.

A section is a short list of what concerns one person now. Each costs one bounded query or two: the page is
opened more often than any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

ROWS = 6
"""How many a section shows."""


@dataclass(frozen=True)
class HomeSection:
    """`rows` gives what a person is shown, at most ROWS and one: the last says that there are more.

    `row` is the template of one row, which gets it as `row`. `empty` is said where there is nothing; without
    it the section is left out then. `more` is the name of the page with all, and `more_query` its query.
    """

    name: str
    title: str
    place: int
    rows: Callable[[User], Iterable[Any]]
    row: str
    is_for: Callable[[User], bool]
    empty: str = ""
    more: str = ""
    more_query: str = ""
    is_aside: bool = False
    is_bad: bool = False
    is_live: bool = False
    """Whether the page asks for it again while it is open."""
    is_cached: bool = False
    """Whether its rows change only with an entry of the audit chain, and are found again only then."""
    is_shown: Callable[[Any], bool] = lambda _: True
    """Whether a row that was found earlier is still to be shown, as time goes by."""


@dataclass(frozen=True)
class ShownSection:
    section: HomeSection
    rows: list[Any]
    has_more: bool


_registered: dict[str, HomeSection] = {}


def register(section: HomeSection) -> None:
    """Add a section. Raises ValueError for a name that is taken."""
    if section.name in _registered:
        raise ValueError(f"There is already a section named {section.name!r}.")
    _registered[section.name] = section


SinceLastEntry = Callable[[str, User, Callable[[], Any]], Any]
"""What a function returns, under a key for this person, until there is a new entry of the audit chain."""


def sections_for(user: User, cached: SinceLastEntry, *, only_live: bool = False) -> list[ShownSection]:
    """What this person is shown, in order; sections without rows and without a word for that are left out."""
    sections = sorted(_registered.values(), key=lambda section: section.place)
    shown = [
        _filled(section, user, cached)
        for section in sections
        if section.is_for(user) and (section.is_live or not only_live)
    ]
    return [each for each in shown if each.rows or each.section.empty]


def _filled(section: HomeSection, user: User, cached: SinceLastEntry) -> ShownSection:
    def find() -> list[Any]:
        return list(section.rows(user))

    found = cached(f"home:{section.name}:{user.pk}", user, find) if section.is_cached else find()
    rows = [row for row in found if section.is_shown(row)]
    return ShownSection(section, rows[:ROWS], len(rows) > ROWS)
