"""The functions and triggers of a database, and those that the `sql/` folders of the apps say it has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from tasks.sql_files import LoadSQL, code_of

FUNCTIONS = """
SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
"""

TRIGGERS = """
SELECT t.tgname || ' on ' || c.relname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""


def functions_and_triggers() -> dict[str, str]:
    """The text of each by its name, without comments: these change without a migration."""
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        functions = {f"function {name}": code_of(text) for name, text in cursor.fetchall()}
        cursor.execute(TRIGGERS)
        return functions | {f"trigger {name}": without_casts(text) for name, text in cursor.fetchall()}


def without_casts(text: str) -> str:
    """An expression as it is before and after a dump, which adds casts and parentheses."""
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", text)


def in_the_files() -> dict[str, str]:
    """What the files make in this database where nothing else is. Leaves the database as it was."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(FUNCTIONS)
            for name, _ in cursor.fetchall():
                cursor.execute(f"DROP FUNCTION {name} CASCADE")
        state = MigrationExecutor(connection).loader.project_state()
        for migration, load in loads():
            with connection.schema_editor() as editor:
                load.database_forwards(migration.app_label, editor, state, state)
        found = functions_and_triggers()
        transaction.set_rollback(True)
    return found


def loads() -> Iterator[tuple[Migration, LoadSQL]]:
    """What the migrations load from files, in their order, with the migration."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    for migration, _ in plan:
        for operation in migration.operations:
            if isinstance(operation, LoadSQL):
                yield migration, operation


def differences() -> list[str]:
    """What this database has otherwise than the files, with what to do about it."""
    has, wanted = functions_and_triggers(), in_the_files()
    said = [f"{name}: the database does not have it. {LOAD}" for name in wanted.keys() - has.keys()]
    said += [f"{name}: no file has it. {ADD}" for name in has.keys() - wanted.keys()]
    both = has.keys() & wanted.keys()
    said += [
        f"{name}: the file says otherwise. {LOAD}\n  database: {has[name]}\n  file:     {wanted[name]}"
        for name in both
        if has[name] != wanted[name]
    ]
    return sorted(said)


LOAD = "Load the file in a migration, as docs/database.md says."
ADD = "Write it into the sql/ folder of its app, or drop it in a migration: docs/database.md."
