"""Two roles of the database: one owns the tables and migrates, the product works as the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction

from contentpipeline import grants
from contentpipeline.probes import why_unreachable


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the owner inside this block. Not for use in a transaction."""
    if settings.DATABASE_OWNER is None:
        yield
        return
    used = connection.settings_dict
    as_application = dict(used)
    connection.close()
    used.update(settings.DATABASE_OWNER)
    try:
        _connect()
        yield
    finally:
        connection.close()
        used.update(as_application)


def _connect() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = why_unreachable(error) or error
        raise CommandError(
            f"The database cannot be reached as its owner ({reason}): correct MIGRATION_DATABASE_URL."
        ) from error


def check_application() -> None:
    """Before a migration: raise CommandError where the application's role could not be granted to."""
    _for_application(grants.check, DEFAULT_DB_ALIAS)


def grant_to_application(using: str, **_: Any) -> None:
    """After every migration: new tables and triggers change what the application may do."""
    _for_application(grants.grant, using)


def _for_application(act: Callable[[Any, str], None], using: str) -> None:
    role = settings.APPLICATION_ROLE
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user")
        if not role or cursor.fetchone()[0] == role:
            return
        try:
            act(cursor, role)
        except grants.UnfitRole as error:
            raise CommandError(str(error)) from error
