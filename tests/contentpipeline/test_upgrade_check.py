"""What an upgrade does to a desk that goes on: said before it is done, and held against new migrations."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from contentpipeline.management.commands import upgrade
from contentpipeline.upgrades.plan import plan_of
from contentpipeline.upgrades.statements import Effect, added_without_default, effect_of
from tasks.database_connections import connect

LAST_BEFORE_THIS_RULE = {
    "tasks": "0017_status_labels",
    "approvals": "0006_token_names",
    "publishing": "0012_suggested_titles",
}

EFFECTS = {
    'CREATE TABLE "a" ("id" bigint)': Effect.NOTHING,
    'CREATE INDEX CONCURRENTLY "i" ON "a" ("b")': Effect.NOTHING,
    'ALTER TABLE "a" VALIDATE CONSTRAINT "c"': Effect.NOTHING,
    "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN END $$": Effect.NOTHING,
    'ALTER TABLE "a" ADD COLUMN "b" integer NULL': Effect.A_MOMENT,
    'ALTER TABLE "a" ADD COLUMN "b" integer DEFAULT 0 NOT NULL': Effect.A_MOMENT,
    'ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("b" > 0) NOT VALID': Effect.A_MOMENT,
    'ALTER TABLE "a" ADD CONSTRAINT "c" UNIQUE USING INDEX "i"': Effect.A_MOMENT,
    'ALTER TABLE "a" DROP COLUMN "b" CASCADE': Effect.A_MOMENT,
    'CREATE TRIGGER t BEFORE UPDATE ON "a" FOR EACH ROW EXECUTE FUNCTION f()': Effect.A_MOMENT,
    'CREATE INDEX "i" ON "a" ("b")': Effect.WRITERS_WAIT,
    'CREATE UNIQUE INDEX "i" ON "a" ("b")': Effect.WRITERS_WAIT,
    'ALTER TABLE "a" ADD CONSTRAINT "c" FOREIGN KEY ("b") REFERENCES "d" ("id")': Effect.WRITERS_WAIT,
    'UPDATE "a" SET "b" = 1': Effect.WRITERS_WAIT,
    'ALTER TABLE "a" ALTER COLUMN "b" TYPE bigint': Effect.READERS_WAIT,
    'ALTER TABLE "a" ALTER COLUMN "b" SET NOT NULL': Effect.READERS_WAIT,
    'ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("b" > 0)': Effect.READERS_WAIT,
    'ALTER TABLE "a" ADD CONSTRAINT "c" UNIQUE ("b")': Effect.READERS_WAIT,
    'ALTER TABLE "a" ADD COLUMN "b" uuid DEFAULT gen_random_uuid() NOT NULL': Effect.READERS_WAIT,
    'ALTER TABLE "a" ADD COLUMN "b" text GENERATED ALWAYS AS (lower("c")) STORED': Effect.READERS_WAIT,
    'ALTER TABLE "a" SET LOGGED': Effect.READERS_WAIT,
    "VACUUM FULL a": Effect.UNKNOWN,
    'LOCK TABLE "a" IN ACCESS EXCLUSIVE MODE': Effect.UNKNOWN,
    "CLUSTER a USING i": Effect.UNKNOWN,
}


@pytest.mark.parametrize("statement", EFFECTS)
def test_each_statement_does_to_readers_what_postgresql_documents(statement: str) -> None:
    assert effect_of(statement).effect is EFFECTS[statement]


def test_nobody_waits_for_a_table_that_is_new() -> None:
    assert effect_of('CREATE INDEX "i" ON "a" ("b")', {"a"}).effect is Effect.NOTHING


LOCKS = """
SELECT mode FROM pg_locks WHERE relation = 'example'::regclass AND pid = pg_backend_pid()
"""
BLOCKS_READERS, BLOCKS_WRITERS = (
    "AccessExclusiveLock",
    {"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock"},
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "effect"),
    [
        ("ALTER TABLE example ADD COLUMN c integer", Effect.A_MOMENT),
        ("ALTER TABLE example ALTER COLUMN b TYPE bigint", Effect.READERS_WAIT),
        ("ALTER TABLE example ALTER COLUMN b SET NOT NULL", Effect.READERS_WAIT),
        ("ALTER TABLE example ADD CONSTRAINT positive CHECK (b > 0)", Effect.READERS_WAIT),
        ("CREATE INDEX example_b ON example (b)", Effect.WRITERS_WAIT),
        ("ALTER TABLE example ADD CONSTRAINT other FOREIGN KEY (b) REFERENCES example", Effect.WRITERS_WAIT),
        ("ALTER TABLE example VALIDATE CONSTRAINT later", Effect.NOTHING),
    ],
)
def test_the_locks_that_postgresql_really_takes_are_the_ones_assumed(statement: str, effect: Effect) -> None:
    assert effect_of(statement).effect is effect
    with connect() as other:
        other.execute("CREATE TABLE example (id integer PRIMARY KEY, b integer)")
        try:
            other.execute("ALTER TABLE example ADD CONSTRAINT later CHECK (b < 9) NOT VALID")
            with other.transaction():
                other.execute(statement)
                found = other.execute(LOCKS).fetchall()
        finally:
            other.execute("DROP TABLE example")
    modes = {mode for (mode,) in found}
    assert (BLOCKS_READERS in modes) == (effect in {Effect.A_MOMENT, Effect.READERS_WAIT})
    assert bool(modes & BLOCKS_WRITERS) or effect is not Effect.WRITERS_WAIT


def test_a_column_that_older_code_does_not_write_is_found() -> None:
    with_default = 'ALTER TABLE "a" ADD COLUMN "b" integer DEFAULT 0 NOT NULL'
    assert added_without_default([with_default]) == []
    assert added_without_default([with_default, 'ALTER TABLE "a" ALTER COLUMN "b" DROP DEFAULT']) == ["a.b"]
    assert added_without_default(['ALTER TABLE "a" ADD COLUMN "b" integer NOT NULL']) == ["a.b"]
    assert added_without_default(['ALTER TABLE "a" ADD COLUMN "b" integer NULL']) == []


# --- The rule for new migrations ------------------------------------------------------------------------


class Example(migrations.Migration):
    operations = [
        migrations.AddField("contenttask", "example", models.IntegerField(default=0)),
        migrations.RunSQL("ALTER TABLE tasks_contenttask ALTER COLUMN topic TYPE varchar(999)"),
        migrations.RunPython(lambda apps, editor: None),
    ]


def violations(given: list[migrations.Migration], state: ProjectState | None = None) -> list[str]:
    wrong = []
    for found in plan_of(given, state).migrations:
        if found.note:
            continue
        if found.worst.effect >= Effect.READERS_WAIT:
            wrong.append(f"{found.name}: {found.worst.why} of {found.worst.table}")
        wrong += [f"{found.name}: older code would fail at {what}" for what in found.breaks_older]
    return wrong


@pytest.mark.django_db(transaction=True)
def test_new_migrations_leave_the_site_readable_and_older_processes_alive() -> None:
    """Of one that cannot: say in `upgrade_note` of the migration what operators have to do."""
    executor = MigrationExecutor(connection)
    every = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    ours = [one for one, _ in every if one.name > LAST_BEFORE_THIS_RULE.get(one.app_label, "~")]
    leaves = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in LAST_BEFORE_THIS_RULE]
    before = executor.loader.project_state([*LAST_BEFORE_THIS_RULE.items(), *leaves])
    wrong = violations(ours, before)
    assert not wrong, "docs/operations.md, Upgrade, has the safe patterns:\n" + "\n".join(wrong)


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_stops_readers_or_older_processes_is_found() -> None:
    found = violations([Example("9999_example", "tasks")])
    assert len(found) == 2
    assert "rewrites the table, unless the type only gets wider of tasks_contenttask" in found[0]
    assert "older code would fail at new rows without tasks_contenttask.example" in found[1]
    noted = Example("9999_example", "tasks")
    noted.upgrade_note = "Stop everything: it takes two minutes for 100,000 tasks."  # type: ignore[attr-defined]
    assert violations([noted]) == []


# --- The command ----------------------------------------------------------------------------------------


def checked(capsys: Any) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        call_command("upgrade", "--check")
    return int(str(ended.value.code)), capsys.readouterr().out


@pytest.mark.django_db
def test_a_desk_that_is_up_to_date_only_has_to_be_restarted(capsys: Any) -> None:
    status, said = checked(capsys)
    assert status == 0
    assert "Nothing to migrate" in said
    assert "PostgreSQL 18" in said


@pytest.mark.django_db(transaction=True)
def test_what_is_pending_is_described(capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(upgrade, "pending", lambda: [Example("9999_example", "tasks")])
    monkeypatch.setattr(upgrade, "SMALL_BYTES", 0)
    monkeypatch.setattr(upgrade, "LONG_SECONDS", 0)
    with connect() as other, other.transaction():
        other.execute("SELECT 1")
        status, said = checked(capsys)
    assert status == 1
    assert "tasks.9999_example: READERS OF THE TABLE WAIT" in said
    assert "of tasks_contenttask" in said
    assert "Long transaction: process" in said
    assert "new rows without tasks_contenttask.example" in said
    assert "MB more in the database" in said


def test_without_check_it_says_what_does_the_upgrade() -> None:
    with pytest.raises(CommandError, match=r"manage\.py migrate"):
        call_command("upgrade")
