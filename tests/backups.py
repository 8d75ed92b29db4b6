"""Backups for tests: in a data directory of the test's own, with nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

# What imports models is imported inside: pytest loads this module before the apps are there.


@pytest.fixture
def backup_place(settings: Any, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"
    settings.DATA_DIR.mkdir()
    return tmp_path


@pytest.fixture
def backup_key(backup_place: Path) -> Path:
    from contentpipeline.backups.encryption import make_key

    make_key(backup_place / "key")
    return backup_place / "key"


def backup(place: Path, *options: str, name: str = "desk.backup") -> Path:
    call_command("backup", str(place / name), *options)
    return place / name


def restore(file: Path, *, key: Path | None = None, **options: bool) -> str:
    from contentpipeline.backups.restoring import RestoreOptions, restore_backup

    said: list[str] = []
    restore_backup(RestoreOptions(file, key, **options), said.append)
    return "\n".join(said)


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", ["_restore_|_before_"])
        mine = connection.settings_dict["NAME"]
        return {name for (name,) in cursor.fetchall() if name.startswith(mine)}


def leftovers(place: Path) -> list[str]:
    found = [path.name for path in (*place.iterdir(), *(place / "data").iterdir())]
    return [name for name in found if name.startswith(("restore-", "."))]


@pytest.fixture
def no_leftovers(backup_place: Path) -> Iterator[None]:
    yield
    assert (leftovers(backup_place), databases()) == ([], set())
