"""PostgreSQL's own programs, pg_dump and pg_restore: which of them fits a server, and running it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from contentpipeline.backups.errors import BackupProblem
from contentpipeline.embedded.paths import DatabaseUnavailable, binary
from contentpipeline.processes import lifetime

STATISTICS_SINCE = 18
AS_OWNER = "Only the tables' owner may read everything: set MIGRATION_DATABASE_URL (docs/production.md)."


@dataclass(frozen=True)
class ClientProgram:
    path: str
    major: int


def client(name: str, server_major: int) -> ClientProgram:
    """One of the server's own version if there is one, otherwise a newer one. Raises BackupProblem."""
    found = [program for path in _places(name) if (program := _program(path))]
    for program in found:
        if program.major == server_major:
            return program
    for program in sorted(found, key=lambda program: program.major):
        if program.major > server_major:
            return program
    versions = ", ".join(str(program.major) for program in found) or "none"
    raise BackupProblem(
        f"PostgreSQL here is version {server_major}, and no {name} of that version or a newer one was found "
        f"(found: {versions}): install its client programs (postgresql-client-{server_major})."
    )


def _places(name: str) -> Iterator[str]:
    on_path = shutil.which(name)
    if on_path:
        yield on_path
    for directory in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        yield str(directory / name)
    try:
        yield binary(name)
    except DatabaseUnavailable:
        return


def _program(path: str) -> ClientProgram | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return ClientProgram(path, int(found[1])) if found else None


def address(database: str | None = None) -> tuple[str, dict[str, str]]:
    """Where Django's connection leads, for a command line, and an environment that has the password."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given: dict[str, Any] = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in known - {"options", "client_encoding"} and value not in (None, "")
    }
    password = given.pop("password", "")
    given["dbname"] = database or connection.settings_dict["NAME"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {"LC_ALL": "C"} | ({"PGPASSWORD": str(password)} if password else {})
    return make_conninfo(**given), environment


@contextmanager
def dump(program: ClientProgram, arguments: list[str]) -> Iterator[IO[bytes]]:
    """The output of pg_dump. It is ended with this block; raises BackupProblem if it failed."""
    where, environment = address()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [program.path, *arguments, f"--dbname={where}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment,
            preexec_fn=lifetime.die_with_parent,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            yield process.stdout
            status = process.wait()
        finally:
            process.kill()
            process.stdout.close()
            process.wait()
        if status:
            said = _last(errors)
            remedy = f" {AS_OWNER}" if "permission denied" in said or "privilege" in said else ""
            raise BackupProblem(f"pg_dump failed: {said}.{remedy}")


def restore(program: ClientProgram, arguments: list[str], database: str) -> None:
    """Run pg_restore to its end. Raises BackupProblem with what it said."""
    where, environment = address(database)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [program.path, *arguments, f"--dbname={where}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=environment,
            preexec_fn=lifetime.die_with_parent,
        )  # fmt: skip
        try:
            status = process.wait()
        finally:
            process.kill()
            process.wait()
        if status:
            raise BackupProblem(f"pg_restore failed: {_last(errors)}.")


def _last(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = [line for line in errors.read().decode(errors="replace").splitlines() if line.strip()]
    said = next((line for line in lines if "error:" in line), lines[-1] if lines else "it gave no reason")
    return said.rstrip(".")
