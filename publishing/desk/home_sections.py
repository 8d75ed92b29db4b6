"""What the desk's first page shows of the site: what can go online, what went, and what could not."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from publishing.models import Post, Schedule
from publishing.models.posts import LONG_FIELDS
from tasks.home import ROWS, HomeSection, register
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import ContentTask
from tasks.navigation import permitted

FAILED_WITHIN = timedelta(days=14)


def to_publish(user: User) -> QuerySet[ContentTask]:
    """Approved texts without a schedule, and approved updates of live ones."""
    is_approved = Q(status=Status.APPROVED) | Q(update_state=Update.APPROVED)
    schedules = Schedule.objects.open().of_texts().filter(draft=OuterRef("draft__pk"))
    return (
        ContentTask.objects.filter(is_approved, ~Exists(schedules), draft__isnull=False)
        .select_related("draft")
        .only("status", "status_changed_at", "update_state", "draft__title")
        .order_by("status_changed_at")[: ROWS + 1]
    )


def just_published(user: User) -> QuerySet[Post]:
    return Post.objects.published().defer(*LONG_FIELDS)[: ROWS + 1]


def failed_schedules(user: User) -> QuerySet[Schedule]:
    """What was planned and did not happen, unless it can no longer happen or the text went online since."""
    since = timezone.now() - FAILED_WITHIN
    failing = Schedule.objects.filter(Q(failed_at__gt=since) | (Q(ended_at=None) & ~Q(last_error="")))
    waiting = failing.filter(
        Q(action=Schedule.Action.PUBLISH, draft__task__status=Status.APPROVED)
        | Q(action=Schedule.Action.UPDATE, draft__task__update_state=Update.APPROVED)
        | Q(action=Schedule.Action.WITHDRAW, draft__post__is_live=True)
    ).select_related("draft")
    return waiting.defer("draft__body", "draft__citations").order_by("-publish_at")[: ROWS + 1]


register(
    HomeSection(
        "publish", "To be published", 12, to_publish, "desk/home/_publish.html",
        permitted("publishing.publish_post", "tasks.view_draft"),
        empty="Nothing approved waits to be published.", more="desk:queue", more_query="queue=approved",
        is_cached=True,
    )
)  # fmt: skip
register(
    HomeSection(
        "published", "Just published", 40, just_published, "desk/home/_post.html",
        permitted("publishing.view_post"),
        empty="Nothing has been published yet.", more="publishing_desk:published", is_aside=True,
        is_cached=True,
    )
)  # fmt: skip
register(
    HomeSection(
        "schedules", "Planned and not done", 45, failed_schedules, "desk/home/_schedule.html",
        permitted("tasks.view_draft"), more="desk:queue", more_query="queue=scheduled",
        is_aside=True, is_bad=True,
    )
)  # fmt: skip
