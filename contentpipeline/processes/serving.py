"""The server's main process: it holds the socket, so that workers can be replaced and no request is lost.

SIGHUP reloads everything, code and settings included. The process becomes its new self in place (exec): the
same number, the same socket, and its workers still answer. Once the new workers answer too, the old ones
close their connections after each response for a moment, and then end when they have answered all they have.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import granian
from django.conf import settings
from granian import Granian
from granian._granian import SocketHolder

from contentpipeline.library_versions import check_version
from contentpipeline.processes.process_tree import FrozenProcesses, NoFrozenProcesses
from contentpipeline.processes.supervisor import is_supervised

if TYPE_CHECKING:
    from contentpipeline.processes.maintenance import NoMaintenanceProcess

logger = logging.getLogger(__name__)

WRITTEN_FOR = "2.8"
"""The series of Granian whose internals `Server` overrides."""
HANDOVER = "DESK_SERVE_HANDED_ON"
"""From one image of the process to the next: the socket's number, and the processes to retire."""
DRAIN = signal.SIGUSR1
"""Has a worker close each connection after its next response."""
STOP_SIGNALS = [signal.SIGTERM, signal.SIGINT]
CHECK_SECONDS = 1.0
LOAD_SECONDS = 60.0
"""How long new code may take to load: meanwhile no process that ended is replaced."""
DRAIN_SECONDS = 1.0
READY_SECONDS = 15.0
RETIRE_SECONDS = 30.0
"""How long the last requests of an old worker may take; the new workers answer new ones meanwhile."""
LOADS = "from contentpipeline import asgi; from django.urls import get_resolver; get_resolver().url_patterns"


def check_granian() -> None:
    """Raise UncheckedVersion where another Granian is installed."""
    check_version("granian", granian.__version__, written_for=WRITTEN_FOR, module=__name__)


def listen(host: str, port: int, backlog: int) -> tuple[socket.socket, list[int]]:
    """The listening socket, and the processes that the image before this one has left behind."""
    handed_on = os.environ.pop(HANDOVER, "")
    if handed_on:
        number, *pids = map(int, handed_on.split(","))
        listener = socket.socket(fileno=number)
    else:
        pids = []
        family, *_ = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server((host.strip("[]"), port), family=family, backlog=backlog)
    listener.setblocking(False)
    listener.set_inheritable(True)
    return listener, pids


class Interrupt(threading.Event):
    """What Granian's main loop waits for; its thread, which alone may fork, runs `checks` meanwhile."""

    def __init__(self, *checks: Callable[[], object]) -> None:
        super().__init__()
        self._checks = checks

    def wait(self, timeout: float | None = None) -> bool:
        while not super().wait(CHECK_SECONDS):
            for check in self._checks:
                check()
        return True


