"""Why something could not be sent."""

from __future__ import annotations

from tasks.pipeline.errors import TasksError


class DeliveryFailed(TasksError):
    """One sentence without addresses, which may hold secrets.

    `status` is what an HTTP receiver answered, and None when it did not.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
