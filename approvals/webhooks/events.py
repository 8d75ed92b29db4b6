"""What can be subscribed to. An app further up adds its own events with `register` in `ready`."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.lifecycle import Status


@dataclass(frozen=True)
class Event:
    """`permission` is needed to read over the API what its payload is about."""

    name: str
    description: str
    permission: str


PING = "ping"
"""The name of a test call, which is requested instead of subscribed to."""
DECISION_MADE = "decision.made"

_OF_TASKS = {
    Status.PENDING: "it waits to be written again",
    Status.IN_PROGRESS: "a worker has begun",
    Status.ON_HOLD: "it was put on hold",
    Status.AWAITING_APPROVAL: "its draft awaits a decision",
    Status.APPROVED: "its draft is approved, or was taken off the site",
    Status.REJECTED: "its draft is rejected",
    Status.PUBLISHED: "its draft is online",
    Status.FAILED: "it failed; `error_kind` says of what kind",
    Status.CANCELLED: "it was cancelled",
}

registered_events: dict[str, Event] = {}


def register(*events: Event) -> None:
    registered_events.update({event.name: event for event in events})


def task_event(status: Status) -> str:
    """The name of the move to `status`."""
    return f"task.{status}"


register(
    *[
        Event(task_event(status), f"A task changed status: {says}.", "tasks.view_contenttask")
        for status, says in _OF_TASKS.items()
    ],
    Event(DECISION_MADE, "An editor approved, rejected or asked for changes.", "approvals.view_decision"),
)
