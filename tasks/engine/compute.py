"""Long computations in processes of their own: an event loop with a thousand tasks must not wait for one.

A template process is forked before the worker has threads, connections or a loop. For each computation it
forks a child that shares its memory: such a child costs milliseconds, inherits no socket, and can be killed
at any moment. The standard library's pools offer two of these three, and none inside a django-q2 worker.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import pickle
import signal
import socket
import struct
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, NoReturn

from tasks.pipeline.isolation import (
    ComputationFailed,
    ComputePoolLost,
    Limits,
    decode_result,
    encode_call,
    execute_call,
)

__all__ = ["ComputationFailed", "ComputePool", "ComputePoolLost"]

logger = logging.getLogger(__name__)

MAX_CONCURRENT = os.cpu_count() or 1
NICENESS = 5
"""The loop goes first: it answers people, a computation only its own task."""

START, STOP, END, PING = 1, 2, 3, 4
MESSAGE = struct.Struct("!BQ")
"""To the template: what to do, and the number of the computation.

START comes with the child's socket and is followed by the function, so that the template loads what it needs.
"""
LONGEST_MESSAGE = 1 << 16

MAX_TRIES = 2
"""A process that ended without a result may have been killed from outside; after two, it is at fault."""
PING_SECONDS, ANSWER_SECONDS = 10.0, 30.0
"""How often the template is asked whether it is there, and how long it has: it may be loading something."""


class ComputePool:
    """Runs computations for one worker. Create it before anything else runs in this process."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            ours.close()
            _run_template(theirs)
        theirs.close()
        self._template = ours
        self._numbers = count(1)
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)

    async def run(self, function: Callable[..., Any], *inputs: object) -> Any:
        """Return `function(*inputs)`, or raise what it raises. Cancelling kills the computation."""
        return await self.run_limited(None, function, *inputs)

    async def run_limited(self, limits: Limits | None, function: Callable[..., Any], *inputs: object) -> Any:
        """The same within limits, whose time begins once a slot is free. Raises ComputationFailed."""
        call = encode_call(function, inputs, limits)
        async with self._slots:
            for _ in range(MAX_TRIES - 1):
                began_at = time.monotonic()
                try:
                    return await self._try(function, call, limits)
                except ComputationFailed:
                    if limits is not None and time.monotonic() - began_at >= limits.cpu_seconds:
                        raise  # ended by its limits, as it would be again
                    logger.warning("A computation ended without a result and is tried again")
            return await self._try(function, call, limits)

    async def _try(self, function: Callable[..., Any], call: bytes, limits: Limits | None) -> Any:
        number, connection = self._start(function)
        try:
            async with asyncio.timeout(limits.wall_seconds if limits else None) as clock:
                return await _exchange(connection, call)
        except TimeoutError as error:
            if not clock.expired():
                raise  # by the computation itself
            raise ComputationFailed("It exceeded its time limit.") from error
        finally:
            # After a result there is nothing left to stop.
            self._send(STOP, number)

    async def monitor(self) -> NoReturn:
        """Raises ComputingLost as soon as the template has ended, or some seconds after it froze."""
        is_pending = False
        while True:
            if await self._is_readable(ANSWER_SECONDS if is_pending else PING_SECONDS):
                if not self._template.recv(MESSAGE.size):
                    raise ComputePoolLost("The process that starts computations has ended.")
                is_pending = False
            elif is_pending:
                raise ComputePoolLost("The process that starts computations does not answer.")
            else:
                self._send(PING, 0)
                is_pending = True

    async def _is_readable(self, seconds: float) -> bool:
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._template, readable.set)
        try:
            async with asyncio.timeout(seconds):
                return await readable.wait()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._template)

    def close(self) -> None:
        """End the template, and with it every computation."""
        self._send(END, 0)
        os.waitpid(self._pid, 0)
        self._template.close()

    def _start(self, function: Callable[..., Any]) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        number, reference = next(self._numbers), pickle.dumps(_without_inputs(function))
        try:
            with theirs:
                self._send(START, number, theirs, data=reference)
        except ComputePoolLost:
            ours.close()
            raise
        return number, ours

    def _send(self, what: int, number: int, *sockets: socket.socket, data: bytes = b"") -> None:
        files = [each.fileno() for each in sockets]
        try:
            socket.send_fds(self._template, [MESSAGE.pack(what, number), data], files)
        except OSError as error:
            raise ComputePoolLost("The process that starts computations has ended.") from error


def _without_inputs(function: Callable[..., Any]) -> Callable[..., Any]:
    return _without_inputs(function.func) if isinstance(function, partial) else function


async def _exchange(connection: socket.socket, call: bytes) -> Any:
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        writer.write(call)
        writer.write_eof()
        received = await reader.read()
    except ConnectionError:
        received = b""
    finally:
        writer.close()
    return decode_result(received)


def _run_template(commands: socket.socket) -> NoReturn:
    """Fork a child for each START, kill it at STOP, answer PING. Ends with the worker, as do its children."""
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, signal.SIG_IGN)  # a signal to the whole group is handled by the worker
    running: dict[int, int] = {}
    known: set[bytes] = set()
    try:
        while True:
            message, files, _, _ = socket.recv_fds(commands, LONGEST_MESSAGE, 1)
            what, number = MESSAGE.unpack(message[: MESSAGE.size]) if message else (END, 0)
            if what == END:
                break
            if what == PING:
                commands.send(message)
            elif what == START:
                if (function := message[MESSAGE.size :]) not in known:
                    known.add(function)
                    _preload(function)
                running[number] = _fork_child(commands, files[0])
            elif number in running:
                # Not reaped before: until then no other process can get its number.
                pid = running.pop(number)
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    finally:
        for pid in running.values():
            os.kill(pid, signal.SIGKILL)
        os._exit(0)


def _preload(function: bytes) -> None:
    """Load the function and its `preload`, so that its children share them."""
    try:
        getattr(pickle.loads(function), "preload", bool)()
    except Exception:
        logger.debug("Preloading failed; the computation will report the error", exc_info=True)
    gc.freeze()


def _fork_child(commands: socket.socket, file: int) -> int:
    pid = os.fork()
    if pid:
        os.close(file)
        return pid
    try:
        commands.close()
        os.nice(NICENESS)
        with socket.socket(fileno=file) as connection:
            connection.sendall(execute_call(b"".join(iter(lambda: connection.recv(1 << 16), b""))))
    finally:
        os._exit(0)
