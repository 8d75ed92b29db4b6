"""Categories and tags by name: those that exist, and new ones with a free slug.

tasks.naming has the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

from publishing.models import Category, Tag
from tasks.naming import slug_of

Named = TypeVar("Named", Category, Tag)

COLUMNS = ("id", "name", "slug")
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
# Two names may have the same letters: readers still get the one that was approved, at an address of its own.
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


def free_slug(model: type[models.Model], name: str) -> str:
    """The slug of a new name, with a number where another has it."""
    base = slug_of(name, otherwise=str(model._meta.model_name))
    taken = set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(slug for slug in numbered if slug not in taken)


def _create(model: type[Named], names: Sequence[str]) -> dict[str, Named]:
    """Those that no other transaction, and no other of these names, was faster with."""
    statement, kind = CREATE.format(table=model._meta.db_table), str(model._meta.model_name)
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {"names": list(names), "slugs": [slug_of(name, otherwise=kind) for name in names]}
        )
        return {
            name: model.from_db(DEFAULT_DB_ALIAS, COLUMNS, (pk, name, slug))
            for pk, name, slug in cursor.fetchall()
        }
