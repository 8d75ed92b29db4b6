"""Backups: of one moment, whole or refused, and restored next to the desk before anything is replaced."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.db import connection, connections, transaction

from approvals.audit import chain
from approvals.audit.checkpoints import write_checkpoint
from approvals.audit.verification import first_failure
from contentpipeline.backups.errors import BackupProblem
from contentpipeline.backups.manifest import secrets
from contentpipeline.backups.restoring import RestoreOptions, restore_backup
from publishing.images.garbage_collection import delete_files
from publishing.models import Image, Post
from tasks.actions import edit_draft
from tasks.advisory_locks import DELETING_FILES, Call, Lock, statement
from tasks.database_connections import connect
from tasks.models import Draft
from tests.backups import backup, leftovers, restore
from tests.conftest import BASE_DIR
from tests.contentpipeline.test_ownership import Installation, installation  # noqa: F401 (a fixture)
from tests.contentpipeline.test_upgrade import connected_to, database
from tests.factories import make_draft, make_user
from tests.live import database_url
from tests.migrated_database import template_name
from tests.publishing.factories import make_post
from tests.publishing.pictures import make_illustrated_post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("backup_place")]

UNLOCK = "SELECT pg_advisory_unlock_all()"
"""The server ends the session of a connection that was closed a moment later, and its locks with it."""


# --- Round trips ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_leftovers")
def test_what_was_backed_up_is_proven_in_a_scratch_database(
    backup_place: Path, backup_key: Path, capsys: Any
) -> None:
    post = make_illustrated_post("Street trees")
    write_checkpoint()
    file = backup(backup_place, "--key", str(backup_key))
    assert "1 audit checkpoints; encrypted" in capsys.readouterr().out
    assert os.stat(file).st_mode & 0o777 == 0o600
    said = restore(file, key=backup_key, verify=True)
    assert "Audit chain, versions and decisions: intact" in said
    assert "Live bytes: 1 posts, each exactly as approved" in said
    assert "The desk was left as it is" in said
    assert Post.objects.get().pk == post.pk


@pytest.mark.usefixtures("no_leftovers")
def test_an_empty_desk_gets_all_of_it(backup_place: Path, settings: Any) -> None:
    make_illustrated_post("Street trees")
    path = write_checkpoint()
    assert path is not None
    head, image = chain.head(), Image.objects.get()
    file = backup(backup_place)
    settings.AUDIT_HEADS_DIR = backup_place / "heads of another host"
    settings.MEDIA_ROOT = backup_place / "media of another host"
    with database() as name, connected_to(name):
        said = restore(file, verify=True)
        assert "The former database was dropped" in said
        assert [post.title for post in Post.objects.published()] == ["Street trees"]
        assert default_storage.exists(image.path_of(image.variants[0]))
        assert (settings.AUDIT_HEADS_DIR / path.name).read_bytes() == path.read_bytes()
        assert first_failure() is None
        assert chain.head()[0] == head[0] + 2, "the backup and its restoration are on record"
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            connection.cursor().execute("DELETE FROM approvals_auditentry")


@pytest.mark.usefixtures("no_leftovers")
def test_a_backup_that_is_made_while_people_write_is_of_one_moment(backup_place: Path) -> None:
    draft, editor, must_stop = make_draft(), make_user("edna", "Editors"), threading.Event()

    def write() -> None:
        number = 0
        while not must_stop.is_set():
            number += 1
            edit_draft(Draft.objects.get(pk=draft.pk), {"summary": f"Edit {number}."}, by=editor)
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [backup(backup_place, name=f"{number}.backup") for number in range(2)]
    finally:
        must_stop.set()
        writer.join()
    for file in files:
        assert "intact" in restore(file, verify=True)
    with tarfile.open(files[0]) as archive:
        member = archive.extractfile("manifest.json")
        assert member is not None
        at = json.load(member)["audit_head"]["seq"]
    assert at < chain.head()[0], "there were edits meanwhile"


# --- What is not in it ----------------------------------------------------------------------------------


def test_secrets_and_sessions_are_left_out_and_named(backup_place: Path, client: Any, settings: Any) -> None:
    client.force_login(make_user("edna", "Editors"))
    session = client.session.session_key
    file = backup(backup_place)
    with tarfile.open(file) as archive:
        archive.extractall(backup_place / "unpacked", filter="data")
    said = json.loads((backup_place / "unpacked" / "manifest.json").read_text())
    assert {"SECRET_KEY", "AUDIT_KEY", "DATABASE_URL", "OPENAI_API_KEY"} <= set(said["secrets_left_out"])
    with database() as name, connected_to(name):
        restore(file)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_session")
            assert cursor.fetchone() == (0,)
    raw = b"".join(path.read_bytes() for path in (backup_place / "unpacked").rglob("*") if path.is_file())
    assert settings.SECRET_KEY.encode() not in raw
    assert session.encode() not in raw


def test_every_secret_of_the_settings_is_named() -> None:
    table = (BASE_DIR / "docs" / "settings.md").read_text().splitlines()
    documented = {
        name
        for line in table
        if line.startswith("| `")
        for name in line.split("|")[1].replace("`", "").replace(",", " ").split()
        if name.endswith(("_KEY", "_SECRET", "_PASSWORD", "_TOKEN"))
    }
    assert len(documented) > 5
    assert documented <= set(secrets()), "name it in contentpipeline/backups/manifest.py"


# --- Pictures -------------------------------------------------------------------------------------------


def test_a_missing_picture_is_named_and_the_rest_backed_up(backup_place: Path, capsys: Any) -> None:
    make_illustrated_post()
    image = Image.objects.get()
    lost = image.path_of(image.variants[0])
    default_storage.delete(lost)
    with pytest.raises(SystemExit) as ended:
        backup(backup_place)
    assert ended.value.code == 1
    assert lost in capsys.readouterr().err
    assert "Proven" in restore(backup_place / "desk.backup", verify=True)


def test_no_file_is_deleted_while_a_backup_runs(capsys: Any) -> None:
    make_illustrated_post()
    image = Image.objects.get()
    path = image.path_of(image.variants[0])
    with connect() as other:
        other.execute(statement(Call.SESSION, Lock.BACKUP, DELETING_FILES))
        assert not delete_files(image.name)
        assert default_storage.exists(path)
        other.execute(UNLOCK)
    assert delete_files(image.name)
    assert not default_storage.exists(path)


# --- Who may, and when ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_leftovers")
def test_two_backups_are_not_made_at_once(backup_place: Path) -> None:
    with connect() as other:
        other.execute(statement(Call.SESSION, Lock.BACKUP))
        with pytest.raises(CommandError, match="Another backup is being made"):
            backup(backup_place)
        other.execute(UNLOCK)
    backup(backup_place)
    with pytest.raises(CommandError, match="exists already"):
        backup(backup_place)


def test_the_role_of_the_application_may_neither_back_up_nor_restore(
    as_application: dict[str, Any], backup_place: Path, backup_key: Path
) -> None:
    owner = {name: as_application[name] for name in ("USER", "PASSWORD")}
    application = {name: connection.settings_dict[name] for name in owner}
    connection.close()
    connection.settings_dict.update(owner)
    file = backup(backup_place, name="of the owner")
    connection.close()
    connection.settings_dict.update(application)
    with pytest.raises(BackupProblem, match=r"may not create databases.*CREATEDB"):
        restore(file, verify=True)
    with pytest.raises(CommandError, match="set MIGRATION_DATABASE_URL"):
        backup(backup_place)
    assert leftovers(backup_place) == []


@pytest.mark.usefixtures("no_leftovers")
def test_a_desk_with_content_is_not_replaced_by_the_way(backup_place: Path) -> None:
    make_post("Street trees")
    file = backup(backup_place)
    with pytest.raises(BackupProblem, match="not empty: --replace"):
        restore(file)
    with connect(), pytest.raises(BackupProblem, match=r"is running: its database has \d+ other conn"):
        restore(file, replace=True)
    assert Post.objects.count() == 1


@pytest.fixture
def own_database(django_db_blocker: Any) -> Iterator[None]:
    """One that no web server of other tests is connected to."""
    with database(template=template_name()) as name, connected_to(name):
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("own_database", "no_leftovers")
def test_a_desk_that_is_started_in_the_middle_stays_as_it_is(backup_place: Path, settings: Any) -> None:
    make_illustrated_post()
    file, others = backup(backup_place), []
    settings.MEDIA_ROOT = backup_place / "other media"

    def say(text: str) -> None:
        if text.startswith("Pictures"):
            others.append(connect())

    with pytest.raises(BackupProblem, match="The desk is running"):
        restore_backup(RestoreOptions(file, replace=True), say)
    others[0].close()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.usefixtures("no_leftovers")
def test_what_a_killed_restore_left_is_removed_by_the_next(backup_place: Path) -> None:
    file = backup(backup_place)
    (backup_place / "data" / "restore-dead" / "media").mkdir(parents=True)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.settings_dict['NAME']}_restore_dead")
    assert "Proven" in restore(file, verify=True)


# --- Versions -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_leftovers")
def test_an_older_backup_is_migrated_and_a_newer_one_refused(backup_place: Path) -> None:
    make_post("Street trees")
    run = connection.cursor().execute
    try:
        # It changes no table, so that its row alone makes the difference.
        run("DELETE FROM django_migrations WHERE (app, name) = ('tasks', '0017_status_labels')")
        older = backup(backup_place, name="older")
        run(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '0017_status_labels', now())"
        )
        run("INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '9999_future', now())")
        newer = backup(backup_place, name="newer")
    finally:
        run("DELETE FROM django_migrations WHERE name = '9999_future'")
    assert "Migrated: 1 migrations" in restore(older, verify=True)
    with pytest.raises(BackupProblem, match=r"newer version: its database has tasks\.9999_future"):
        restore(newer, verify=True)


# --- A full disk ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_leftovers")
def test_a_disk_that_is_full_leaves_nothing(backup_place: Path) -> None:
    make_post("Street trees")
    result = subprocess.run(
        [sys.executable, "manage.py", "backup", str(backup_place / "desk.backup")],
        cwd=BASE_DIR, capture_output=True, text=True, timeout=100,
        env=os.environ | {"DATABASE_URL": database_url(), "DATA_DIR": str(backup_place / "data")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )  # fmt: skip
    assert result.returncode == 1
    assert "The backup cannot be written to" in result.stderr
    assert "Nothing is left of it" in result.stderr
    assert not (backup_place / "desk.backup").exists()


# --- From end to end ------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.timeout(400)
def test_an_owner_who_is_no_superuser_backs_up_and_restores(installation: Installation) -> None:  # noqa: F811
    owner = {"MIGRATION_DATABASE_URL_FILE": str(installation.directory / "owner")}
    file = str(installation.directory / "desk.backup")

    def done(*arguments: str, **environment: str) -> str:
        result = installation.manage(*arguments, **environment)
        assert result.returncode == 0, result.stderr
        return result.stdout

    done("migrate", "-v", "0", **owner)
    done("write", "Street trees")
    refused = installation.manage("backup", file)
    assert "set MIGRATION_DATABASE_URL" in refused.stderr
    done("backup", file, **owner)
    done("write", "Something after the backup")
    refused = installation.manage("restore", file, "--replace", **owner)
    assert "may not create databases" in refused.stderr
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {installation.owner} CREATEDB")
    said = done("restore", file, "--replace", "--verify", "--drop-former", **owner)
    assert "The former database was dropped" in said
    assert "Street trees" in (listed := done("tasks", "list"))
    assert "Something after" not in listed
    assert "owns nothing" in installation.manage("doctor").stdout
    assert "intact" in done("audit", "verify")


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_bench_compares_with_the_programs_of_postgresql() -> None:
    foreign = {"DATABASE_URL", "DATA_DIR"}
    result = subprocess.run(
        [sys.executable, "manage.py", "bench", "backup", "--posts", "40", "--quick"],
        cwd=BASE_DIR, capture_output=True, text=True, timeout=280,
        env={name: value for name, value in os.environ.items() if name not in foreign},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("ratio") == 2
    assert "pg_restore" in result.stdout
