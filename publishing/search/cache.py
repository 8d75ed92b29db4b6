"""What a search found, for all who ask the same until the site changes.

That is the next page of it and a selection from it, the same query of somebody else, and a program's.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from django.core.cache import caches

from publishing.search import ranking
from publishing.search.query import MAX_QUERY_CHARACTERS
from publishing.search.ranking import Found

T = TypeVar("T")


class Late(Exception):
    """What was found when time ran out, which is not worth keeping: a moment later there may be more."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found


def search(text: str, *, as_typed: bool = False) -> Found:
    """As `finding.search` has it."""
    text = " ".join(text[:MAX_QUERY_CHARACTERS].split())

    def looked_for() -> Found:
        found = ranking.search(text, as_typed=as_typed)
        if found.is_late:
            raise Late(found)
        return found

    try:
        return kept("found", (text, as_typed), looked_for)
    except Late as late:
        return late.found


def kept(what: str, given: object, compute: Callable[[], T]) -> T:
    """`given` is all that the value depends on, beside what is published."""
    digest = sha256(repr(given).encode("utf-8", "surrogatepass")).hexdigest()
    return caches["query"].get_or_compute(f"{what}:{digest}", compute)  # type: ignore[attr-defined]
