"""Computing in a process of its own, within limits of time and memory: what goes wrong there ends only that.

A worker forks such processes by itself (tasks/engine/compute.py). Elsewhere, in a web server's thread or a
command, a process is started for each computation: forking a process with threads is no sure thing.
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

_PLACES = threading.BoundedSemaphore(os.cpu_count() or 1)
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
"""The environment of such a process: it has no business with keys and passwords."""
_START = "from tasks.pipeline.isolation import main; main()"


class ComputationFailed(Exception):
    """The process ended without a result: it was killed, or exceeded a limit."""


class ComputingLost(Exception):
    """What starts computations is gone or does not answer: none is at fault, and no other can begin."""


@dataclass(frozen=True)
class Limits:
    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int
    """Besides what the process has when it begins."""


def request(function: Callable[..., Any], inputs: tuple[object, ...], limits: Limits | None = None) -> bytes:
    return pickle.dumps((limits, function, inputs))


def answer(request: bytes) -> bytes:
    """Do what is asked for, in the process that was made for it."""
    try:
        limits, function, inputs = pickle.loads(request)
        if limits is not None:
            _limit_this_process(limits)
        return pickle.dumps((True, function(*inputs)))
    except BaseException as error:
        return _carried_over(error)


def result_of(answer: bytes) -> Any:
    """What was computed. Raises what the computation raised, or ComputationFailed."""
    try:
        succeeded, result = pickle.loads(answer)
    except Exception:
        raise ComputationFailed("The process of a computation ended before its result.") from None
    if succeeded:
        return result
    if isinstance(result, Exception):
        raise result
    # An exit or an interrupt over there is no reason to end here.
    raise ComputationFailed(f"The process of a computation ended by {type(result).__name__}.")


def run_isolated(function: Callable[..., Result], *inputs: object, limits: Limits) -> Result:
    """Return `function(*inputs)`, or raise what it raises, or ComputationFailed. Any thread may call it.

    The function is known by its name in its module, as pickle has it; inputs and result must be picklable.
    """
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(str(Path(place).absolute()) for place in sys.path)
    with _PLACES:
        try:
            ended = subprocess.run(
                [sys.executable, "-c", _START],
                input=request(function, inputs, limits),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=limits.wall_seconds,
            )
        except subprocess.TimeoutExpired:
            raise ComputationFailed(f"It took longer than {limits.wall_seconds:g} seconds.") from None
        except OSError as error:
            raise ComputingLost(f"No process could be started: {error.strerror}.") from error
    result: Result = result_of(ended.stdout)
    return result


def main() -> None:
    """The process that `run_isolated` starts."""
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever is printed must not be taken for the answer
    with os.fdopen(answers, "wb") as out:
        out.write(answer(sys.stdin.buffer.read()))
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
    # Whoever waits may be gone.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + 1)


def _carried_over(error: BaseException) -> bytes:
    """The error as bytes that can be read again, or its words where that is not so."""
    try:
        carried = pickle.dumps((False, error))
        pickle.loads(carried)
    except Exception:
        return pickle.dumps((False, ComputationFailed(f"{type(error).__name__}: {error}"[:1000])))
    return carried
