"""The processes below this one, as the kernel lists them, and the end of those that are frozen.

A process that was stopped (SIGSTOP) still holds its locks and connections, and its parent sees nothing wrong:
the kernel reports only its end. Once it has ended, it is replaced like any other.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

FROZEN_SECONDS = 2.0
"""How long a process may be stopped before it is killed."""
CHECK_SECONDS = 1.0

STOPPED, ZOMBIE = "T", "Z"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    state: str
    """One letter, as in /proc/PID/stat: T is stopped, Z has ended."""
    command: str
    stat: tuple[str, ...] = field(repr=False)
    """What the kernel says from the state on: see proc_pid_stat(5)."""
    read_title: str = ""
    """Its title while it was still there."""

    @property
    def started(self) -> int:
        """In ticks since the machine was started. The number alone may belong to another process by now."""
        return int(self.stat[19])

    @property
    def cpu_seconds(self) -> float:
        return (int(self.stat[11]) + int(self.stat[12])) / TICKS

    @property
    def cpu_seconds_of_ended_children(self) -> float:
        return (int(self.stat[13]) + int(self.stat[14])) / TICKS

    def title(self) -> str:
        """Its command line, or the title it set; empty when it has ended and was not read before."""
        if self.read_title:
            return self.read_title
        try:
            return (
                Path(f"/proc/{self.pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
                .strip()
            )
        except OSError:
            return ""


def processes() -> dict[int, Process]:
    """All of this machine, or of this container, by number."""
    found = (process_of(name) for name in os.listdir("/proc") if name.isdecimal())
    return {each.pid: each for each in found if each is not None}


def trees(roots: Iterable[int]) -> list[Process]:
    """These processes, what they started and what that started, without those that have ended."""
    everything, by_parent = processes(), dict[int, list[Process]]()
    for each in everything.values():
        by_parent.setdefault(each.parent, []).append(each)
    found: dict[int, Process] = {}
    waiting = [everything[pid] for pid in roots if pid in everything]
    while waiting:
        each = waiting.pop()
        if each.pid not in found:
            found[each.pid] = each
            waiting += by_parent.get(each.pid, [])
    return [each for each in found.values() if each.state != ZOMBIE]


def descendants(pid: int) -> list[Process]:
    """What `pid` started and what that started, without those that have ended."""
    return [each for each in trees([pid]) if each.pid != pid]


def is_alive(pid: int) -> bool:
    """False also for a zombie, which has ended and waits for its parent to read its status."""
    found = process_of(pid)
    return found is not None and found.state != ZOMBIE


class FrozenProcesses:
    """Ends descendants of this process that have been stopped for long, so that they are replaced."""

    def __init__(self, frozen_seconds: float = FROZEN_SECONDS) -> None:
        self._frozen_seconds = frozen_seconds
        self._since: dict[int, float] = {}
        self._check_at = 0.0

    def end(self) -> list[Process]:
        """Call it often: it checks once a second, and returns what it has ended."""
        now = time.monotonic()
        if now < self._check_at:
            return []
        self._check_at = now + CHECK_SECONDS
        stopped = {process.pid: process for process in descendants(os.getpid()) if process.state == STOPPED}
        self._since = {pid: self._since.get(pid, now) for pid in stopped}
        due = [stopped[pid] for pid, since in self._since.items() if now - since >= self._frozen_seconds]
        # A process that was killed has no title any more.
        frozen = [replace(process, read_title=process.title()) for process in due]
        for process in frozen:
            is_tried_again = now - self._since[process.pid] >= 2 * self._frozen_seconds
            _end(process, [signal.SIGKILL] if is_tried_again else _signals_for(process))
        return frozen


class NoFrozenProcesses(FrozenProcesses):
    """For a process below one that ends frozen processes already."""

    def end(self) -> list[Process]:
        return []


def _signals_for(process: Process) -> list[signal.Signals]:
    """Of PostgreSQL, a session and a server can be asked to end as soon as they wake up.

    A part of it that is killed has it end all sessions and recover from its log.
    """
    if process.command != "postgres":
        return [signal.SIGKILL]
    is_server = not process.title().startswith("postgres:")
    return [signal.SIGINT if is_server else signal.SIGTERM, signal.SIGCONT]


def _end(process: Process, signals: Iterable[signal.Signals]) -> None:
    for sign in signals:
        send(sign, [process.pid])


def send(sign: signal.Signals, pids: Iterable[int]) -> None:
    """Send it to those that still exist and are ours to signal."""
    for pid in pids:
        try:
            os.kill(pid, sign)
        except (ProcessLookupError, PermissionError):
            pass


def process_of(pid: int | str) -> Process | None:
    """The process of this number; None when there is none."""
    try:
        # All of them are read every second, so no file object is made.
        file = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
        try:
            stat = os.read(file, 4096).decode(errors="replace")
        finally:
            os.close(file)
    except OSError:
        return None
    # The command stands in parentheses and may hold any character.
    command, _, rest = stat.partition("(")[2].rpartition(")")
    fields = tuple(rest.split())
    return Process(int(pid), int(fields[1]), fields[0], command, fields)
