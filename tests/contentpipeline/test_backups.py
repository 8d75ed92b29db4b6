"""Backups: of one moment, whole or refused, and restored next to the desk before anything is replaced."""

from __future__ import annotations

import io
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
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from approvals.audit import chain
from approvals.audit.checkpoints import write_checkpoint
from approvals.audit.verification import first_failure
from contentpipeline.backups.encryption import make_key
from contentpipeline.backups.errors import BackupProblem
from contentpipeline.backups.manifest import secrets
from contentpipeline.backups.restoring import RestoreOptions, restore_backup
from publishing.images.garbage_collection import delete_files
from publishing.models import Image, Post
from tasks.actions import edit_draft
from tasks.advisory_locks import DELETING_FILES, Call, Lock, statement
from tasks.database_connections import connect
from tasks.models import Draft
from tests.conftest import BASE_DIR
from tests.contentpipeline.test_ownership import Installation, installation  # noqa: F401 (a fixture)
from tests.contentpipeline.test_upgrade import connected_to, database
from tests.factories import make_draft, make_user
from tests.live import database_url
from tests.publishing.factories import make_post
from tests.publishing.pictures import make_illustrated_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"
    settings.DATA_DIR.mkdir()
    return tmp_path


@pytest.fixture
def key(place: Path) -> Path:
    make_key(place / "key")
    return place / "key"


def backup(place: Path, *options: str, name: str = "desk.backup") -> Path:
    call_command("backup", str(place / name), *options)
    return place / name


def restore(file: Path, *, key: Path | None = None, **options: bool) -> str:
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
def nothing_left(place: Path) -> Iterator[None]:
    yield
    assert (leftovers(place), databases()) == ([], set())


# --- Round trips ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
def test_what_was_backed_up_is_proven_in_a_scratch_database(place: Path, key: Path, capsys: Any) -> None:
    post = make_illustrated_post("Street trees")
    write_checkpoint()
    file = backup(place, "--key", str(key))
    assert "1 audit checkpoints; encrypted" in capsys.readouterr().out
    assert os.stat(file).st_mode & 0o777 == 0o600
    said = restore(file, key=key, verify=True)
    assert "Audit chain, versions and decisions: intact" in said
    assert "Live bytes: 1 posts, each exactly as approved" in said
    assert "The desk was left as it is" in said
    assert Post.objects.get().pk == post.pk


@pytest.mark.usefixtures("nothing_left")
def test_an_empty_desk_gets_all_of_it(place: Path, settings: Any) -> None:
    make_illustrated_post("Street trees")
    path = write_checkpoint()
    assert path is not None
    head, image = chain.head(), Image.objects.get()
    file = backup(place)
    settings.AUDIT_HEADS_DIR = place / "heads of another host"
    settings.MEDIA_ROOT = place / "media of another host"
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


@pytest.mark.usefixtures("nothing_left")
def test_a_backup_that_is_made_while_people_write_is_of_one_moment(place: Path) -> None:
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
        files = [backup(place, name=f"{number}.backup") for number in range(2)]
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


def test_secrets_and_sessions_are_left_out_and_named(place: Path, client: Any, settings: Any) -> None:
    client.force_login(make_user("edna", "Editors"))
    session = client.session.session_key
    file = backup(place)
    with tarfile.open(file) as archive:
        archive.extractall(place / "unpacked", filter="data")
    said = json.loads((place / "unpacked" / "manifest.json").read_text())
    assert {"SECRET_KEY", "AUDIT_KEY", "DATABASE_URL", "OPENAI_API_KEY"} <= set(said["secrets_left_out"])
    with database() as name, connected_to(name):
        restore(file)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_session")
            assert cursor.fetchone() == (0,)
    raw = b"".join(path.read_bytes() for path in (place / "unpacked").rglob("*") if path.is_file())
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


# --- Files that are not as they were --------------------------------------------------------------------


def truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def without_its_end(data: bytes) -> bytes:
    return data[:-40]


