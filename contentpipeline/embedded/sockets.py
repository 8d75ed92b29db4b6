"""Where the server listens: in a directory that no other account can enter."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from contentpipeline.embedded.accounts import Account, server_uid
from contentpipeline.embedded.paths import DatabaseUnavailable, Files


def socket_dir(files: Files) -> Path:
    """The socket's directory: short, because a socket's path has at most 107 characters.

    A server that runs has the last word: it may have been started with another temporary directory.
    """
    try:
        in_use = files.pid_file.read_text().splitlines()[4]
        if is_private(Path(in_use), server_uid(files)):
            return Path(in_use)
    except (OSError, IndexError):
        pass
    digest = hashlib.sha256(os.fsencode(files.data_dir.resolve())).hexdigest()[:16]
    # With the account: data that was given to another owner must not meet its first owner's directory.
    return Path(tempfile.gettempdir()) / f"desk-{digest}-{server_uid(files)}"


def own_socket_dir(files: Files, account: Account) -> Path:
    """Make the socket's directory, and check that it is ours alone: everyone may write next to it."""
    path = socket_dir(files)
    try:
        path.mkdir(mode=0o700)
        os.chown(path, account.uid, -1)
    except FileExistsError:
        pass
    if not is_private(path, account.uid):
        raise DatabaseUnavailable(
            f"{path} belongs to someone else or is open to others: remove it and try again."
        )
    return path


def is_private(path: Path, owner: int) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not found.st_mode & 0o077