class Server(Granian):  # type: ignore[valid-type,misc]  # chosen when it is imported
    """Granian's processes on one socket that is ours.

    By itself each of its workers on Linux has a socket and a queue of its own; what waits in the queue of a
    worker that ends is lost.
    """

    def __init__(
        self,
        target: str,
        listener: socket.socket,
        *,
        maintenance: NoMaintenanceProcess,
        retiring: list[int],
        **options: Any,
    ) -> None:
        """`maintenance` serves no requests: nothing has to be drained before a next image ends it."""
        super().__init__(target, **options)
        self._listener = listener
        self._maintenance = maintenance
        frozen = NoFrozenProcesses() if is_supervised() else FrozenProcesses()
        self.main_loop_interrupt = Interrupt(maintenance.check, frozen.end)
        self._retiring = retiring
        self._ready, self._report = os.pipe()
        os.set_blocking(self._ready, False)

    # --- What workers call ---

    def report_ready(self) -> None:
        """This worker serves requests."""
        os.write(self._report, b".")

    def stop_accepting(self) -> None:
        """Leave new connections to other workers; one that was accepted and not read yet would be lost.

        The socket is shared with them, so it must stay open. But whether this process learns of waiting
        connections is a matter of its own poll, and the kernel lists which of its files that is.
        """
        inode = f"ino:{os.fstat(self._listener.fileno()).st_ino:x} "
        for info in Path("/proc/self/fdinfo").iterdir():
            for line in _lines(info):
                if line.startswith("tfd:") and inode in line:
                    os_poll = select.epoll.fromfd(os.dup(int(info.name)))
                    os_poll.unregister(int(line.split()[1]))
                    os_poll.close()

    # --- What Granian calls ---

    def _init_shared_socket(self) -> None:
        self._ssp, self._sso = None, None
        self._shd = SocketHolder(  # type: ignore[call-arg]  # its stub leaves out what it takes
            self._listener.fileno(), False, self.backlog
        )

    def _drop_shared_socket(self) -> None:
        # Before the workers stop: a connection that no worker will accept is refused, not left to wait.
        self._listener.close()

    def startup(self, *args: Any) -> None:
        signal.signal(DRAIN, signal.SIG_IGN)  # a worker that has not begun has nothing to finish
        # Blocked since before the exec, when they would have ended everything at once.
        self.on_startup(lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS))
        super().startup(*args)
        if self._retiring:
            # After the forks, which would copy its locks.
            threading.Thread(target=self._retire, args=(self._retiring,), name="retire", daemon=True).start()

    def shutdown(self, exit_code: int = 0) -> None:
        old = self._alive(abs(pid) for pid in self._retiring)
        for pid in old:
            _send(pid, signal.SIGTERM)
        deadline = time.monotonic() + (self.workers_kill_timeout or RETIRE_SECONDS)
        super().shutdown(exit_code)
        while self._alive(old) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _reload(self, *_: Any) -> None:
        self.reload_signal = False
        self.main_loop_interrupt.clear()
        reason = self._why_it_does_not_load()
        if self.interrupt_signal:
            return
        if reason is not None:
            logger.error("Not reloaded, because the new code does not load:\n%s", reason)
            return
        # Until the new image has its own handlers, a second SIGHUP is ignored, and SIGTERM waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        if self.interrupt_signal:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            self.main_loop_interrupt.set()
            return
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        workers = [worker._id() for worker in self.wrks]
        # The workers first: what is not to be drained is marked by a minus.
        pids = [*workers, *self._alive(self._retiring), *(-pid for pid in self._maintenance.pids())]
        os.environ[HANDOVER] = ",".join(map(str, [self._listener.fileno(), *pids]))
        os.execv(sys.executable, sys.orig_argv)

    def _why_it_does_not_load(self) -> str | None:
        """Try the new code in a process of its own, which a stop need not wait for."""
        deadline = time.monotonic() + LOAD_SECONDS
        command = [sys.executable, "-c", LOADS]
        with subprocess.Popen(
            command, cwd=settings.BASE_DIR, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as trial:  # fmt: skip
            while True:
                try:
                    _, said = trial.communicate(timeout=0.1)
                except subprocess.TimeoutExpired:
                    is_late = time.monotonic() > deadline
                    if is_late or self.interrupt_signal:
                        trial.kill()
                        return f"It takes longer than {LOAD_SECONDS:g} seconds."
                else:
                    return said if trial.returncode else None

    # --- Retiring ---

    def _retire(self, pids: list[int]) -> None:
        for pid in pids:
            if pid < 0:
                _send(-pid, signal.SIGTERM)
        self._wait_for_workers()
        workers = [pid for pid in pids if pid > 0]
        for pid in workers:
            _send(pid, DRAIN)
        time.sleep(DRAIN_SECONDS)
        for pid in workers:
            _send(pid, signal.SIGTERM)
        deadline = time.monotonic() + RETIRE_SECONDS
        left = [abs(pid) for pid in pids]
        while left := self._alive(left):
            if time.monotonic() > deadline:
                logger.warning("Killing %d old processes that did not end.", len(left))
                for pid in left:
                    _send(pid, signal.SIGKILL)
                deadline += RETIRE_SECONDS
            time.sleep(0.05)

    def _wait_for_workers(self) -> None:
        deadline, ready = time.monotonic() + READY_SECONDS, 0
        while ready < self.workers and (left := deadline - time.monotonic()) > 0:
            if select.select([self._ready], [], [], left)[0]:
                ready += len(os.read(self._ready, 100))

    @staticmethod
    def _alive(pids: Iterable[int]) -> list[int]:
        """Those that have not ended. Of the others the kernel's record is removed, too."""
        alive = []
        for pid in pids:
            try:
                if pid > 0 and os.waitpid(pid, os.WNOHANG) == (0, 0):
                    alive.append(pid)
            except ChildProcessError:
                continue
        return alive


def _lines(info: Path) -> list[str]:
    try:
        return info.read_text().splitlines()
    except OSError:
        return []  # the file that listed them


def _send(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        pass