def altered(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def altered_early(data: bytes) -> bytes:
    return data[:700] + bytes([data[700] ^ 1]) + data[701:]


DAMAGES = [
    truncated,
    without_its_end,
    altered,
    altered_early,
    lambda data: b"",
    lambda data: b"no backup" * 99,
]


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("is_encrypted", [True, False])
def test_a_damaged_file_is_refused_before_anything_is_touched(
    place: Path, key: Path, is_encrypted: bool
) -> None:
    make_post("Street trees")
    data = backup(place, *(["--key", str(key)] if is_encrypted else [])).read_bytes()
    for number, damage in enumerate(DAMAGES):
        if damage is without_its_end and not is_encrypted:
            continue  # tar's own padding, after the contents
        file = place / f"{number}.damaged"
        file.write_bytes(damage(data))
        with pytest.raises(BackupProblem, match=r"cut off or changed|no backup|manifest"):
            restore(file, key=key, verify=True)
    assert Post.objects.count() == 1


@pytest.mark.usefixtures("nothing_left")
def test_a_file_with_changed_contents_is_refused(place: Path) -> None:
    """Another picture was put into an archive that is a good one otherwise."""
    make_illustrated_post()
    file, other = backup(place), place / "other.backup"
    with tarfile.open(file) as source, tarfile.open(other, "w") as target:
        for info in source:
            member = source.extractfile(info)
            assert member is not None
            data = member.read()
            if info.name.endswith(".webp"):
                data = data[:-1] + b"x"
            target.addfile(info, io.BytesIO(data))
    with pytest.raises(BackupProblem, match="changed"):
        restore(other, verify=True)


@pytest.mark.usefixtures("nothing_left")
def test_another_key_or_none_is_said_so(place: Path, key: Path) -> None:
    file = backup(place, "--key", str(key))
    make_key(place / "another")
    with pytest.raises(BackupProblem, match="was made for another"):
        restore(file, key=place / "another", verify=True)
    with pytest.raises(BackupProblem, match="is encrypted: give its key with --key"):
        restore(file, verify=True)
    public = place / "public"
    public.write_text(next(line for line in key.read_text().splitlines() if "age1" in line).split()[-1])
    with pytest.raises(BackupProblem, match="no secret key"):
        restore(file, key=public, verify=True)
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", "--new-key", str(key))


def test_the_public_half_of_a_key_makes_backups(place: Path, key: Path) -> None:
    public = place / "public"
    public.write_text(next(line for line in key.read_text().splitlines() if "age1" in line).split()[-1])
    assert "Proven" in restore(backup_of_a_post(place, public), key=key, verify=True)


def backup_of_a_post(place: Path, key: Path) -> Path:
    make_post("Street trees")
    return backup(place, "--key", str(key))


# --- Pictures -------------------------------------------------------------------------------------------


def test_a_missing_picture_is_named_and_the_rest_backed_up(place: Path, capsys: Any) -> None:
    make_illustrated_post()
    image = Image.objects.get()
    lost = image.path_of(image.variants[0])
    default_storage.delete(lost)
    with pytest.raises(SystemExit) as ended:
        backup(place)
    assert ended.value.code == 1
    assert lost in capsys.readouterr().err
    assert "Proven" in restore(place / "desk.backup", verify=True)


def test_no_file_is_deleted_while_a_backup_runs(capsys: Any) -> None:
    make_illustrated_post()
    image = Image.objects.get()
    path = image.path_of(image.variants[0])
    with connect() as other:
        other.execute(statement(Call.SESSION, Lock.BACKUP, DELETING_FILES))
        assert not delete_files(image.name)
        assert default_storage.exists(path)
    assert delete_files(image.name)
    assert not default_storage.exists(path)


# --- Who may, and when ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
def test_two_backups_are_not_made_at_once(place: Path) -> None:
    with connect() as other:
        other.execute(statement(Call.SESSION, Lock.BACKUP))
        with pytest.raises(CommandError, match="Another backup is being made"):
            backup(place)
    backup(place)
    with pytest.raises(CommandError, match="exists already"):
        backup(place)


def test_the_role_of_the_application_may_neither_back_up_nor_restore(
    as_application: dict[str, Any], place: Path, key: Path
) -> None:
    owner = {name: as_application[name] for name in ("USER", "PASSWORD")}
    application = {name: connection.settings_dict[name] for name in owner}
    connection.close()
    connection.settings_dict.update(owner)
    file = backup(place, name="of the owner")
    connection.close()
    connection.settings_dict.update(application)
    with pytest.raises(BackupProblem, match=r"may not create databases.*CREATEDB"):
        restore(file, verify=True)
    with pytest.raises(CommandError, match="set MIGRATION_DATABASE_URL"):
        backup(place)
    assert leftovers(place) == []


@pytest.mark.usefixtures("nothing_left")
def test_a_desk_with_content_is_not_replaced_by_the_way(place: Path) -> None:
    make_post("Street trees")
    file = backup(place)
    with pytest.raises(BackupProblem, match="not empty: --replace"):
        restore(file)
    with connect(), pytest.raises(BackupProblem, match="The desk is running: its database has 1 other conn"):
        restore(file, replace=True)
    assert Post.objects.count() == 1


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_a_desk_that_is_started_in_the_middle_stays_as_it_is(place: Path, settings: Any) -> None:
    make_illustrated_post()
    file, others = backup(place), []
    settings.MEDIA_ROOT = place / "other media"

    def say(text: str) -> None:
        if text.startswith("Pictures"):
            others.append(connect())

    with pytest.raises(BackupProblem, match="The desk is running"):
        restore_backup(RestoreOptions(file, replace=True), say)
    others[0].close()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


# --- Versions -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
def test_an_older_backup_is_migrated_and_a_newer_one_refused(place: Path) -> None:
    make_post("Street trees")
    run = connection.cursor().execute
    try:
        # It changes no table, so that its row alone makes the difference.
        run("DELETE FROM django_migrations WHERE (app, name) = ('tasks', '0017_status_labels')")
        older = backup(place, name="older")
        run(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '0017_status_labels', now())"
        )
        run("INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '9999_future', now())")
        newer = backup(place, name="newer")
    finally:
        run("DELETE FROM django_migrations WHERE name = '9999_future'")
    assert "Migrated: 1 migrations" in restore(older, verify=True)
    with pytest.raises(BackupProblem, match=r"newer version: its database has tasks\.9999_future"):
        restore(newer, verify=True)


# --- A full disk ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
def test_a_disk_that_is_full_leaves_nothing(place: Path) -> None:
    make_post("Street trees")
    result = subprocess.run(
        [sys.executable, "manage.py", "backup", str(place / "desk.backup")],
        cwd=BASE_DIR, capture_output=True, text=True, timeout=100,
        env=os.environ | {"DATABASE_URL": database_url(), "DATA_DIR": str(place / "data")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )  # fmt: skip
    assert result.returncode == 1
    assert "The backup cannot be written to" in result.stderr
    assert "Nothing is left of it" in result.stderr
    assert not (place / "desk.backup").exists()


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
