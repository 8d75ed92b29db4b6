"""Names of categories, tags, authors and posts: which are the same, and what is part of their addresses.

The only such rules: review rules, guidelines, filters, publication and all forms use them. Which names are
the same is for the database to say (`tasks/sql/name_key.sql`), because its indexes and triggers need to know.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models

from tasks.pipeline.text.slugs import is_slug, slug

SLUG_PATTERN = r"[-\w\u0300-\U000e01ef]+"
"""For addresses. It lets more through than is a slug, which no regular expression of Python's can tell."""
MAX_SLUG = 90
"""Of a new category, tag or author: shorter than the column, because a number may follow."""
NOT_A_SLUG = "Use letters and digits of any script, hyphens and underscores."


def slug_of(name: str, limit: int = MAX_SLUG, *, otherwise: str = "article") -> str:
    """The slug of a new name, in the setting's letters; see `tasks.pipeline.text.slugs.slug`."""
    return slug(name, limit, in_ascii=settings.SLUGS == "ascii", otherwise=otherwise)


def usable_slug(proposed: str, title: str) -> str:
    """The proposed slug of a text, if the setting allows its letters, else one made of it or of the title."""
    if is_slug(proposed) and (settings.SLUGS != "ascii" or proposed.isascii()):
        return proposed
    return slug_of(proposed or title)


def slugs_of(wanted: str, *, otherwise: str) -> list[str]:
    """Those that someone may mean who gives a slug, or a name."""
    return list(dict.fromkeys([wanted, slug_of(wanted, otherwise=otherwise)]))


def name_key(name: Any) -> models.Func:
    """What names are compared by, for queries: of a column, or of an expression."""
    return models.Func(name, function="name_key", output_field=models.TextField())


def name_keys(names: Collection[str]) -> dict[str, str]:
    """The same by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, name_key(name) FROM unnest(%s::text[]) AS name", [list(names)])
        return dict(cursor.fetchall())


def one_of_same(names: Iterable[str]) -> dict[str, str]:
    """Each name with the first of those that are the same."""
    names = list(dict.fromkeys(names))
    keys, first = name_keys(names) if len(names) > 1 else {}, dict[str, str]()
    return {name: first.setdefault(keys.get(name, name), name) for name in names}


def validate_slug(value: str) -> None:
    if not is_slug(value):
        raise ValidationError(NOT_A_SLUG, code="invalid")


class SlugFormField(forms.SlugField):
    """A slug in letters of any script."""

    default_validators = [validate_slug]

    def to_python(self, value: Any) -> Any:
        return unicodedata.normalize("NFC", super().to_python(value) or "")


class AnyScriptSlugField(models.SlugField):  # type: ignore[type-arg]  # generic in the stubs only
    """A slug in letters of any script, with their vowel signs, which Django's own takes for no letters."""

    default_validators = [validate_slug]

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": SlugFormField, **options})
