"""Puts a row into every table that has none, whatever the schema: what a migration meets in a desk in use."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

EMPTY = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY c.relname
"""
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, NULL), coalesce(NULLIF(a.atttypmod, -1) - 4, 0),
    (SELECT f.confrelid::regclass::text FROM pg_constraint f
     WHERE f.conrelid = a.attrelid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]),
    a.attnotnull
FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attidentity = '' AND a.attgenerated = ''
    AND NOT EXISTS (SELECT FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum)
ORDER BY a.attnum
"""
BY_TYPE: dict[str, Any] = {
    "boolean": False, "jsonb": Jsonb({}), "bytea": b"x", "date": "2026-11-01",
    "timestamp with time zone": "2026-11-01T12:00:00Z",
    "uuid": "6226cb58-0000-4000-8000-000000000000",
    "inet": "127.0.0.1", "interval": "1 hour", "tsvector": "tree",
    "numeric": 1, "double precision": 1.0, "real": 1.0, "bigint": 1, "integer": 1, "smallint": 1,
}  # fmt: skip


def fill(connection: psycopg.Connection[Any], fitting: dict[str, dict[str, Any]]) -> list[str]:
    """The tables that got a row. `fitting` has, by table, values that its own rules ask for.

    As a superuser: triggers are off, so that rows come in any order.
    """
    empty = [name for (name,) in connection.execute(EMPTY).fetchall() if not _count(connection, name)]
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        waiting = list(empty)
        for _ in range(len(empty)):
            waiting = [name for name in waiting if not _insert(connection, name, fitting.get(name, {}))]
            if not waiting:
                return empty
    raise AssertionError(f"no row that these refer to: {waiting}")


def _insert(connection: psycopg.Connection[Any], table: str, fitting: dict[str, Any]) -> bool:
    """False while a table that it refers to has no row yet."""
    row: dict[str, Any] = {}
    for name, kind, length, refers_to, is_required in connection.execute(COLUMNS, [table]).fetchall():
        if name in fitting:
            row[name] = fitting[name]
        elif refers_to and is_required:
            found = _first(connection, refers_to)
            if found is None:
                return False
            row[name] = found
        elif is_required and not refers_to:
            text = "{}" if kind.endswith("[]") else "x" * (64 if length == 64 else 1)
            row[name] = BY_TYPE.get(kind, text)
    row |= {name: value for name, value in fitting.items() if name not in row}
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )  # fmt: skip
    connection.execute(statement, list(row.values()))
    return True


def _first(connection: psycopg.Connection[Any], table: str) -> Any:
    key = connection.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
        "AND a.attnum = i.indkey[0] WHERE i.indrelid = %s::regclass AND i.indisprimary", [table],
    ).fetchone()  # fmt: skip
    assert key is not None
    found = connection.execute(
        sql.SQL("SELECT {0} FROM {1} ORDER BY 1 DESC LIMIT 1").format(*map(sql.Identifier, (key[0], table)))
    ).fetchone()
    return found[0] if found else None


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table has."""
    return {name: _count(connection, name) for (name,) in connection.execute(EMPTY).fetchall()}
