"""The processes of an installation, and a name for the role of each."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass, replace
from pathlib import Path

from contentpipeline import embedded
from contentpipeline.processes import process_tree
from contentpipeline.processes.process_tree import Process, process_of

OPTIONS = re.compile(r"\s-.*")
DIGITS = re.compile(r"\d+")
VARIES = re.compile(r"\b(?:Process-[0-9a-f]+|(?<=MainProcess) \S+|(?:idle|busy)$|[\d.]+:\d+)")
"""In titles that django-q2 and granian give: names made up at each start, states, addresses."""
BACKEND = "postgres: backend"
TRANSIENT = (BACKEND, "postgres: autovacuum worker", "postgres: parallel worker", "postgres: io worker")

TreePosition = tuple[str, str, int]


@dataclass(frozen=True)
class FoundProcess:
    pid: int
    parent: int
    started: int
    command: str
    role: str = ""
    parent_role: str = ""
    depth: int = 0

    @property
    def place(self) -> TreePosition:
        """The role, distinguished from that of a process elsewhere in the tree with the same name."""
        return self.role, self.parent_role, self.depth

    def signal(self, sign: signal.Signals) -> bool:
        """False when it has ended."""
        if not self.is_alive():
            return False
        try:
            os.kill(self.pid, sign)
        except ProcessLookupError:
            return False
        return True

    def is_alive(self) -> bool:
        now = process_of(self.pid)
        return now is not None and now.started == self.started and now.state != process_tree.ZOMBIE

    def is_stopped(self) -> bool:
        now = process_of(self.pid)
        return now is not None and now.started == self.started and now.state == process_tree.STOPPED


def walk(root: int, data_dir: Path) -> list[FoundProcess]:
    """Everything below `root` with it, and the database server of `data_dir`, whatever its parent is."""
    roots = [root, *filter(None, [embedded.postmaster(data_dir)])]
    everything = {process.pid: _found(process) for process in process_tree.trees(roots)}
    children: dict[int, list[FoundProcess]] = {}
    for found in everything.values():
        children.setdefault(found.parent, []).append(found)
    named: dict[int, FoundProcess] = {}
    waiting = [(everything[pid], 0) for pid in roots if pid in everything]
    while waiting:
        process, depth = waiting.pop(0)
        if process.pid in named:
            continue
        role = process.role or _title(process.command)
        named[process.pid] = replace(process, role=role, depth=depth)
        below = sorted(children.get(process.pid, []), key=lambda child: (child.started, child.pid))
        waiting += [(child, depth + 1) for child in _with_positions(below, role)]
    return list(named.values())


def _with_positions(siblings: list[FoundProcess], parent_role: str) -> list[FoundProcess]:
    """A fork that is called what its parent is called is known by its place among those that are too."""
    number, named = 0, []
    title = parent_role.partition(" › ")[0]
    for child in siblings:
        role = _title(child.command)
        if role == title:
            number += 1
            role = f"{parent_role} › {number}"
        named.append(replace(child, role=role, parent_role=parent_role))
    return named


def _title(command: str) -> str:
    """What a process is called: without the interpreter, paths, options and numbers."""
    if command.startswith("postgres: "):
        what = command.removeprefix("postgres: ").strip()
        return BACKEND if "[local]" in what else f"postgres: {DIGITS.sub('', what).strip()}"
    if re.match(r"\S*/postgres ", command):
        return "postgres: postmaster"
    if "manage.py" in command:
        command = command.partition("manage.py")[2]
        return OPTIONS.sub("", command).strip() or "manage.py"
    title = VARIES.sub("", OPTIONS.sub("", command) if command.startswith("/") else command)
    return " ".join(DIGITS.sub("", title).split())[:60]


def lasting(processes: list[FoundProcess]) -> list[FoundProcess]:
    """Those that do not come and go by themselves."""
    return [process for process in processes if not process.role.startswith(TRANSIENT)]


def pss_mb(pid: int) -> float:
    """Its memory, with its share of what it has in common with others; 0 when it has ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _found(process: Process) -> FoundProcess:
    return FoundProcess(process.pid, process.parent, process.started, process.title() or process.command)
