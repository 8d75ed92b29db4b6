"""Makes a backup: one file, of one moment, while the desk goes on.

One transaction sees the moment, and exports it to pg_dump. Pictures never change, and until they are copied
no file of one that was deleted meanwhile goes away (`Lock.BACKUP`).
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from approvals.audit.exports import record_export
from contentpipeline.backups import archive, database_clients
from contentpipeline.backups.encryption import recipients, write_encrypted
from contentpipeline.backups.errors import BackupProblem
from contentpipeline.backups.manifest import WITHOUT_ROWS, manifest, server_version
from contentpipeline.ownership import as_owner
from publishing.images.media_files import MediaFile, named_files, read
from tasks.advisory_locks import DELETING_FILES, Lock, session_lock, try_session_lock

COMPRESSION = "1"
"""Half of the default level's time, for a tenth more bytes."""


@dataclass
class FinishedBackup:
    path: Path
    bytes: int = 0
    pictures: int = 0
    heads: int = 0
    missing: list[str] = field(default_factory=list)
    """Files that the database names and that the storage does not have, or has with other bytes."""


def make_backup(path: Path, *, key: Path | None = None) -> FinishedBackup:
    """Write the backup; the file appears once it is complete. Raises BackupProblem."""
    keys = recipients(key) if key else None
    made = FinishedBackup(path)
    with as_owner(), _only_one():
        program = database_clients.client("pg_dump", server_version() // 10_000)
        with _new_file(path) as file, session_lock(Lock.BACKUP, DELETING_FILES):
            with transaction.atomic():
                record_export(
                    "backup", object_type="backup", object_id=0, by=None, via="command",
                    format="age" if keys else "tar", rows={}, filter={},
                )  # fmt: skip
            with _moment() as snapshot:
                pieces = _pieces(program, snapshot, made)
                if keys:
                    write_encrypted(pieces, file, keys)
                else:
                    for piece in pieces:
                        file.write(piece)
            made.bytes = file.tell()
    return made


@contextmanager
def _only_one() -> Iterator[None]:
    with try_session_lock(Lock.BACKUP) as is_ours:
        if not is_ours:
            raise BackupProblem("Another backup is being made: wait until it has ended.")
        yield


@contextmanager
def _new_file(path: Path) -> Iterator[Any]:
    """A file for this account alone, which gets its name when it is complete, and is gone otherwise."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.unfinished")
    if path.exists():
        raise BackupProblem(f"{path} exists already: give another name, or delete it first.")
    try:
        with open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)  # unlike a rename, it never replaces what came there meanwhile
    except FileExistsError:
        raise BackupProblem(f"{path} exists already: give another name, or delete it first.") from None
    except OSError as error:
        raise BackupProblem(
            f"The backup cannot be written to {path}: {error.strerror or error}. Nothing is left of it."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _moment() -> Iterator[str]:
    """A transaction that sees one moment of the database; yields the name by which others see the same."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # It does nothing while pg_dump works.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _pieces(program: database_clients.ClientProgram, snapshot: str, made: FinishedBackup) -> Iterator[bytes]:
    try:
        about = manifest()
        writer = archive.Writer(time.time())
        yield from writer.member(archive.MANIFEST, json.dumps(about, indent=1).encode())
        arguments = [
            "--format=custom", f"--compress={COMPRESSION}", f"--snapshot={snapshot}", "--no-password",
            *(f"--exclude-table-data={table}" for table in WITHOUT_ROWS),
            *(["--statistics"] if program.major >= database_clients.STATISTICS_SINCE else []),
        ]  # fmt: skip
        with database_clients.dump(program, arguments) as dump:
            yield from writer.database(dump)
        yield from _heads(writer, made, last=about["audit_head"]["seq"])
        yield from _pictures(writer, made)
        counts = {"pictures": made.pictures, "heads": made.heads, "database_bytes": writer.database_bytes}
        yield from writer.end({**counts, "missing": made.missing})
    except DatabaseError as error:
        raise BackupProblem(f"The database failed: {str(error).splitlines()[0]}") from error


def _heads(writer: archive.Writer, made: FinishedBackup, *, last: int) -> Iterator[bytes]:
    """Checkpoints of the audit chain, but for those of entries that came after the moment."""
    for path in sorted(Path(settings.AUDIT_HEADS_DIR).glob("*.json")):
        data = path.read_bytes()
        try:
            is_later = int(json.loads(data)["seq"]) > last
        except (ValueError, TypeError, KeyError):
            is_later = False  # one that was changed is evidence too
        if not is_later:
            made.heads += 1
            yield from writer.member(f"{archive.HEADS}/{path.name}", data)


def _pictures(writer: archive.Writer, made: FinishedBackup) -> Iterator[bytes]:
    for file in named_files():
        data = read(file.path)
        if data is None or not _is_right(file, data):
            made.missing.append(file.path)
            continue
        made.pictures += 1
        yield from writer.member(f"{archive.MEDIA}/{file.path}", data)


def _is_right(file: MediaFile, data: bytes) -> bool:
    return not file.sha256 or sha256(data).hexdigest() == file.sha256
