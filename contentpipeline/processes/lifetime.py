"""Process lifetimes: what Linux offers beyond the standard library to end a process with its parent."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWUSER = 0x10000000


def die_with_parent(sign: int = signal.SIGTERM, *, parent: int | None = None) -> None:
    """Make the kernel send this process `sign` when its parent dies, even by kill -9.

    Give `parent` when it may have died before this call: the kernel signals no earlier death.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), sign)


def adopt_orphans() -> None:
    """Be the parent of every process below this one whose own parent has ended, in place of process 1."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_forks_with_parent() -> None:
    """Every fork from here on dies with its parent, so that kill -9 of one ends those below it."""
    parent = 0

    def note_parent() -> None:
        nonlocal parent
        parent = os.getpid()

    def follow_parent() -> None:
        # Not SIGTERM: until the child has its own handlers it has its parent's, which would only set a flag.
        die_with_parent(signal.SIGKILL, parent=parent)

    os.register_at_fork(before=note_parent, after_in_child=follow_parent)


def allow_many_files() -> None:
    """Let this process open as many files and sockets as it is granted: the usual limit is a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def enter_user_namespace(uid: int, gid: int) -> None:
    """Be `uid` and `gid` from here on, while files keep their real owner. Raises OSError where forbidden."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    # The kernel accepts a group map from an ordinary user only once setgroups is given up.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")
