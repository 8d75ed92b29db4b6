"""Computing for longer than a few milliseconds, without holding up everything else on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from tasks.pipeline.isolation import Limits, run_isolated

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


async def _in_a_new_process(limits: Limits, function: Callable[..., Any], *inputs: object) -> Any:
    return await asyncio.to_thread(run_isolated, function, *inputs, limits=limits)


run_limited: ContextVar[Callable[..., Awaitable[Any]]] = ContextVar("run_limited", default=_in_a_new_process)
"""Called with limits, a function and its inputs, for what must be able to go wrong by itself."""


async def off_loop(function: Callable[..., Result], *inputs: object) -> Result:
    """Return `function(*inputs)`, computed elsewhere.

    Function, inputs and result must be picklable. In a worker, cancelling ends the computation as well.
    """
    result: Result = await run_elsewhere.get()(function, *inputs)
    return result


async def within(limits: Limits, function: Callable[..., Result], *inputs: object) -> Result:
    """The same in a process that is ended at these limits. Raises ComputationFailed when it was."""
    result: Result = await run_limited.get()(limits, function, *inputs)
    return result
