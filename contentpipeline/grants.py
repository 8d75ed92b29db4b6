"""What the application's role may do in the database. Free of Django: the embedded server grants it too.

A table with a trigger that calls `refuse_change()` is evidence. The role gets no right to what the trigger
refuses; so there is one list of such tables: the triggers in the `sql/` folders of the apps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import sql

READ_ONLY = {"django_migrations"}
TABLE_PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
DELETE, UPDATE = 8, 16
"""Bits of `pg_trigger.tgtype`."""
MAINTAIN_SINCE = 170_000
"""The version that lets others than the owner ANALYZE a table."""

RELATIONS = """
SELECT c.relname, c.relkind = 'S', coalesce(bit_or(t.tgtype::int), 0), pg_has_role(c.relowner, 'USAGE'),
    ARRAY(SELECT privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END
        FROM aclexplode(c.relacl) WHERE grantee = %(role)s::regrole
        UNION ALL SELECT privilege_type || ' of ' || attname
        FROM pg_attribute, aclexplode(attacl) WHERE attrelid = c.oid AND grantee = %(role)s::regrole),
    ARRAY(SELECT name FROM unnest(%(privileges)s::text[]) name WHERE c.relkind <> 'S' AND (
        has_table_privilege(%(role)s::regrole, c.oid, name) OR name IN ('INSERT', 'UPDATE')
            AND has_any_column_privilege(%(role)s::regrole, c.oid, name)))
FROM pg_class c
LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgqual IS NULL
    AND t.tgfoid IN (SELECT oid FROM pg_proc WHERE proname = 'refuse_change')
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'S')
GROUP BY c.oid
ORDER BY c.relname
"""

FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind = 'f'
    AND p.prorettype <> 'trigger'::regtype AND pg_has_role(p.proowner, 'USAGE')
    AND NOT has_function_privilege(%(role)s::regrole, p.oid, 'EXECUTE')
"""

OWNED = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND c.relowner = %(role)s::regrole
ORDER BY 1 LIMIT 1
"""

SCHEMA_AND_DATABASE = """
SELECT current_schema(), current_database(),
    pg_has_role(n.nspowner, 'USAGE'), pg_has_role(d.datdba, 'USAGE'),
    has_schema_privilege(%(role)s::regrole, n.oid, 'USAGE'),
    has_schema_privilege(%(role)s::regrole, n.oid, 'CREATE'),
    has_database_privilege(%(role)s::regrole, d.oid, 'CREATE, TEMPORARY')
FROM pg_namespace n, pg_database d
WHERE n.nspname = current_schema() AND d.datname = current_database()
"""

ROLE_POWERS = """
SELECT current_user, rolsuper, rolcreaterole,
    EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
        AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'MEMBER'))
    OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
        AND pg_has_role(p.proowner, 'MEMBER')),
    pg_has_role('pg_execute_server_program', 'MEMBER') OR pg_has_role('pg_write_server_files', 'MEMBER'),
    has_schema_privilege(current_schema(), 'CREATE')
    OR has_database_privilege(current_database(), 'CREATE, TEMPORARY')
