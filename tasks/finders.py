"""What the desk's search finds: every app registers a finder for each kind of its records.

A finder shows a person only what they may open. All of its queries together are answered while the person
types, so each is bounded: a few rows, by columns that are short or indexed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

MAX_WORDS = 6
MAX_QUERY = 200


@dataclass(frozen=True)
class Found:
    """One result: `detail` tells it apart from others of the same title."""

    title: str
    url: str
    detail: str = ""


@dataclass(frozen=True)
class Finder:
    """`find` gets the person, the words that all have to occur, and how many results to return at most."""

    name: str
    title: str
    place: int
    icon: str
    is_for: Callable[[User], bool]
    find: Callable[[User, Sequence[str], int], list[Found]]


_registered: dict[str, Finder] = {}


def register(finder: Finder) -> None:
    """Add a finder. Raises ValueError for a name that is taken."""
    if finder.name in _registered:
        raise ValueError(f"There is already a finder named {finder.name!r}.")
    _registered[finder.name] = finder


def finders_for(user: User) -> list[Finder]:
    """Those whose results this person may see, in the order in which they are shown."""
    return sorted((one for one in _registered.values() if one.is_for(user)), key=lambda one: one.place)


def words_of(query: str) -> list[str]:
    """The words that a query asks for. NUL, which no column can hold, separates words too."""
    return query.replace("\0", " ")[:MAX_QUERY].split()[:MAX_WORDS]


def matching(rows: QuerySet[Any], words: Sequence[str], *columns: str) -> QuerySet[Any]:
    """Rows in which each word occurs in one of the columns; first those whose first column begins so."""
    occurs = [reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns)) for word in words]
    begins = Case(
        When(**{f"{columns[0]}__istartswith": " ".join(words)}, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return rows.filter(reduce(and_, occurs)).order_by(begins, "-pk")
