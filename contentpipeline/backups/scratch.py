"""Databases next to the desk's own: made to restore into, then renamed into its place, or dropped.

PostgreSQL renames databases in a transaction, so that the desk's name always leads to a whole one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, ObjectInUse

from contentpipeline.backups.errors import BackupProblem, NotRestorable
from tasks.advisory_locks import Call, Lock, statement
from tasks.database_connections import connection_parameters

MAINTENANCE = ("postgres", "template1")
PREFIX = "_restore_"
CLOSING_SECONDS = 2.0
LIKE_THE_DESK = """
SELECT pg_encoding_to_char(encoding), datcollate, datctype, to_jsonb(d) ->> 'datlocprovider',
    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
FROM pg_database d WHERE datname = %s
"""
PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
SETTINGS = """
SELECT unnest(setconfig) FROM pg_db_role_setting
WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = %s) AND setrole = 0
"""


class DatabaseServer:
    """The server of the desk's database, seen from another database of it. As the owner's role."""

    def __init__(self, maintenance: psycopg.Connection[Any], desk: str) -> None:
        self._maintenance, self.desk = maintenance, desk

    def create(self) -> str:
        """An empty database with the desk's encoding and collation; its name. Raises NotRestorable."""
        name = f"{self.desk[:40]}{PREFIX}{secrets.token_hex(4)}"
        *wanted, provider, locale = self._row(LIKE_THE_DESK, self.desk)
        parts = [
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)),
            sql.SQL("ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(*map(sql.Literal, wanted)),
            sql.SQL(f"LOCALE_PROVIDER {PROVIDERS[provider]}" if provider else ""),
        ]  # fmt: skip
        if locale:
            keyword = "ICU_LOCALE" if provider == "i" else "BUILTIN_LOCALE"
            parts.append(sql.SQL(keyword + " {}").format(sql.Literal(locale)))
        try:
            self._run(sql.SQL(" ").join(parts))
        except InsufficientPrivilege:
            raise NotRestorable(
                "The owner's role may not create databases, and a backup is restored into a new one: as a "
                "superuser, ALTER ROLE … CREATEDB, and NOCREATEDB again afterwards."
            ) from None
        for row in self._maintenance.execute(SETTINGS, [self.desk]).fetchall():
            setting, _, value = row[0].partition("=")
            self._run(
                sql.SQL("ALTER DATABASE {} SET {} TO {}").format(
                    sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)
                )
            )
        return name

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_abandoned(self) -> None:
        """Those of restores that were killed: no other one runs, as this holds the lock."""
        found = self._maintenance.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) "
            "AND pg_has_role(datdba, 'USAGE')", [self.desk[:40] + PREFIX],
        )  # fmt: skip
        for (name,) in found.fetchall():
            self.drop(name)

    def others(self) -> int:
        """How many other connections the desk's database has.

        Asked again for a while: one that was closed just now is still counted until its process has ended.
        """
        deadline = time.monotonic() + CLOSING_SECONDS
        while (found := int(self._row(OTHERS, self.desk)[0])) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def put_in_place(self, name: str) -> str:
        """Give the database the desk's name; returns what the former one is called now."""
        former = f"{self.desk[:40]}_before_{datetime.now(UTC):%Y%m%dT%H%M%S}"
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        try:
            with self._maintenance.transaction():
                self._run(rename.format(sql.Identifier(self.desk), sql.Identifier(former)))
                self._run(rename.format(sql.Identifier(name), sql.Identifier(self.desk)))
        except ObjectInUse:
            raise BackupProblem(running(self.others())) from None
        except InsufficientPrivilege as error:
            raise NotRestorable(
                f"The owner's role may not rename the database ({str(error).splitlines()[0]}): it has to own "
                "it, as docs/production.md says."
            ) from None
        return former

    def _run(self, statement: sql.Composed) -> None:
        self._maintenance.execute(statement)

    def _row(self, query: str, *values: Any) -> Any:
        return self._maintenance.execute(query, values).fetchone()


def running(connections: int) -> str:
    return (
        f"The desk is running: its database has {connections} other connection"
        f"{'s' if connections != 1 else ''}. Stop its web servers and clusters (manage.py up, serve, "
        "qcluster) first."
    )


@contextmanager
def server() -> Iterator[DatabaseServer]:
    """Raises BackupProblem where another restore runs, or no other database can be entered."""
    desk = connection.settings_dict["NAME"]
    with _maintenance() as maintenance:
        held = maintenance.execute(statement(Call.TRY_SESSION, Lock.RESTORE, desk)).fetchone()
        if not held or not held[0]:
            raise BackupProblem("Another restore of this desk is running: wait until it has ended.")
        yield DatabaseServer(maintenance, desk)


def _maintenance() -> psycopg.Connection[Any]:
    parameters = connection_parameters() | {"options": ""}
    for database in MAINTENANCE:
        try:
            return psycopg.Connection.connect(**parameters | {"dbname": database}, autocommit=True)
        except psycopg.OperationalError as error:
            reason = error
    raise BackupProblem(f"No database to work from can be entered on this server: {reason}.")


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Have Django's connection lead to this database inside the block."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        ContentType.objects.clear_cache()
