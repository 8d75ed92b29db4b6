"""Restores a backup: read all of it, restore next to the desk, prove it, then take the desk's place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from approvals.audit import actors, chain
from contentpipeline.backups import archive, database_clients
from contentpipeline.backups.encryption import identities
from contentpipeline.backups.errors import BackupProblem, FileDamaged, NotRestorable
from contentpipeline.backups.manifest import check, server_version
from contentpipeline.backups.pictures import AddedPictures
from contentpipeline.backups.proof import Say, prove
from contentpipeline.backups.scratch import DatabaseServer, connected_to, running, server
from contentpipeline.migration_history import why_too_old
from contentpipeline.ownership import as_owner, grant_to_application

STAGE = "restore-"
MAX_JOBS = 8
CONTENT = ("tasks_contenttask", "publishing_post", "approvals_auditentry", "auth_user")


@dataclass(frozen=True)
class RestoreOptions:
    path: Path
    key: Path | None = None
    verify: bool = False
    replace: bool = False
    drop_former: bool = False


@dataclass(frozen=True)
class UnpackedBackup:
    """Where the file is unpacked, and what it says of itself."""

    directory: Path
    manifest: dict[str, Any]
    missing: set[str]

    @property
    def media(self) -> Path:
        return self.directory / archive.MEDIA

    @property
    def heads(self) -> Path:
        return self.directory / archive.HEADS


def restore_backup(options: RestoreOptions, say: Say) -> None:
    """Raises BackupProblem, with nothing changed. What is said of each step goes to `say`."""
    keys = identities(options.key) if options.key else None
    with as_owner(), server() as where:
        is_empty = _is_empty()
        connection.close()  # the desk's database cannot be renamed while this is connected
        proof_only = options.verify and not (options.replace or is_empty)
        if not proof_only:
            _check_replaceable(where, may_replace=options.replace or is_empty)
        where.drop_abandoned()
        with _unpacked(options.path, keys) as stage:
            say(f"Read: {options.path}, made {stage.manifest['made_at']}.")
            with _restored(where, stage) as name:
                say(f"Database: restored next to the desk, as {name}.")
                with connected_to(name):
                    _make_current(say)
                    if options.verify:
                        prove(stage.manifest, stage.media, stage.heads, stage.missing, say)
                if proof_only:
                    say("Proven. The desk was left as it is: --replace would put the backup into its place.")
                    return
                with connected_to(name):
                    _record(stage)
                _take_over(where, name, stage, options.drop_former or is_empty, say)


def _check_replaceable(where: DatabaseServer, *, may_replace: bool) -> None:
    """Raise BackupProblem before anything is done that would come to nothing."""
    if not may_replace:
        raise BackupProblem(
            "This desk is not empty: --replace puts the backup into its place, and sets this one aside; "
            "--verify alone restores into a scratch database and leaves the desk as it is."
        )
    if others := where.others():
        raise BackupProblem(running(others))


def _is_empty() -> bool:
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in tables.intersection(CONTENT):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
            if cursor.fetchone()[0]:
                return False
    return True


@contextmanager
def _unpacked(path: Path, keys: list[Any] | None) -> Iterator[UnpackedBackup]:
    reader = archive.Reader(path, keys)
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        _remove_abandoned()
        directory = Path(tempfile.mkdtemp(prefix=STAGE, dir=settings.DATA_DIR))
    except OSError as error:
        raise BackupProblem(f"{settings.DATA_DIR} cannot be written to: {error.strerror}.") from error
    try:
        try:
            said = _extract(reader, directory)
        except OSError as error:
            raise BackupProblem(
                f"The backup cannot be unpacked in {settings.DATA_DIR}: {error.strerror or error}. "
                "Nothing was changed."
            ) from error
        if not (directory / archive.DATABASE).is_file():
            raise FileDamaged(f"{path} has no database: use another copy.")
        yield UnpackedBackup(directory, said[archive.MANIFEST], set(said[archive.CONTENTS]["missing"]))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _extract(reader: archive.Reader, directory: Path) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, value in reader.extract(directory):
        if name == archive.MANIFEST:
            check(value)  # before the rest is read
        said[name] = value
    return said


def _remove_abandoned() -> None:
    """What a restore that was killed left: no other one runs, as the server's lock is held."""
    for directory in settings.DATA_DIR.glob(f"{STAGE}*"):
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _restored(where: DatabaseServer, stage: UnpackedBackup) -> Iterator[str]:
    """The database next to the desk's; dropped unless it has taken another name by the end."""
    name = where.create()
    try:
        program = database_clients.client("pg_restore", server_version() // 10_000)
        connection.close()
        arguments = [
            "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", "--no-password",
            f"--jobs={min(os.cpu_count() or 1, MAX_JOBS)}",
            *(["--statistics"] if program.major >= database_clients.STATISTICS_SINCE else []),
            str(stage.directory / archive.DATABASE),
        ]  # fmt: skip
        database_clients.restore(program, arguments, name)
        yield name
    except DatabaseError as error:
        raise BackupProblem(f"The database refused the backup: {str(error).splitlines()[0]}") from error
    finally:
        where.drop(name)


def _make_current(say: Say) -> None:
    """Bring an older schema up to date, and give the application's role its rights."""
    if too_old := why_too_old():
        raise NotRestorable(too_old)
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    try:
        if plan:
            call_command("migrate", verbosity=0, interactive=False)
            say(f"Migrated: {len(plan)} migrations, from an older version.")
        grant_to_application(DEFAULT_DB_ALIAS)
    except CommandError as error:
        raise NotRestorable(str(error)) from error


def _record(stage: UnpackedBackup) -> None:
    with transaction.atomic():
        chain.record(
            "backup.restored", object_type="backup", object_id=0, by_name=actors.program(),
            data={
                "account": actors.account(), "made_at": stage.manifest["made_at"],
                "audit_head": stage.manifest["audit_head"],
            },
        )  # fmt: skip


def _take_over(where: DatabaseServer, name: str, stage: UnpackedBackup, drop_former: bool, say: Say) -> None:
    with ExitStack() as undo:
        pictures = AddedPictures(stage.media)
        undo.callback(pictures.remove)
        try:
            pictures.add()
        except OSError as error:
            raise BackupProblem(
                f"The pictures cannot be stored: {error.strerror or error}. The desk is as it was."
            ) from error
        say(f"Pictures: {len(pictures.added)} added, {pictures.present} were there.")
        connection.close()
        former = where.put_in_place(name)
        undo.pop_all()
    try:
        _exchange_heads(stage.heads, say)
    except OSError as error:
        raise BackupProblem(
            f"The backup is in the desk's place, but its audit checkpoints could not be put into "
            f"{settings.AUDIT_HEADS_DIR}: {error.strerror or error}."
        ) from error
    say("The backup is in the desk's place. Start the desk again.")
    with suppress(CommandError):  # of pages that nothing serves at the moment
        call_command("cache", "clear", stdout=StringIO())
    connection.close()
    if drop_former:
        where.drop(former)
        say("The former database was dropped.")
    else:
        say(f"The former database is {former}: DROP DATABASE removes it once it is not needed.")


def _exchange_heads(heads: Path, say: Say) -> None:
    """Checkpoints of the former desk are set aside: they know entries that this chain does not have."""
    directory = Path(settings.AUDIT_HEADS_DIR)
    if directory.is_dir() and any(directory.iterdir()):
        aside = directory.with_name(f"{directory.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        directory.rename(aside)
        say(f"The former audit checkpoints are in {aside}.")
    directory.mkdir(parents=True, exist_ok=True)
    if heads.is_dir():
        for path in sorted(heads.iterdir()):
            shutil.copy2(path, directory / path.name)