FROM pg_roles WHERE rolname = current_user
"""

POWER_TEXTS = (
    "is a superuser",
    "can create roles, and act as any of them",
    "owns the tables or functions, or can become their owner",
    "can write files of the database's server",
    "can create tables or schemas",
)


class UnfitRole(Exception):
    """One sentence that says what to do."""


@dataclass(frozen=True)
class Relation:
    """A table or sequence, and what the role may do with it."""

    name: str
    is_sequence: bool
    refuses: int
    is_ours: bool
    granted: list[str]
    """To the role itself; with an asterisk where it may grant it on, with the column where it is of one."""
    effective: list[str]
    """However it has them: by itself, by another role, through PUBLIC or as the owner."""

    @property
    def is_evidence(self) -> bool:
        return bool(self.refuses)

    @property
    def wanted(self) -> set[str]:
        if self.is_sequence:
            return {"USAGE"}
        if self.name in READ_ONLY:
            return {"SELECT"}
        changes = {"UPDATE": UPDATE, "DELETE": DELETE}
        return {"SELECT", "INSERT"} | {name for name, bit in changes.items() if not self.refuses & bit}


def relations(cursor: Any, role: str) -> list[Relation]:
    cursor.execute(RELATIONS, {"role": _quoted(role), "privileges": TABLE_PRIVILEGES})
    return [Relation(*row) for row in cursor.fetchall()]


def excess(cursor: Any) -> list[str]:
    """What the role of this connection can do that would let it change evidence, worst first."""
    cursor.execute(ROLE_POWERS)
    role, *powers = cursor.fetchone()
    found = [words for words, holds in zip(POWER_TEXTS, powers, strict=True) if holds]
    for relation in relations(cursor, role):
        beyond = [name for name in relation.effective if name not in {*relation.wanted, "REFERENCES"}]
        if relation.is_evidence and beyond:
            found.append(f"may {', '.join(beyond)} {relation.name}")
    return found


def missing(cursor: Any, role: str, tables: Iterable[str]) -> list[str]:
    """What the application needs of these tables and this role does not have."""
    return [
        f"{' and '.join(sorted(lacking))} of {relation.name}"
        for relation in relations(cursor, role)
        if relation.name in tables and (lacking := relation.wanted - set(relation.effective))
    ]


def grant(cursor: Any, role: str) -> None:
    """Give `role` what the application needs in the current schema, and take back what it has beyond that.

    For the owner of the tables, in a transaction. Changes nothing where nothing is to be changed.
    """
    check(cursor, role)
    cursor.execute("SELECT current_setting('server_version_num')::int")
    version = cursor.fetchone()[0]
    _restrict_schema_and_database(cursor, role)
    for relation in relations(cursor, role):
        wanted = relation.wanted
        if version >= MAINTAIN_SINCE and {"UPDATE", "DELETE"} <= wanted:
            wanted |= {"MAINTAIN"}
        if relation.is_ours and set(relation.granted) != wanted:
            kind = "SEQUENCE" if relation.is_sequence else "TABLE"
            _grant(cursor, kind, sql.Identifier(relation.name), wanted, role)
    cursor.execute(FUNCTIONS, {"role": _quoted(role)})
    for (function,) in cursor.fetchall():
        _grant(cursor, "FUNCTION", sql.SQL(function), ["EXECUTE"], role)


def check(cursor: Any, role: str) -> None:
    """Raise UnfitRole for one that is not there, or that owns tables: it would lose its own rights."""
    cursor.execute("SELECT to_regrole(%s)", [_quoted(role)])
    if cursor.fetchone()[0] is None:
        raise UnfitRole(f"There is no role {role} in the database: create it, as docs/production.md says.")
    cursor.execute(OWNED, {"role": _quoted(role)})
    if owned := cursor.fetchone():
        raise UnfitRole(
            f"{role} is the application's role, but owns {owned[0]} there: "
            "give DATABASE_URL a role that owns nothing, as docs/production.md says."
        )


def _restrict_schema_and_database(cursor: Any, role: str) -> None:
    """Prevent the role from creating a table that a function would read instead of ours."""
    cursor.execute(SCHEMA_AND_DATABASE, {"role": _quoted(role)})
    schema, database, owns_schema, owns_database, may_use, may_create, may_add = cursor.fetchone()
    named = {"schema": schema, "database": database, "role": role}
    names = {key: sql.Identifier(name) for key, name in named.items()}
    statements = [
        ("GRANT USAGE ON SCHEMA {schema} TO {role}", owns_schema and not may_use),
        ("REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}", owns_schema and may_create),
        ("REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}", owns_database and may_add),
    ]
    for statement, is_due in statements:
        if is_due:
            cursor.execute(sql.SQL(statement).format(**names))


def _grant(cursor: Any, kind: str, what: sql.Composable, wanted: Iterable[str], role: str) -> None:
    parts = {"what": what, "role": sql.Identifier(role), "wanted": sql.SQL(", ".join(sorted(wanted)))}
    cursor.execute(sql.SQL(f"REVOKE ALL ON {kind} {{what}} FROM {{role}}").format(**parts))
    cursor.execute(sql.SQL(f"GRANT {{wanted}} ON {kind} {{what}} TO {{role}}").format(**parts))


def _quoted(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'
