"""Django's `migrate`, as the role that owns the tables: the application's own may not change them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DatabaseError
from django.db.migrations.exceptions import MigrationSchemaMissing
from psycopg.errors import InsufficientPrivilege

from contentpipeline.ownership import as_owner, check_application


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            check_application()
            try:
                super().handle(*args, **options)
            except (DatabaseError, MigrationSchemaMissing) as error:
                if (refusal := _refusal(error)) is None or options["traceback"]:
                    raise
                raise CommandError(
                    f"This role may not migrate ({refusal}): set MIGRATION_DATABASE_URL to the owner's, "
                    "as docs/production.md says."
                ) from error


def _refusal(error: BaseException | None) -> str | None:
    """The first line of what the database said, if it refused a right."""
    while error is not None and not isinstance(error, InsufficientPrivilege):
        error = error.__cause__ or error.__context__
    return str(error).splitlines()[0] if error else None
