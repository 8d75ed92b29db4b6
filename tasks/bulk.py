"""The same verb for many tasks: each by itself, so that one that refuses does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User

from tasks import actions
from tasks.errors import TransitionRefused
from tasks.lifecycle import TRANSITIONS, Status
from tasks.models import ContentTask

BATCH = 200
PAGE_SECONDS = 20.0
"""How long a page may take to move tasks: its user is waiting in front of an empty window."""
SHOWN_REFUSALS = 3


@dataclass(frozen=True)
class Verb:
    act: Callable[..., None]
    done: str
    """How it is reported."""
    states: frozenset[Status]
    """Where it is offered."""


VERBS = {
    "cancel": Verb(
        actions.cancel,
        "cancelled",
        frozenset(old for old, new in TRANSITIONS.items() if Status.CANCELLED in new),
    ),
    "hold": Verb(
        actions.hold,
        "put on hold",
        frozenset(old for old, new in TRANSITIONS.items() if Status.ON_HOLD in new),
    ),
    "resume": Verb(actions.resume, "resumed", frozenset({Status.ON_HOLD})),
    "retry": Verb(
        actions.retry, "queued again", frozenset({Status.FAILED, Status.CANCELLED, Status.REJECTED})
    ),
}


@dataclass
class BulkMoveResult:
    done: list[tuple[int, str]] = field(default_factory=list)
    """Id and topic of each."""
    refused: list[str] = field(default_factory=list)
    """Why, in a sentence for each."""
    left: int = 0
    """How many were not tried because time was up."""

    def summary(self, done: str) -> str:
        """As in "12 cancelled, 2 refused: Task 3 is published …"."""
        parts = [f"{len(self.done):,} {done}"]
        if self.refused:
            shown = " ".join(self.refused[:SHOWN_REFUSALS])
            more = len(self.refused) - SHOWN_REFUSALS
            parts.append(
                f"{len(self.refused):,} refused: {shown}" + (f" (and {more:,} more)" if more > 0 else "")
            )
        sentence = ", ".join(parts)
        sentence += "" if sentence.endswith(".") else "."
        return f"{sentence} {self.left:,} not processed: run the action again." if self.left else sentence


def move_each(
    verb: str,
    ids: Iterable[int],
    *,
    by: User | None,
    reason: str = "",
    seconds: float | None = None,
    **more: Any,
) -> BulkMoveResult:
    """Try every task, each in a transaction of its own, for at most `seconds`."""
    result, waiting = BulkMoveResult(), list(dict.fromkeys(ids))
    deadline = None if seconds is None else time.monotonic() + seconds
    while waiting and (deadline is None or time.monotonic() < deadline):
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        found = ContentTask.objects.in_bulk(batch)
        for number, task_id in enumerate(batch):
            if deadline is not None and time.monotonic() > deadline:
                waiting = batch[number:] + waiting
                break
            _move(result, verb, found.get(task_id), task_id, by=by, reason=reason, **more)
    result.left = len(waiting)
    return result


def _move(result: BulkMoveResult, verb: str, task: ContentTask | None, task_id: int, **given: Any) -> None:
    if task is None:
        result.refused.append(f"There is no task {task_id}.")
        return
    try:
        VERBS[verb].act(task, **given)
    except TransitionRefused as error:
        result.refused.append(str(error))
    else:
        result.done.append((task.pk, task.topic))
