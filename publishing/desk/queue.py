"""The publishing queues of the review desk: scheduled texts, and updates to publish."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import F, Q

from approvals.queues import Queue, QueueGroup, Rows, register
from publishing.models import Schedule
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import ContentTask


def scheduled(user: User) -> Rows:
    """Approved texts with a schedule: its time is `publish_at`, its last error `publish_error`."""
    of_texts = Q(draft__schedules__action__in=[Schedule.Action.PUBLISH, Schedule.Action.UPDATE])
    is_approved = Q(status=Status.APPROVED) | Q(update_state=Update.APPROVED)
    return _with_plan(ContentTask.objects.filter(is_approved, of_texts, draft__schedules__ended_at=None))


def withdrawals(user: User) -> Rows:
    """Live posts that are to be withdrawn, with the same columns."""
    return _with_plan(
        ContentTask.objects.filter(
            draft__schedules__action=Schedule.Action.WITHDRAW, draft__schedules__ended_at=None
        )
    )


def _with_plan(tasks: Rows) -> Rows:
    return tasks.annotate(
        publish_at=F("draft__schedules__publish_at"),
        publish_error=F("draft__schedules__last_error"),
        action=F("draft__schedules__action"),
    )


def updates(user: User) -> Rows:
    """Approved newer texts of live posts, which readers do not see yet and for which no time is set."""
    planned = Schedule.objects.open().of_texts().values("draft__task")
    return ContentTask.objects.filter(update_state=Update.APPROVED).exclude(pk__in=planned)


register(
    Queue(
        "updates", "Updates to publish", updates, 65, QueueGroup.PUBLISH, order=("update_changed_at", "pk"),
        hint="Approved newer texts of live posts, which readers do not see yet.",
    )
)  # fmt: skip
register(
    Queue(
        "scheduled", "Scheduled", scheduled, 50, QueueGroup.PUBLISH, order=("publish_at", "pk"),
        takes_from="approved", row="desk/_scheduled_row.html",
        hint="Approved, and published at the time shown.",
    )
)  # fmt: skip
register(
    Queue(
        "withdrawals", "Planned withdrawals", withdrawals, 55, QueueGroup.PUBLISH, order=("publish_at", "pk"),
        row="desk/_scheduled_row.html", hint="Live posts that are taken off the site at the time shown.",
    )
)  # fmt: skip
