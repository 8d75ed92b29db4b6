"""The migrations that an upgrade would run, and what each does while the desk goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from django.db import DatabaseError, connection
from django.db.migrations import Migration, RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from contentpipeline.upgrades.statements import (
    Effect,
    StatementEffect,
    added_without_default,
    created_by,
    effect_of,
)


@dataclass(frozen=True)
class MigrationEffect:
    """`worst` is what readers and writers of tables that were there before notice."""

    name: str
    effects: list[StatementEffect]
    breaks_older: list[str]
    bytes_of: dict[str, int]
    """Of the tables that were there before, with their indexes."""
    note: str = ""
    """What its author says of it: the attribute `upgrade_note` of the migration."""

    @property
    def worst(self) -> StatementEffect:
        return max(self.effects, key=lambda one: one.effect, default=StatementEffect(Effect.NOTHING))

    @property
    def copied_tables(self) -> list[str]:
        return [one.table for one in self.effects if one.copies_table and one.table]


@dataclass
class Plan:
    migrations: list[MigrationEffect] = field(default_factory=list)
    bytes_needed: int = 0


def pending() -> list[Migration]:
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def plan_of(migrations: Iterable[Migration], state: ProjectState | None = None) -> Plan:
    """Of these, in their order, after a state that is the present one by default. Runs none of them."""
    state = state or _present_state()
    found, new_tables = Plan(), set[str]()
    for migration in migrations:
        seen = _statements(migration, state)
        statements = seen or []
        new_tables |= {table for one in statements if (table := created_by(one))}
        effects = [effect_of(one, new_tables) for one in statements]
        effects += _python(migration)
        if seen is None:
            effects.append(_unseen(migration, state, new_tables))
        state = migration.mutate_state(state, preserve=False)
        breaks = [f"{one.breaks_older} ({one.table})" for one in effects if one.breaks_older]
        breaks += [f"new rows without {name}" for name in added_without_default(statements)
                   if name.partition(".")[0] not in new_tables]  # fmt: skip
        found.migrations.append(
            MigrationEffect(
                f"{migration.app_label}.{migration.name}", effects, list(dict.fromkeys(breaks)),
                {one.table: _bytes(one.table) for one in effects if one.table},
                getattr(migration, "upgrade_note", ""),
            )
        )  # fmt: skip
    found.bytes_needed = sum(
        size
        for table, size in {t: s for one in found.migrations for t, s in one.bytes_of.items()}.items()
        if any(table in one.copied_tables for one in found.migrations)
    )
    return found


def _present_state() -> ProjectState:
    loader = MigrationExecutor(connection).loader
    applied = [node for node in loader.applied_migrations if node in loader.graph.nodes]
    return loader.project_state(applied) if applied else ProjectState()


def _statements(migration: Migration, state: ProjectState) -> list[str] | None:
    """What `sqlmigrate` would print, without what cannot be said in SQL.

    None where it depends on what is in the database after the migrations before it.
    """
    try:
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            migration.apply(state.clone(), editor, collect_sql=True)
    except (ValueError, DatabaseError):
        return None
    found = []
    for line in editor.collected_sql:
        # Taking a script apart is slow, and most lines are one statement.
        is_script = ";" in line.rstrip().rstrip(";")
        for statement in connection.ops.prepare_sql_script(line) if is_script else [line]:
            lines = [text for text in statement.splitlines() if not text.strip().startswith("--")]
            if text := "\n".join(lines).strip().rstrip(";").strip():
                found.append(text)
    return found


def _unseen(migration: Migration, state: ProjectState, new_tables: Set[str]) -> StatementEffect:
    """What is known of a migration whose statements are not: nobody uses tables that are new."""
    models = {getattr(operation, "model_name", "") for operation in migration.operations}
    tables = {
        found.options.get("db_table") or f"{migration.app_label}_{model}"
        for model in models
        if (found := state.models.get((migration.app_label, model.lower())))
    }
    if "" not in models and tables <= new_tables:
        return StatementEffect(Effect.NOTHING, "a new table")
    return StatementEffect(Effect.UNKNOWN, "it depends on the migrations before it")


def _python(migration: Migration) -> Iterator[StatementEffect]:
    for operation in migration.operations:
        if isinstance(operation, RunPython) and operation.code is not RunPython.noop:
            yield StatementEffect(
                Effect.WRITERS_WAIT, f"runs {getattr(operation.code, '__name__', 'code')} over rows"
            )


def _bytes(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(pg_total_relation_size(to_regclass(%s)), 0)", [f'"{table}"'])
        return int(cursor.fetchone()[0])
