"""Going back to a moment, as docs/operations.md says: the embedded PostgreSQL, and one of one's own."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from contentpipeline import embedded
from contentpipeline.embedded.paths import binary
from contentpipeline.processes.ports import free_port

ARCHIVE = "test ! -f {0}/%f && cp %p {0}/%f"
RESTORE = "cp {0}/%f %p"
TIMELINE = """
CREATE TABLE moments (at text);
INSERT INTO moments VALUES ('before');
"""


@dataclass
class Server:
    """A cluster, and the account that runs it: PostgreSQL refuses to run as root."""

    cluster: Path
    conninfo: str
    as_account: dict[str, object]

    def run(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [binary(name), *arguments], cwd=self.cluster.parent, timeout=100, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            **self.as_account,
        )  # fmt: skip
        assert done.returncode == 0, f"{name}: {done.stdout[-2000:]}"
        return done.stdout

    def control(self, verb: str, cluster: Path, *options: str) -> None:
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        log = cluster.parent / f"{cluster.name}.log"
        arguments = ["--wait", "--timeout=60", f"--pgdata={cluster}", f"--log={log}", *options]
        wanted = arguments if verb == "start" else arguments[:3]
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [binary("pg_ctl"), verb, *wanted], cwd=cluster.parent, timeout=100, check=False,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self.as_account,
            )  # fmt: skip
            output.seek(0)
            assert done.returncode == 0, output.read() + (log.read_text() if log.exists() else "")

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.conninfo, autocommit=True)


def account(owner: int) -> dict[str, object]:
    if os.geteuid() != 0 or owner == 0:
        return {}
    found = pwd.getpwuid(owner)
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


@pytest.fixture
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def open_directory(path: Path, owner: int) -> Path:
    path.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(path, owner, -1)
    return path


def write_then_lose(server: Server, archive: Path, base: Path) -> str:
    """A base backup, something after it, a moment, and then the mistake. Returns the moment."""
    with server.connect() as connection:
        connection.execute(TIMELINE)
    server.run(
        "pg_basebackup",
        f"--dbname={server.conninfo}",
        f"--pgdata={base}",
        "--checkpoint=fast",
        "--no-password",
    )
    with server.connect() as connection:
        connection.execute("INSERT INTO moments VALUES ('after the base backup')")
        moment = connection.execute("SELECT clock_timestamp()::text").fetchone()
        time.sleep(0.1)
        connection.execute("DROP TABLE moments")
        last = connection.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()
        assert moment is not None
        assert last is not None
        connection.execute("SELECT pg_switch_wal()")
        deadline = time.monotonic() + 60
        while not (archive / str(last[0])).exists():
            assert time.monotonic() < deadline, "the last segment was not archived"
            time.sleep(0.2)
    return str(moment[0])


def prepare_recovery(base: Path, archive: Path, moment: str) -> None:
    settings = {
        "archive_mode": "off",  # or what is written now would be archived among what was
        "restore_command": RESTORE.format(archive),
        "recovery_target_time": moment,
        "recovery_target_action": "promote",
    }
    with (base / "postgresql.auto.conf").open("a") as file:
        file.write("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
    signal = base / "recovery.signal"
    signal.touch()
    if os.geteuid() == 0:
        os.chown(signal, base.stat().st_uid, -1)


def moments(conninfo: str) -> list[object]:
    deadline = time.monotonic() + 30
    while True:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            ended = connection.execute("SELECT NOT pg_is_in_recovery()").fetchone()
            if (ended and ended[0]) or time.monotonic() > deadline:
                return [at for (at,) in connection.execute("SELECT at FROM moments ORDER BY at DESC")]
        time.sleep(0.2)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_embedded_database_goes_back_to_a_moment(directory: Path) -> None:
    data = directory / "data"
    embedded.use(data).release()
    home = data / "postgres"
    owner = home.stat().st_uid
    archive, base = open_directory(home / "archive", owner), home / "base"
    in_use = embedded.use(data)
    where = embedded.owner_settings(data)
    conninfo = f"host={where['HOST']} port={where['PORT']} user={where['USER']} dbname={where['NAME']}"
    server = Server(home / "data", conninfo, account(owner))
    with server.connect() as connection:
        connection.execute("ALTER SYSTEM SET archive_mode = 'on'")
        connection.execute(f"ALTER SYSTEM SET archive_command = '{ARCHIVE.format(archive)}'")
    in_use.release()
    in_use = embedded.use(data)
    try:
        moment = write_then_lose(server, archive, base)
    finally:
        in_use.release()
    (home / "data").rename(home / "data.lost")
    base.rename(home / "data")
    prepare_recovery(home / "data", archive, moment)
    in_use = embedded.use(data)
    try:
        assert moments(conninfo) == ["before", "after the base backup"]
    finally:
        in_use.release()


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_server_of_one_s_own_goes_back_to_a_moment(directory: Path) -> None:
    owner = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    home = open_directory(directory / "server", owner)
    port, archive, base = free_port(), open_directory(home / "archive", owner), home / "base"
    password = home / "password"
    password.write_text("secret\n")
    if os.geteuid() == 0:
        os.chown(password, owner, -1)
    conninfo = f"host=127.0.0.1 port={port} user=dba password=secret dbname=postgres"
    server = Server(home / "data", conninfo, account(owner))
    server.run(
        "initdb", f"--pgdata={server.cluster}", "--username=dba", "--auth=scram-sha-256",
        f"--pwfile={password}", "--encoding=UTF8", "--locale=C",
    )  # fmt: skip
    network = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    archiving = f"-c archive_mode=on -c archive_command={shlex.quote(ARCHIVE.format(archive))}"
    server.control("start", server.cluster, f"--options={network} {archiving}")
    try:
        moment = write_then_lose(server, archive, base)
    finally:
        server.control("stop", server.cluster)
    prepare_recovery(base, archive, moment)
    server.control("start", base, f"--options={network}")
    try:
        assert moments(conninfo) == ["before", "after the base backup"]
    finally:
        server.control("stop", base)
