"""A database from before the migrations were squashed is taken as it is; one that is older is refused."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor

from contentpipeline.migration_history import missing_steps
from contentpipeline.probes import State, migrations
from publishing.models import Post
from tests.database_code import differences, without_casts

BEFORE = settings.BASE_DIR / "tests" / "fixtures" / "before_squash.sql"
APPS = ("tasks", "approvals", "publishing")

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
    pg_get_expr(d.adbin, d.adrelid)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'S')
ORDER BY 1, 2
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace AND contype <> 'n' ORDER BY 1, 2
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1"
OPTIONS = """
SELECT relname, relpersistence, reloptions FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1
"""
SEARCH = "SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = current_schema()::regnamespace ORDER BY 1"


def run(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


def schema() -> dict[str, str]:
    every = {
        "columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES, "options": OPTIONS,
        "search configurations": SEARCH,
    }  # fmt: skip
    return {what: without_casts("\n".join(map(str, run(sql)))) for what, sql in every.items()}


@contextmanager
def database(template: str = "") -> Iterator[str]:
    """A database of its own, by its name, which is gone afterwards."""
    name = f"test_upgrade_{secrets.token_hex(4)}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    yield name
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


@pytest.fixture(scope="module")
def before_squash(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The name of a database as migrations left it before the squash."""
    with django_db_blocker.unblock(), database() as name:
        with connected_to(name):
            run(BEFORE.read_text(encoding="utf-8"))
        yield name


@pytest.fixture(scope="module")
def new_schema(before_squash: str) -> dict[str, str]:
    """Of the tests' own database, which is always a new one."""
    return schema()


@pytest.fixture
def old_database(before_squash: str) -> Iterator[None]:
    """Have the connection be to a copy of it."""
    with database(template=before_squash) as name, connected_to(name):
        yield


def migrate() -> None:
    call_command("migrate", verbosity=0)


@pytest.fixture(scope="module")
def migrated(before_squash: str, django_db_blocker: Any) -> Iterator[str]:
    """The name of a copy of it that is migrated."""
    with django_db_blocker.unblock(), database(template=before_squash) as name:
        with connected_to(name):
            migrate()
        yield name


@pytest.fixture
def upgraded_database(migrated: str) -> Iterator[None]:
    """Have the connection be to a copy of the migrated one."""
    with database(template=migrated) as name, connected_to(name):
        yield


@pytest.mark.django_db
def test_a_new_database_lacks_nothing() -> None:
    """Marked, so that a run of this file alone has a database of the tests, too."""
    assert missing_steps() == []


def test_a_database_from_before_the_squash_has_nothing_left_to_do(upgraded_database: None) -> None:
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert migrations().state == State.OK
    applied = set(run("SELECT app, name FROM django_migrations"))
    assert applied >= {(app, "0001_schema") for app in APPS}


def test_it_then_has_the_schema_of_a_new_one(new_schema: dict[str, str], upgraded_database: None) -> None:
    upgraded = schema()
    for what in new_schema:
        assert upgraded[what] == new_schema[what], what


def test_it_then_has_the_functions_and_triggers_of_the_files(upgraded_database: None) -> None:
    found = differences()
    assert not found, "\n".join(found)


def test_its_evidence_is_still_there_and_still_protected(upgraded_database: None, capsys: Any) -> None:
    call_command("audit", "verify")
    assert "The audit chain is intact" in capsys.readouterr().out
    assert [post.slug for post in Post.objects.published()] == ["street-trees"]
    for statement in (
        "UPDATE approvals_decision SET reason = ''",
        "DELETE FROM tasks_historicaldraft",
        "TRUNCATE approvals_auditentry",
        "UPDATE tasks_draft SET title = 'Another'",
        "UPDATE publishing_post SET title = 'Another'",
    ):
        with pytest.raises(IntegrityError):
            run(statement)


LAST = {
    "tasks": "0013_spending",
    "approvals": "0014_what_stood_against",
    "publishing": "0012_plans_hold_addresses",
}


@pytest.mark.parametrize("app", APPS)
def test_an_older_database_is_refused_with_what_to_do(old_database: None, app: str) -> None:
    run("DELETE FROM django_migrations WHERE app = %s AND name = %s", app, LAST[app])
    before = run("SELECT * FROM django_migrations ORDER BY id")
    with pytest.raises(CommandError) as refused:
        migrate()
    said = str(refused.value)
    assert f"it lacks {app}.{LAST[app]}. Migrate it with commit 0c896e8 first" in said
    assert (migrations().state, migrations().message) == (State.DOWN, said)
    assert run("SELECT * FROM django_migrations ORDER BY id") == before


def test_a_much_older_database_is_refused_with_how_much_it_lacks(old_database: None) -> None:
    run("DELETE FROM django_migrations WHERE app IN ('approvals', 'publishing')")
    run("DELETE FROM django_migrations WHERE app = 'tasks' AND name > '0011'")
    assert missing_steps() == [
        "tasks.0011_staged_uploads",
        "tasks.0012_incidents_of_plans",
        "tasks.0013_spending",
    ]
    with pytest.raises(CommandError, match=r"lacks tasks.0011_staged_uploads \(and 2 more\)"):
        migrate()


def test_an_empty_database_lacks_nothing(before_squash: str) -> None:
    with database() as name, connected_to(name):
        assert missing_steps() == []
