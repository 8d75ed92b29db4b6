"""Refuse a database that has run some of the migrations that were squashed, and not all of them.

As the replaced files are gone, Django leaves the squashed migration out of its plan. Then it finds nothing to
do, or ends in an error about models: neither says what to do.
"""

from __future__ import annotations

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

HAS_ALL_STEPS = "0c896e8"
"""A commit from shortly before the squash, which has every replaced migration."""


def why_too_old() -> str | None:
    """One sentence that says what to do, or None where the database can be migrated from here."""
    missing = missing_steps()
    if not missing:
        return None
    more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    return (
        f"This database is older than these migrations: it lacks {missing[0]}{more}. "
        f"Migrate it with commit {HAS_ALL_STEPS} first, then with this version."
    )


def missing_steps() -> list[str]:
    """Replaced migrations that were not run, of every squashed migration of which others were."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    missing: set[tuple[str, str]] = set()
    for migration in loader.disk_migrations.values():
        steps = set(migration.replaces)
        if steps & applied:
            missing |= steps - applied
    return [f"{app}.{name}" for app, name in sorted(missing)]
