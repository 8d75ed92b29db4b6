"""The tests' database as the migrations left it: made once, copied for every worker, put back after a test.

`migrate` runs over a copy, too, and finds nothing left to do.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import TransactionTestCase

PREFIX = "migrated_"
AFTER_MIGRATIONS = ("contentpipeline/roles.py", "contentpipeline/grants.py")


@pytest.fixture(scope="session")
def turn_to_migrate(django_db_modify_db_settings: None, django_db_blocker: Any) -> IO[str] | None:
    """Have the test database begin as a copy; where there is nothing to copy, wait until nobody makes it.

    What this returns is open when it is this worker's turn to make it.
    """
    if not settings.USES_EMBEDDED_DATABASE:
        return None
    from django.db import connection

    turn = (settings.DATA_DIR / "migrated.lock").open("w")
    fcntl.flock(turn, fcntl.LOCK_EX)
    with django_db_blocker.unblock():
        if template_name() in _existing_copies():
            connection.settings_dict["TEST"]["TEMPLATE"] = template_name()
            turn.close()
    return turn


@pytest.fixture(scope="session")
def django_db_setup(
    turn_to_migrate: IO[str] | None, django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    with django_db_blocker.unblock():
        if turn_to_migrate and not turn_to_migrate.closed:
            _make_copy()
            turn_to_migrate.close()
        tables = Tables()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: tables.restore())
        yield


# --- Putting it back ----------------------------------------------------------------------------------


class Tables:
    """What was in the tables at first, to be there again after a test that committed something.

    Django would truncate every table, and then recreate content types, permissions and groups.
    """

    def __init__(self) -> None:
        from django.db import connection

        self._all = sorted(set(connection.introspection.table_names()) - {"django_migrations"})
        with connection.cursor() as cursor:
            self._rows = {table: _copied(cursor, table) for table in self._filled(cursor)}

    def restore(self, tries: int = 5) -> None:
        # The web server of the browser tests goes on meanwhile, and may lock tables in the opposite order;
        # PostgreSQL then refuses one of the two; this one tries again.
        from django.db import OperationalError
        from psycopg.errors import DeadlockDetected

        try:
            self._restore()
        except OperationalError as error:
            if tries == 1 or not isinstance(error.__cause__, DeadlockDetected):
                raise
            self.restore(tries - 1)

    def _restore(self) -> None:
        from django.contrib.contenttypes.models import ContentType
        from django.db import connection, transaction

        from publishing.cache_invalidation import CHANNEL

        with transaction.atomic(), connection.cursor() as cursor:
            # Triggers that keep evidence would refuse this, and those of foreign keys ask for an order.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"LOCK TABLE {', '.join(self._all)} IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute("".join(f"DELETE FROM {table};" for table in self._filled(cursor)))
            for table, rows in self._rows.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)
            # Nor do the triggers notify, so the web server is notified to invalidate its caches.
            cursor.execute(f"NOTIFY {CHANNEL}")
        ContentType.objects.clear_cache()

    def _filled(self, cursor: Any) -> list[str]:
        exists = ", ".join(f"EXISTS(SELECT FROM {table})" for table in self._all)
        cursor.execute(f"SELECT {exists}")
        return [table for table, is_filled in zip(self._all, cursor.fetchone(), strict=True) if is_filled]


def _copied(cursor: Any, table: str) -> bytes:
    with cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(bytes(piece) for piece in copy)


# --- Making it ----------------------------------------------------------------------------------------


def template_name() -> str:
    """Of the database that these migrations make, ours and those of packages."""
    made_by = [settings.BASE_DIR / path for path in AFTER_MIGRATIONS]
    for app in apps.get_app_configs():
        made_by += sorted((Path(app.path) / "migrations").glob("*.py"))
        made_by += sorted((Path(app.path) / "sql").glob("*.sql"))
    whole = hashlib.sha256()
    for path in made_by:
        whole.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return PREFIX + whole.hexdigest()[:16]


def _existing_copies() -> list[str]:
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        return [name for (name,) in cursor.fetchall()]


def _make_copy() -> None:
    from django.db import connection

    outdated, made = _existing_copies(), connection.settings_dict["NAME"]
    connection.close()  # only a database that nobody uses can be copied
    with connection._nodb_cursor() as cursor:
        for name in outdated:
            cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"CREATE DATABASE {template_name()} TEMPLATE {made}")
