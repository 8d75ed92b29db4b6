"""Queries that set up the embedded server's database, as its owner."""

from __future__ import annotations

from typing import Any

from contentpipeline.embedded.accounts import server_uid
from contentpipeline.embedded.paths import DatabaseUnavailable, Files
from contentpipeline.embedded.sockets import is_private, socket_dir

OWNER = "desk"
APPLICATION = "desk_app"
"""It owns nothing, so what it works for cannot take away the triggers that protect the evidence."""
DATABASE = "desk"
PORT = "5432"  # only part of the socket's file name: the server listens on no network


def answers(files: Files, database: str) -> bool:
    return query(files, database, "SELECT 1") is not None


def create_database(files: Files) -> None:
    if not query(files, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):
        query(files, "postgres", f'CREATE DATABASE "{DATABASE}"', must_work=True)


def has_application(files: Files) -> bool:
    return bool(query(files, DATABASE, f"SELECT 1 FROM pg_roles WHERE rolname = '{APPLICATION}'"))


def create_application(files: Files) -> None:
    """Make the application's role: in a new database, or in one from before there was such a role."""
    import psycopg

    from contentpipeline import grants

    try:
        with _connected(files, DATABASE) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {APPLICATION} LOGIN")
            grants.grant(cursor, APPLICATION)
    except psycopg.Error as error:
        raise DatabaseUnavailable(f"The embedded database made no role {APPLICATION}: {error}.") from error


def query(files: Files, database: str, sql: str, *, must_work: bool = False) -> list[Any] | None:
    """The rows; None when the server does not answer or, unless it must, refuses."""
    import psycopg

    directory = socket_dir(files)
    if not (directory / f".s.PGSQL.{PORT}").exists() or not is_private(directory, server_uid(files)):
        return None
    try:
        with _connected(files, database, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        if must_work:
            raise DatabaseUnavailable(f"The embedded database refused {sql!r}: {error}.") from error
        return None


def _connected(files: Files, database: str, *, autocommit: bool = False) -> Any:
    import psycopg  # here, so that commands without a database need not wait for it

    return psycopg.connect(
        host=str(socket_dir(files)), port=PORT, user=OWNER, dbname=database, connect_timeout=5,
        autocommit=autocommit,
    )  # fmt: skip
