"""Django's `migrate`, as the role that owns the tables: the application's own may not change them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import MigrationSchemaMissing
from psycopg.errors import InsufficientPrivilege

from contentpipeline.migration_history import why_too_old
from contentpipeline.ownership import as_owner, check_application

COLLECT_EVERY = 100_000
"""Objects. Every step rebuilds the classes of many models, and leaves the old ones as garbage."""


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner(), _rarely_collecting():
            check_application()
            _let_commits_gather()
            try:
                if too_old := why_too_old():
                    raise CommandError(too_old)
                super().handle(*args, **options)
            except (DatabaseError, MigrationSchemaMissing) as error:
                if (refusal := _refusal(error)) is None or options["traceback"]:
                    raise
                raise CommandError(
                    f"This role may not migrate ({refusal}): set MIGRATION_DATABASE_URL to the owner's, "
                    "as docs/production.md says."
                ) from error


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Run the garbage collector rarely: saves a quarter of a first migration's time, for 15 MB."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_EVERY, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _let_commits_gather() -> None:
    """Let the embedded server confirm commits before they are on disk.

    A crash may undo the last migrations, in their order and each as a whole: the next start makes them again.
    """
    if settings.USES_EMBEDDED_DATABASE:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")


def _refusal(error: BaseException | None) -> str | None:
    """The first line of what the database said, if it refused a right."""
    while error is not None and not isinstance(error, InsufficientPrivilege):
        error = error.__cause__ or error.__context__
    return str(error).splitlines()[0] if error else None
