"""The category or tag that a name stands for, made when it is new."""

from __future__ import annotations

import itertools
import re

from django.utils.text import slugify

from publishing.models import Category, Tag


def named(model: type[Category] | type[Tag], name: str) -> Category | Tag:
    """The category or tag of this name, however its letters and gaps are written."""
    alike = model.objects.filter(slug__startswith=_slug(name))
    found = model.objects.filter(name__iexact=name).first() or next(
        (row for row in alike if spelling(row.name) == spelling(name)), None
    )
    return found or model.objects.get_or_create(name=name, defaults={"slug": _free_slug(model, name)})[0]


def spelling(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def _free_slug(model: type[Category] | type[Tag], name: str) -> str:
    """C++ and C# have the same letters: readers must still get the one that was approved."""
    slug = _slug(name)
    taken = set(model.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    numbered = (f"{slug}-{number}" for number in itertools.count(2))
    return next(free for free in itertools.chain([slug], numbered) if free not in taken)


def _slug(name: str) -> str:
    # Shorter than the column: one character may become many, and a number may follow.
    return (slugify(name) or slugify(name, allow_unicode=True) or "other")[:90]
