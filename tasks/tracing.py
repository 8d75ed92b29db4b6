"""Spans of work: the lines of the log that are written within one carry its fields, and a tracer measures it.

There is no tracer until the project installs one: `contentpipeline/telemetry.py` does where settings ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Protocol

Field = str | int | float | bool
Fields = Mapping[str, Field]


class Tracer(Protocol):
    def measure(self, name: str, fields: Fields) -> AbstractContextManager[object]:
        """A span that lasts as long as the block; an exception that leaves the block is recorded with it."""
        ...

    def add(self, name: str, seconds: float, fields: Fields) -> None:
        """A span that ends now, and has lasted for so many seconds."""
        ...


_fields: ContextVar[Fields] = ContextVar("fields of the log", default=MappingProxyType({}))
_installed: list[Tracer] = []


def install(tracer: Tracer) -> None:
    """Measure all spans of this process with it, from now on, in place of an earlier one."""
    _installed[:] = [tracer]


def uninstall() -> None:
    _installed.clear()


def log_fields() -> Fields:
    """The fields of all spans around the caller."""
    return _fields.get()


@contextmanager
def span(name: str, **fields: Field) -> Iterator[None]:
    """A piece of work. Fields say what it is about, by numbers and names; never text that people wrote."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        with ExitStack() as measured:
            for tracer in _installed:
                measured.enter_context(tracer.measure(name, fields))
            yield
    finally:
        _fields.reset(token)


def past_span(name: str, seconds: float, **fields: Field) -> None:
    """A piece of work that has just ended, for a tracer alone."""
    for tracer in _installed:
        tracer.add(name, seconds, fields)
