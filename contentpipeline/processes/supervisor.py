"""The processes that `manage.py up` runs: started again when they end, and all ended together.

Each is a fork of this process, which has loaded the project once: they start at once and share its memory.
This process itself never talks to the database, so that nothing which hangs there can keep it from its work.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from setproctitle import setproctitle

from contentpipeline.processes import lifetime
from contentpipeline.processes.process_tree import FrozenProcesses, send
from contentpipeline.processes.restarts import Restarts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ctypes import c_int
    from multiprocessing.context import ForkProcess

    from contentpipeline.processes.stop_flag import StopFlag

STOP_SECONDS = 10
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SUPERVISOR = "DESK_SUPERVISOR"
"""In a child's environment, so that it is known in what it becomes by exec too: the number of its parent."""


@dataclass
class Child:
    name: str
    title: str
    """What `ps` shows."""
    run: Callable[[], None]
    process: ForkProcess | None = None
    stop_last: bool = False
    server: c_int | None = None
    """In shared memory: the process for which this one stands, and whose end is the one to report."""
    server_exitcode: int | None = None
    start_at: float = 0.0

    def __post_init__(self) -> None:
        self.restarts = Restarts(self.name)

    def signal(self, sign: signal.Signals) -> None:
        if self.process is not None and self.process.pid and self.process.is_alive():
            send(sign, [self.process.pid])

    def end(self, seconds: float) -> None:
        """Wait this long for its end, and then kill it."""
        if self.process is not None:
            self.process.join(seconds)
            self.kill_group()
            self.process.join()

    def kill_group(self) -> None:
        """End it and whatever it started and left behind."""
        if self.process is not None and self.process.pid:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass


class Supervisor:
    """Starts children again when they end. For the main thread: a fork dies with the thread that made it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._children: list[Child] = []
        self._frozen = FrozenProcesses()
        lifetime.adopt_orphans()

    def start(
        self,
        name: str,
        title: str,
        run: Callable[[], None],
        *,
        stop_last: bool = False,
        server: c_int | None = None,
    ) -> None:
        """Run `run` in a process of its own, and again whenever that ends."""
        child = Child(name, title, run, stop_last=stop_last, server=server)
        self._children.append(child)
        child.process = fork(title, run)

    def has_dead(self) -> bool:
        return any(child.process is not None and not child.process.is_alive() for child in self._children)

    def check(self) -> None:
        """Restart what ended, end what is frozen. Call it every second. Raises CrashLoop."""
        for frozen in self._frozen.end():
            self._say(f"Process {frozen.pid} ({frozen.title()}) was frozen: ending it.")
        self._reap_orphans()
        for child in self._children:
            if child.process is not None and not child.process.is_alive():
                self._handle_exit(child)
            if child.process is None and time.monotonic() >= child.start_at:
                child.process = fork(child.title, child.run)

    def wait(self, others: Sequence[StopFlag], seconds: float) -> None:
        """Until there is something to handle: a child that ended or is due, or one of `others`."""
        due = [child.start_at - time.monotonic() for child in self._children if child.process is None]
        sentinels = [child.process.sentinel for child in self._children if child.process is not None]
        wait([*sentinels, *(other.fileno() for other in others)], timeout=max(0.0, min([seconds, *due])))

    def _handle_exit(self, child: Child) -> None:
        """Decide when the next one starts, and say so. Raises CrashLoop."""
        assert child.process is not None
        exitcode = child.process.exitcode if child.server_exitcode is None else child.server_exitcode
        child.kill_group()
        child.process = child.server_exitcode = None
        self._say(child.restarts.record_exit(exitcode))
        child.start_at = time.monotonic() + child.restarts.pause_seconds

    def _reap_orphans(self) -> None:
        """Of processes that lost their parent this one is the parent, and has to read their exit status."""
        ours = {child.pid for child in multiprocessing.active_children()}
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None or ended.si_pid in ours:
                return
            _, status = os.waitpid(ended.si_pid, 0)
            for child in self._children:
                if child.server is not None and child.server.value == ended.si_pid:
                    child.server_exitcode = os.waitstatus_to_exitcode(status)

    def stop(self) -> None:
        """End all of them at once, but for those that the others need."""
        for is_last in (False, True):
            ending = [child for child in self._children if child.stop_last == is_last]
            for child in ending:
                child.signal(signal.SIGTERM)
                child.signal(signal.SIGCONT)  # a frozen process would not receive it
            deadline = time.monotonic() + STOP_SECONDS
            for child in ending:
                child.end(max(0.1, deadline - time.monotonic()))


def fork(title: str, run: Callable[[], None], *, daemon: bool = False) -> ForkProcess:
    """Run it in a fork, in a process group of its own: Ctrl-C in a terminal reaches this process alone.

    It gets SIGTERM when this process dies, even by kill -9. A daemon has no children, and is not waited for.
    """
    parent = os.getpid()

    def begin() -> None:
        os.setpgid(0, 0)
        for sign in SIGNALS:
            signal.signal(sign, signal.SIG_DFL)
        lifetime.die_with_parent(signal.SIGTERM, parent=parent)
        setproctitle(title)
        os.environ[SUPERVISOR] = str(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        run()

    child = multiprocessing.get_context("fork").Process(target=begin, name=title, daemon=daemon)
    with _signals_wait():
        child.start()
    return child


def is_supervised() -> bool:
    """Whether this is a child of `manage.py up`, which ends what is frozen anywhere below it."""
    return os.environ.get(SUPERVISOR) == str(os.getppid())


@contextmanager
def _signals_wait() -> Iterator[None]:
    """A signal between the fork and the child's own handlers would meet its parent's."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def wait_until(condition: Callable[[], object], seconds: float, pause: float = 0.05) -> bool:
    """Whether it holds within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
