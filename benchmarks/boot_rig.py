"""What the benchmark of starting and idling runs: `manage.py up` of a checkout, and what that takes."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from benchmarks.process_walk import pss_mb
from contentpipeline import embedded
from contentpipeline.processes import lifetime
from contentpipeline.processes.ports import free_port
from contentpipeline.processes.process_tree import Process, trees

READY = "Ready:"
READY_SECONDS = 180.0
STOP_SECONDS = 30.0
INHERITED = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR")
"""Nothing else of the environment, so that no setting of the caller's decides what is measured."""
POSTGRES = "postgres"
# What differs between two starts of the same program, in what a process calls itself.
NUMBERS_AND_NAMES = re.compile(r"[0-9a-f]{12,}|\d[\d.:]*|\b\w+(-\w+){3,}\b")


class NotStarted(Exception):
    """An installation that did not become ready; the message is what it printed."""


@dataclass(frozen=True)
class Start:
    """How long it took until the terminal said that all is ready."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Idle:
    """An idle installation; PostgreSQL is counted apart."""

    processes: int
    pss_mb: float
    by_role: dict[str, tuple[int, float]]
    """How many processes there are of a role, and their memory."""
    cpu_percent: float
    postgres_pss_mb: float
    postgres_cpu_percent: float


class BootedInstallation:
    """One that runs: `manage.py up` and everything below it."""

    def __init__(self, process: subprocess.Popen[str], data_dir: Path, start: Start) -> None:
        self._process, self._data_dir, self.start = process, data_dir, start

    def idle(self, settle_seconds: float, seconds: float) -> Idle:
        time.sleep(settle_seconds)
        before = self.tree()
        began_at = time.monotonic()
        time.sleep(seconds)
        taken = time.monotonic() - began_at
        after = self.tree()
        ours = [process.pid for process in after if process.command != POSTGRES]
        postgres = [process.pid for process in after if process.command == POSTGRES]
        cpu, postgres_cpu = (partial(_cpu_seconds, of_postgres=which) for which in (False, True))
        by_role: dict[str, tuple[int, float]] = {}
        for pid in ours:
            count, memory = by_role.get(role := role_of(pid), (0, 0.0))
            by_role[role] = count + 1, memory + pss_mb(pid)
        return Idle(
            processes=len(ours),
            pss_mb=sum(memory for _, memory in by_role.values()),
            by_role=by_role,
            cpu_percent=100 * (cpu(after) - cpu(before)) / taken,
            postgres_pss_mb=sum(map(pss_mb, postgres)),
            postgres_cpu_percent=100 * (postgres_cpu(after) - postgres_cpu(before)) / taken,
        )

    def tree(self) -> list[Process]:
        return _tree(self._process, self._data_dir)


@contextmanager
def installation(checkout: Path, data_dir: Path) -> Iterator[BootedInstallation]:
    """Start it, wait until it is ready, and stop it afterwards. Raises NotStarted."""
    parent, port = os.getpid(), free_port()
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    began_at = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(checkout / "manage.py"), "up", "--port", str(port), "--data-dir", str(data_dir),
         "--no-sample"],
        cwd=checkout, env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, process_group=0, preexec_fn=lambda: lifetime.die_with_parent(parent=parent),
    )  # fmt: skip
    try:
        _wait_until_ready(process, began_at)
        seconds = time.monotonic() - began_at
        start = Start(seconds, cpu_seconds(_tree(process, data_dir)))
        yield BootedInstallation(process, data_dir, start)
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[str], began_at: float) -> None:
    """Read on in a thread for as long as it runs: a full pipe would hold it up."""
    said: list[str] = []
    ready: queue.Queue[bool] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                said.append(line)
                if READY in line:
                    ready.put(True)
        ready.put(False)

    threading.Thread(target=read, daemon=True).start()
    try:
        is_ready = ready.get(timeout=began_at + READY_SECONDS - time.monotonic())
    except queue.Empty:
        is_ready = False
    if not is_ready:
        raise NotStarted("".join(said[-20:]).strip() or "It printed nothing.")


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- Processes ------------------------------------------------------------------------------------------


def _tree(process: subprocess.Popen[str], data_dir: Path) -> list[Process]:
    """Also where the database server is a daemon, and no child of our processes."""
    return trees([process.pid, *filter(None, [embedded.postmaster(data_dir)])])


def cpu_seconds(processes: Iterable[Process]) -> float:
    """With that of children that have ended."""
    return sum(each.cpu_seconds + each.cpu_seconds_of_ended_children for each in processes)


def _cpu_seconds(processes: list[Process], *, of_postgres: bool) -> float:
    return cpu_seconds(each for each in processes if (each.command == POSTGRES) is of_postgres)


def role_of(pid: int) -> str:
    """What a process is called by `ps`, without paths, options and what is different in every start."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return "ended"
    words = [word.rpartition("/")[2] for word in title.partition(" --")[0].split()]
    if len(words) > 1 and words[0].startswith("python"):
        words = words[1:]
    return " ".join(NUMBERS_AND_NAMES.sub("", " ".join(words)).split()) or "unnamed"


# --- Checkouts ------------------------------------------------------------------------------------------


@contextmanager
def checkout_of(commit: str, repository: Path) -> Iterator[Path | None]:
    """The files of a commit in a temporary directory; None when this is no repository that has it."""
    try:
        packed = subprocess.run(
            ["git", "-C", str(repository), "archive", "--format=zip", commit], capture_output=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="desk-baseline-") as directory:
        ZipFile(BytesIO(packed)).extractall(directory)
        yield Path(directory)


def compile_code(checkout: Path) -> None:
    """Compile what a first start would compile, so that it is not counted as part of the start."""
    apps = [str(checkout / name) for name in ("approvals", "contentpipeline", "publishing", "tasks")]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *apps], stdout=subprocess.DEVNULL)
