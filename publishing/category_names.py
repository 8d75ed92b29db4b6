"""Categories and tags by name: which names are the same, and the slug of a new one.

What names are the same is for the database to say (`name_key`), so that there is one rule for review rules,
categories, tags and their indexes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.utils.text import slugify

from publishing.models import Category, Tag

Named = TypeVar("Named", Category, Tag)

COLUMNS = ("id", "name", "slug")
MAX_SLUG = 90
"""Shorter than the column: a number may follow."""
ATTEMPTS = 5
"""A further one is needed only when another transaction creates the same name or slug at that moment."""

FOUND = """
FROM unnest({names}::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT id, name, slug FROM {table} AS named WHERE name_key(named.name) = name_key(wanted.name)
    ORDER BY named.name <> wanted.name, id LIMIT 1
) AS found
"""
FIND = f"SELECT wanted.name, found.id, found.name, found.slug {FOUND}"
FOUND_AS_JSON = (
    f"(SELECT jsonb_object_agg(wanted.name, jsonb_build_array(found.id, found.name, found.slug)) {FOUND})"
)
"""The same as one value, for other statements."""
# C++ and C# have the same letters: readers still get the one that was approved, at an address of its own.
CREATE = """
INSERT INTO {table} (name, slug)
SELECT DISTINCT ON (name_key(wanted.name)) wanted.name, free.slug
FROM unnest(%(names)s::text[], %(slugs)s::text[]) AS wanted (name, base)
CROSS JOIN LATERAL (
    SELECT numbered.slug
    FROM generate_series(1, 1000) AS number
    CROSS JOIN LATERAL (SELECT wanted.base || CASE number WHEN 1 THEN '' ELSE '-' || number END AS slug)
        AS numbered
    WHERE NOT EXISTS (SELECT FROM {table} AS taken WHERE taken.slug = numbered.slug)
    ORDER BY number LIMIT 1
) AS free
ORDER BY name_key(wanted.name), wanted.name
ON CONFLICT DO NOTHING
RETURNING id, name, slug
"""
SAME = """
SELECT array(SELECT DISTINCT name_key(name) FROM unnest(%s::text[]) AS name ORDER BY 1)
     = array(SELECT DISTINCT name_key(name) FROM unnest(%s::text[]) AS name ORDER BY 1)
"""


def find(model: type[Named], names: Collection[str]) -> dict[str, Named]:
    """The rows of these names, however they are written; of those that have none, nothing."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FIND.format(table=model._meta.db_table, names="%s"), [list(names)])
        return {
            wanted: model.from_db(DEFAULT_DB_ALIAS, COLUMNS, (pk, name, slug))
            for wanted, pk, name, slug in cursor.fetchall()
        }


def get_or_create(
    model: type[Named], names: Iterable[str], found: dict[str, Named] | None = None
) -> dict[str, Named]:
    """The row of each name. `found` is what `find` returned, if it was called before."""
    names = list(dict.fromkeys(names))
    found = find(model, names) if found is None else found
    for _ in range(ATTEMPTS):
        missing = [name for name in names if name not in found]
        if not missing:
            return found
        found = found | _create(model, missing)
        found = found | find(model, [name for name in missing if name not in found])
    raise RuntimeError(f"Other transactions keep creating {missing} in {model._meta.db_table}.")


def are_same(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether both have the same names, however they are written and in whatever order."""
    ones, twos = set(names), set(others)
    if ones == twos:
        return True
    with connection.cursor() as cursor:
        cursor.execute(SAME, [list(ones), list(twos)])
        return bool(cursor.fetchone()[0])


def slug_of(name: str) -> str:
    return (slugify(name) or slugify(name, allow_unicode=True) or "other")[:MAX_SLUG]


def _create(model: type[Named], names: Sequence[str]) -> dict[str, Named]:
    """Those that no other transaction, and no other of these names, was faster with."""
    statement = CREATE.format(table=model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"names": list(names), "slugs": [slug_of(name) for name in names]})
        return {
            name: model.from_db(DEFAULT_DB_ALIAS, COLUMNS, (pk, name, slug))
            for pk, name, slug in cursor.fetchall()
        }
