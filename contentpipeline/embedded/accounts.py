"""The account that the embedded server runs as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentpipeline.embedded.paths import DatabaseUnavailable, Files, binary
from contentpipeline.processes import lifetime


@dataclass(frozen=True)
class Account:
    """The account that the server runs as."""

    uid: int
    options: dict[str, Any]


def account_of(files: Files) -> Account:
    """The account to run the server as: the owner of the database cluster once there is one."""
    uid = os.geteuid()
    if uid != 0 and _is_known(uid):
        return Account(uid, {})
    nobody = _nobody()
    if uid == 0 and server_uid(files) == nobody.pw_uid and _is_open_to_all(Path(binary("postgres")), files):
        switch = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        return Account(nobody.pw_uid, switch)
    # `nobody` cannot reach the binaries or the data, or the account has no name, which initdb insists on.
    namespace = Account(
        uid, {"preexec_fn": lambda: lifetime.enter_user_namespace(nobody.pw_uid, nobody.pw_gid)}
    )
    _check_namespace(namespace, files)
    return namespace


def _check_namespace(account: Account, files: Files) -> None:
    problem = (
        "The embedded database cannot run here: PostgreSQL refuses to run as root, and another account "
        f"cannot reach {files.data_dir} and the environment. Run this as an ordinary user, move both to "
        "where every account can enter, or set DATABASE_URL."
    )
    if files.home.exists() and files.home.stat().st_uid != account.uid:
        raise DatabaseUnavailable(problem)
    try:
        run([binary("postgres"), "--version"], account, cwd=files.data_dir)
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(problem) from error


def server_uid(files: Files) -> int:
    """The owner of the cluster, or who is going to be."""
    try:
        return files.home.stat().st_uid
    except FileNotFoundError:
        pass
    if os.geteuid() == 0 and _is_open_to_all(Path(binary("postgres")), files):
        return _nobody().pw_uid
    return os.geteuid()


def _is_open_to_all(program: Path, files: Files) -> bool:
    """Whether an account without rights can reach the binaries and the data directory.

    What does not exist yet counts as open: this module makes it so.
    """
    paths = [program.resolve(), files.data_dir.resolve()]
    return all(
        path.stat().st_mode & stat.S_IXOTH
        for given in paths
        for path in (given, *given.parents)
        if path.exists()
    )


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise DatabaseUnavailable(
            "The embedded database runs as `nobody` when started by root, and there is no such account here: "
            "run this as an ordinary user, or set DATABASE_URL."
        ) from None


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def run(command: list[str], account: Account, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    # PG… variables of the caller would change what the server does.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with tempfile.TemporaryFile("w+") as output:
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**environment, "LC_ALL": "C"},
            **account.options,
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read())
