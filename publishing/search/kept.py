"""What a search found, for all who ask the same until the site changes.

That is the next page of it and a selection from it, the same query of somebody else, and a program's.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from django.core.cache import caches

from publishing.search import finding
from publishing.search.finding import Found
from publishing.search.query import MAX_QUERY_CHARACTERS

T = TypeVar("T")


def search(text: str, *, as_typed: bool = False) -> Found:
    """As `finding.search` has it."""
    text = " ".join(text[:MAX_QUERY_CHARACTERS].split())
    return kept("found", (text, as_typed), lambda: finding.search(text, as_typed=as_typed))


def kept(what: str, given: object, compute: Callable[[], T]) -> T:
    """`given` is all that the value depends on, beside what is published."""
    digest = sha256(repr(given).encode("utf-8", "surrogatepass")).hexdigest()
    return caches["query"].remember(f"{what}:{digest}", compute)  # type: ignore[attr-defined]
