"""The way from the schema of commit 6226cb5 to this one, with rows in every table: docs/operations.md."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from contentpipeline import embedded
from contentpipeline.migration_history import HAS_ALL_STEPS
from tests.conftest import BASE_DIR, missing
from tests.filled_tables import counts, fill

FIRST = "6226cb5"
FITTING = {
    "approvals_opinion": {"opinion": "agree"},
    "approvals_webhookdelivery": {"status": "failed"},
    "publishing_correction": {"kind": "minor"},
    "publishing_schedule": {"outcome": "published", "ended_at": "2026-11-01T12:00:00Z"},
}
"""What constraints of that schema ask for."""
APPEARS_BY_ITSELF = {"django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"}


@pytest.fixture
def checkouts(tmp_path: Path) -> Iterator[dict[str, Path]]:
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o711)
        made = {}
        for commit in (FIRST, HAS_ALL_STEPS):
            file = tmp_path / f"{commit}.tar"
            done = subprocess.run(["git", "archive", f"--output={file}", commit], cwd=BASE_DIR, check=False)
            if done.returncode:
                missing(f"commit {commit}")
            made[commit] = Path(directory) / commit
            with tarfile.open(file) as archive:
                archive.extractall(made[commit], filter="data")
        made["data"] = Path(directory) / "data"
        yield made


def manage(checkout: Path, data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    ours = {"DATA_DIR": str(data_dir), "SECRET_KEY": "only for a test, where nothing is secret"}
    foreign = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    environment = {name: value for name, value in os.environ.items() if name not in foreign} | ours
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=checkout, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def done(checkout: Path, data_dir: Path, *arguments: str) -> str:
    result = manage(checkout, data_dir, *arguments)
    assert result.returncode == 0, f"{arguments}: {result.stderr[-2000:]}"
    return result.stdout


def as_owner(data_dir: Path) -> psycopg.Connection[tuple[object, ...]]:
    where = embedded.owner_settings(data_dir)
    return psycopg.connect(
        host=where["HOST"], port=where["PORT"], user=where["USER"], dbname=where["NAME"], autocommit=True
    )


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_desk_of_6226cb5_with_rows_in_every_table_comes_here_whole(checkouts: dict[str, Path]) -> None:
    data = checkouts["data"]
    done(checkouts[FIRST], data, "migrate", "-v", "0")
    done(checkouts[FIRST], data, "seed_posts", "3")
    in_use = embedded.use(data, durable=False)
    try:
        with as_owner(data) as connection:
            assert fill(connection, FITTING), "only some tables have rows by themselves"
            before = counts(connection)
        assert all(before.values()), before
        refused = manage(BASE_DIR, data, "migrate", "-v", "0")
        assert f"Migrate it with commit {HAS_ALL_STEPS} first" in refused.stderr

        done(checkouts[HAS_ALL_STEPS], data, "migrate", "-v", "0")
        checked = manage(BASE_DIR, data, "upgrade", "--check")
        assert checked.returncode == 1, checked.stderr
        assert "publishing.0007_planned_changes: READERS OF THE TABLE WAIT" in checked.stdout
        done(BASE_DIR, data, "migrate", "-v", "0")
        with as_owner(data) as connection:
            after = counts(connection)
        lost = {
            name: (number, after.get(name))
            for name, number in before.items()
            if name not in APPEARS_BY_ITSELF and after.get(name, 0) < number
        }
        assert lost == {}
        assert "Everything online was approved exactly as it is: 3 posts" in done(
            BASE_DIR, data, "audit", "reconcile"
        )
        done(BASE_DIR, data, "upgrade", "--check")
    finally:
        in_use.release()
