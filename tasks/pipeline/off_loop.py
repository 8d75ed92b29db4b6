"""Computations of more than a few milliseconds, which must not block the event loop."""

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
    """Run `load` before the decorated function, in the template process of which its processes are forks.

    What only computations need is loaded with the first of them, once for all that follow.
    """

    def mark(function: Function) -> Function:
        vars(function)["preload"] = load
        return function

    return mark


async def _run_in_new_process(limits: Limits, function: Callable[..., Any], *inputs: object) -> Any:
    return await asyncio.to_thread(run_isolated, function, *inputs, limits=limits)


run_limited: ContextVar[Callable[..., Awaitable[Any]]] = ContextVar(
    "run_limited", default=_run_in_new_process
)
"""Called with limits, a function and its inputs, for computations that may fail or never end."""


async def off_loop(function: Callable[..., Result], *inputs: object) -> Result:
    """Return `function(*inputs)`, computed elsewhere.

    Function, inputs and result must be picklable. In a worker, cancelling ends the computation as well.
    """
    result: Result = await run_elsewhere.get()(function, *inputs)
    return result


async def run_within_limits(limits: Limits, function: Callable[..., Result], *inputs: object) -> Result:
    """The same in a process that is killed at these limits. Raises ComputationFailed when it was."""
    result: Result = await run_limited.get()(limits, function, *inputs)
    return result
