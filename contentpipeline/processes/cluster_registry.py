"""Which clusters run: each holds an advisory lock while its process lives, so a dead one is not counted."""

from __future__ import annotations

from django.db import connection

NAMESPACE = 0x7A5D
"""First key of the two-key advisory locks, so that no other use of them can collide."""


class ClusterRegistration:
    """A cluster's entry in the registry. It has a connection of its own: Django's do not survive a fork."""

    def __init__(self) -> None:
        self._connection = None

    def register(self) -> bool:
        """Take or renew the lock. True when it is new and no other cluster was registered."""
        if self._is_connected():
            return False
        # A private connection from Django's own settings: one place knows how to reach the database.
        self._connection = connection.Database.connect(**connection.get_connection_params())
        self._connection.autocommit = True
        is_first = self._scalar("SELECT pg_try_advisory_lock(%s, 0)")
        if not is_first:
            self._scalar("SELECT pg_advisory_lock_shared(%s, 0)")
            return False
        self._scalar("SELECT pg_advisory_lock_shared(%s, 0)")
        self._scalar("SELECT pg_advisory_unlock(%s, 0)")
        return True

    def _is_connected(self) -> bool:
        try:
            return self._connection is not None and bool(self._scalar("SELECT %s"))
        except connection.Database.Error:
            return False

    def _scalar(self, sql: str) -> object:
        return self._connection.execute(sql, [NAMESPACE]).fetchone()[0]


def running_clusters() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [NAMESPACE],
        )
        return int(cursor.fetchone()[0])
