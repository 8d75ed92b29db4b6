"""What the calendar shows: due dates, plans and published posts of a span of days, in three queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from publishing.addresses import path_of
from publishing.models import Post, Schedule
from tasks.due_dates import UNDECIDED
from tasks.fragments import fragment
from tasks.models import ContentTask

MOST = 500
"""Of a kind: the calendar shows no more at once, and says so."""
LABELS = {
    "due": "Due",
    "publish": "Publish",
    "update": "Update",
    "withdraw": "Withdraw",
    "published": "Published",
}


@dataclass(frozen=True)
class CalendarEntry:
    kind: str
    """One of LABELS."""
    pk: int
    """Of the task that is due, or of the schedule or the post."""
    moment: datetime
    title: str
    href: str
    person: str
    problem: str = ""
    may_move: bool = False
    is_late: bool = False

    @property
    def html(self) -> SafeString:
        return fragment("desk/_calendar_entry.html", "entry", self)

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.pk}"

    @property
    def was(self) -> str:
        """The time, exactly, as a move names it."""
        return self.moment.astimezone(UTC).isoformat()

    @property
    def move_address(self) -> str:
        what = "due" if self.kind == "due" else "plan"
        return reverse("publishing_desk:calendar-move", args=[what, self.pk])


@dataclass(frozen=True)
class EntryFilter:
    assignee: User | None = None
    category: str = ""

    def of_task(self, prefix: str = "") -> Q:
        found = Q()
        if self.assignee is not None:
            found &= Q(**{f"{prefix}assignee": self.assignee})
        return found

    def of_category(self, field: str) -> Q:
        return Q(**{f"{field}__iexact": self.category}) if self.category else Q()


def entries_between(
    first: date, last: date, wanted: EntryFilter, user: User
) -> tuple[list[CalendarEntry], bool]:
    """Of these days in the current time zone, in order; and whether some were left out."""
    zone = timezone.get_current_timezone()
    start = datetime.combine(first, time.min, zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)
    found: list[CalendarEntry] = []
    is_truncated = False
    days = (start, end, wanted)
    for rows in (_due(*days, user), _plans(*days, user), _posts(*days)):
        is_truncated |= len(rows) > MOST
        found += rows[:MOST]
    return sorted(found, key=lambda entry: (entry.moment, entry.key)), is_truncated


def _due(start: datetime, end: datetime, wanted: EntryFilter, user: User) -> list[CalendarEntry]:
    may_move, now = user.has_perm("tasks.change_contenttask"), timezone.now()
    tasks = ContentTask.objects.filter(
        wanted.of_task(), wanted.of_category("category"),
        status__in=UNDECIDED, due_at__gte=start, due_at__lt=end,
    ).order_by("due_at", "pk")  # fmt: skip
    rows = tasks.values(
        "pk", "topic", moment=F("due_at"), draft_id=F("draft__pk"), title=F("draft__title"),
        person=F("assignee__username"),
    )  # fmt: skip
    return [
        CalendarEntry(
            "due", row["pk"], row["moment"], row["title"] or row["topic"], _task_address(row),
            row["person"] or "", may_move=may_move, is_late=row["moment"] < now,
        )
        for row in rows[: MOST + 1]
    ]  # fmt: skip


def _plans(start: datetime, end: datetime, wanted: EntryFilter, user: User) -> list[CalendarEntry]:
    may_move = user.has_perm("publishing.publish_post")
    plans = Schedule.objects.open().filter(
        wanted.of_task("draft__task__"), wanted.of_category("draft__category"),
        publish_at__gte=start, publish_at__lt=end,
    )  # fmt: skip
    rows = plans.values(
        "pk", "action", "draft_id", "last_error", moment=F("publish_at"), title=F("draft__title"),
        person=F("by_name"),
    )  # fmt: skip
    return [
        CalendarEntry(
            row["action"], row["pk"], row["moment"], row["title"], _review_address(row["draft_id"]),
            row["person"], problem=row["last_error"], may_move=may_move, is_late=bool(row["last_error"]),
        )
        for row in rows[: MOST + 1]
    ]  # fmt: skip


def _posts(start: datetime, end: datetime, wanted: EntryFilter) -> list[CalendarEntry]:
    posts = Post.objects.published().filter(
        wanted.of_task("draft__task__"), wanted.of_category("category__name"),
        published_at__gte=start, published_at__lt=end,
    ).order_by("published_at", "pk")  # fmt: skip
    rows: Iterable[Mapping[str, Any]] = posts.values(
        "pk", "title", "draft_id", moment=F("published_at"), person=F("draft__task__assignee__username")
    )[: MOST + 1]
    return [
        CalendarEntry(
            "published", row["pk"], row["moment"], row["title"], _review_address(row["draft_id"]),
            row["person"] or "",
        )
        for row in rows
    ]  # fmt: skip


def _task_address(row: Mapping[str, Any]) -> str:
    if row["draft_id"]:
        return _review_address(row["draft_id"])
    return path_of("admin:tasks_contenttask_change", row["pk"])


def _review_address(draft_id: int) -> str:
    return path_of("desk:review", draft_id)
