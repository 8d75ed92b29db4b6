"""The publishing queues of the review desk: scheduled texts, and updates to publish."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import F

from approvals.queues import Queue, Rows, register
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import ContentTask


def scheduled(user: User) -> Rows:
    """Approved texts with a schedule: its time is `publish_at`, its last error `publish_error`."""
    tasks = ContentTask.objects.filter(
        status=Status.APPROVED, draft__schedules__isnull=False, draft__schedules__ended_at=None
    )
    return tasks.annotate(
        publish_at=F("draft__schedules__publish_at"), publish_error=F("draft__schedules__last_error")
    )


def updates(user: User) -> Rows:
    """Approved newer texts of live posts, which readers do not see yet."""
    return ContentTask.objects.filter(update_state=Update.APPROVED)


register(
    Queue(
        "updates", "Updates to publish", updates, 65, order=("update_changed_at", "pk"),
        hint="Approved newer texts of live posts, which readers do not see yet.",
    )
)  # fmt: skip
register(
    Queue(
        "scheduled", "Scheduled", scheduled, 50, order=("publish_at", "pk"), takes_from="approved",
        row="desk/_scheduled_row.html", hint="Approved, and published at the time shown.",
    )
)  # fmt: skip
