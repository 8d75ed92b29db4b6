"""Which clusters run: each holds an advisory lock while its process lives, so a dead one is not counted."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection

from tasks.advisory_locks import Call, Lock, holders_sql, statement
from tasks.database_connections import connect


class ClusterRegistration:
    """A cluster's entry in the registry. It has a connection of its own: Django's do not survive a fork."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def register(self) -> bool:
        """Take or renew the lock. True when it is new and no other cluster was registered."""
        if self._is_connected():
            return False
        self._connection = own = connect()
        row = own.execute(statement(Call.TRY_SESSION, Lock.CLUSTER)).fetchone()
        own.execute(statement(Call.SHARED_SESSION, Lock.CLUSTER))
        is_first = bool(row and row[0])
        if is_first:
            own.execute(statement(Call.RELEASE, Lock.CLUSTER))
        return is_first

    def _is_connected(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True


def running_clusters() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE {holders_sql(Lock.CLUSTER)}")
        return int(cursor.fetchone()[0])
