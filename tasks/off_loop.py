"""Computing for longer than a few milliseconds, without holding up everything else on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

Result = TypeVar("Result")

Function = TypeVar("Function", bound=Callable[..., Any])

run_elsewhere: ContextVar[Callable[..., Awaitable[Any]]] = ContextVar(
    "run_elsewhere", default=asyncio.to_thread
)
"""Called with a function and its inputs. A worker with many tasks sets it to one that uses processes."""


def preloads(load: Callable[[], object]) -> Callable[[Function], Function]:
    """Have `load` run before the decorated function does, in the process of which its processes are forks.

    What only computations need is loaded with the first one, and once for all that follow.
    """

    def mark(function: Function) -> Function:
        vars(function)["preload"] = load
        return function

    return mark


async def off_loop(function: Callable[..., Result], *inputs: object) -> Result:
    """Return `function(*inputs)`, computed elsewhere.

    Function, inputs and result must be picklable. In a worker, cancelling ends the computation as well.
    """
    result: Result = await run_elsewhere.get()(function, *inputs)
    return result
