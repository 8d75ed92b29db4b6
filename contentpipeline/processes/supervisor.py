"""The processes that `manage.py up` runs: each in a group of its own, all ended together."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contentpipeline.processes import ties

STOP_SECONDS = 10


class PortUnavailable(Exception):
    """One sentence for the person at the terminal."""


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]

    def signal(self, sign: signal.Signals) -> None:
        try:
            self.process.send_signal(sign)
        except ProcessLookupError:
            pass

    def kill_group(self) -> None:
        """End it and whatever it started and left behind."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


class Supervisor:
    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a child. Its own group: Ctrl-C in a terminal reaches us alone, and we stop it in order."""
        parent = os.getpid()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            env=self._environment,
            process_group=0,
            preexec_fn=lambda: ties.die_with_parent(parent=parent),
        )
        self._children.append(Child(name, process))

    def dead_child(self) -> str:
        """The name and status of a child that ended, or nothing."""
        for child in self._children:
            status = child.process.poll()
            if status is not None:
                how = f"signal {-status}" if status < 0 else f"status {status}"
                return f"{child.name} ended with {how}"
        return ""

    def stop(self) -> None:
        for child in self._children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            child.kill_group()
            child.process.wait()


def check_port(host: str, port: int) -> None:
    """Raise PortUnavailable, with what to do, unless a server could listen there."""
    if not 0 < port < 65536:
        raise PortUnavailable(f"{port} is not a port: choose one from 1 to 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise PortUnavailable(
            f"{host}:{port} is not an address of this machine: choose another --host."
        ) from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise PortUnavailable(_why(error, host, port)) from None


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: stop what uses it, or choose another with make run PORT={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} is not yours to use: choose one above 1023, as in make run PORT=8000."
    return f"{host}:{port} cannot be used ({(error.strerror or str(error)).lower()}): choose another --host."


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
