"""Stand-ins for parsers that go wrong. They harm nothing but the process they run in, which must be another.

Known by name to the processes that compute, so free of Django.
"""

from __future__ import annotations

import os
import signal
import time
from typing import NoReturn

from tasks.pipeline.reading.types import Block, Reading
from tasks.pipeline.types import BlockKind


class Odd(Exception):
    """An error that cannot be made again from its text alone, as many libraries have."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__(f"odd at {line}:{column}")


def fine(data: bytes, *_: object) -> Reading:
    block = Block(kind=BlockKind.PARAGRAPH, text=data.decode())
    return Reading(blocks=(block,), media_type="text/plain", reader="fine 1", title="A title")


def sleeps(*_: object) -> NoReturn:
    while True:
        time.sleep(1)


def computes(*_: object) -> NoReturn:
    while True:
        pass


def allocates(*_: object) -> int:
    blocks = [bytearray(16 * 1024**2) for _ in range(1_000)]
    return len(blocks)


def recurses(*_: object) -> int:
    return _deeper(0)


def _deeper(depth: int) -> int:
    # Without `*_`: before 3.13.8, Python 3.13 counts no calls of functions that take any number of arguments.
    return _deeper(depth + 1)


def raises_odd(*_: object) -> NoReturn:
    raise Odd(1, 2)


def exits(*_: object) -> NoReturn:
    raise SystemExit(0)


def interrupts(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def dies(*_: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def asserts(*_: object) -> NoReturn:
    raise AssertionError("never")


def shows_environment(*_: object) -> tuple[str, str]:
    return "Environment", " ".join(os.environ)


def returns_what_cannot_be_carried(*_: object) -> object:
    return lambda: None


BROKEN = (
    sleeps, computes, allocates, recurses, raises_odd, exits, interrupts, dies, asserts,
    returns_what_cannot_be_carried,
)  # fmt: skip
