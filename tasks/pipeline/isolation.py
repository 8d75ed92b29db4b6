"""Runs a function in a process of its own, with limits of time and memory: a failure ends only that process.

A worker forks such processes by itself (tasks/engine/compute.py). Elsewhere, in a web server's thread or a
command, a process is started for each computation: forking a process that has threads is not safe.
"""

from __future__ import annotations

import math
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")

_SLOTS = threading.BoundedSemaphore(os.cpu_count() or 1)
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
"""The environment of such a process: it gets no keys and no passwords."""
_START = "from tasks.pipeline.isolation import main; main()"


class ComputationFailed(Exception):
    """The process ended without a result: it was killed, or exceeded a limit."""


class ComputePoolLost(Exception):
    """The process that starts computations is gone or does not answer: no computation is at fault."""


@dataclass(frozen=True)
class Limits:
    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int
    """In addition to what the process uses when it begins."""


def encode_call(
    function: Callable[..., Any], inputs: tuple[object, ...], limits: Limits | None = None
) -> bytes:
    return pickle.dumps((limits, function, inputs))


def execute_call(call: bytes) -> bytes:
    """Run an encoded call, in the process that was made for it, and encode its result."""
    try:
        limits, function, inputs = pickle.loads(call)
        if limits is not None:
            _limit_this_process(limits)
        return pickle.dumps((True, function(*inputs)))
    except BaseException as error:
        return _encode_error(error)


def decode_result(result: bytes) -> Any:
    """The value of an encoded result. Raises what the computation raised, or ComputationFailed."""
    try:
        succeeded, value = pickle.loads(result)
    except Exception:
        raise ComputationFailed("The process of a computation ended before its result.") from None
    if succeeded:
        return value
    if isinstance(value, Exception):
        raise value
    # An exit or an interrupt of that process must not end this one.
    raise ComputationFailed(f"The process of a computation ended by {type(value).__name__}.")


def run_isolated(function: Callable[..., Result], *inputs: object, limits: Limits) -> Result:
    """Return `function(*inputs)`, or raise what it raises, or ComputationFailed. Thread-safe.

    Function, inputs and result must be picklable: the function is found by its name in its module.
    """
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(str(Path(place).absolute()) for place in sys.path)
    with _SLOTS:
        try:
            ended = subprocess.run(
                [sys.executable, "-c", _START],
                input=encode_call(function, inputs, limits),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=limits.wall_seconds,
            )
        except subprocess.TimeoutExpired:
            raise ComputationFailed(f"It took longer than {limits.wall_seconds:g} seconds.") from None
        except OSError as error:
            raise ComputePoolLost(f"No process could be started: {error.strerror}.") from error
    result: Result = decode_result(ended.stdout)
    return result


def main() -> None:
    """The process that `run_isolated` starts."""
    output = os.dup(1)
    os.dup2(2, 1)  # printed text must not be mistaken for the result
    with os.fdopen(output, "wb") as out:
        out.write(execute_call(sys.stdin.buffer.read()))
    os._exit(0)


def _limit_this_process(limits: Limits) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + limits.memory_bytes
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime + limits.cpu_seconds)
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    # The process that waits may be gone.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + 1)


def _encode_error(error: BaseException) -> bytes:
    """The error pickled, or its text where it cannot be unpickled."""
    try:
        carried = pickle.dumps((False, error))
        pickle.loads(carried)
    except Exception:
        return pickle.dumps((False, ComputationFailed(f"{type(error).__name__}: {error}"[:1000])))
    return carried
