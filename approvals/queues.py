"""The queues of the review desk.

A queue is a name and a query of tasks. An app above adds its own with `register` in `ready`, as publishing
does with scheduled texts; with `takes_from`, its tasks are no longer listed in the queue named there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least, NullIf
from django.utils import timezone

from approvals.assignments import OPEN
from approvals.models import Decision, Verdict
from approvals.models.desk import DraftComment
from approvals.rules import rule_field
from tasks.due_dates import UNDECIDED
from tasks.lifecycle import UNFINISHED, Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft, QualityReport

DECIDE = "approvals.add_decision"

AWAITS_DECISION = Q(status=Status.AWAITING_APPROVAL) | Q(update_state=Update.AWAITING)
WAITING_SINCE = Coalesce("update_changed_at", "status_changed_at")
"""The SQL for ContentTask.awaits_decision and waiting_since."""

Rows = QuerySet[ContentTask]


def is_for_everyone(user: User) -> bool:
    return True


def decides(user: User) -> bool:
    return user.has_perm(DECIDE)


class QueueGroup(StrEnum):
    """Kinds of queues, in the order in which the desk shows them."""

    REVIEW = "Review"
    PUBLISH = "Publish"
    TROUBLE = "Trouble"


@dataclass(frozen=True)
class Queue:
    """`rows` gives its tasks for a user, `order` their order: the oldest first by default.

    `row` is the template of one task where it shows more than the others do; it gets `task` (from
    `with_details`), whose `row_html` is what they show.
    """

    name: str
    title: str
    rows: Callable[[User], Rows]
    place: int
    group: QueueGroup = QueueGroup.REVIEW
    hint: str = ""
    is_for: Callable[[User], bool] = is_for_everyone
    order: tuple[str | Coalesce, ...] = ("status_changed_at", "pk")
    takes_from: str = ""
    row: str = ""
    is_bad: bool = False
    is_decided_in_bulk: bool = False
    changes_with_time: bool = False
    """Whether a task can enter it merely because time passes."""


_registered: dict[str, Queue] = {}


def register(queue: Queue) -> None:
    """Add a queue to the desk. Raises ValueError for a name that is taken."""
    if queue.name in _registered:
        raise ValueError(f"There is already a queue named {queue.name!r}.")
    _registered[queue.name] = queue


def named(name: str) -> Queue:
    return _registered[name]


def queues_for(user: User) -> list[Queue]:
    """The queues that this user sees, in the order in which they are shown."""
    return sorted(
        (queue for queue in _registered.values() if queue.is_for(user)), key=lambda queue: queue.place
    )


def tasks_in(queue: Queue, user: User) -> Rows:
    """The tasks of a queue in its order, without those that another queue takes from it."""
    rows = queue.rows(user)
    for other in _registered.values():
        if other.takes_from == queue.name:
            rows = rows.exclude(pk__in=other.rows(user).order_by().values("pk"))
    return rows.order_by(*queue.order)


def with_names(rows: Rows) -> Rows:
    """The same rows with what a queue is filtered by."""
    return rows.annotate(author_name=AUTHOR, category_name=CATEGORY)


def with_details(rows: Rows, ids: Iterable[int]) -> list[ContentTask]:
    """The rows with these ids, in their order, with everything that a list shows; without long texts.

    A caller first finds out which it shows: details of all rows would be computed before they are cut.
    """
    found = {task.pk: task for task in _detailed(with_names(rows.filter(pk__in=list(ids)).order_by()))}
    return [found[pk] for pk in ids if pk in found]


def _detailed(rows: Rows) -> Rows:
    return (
        rows.select_related(
            "draft",
            "assignee",
            "reviewer",
            "draft__review_lock",
            "draft__review_lock__reviewer",
        )
        .defer("brief", "draft__body", "draft__citations")
        .annotate(
            last_verdict=last_verdict(),
            approvals_needed=NEEDED,
            unresolved=_unresolved(),
            is_checked=Exists(
                QualityReport.objects.filter(draft=OuterRef("draft__pk"), version=OuterRef("draft__version"))
            ),
            approvals_given=ArraySubquery(_approvals().order_by("pk").values("actor_name")),
        )
    )


AUTHOR = Coalesce("draft__written_by", "created_by__username", Value(""))
CATEGORY = Coalesce(NullIf("draft__category", Value("")), "category")


def _unresolved() -> Coalesce:
    """How many threads of comments are open."""
    threads = DraftComment.objects.open_threads().filter(draft=OuterRef("draft__pk")).order_by()
    counted = threads.values("draft").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def last_verdict() -> Subquery:
    decisions = Decision.objects.filter(draft__task=OuterRef("pk")).order_by("-pk")
    return Subquery(decisions.values("decision")[:1])


def _approvals() -> QuerySet[Decision]:
    """The SQL of `rules.approvals_of` for each task: a later refusal revokes earlier approvals."""
    about_version = Decision.objects.filter(draft=OuterRef("draft"), version=OuterRef("version"))
    last_refusal = about_version.exclude(decision=Verdict.APPROVE).order_by("-pk").values("pk")[:1]
    return Decision.objects.filter(
        draft=OuterRef("draft__pk"), version=OuterRef("draft__version"),
        content_sha256=OuterRef("draft__content_sha256"), decision=Verdict.APPROVE,
        pk__gt=Coalesce(Subquery(last_refusal), Value(0)),
    )  # fmt: skip


def awaiting(user: User | None = None) -> Rows:
    """What awaits a decision: new texts, and updates of live posts."""
    return ContentTask.objects.filter(AWAITS_DECISION, draft__isnull=False)


FOUR_EYES = rule_field("draft__category", "four_eyes")
"""Whether the category's rule requires another editor."""
NEEDED = rule_field("draft__category", "approvals_needed")


def needs_another_approver(user: User) -> Q:
    """Tasks whose text this user may not approve: the SQL of `decisions.may_approve`."""
    given = _approvals().filter(actor_id=user.pk)
    return Q(Exists(given)) | (_written_by(user) & Q(FOUR_EYES))


def _written_by(user: User) -> Q:
    own_bytes = Q(version=1) | Q(content_sha256=OuterRef("draft__content_sha256"))
    wrote = Draft.history.filter(own_bytes, id=OuterRef("draft__pk"), author_id=user.pk)
    return Q(draft__author_id=user.pk) | Q(Exists(wrote))


def my_turn(user: User) -> Rows:
    return awaiting().exclude(needs_another_approver(user))


def for_others(user: User) -> Rows:
    return awaiting().filter(needs_another_approver(user))


def assigned_to(user: User) -> Rows:
    """Open tasks that this user is to write, and those that they are to decide about now."""
    return ContentTask.objects.filter(OPEN, assignee=user) | ContentTask.objects.filter(
        AWAITS_DECISION, draft__isnull=False, reviewer=user
    )


def mentioning(user: User) -> Rows:
    """With an open thread in which this user is mentioned."""
    mentions = DraftComment.objects.filter(mentioned=user, deleted_at=None)
    threads = DraftComment.objects.open_threads().filter(
        Q(pk__in=mentions.values("pk")) | Q(pk__in=mentions.values("parent"))
    )
    return ContentTask.objects.filter(draft__in=threads.order_by().values("draft"))


def changes_requested(user: User) -> Rows:
    """Sent back, and not yet awaiting approval again."""
    rows = ContentTask.objects.filter(status__in=UNFINISHED | {Status.FAILED}, draft__isnull=False)
    return rows.alias(verdict=last_verdict()).filter(verdict=Verdict.REQUEST_CHANGES)


def overdue(user: User) -> Rows:
    """Past its due date and undecided, or awaiting approval for longer than REVIEW_HOURS."""
    now = timezone.now()
    limit = timedelta(hours=settings.REVIEW_HOURS)
    is_late = Q(due_at__lt=now, status__in=UNDECIDED)
    has_waited = Q(status=Status.AWAITING_APPROVAL, status_changed_at__lt=now - limit)
    has_waited_as_update = Q(update_state=Update.AWAITING, update_changed_at__lt=now - limit)
    # When it became late: whichever came first; PostgreSQL's LEAST ignores NULL.
    waited_too_long_at = Least("due_at", F("status_changed_at") + Value(limit))
    return ContentTask.objects.filter(is_late | has_waited | has_waited_as_update).alias(
        late_since=Case(
            When(status=Status.AWAITING_APPROVAL, then=waited_too_long_at),
            # The due date of the brief ended when the text first went live.
            When(status=Status.PUBLISHED, then=F("update_changed_at") + Value(limit)),
            default=F("due_at"),
        )
    )


def with_status(*statuses: Status) -> Callable[[User], Rows]:
    return lambda user: ContentTask.objects.filter(status__in=statuses)


MY_TURN, AWAITING = "mine", "awaiting"
MOST_URGENT = ("-priority", WAITING_SINCE, "pk")

for _queue in (
    Queue(MY_TURN, "My turn", my_turn, 10, is_for=decides, order=MOST_URGENT, is_decided_in_bulk=True),
    Queue(AWAITING, "Awaiting approval", awaiting, 10, is_for=lambda user: not decides(user),
          order=MOST_URGENT),
    Queue("others", "For another editor", for_others, 20, is_for=decides, order=MOST_URGENT,
          hint="You wrote, last edited or approved these, so another editor approves them. "
               "You may still request changes or reject."),
    Queue("assigned", "Assigned to me", assigned_to, 15, order=("due_at", *MOST_URGENT),
          hint="What you are to write, and what you are to review now."),
    Queue("mentions", "Mentions", mentioning, 25, hint="Open comments mention you there."),
    Queue("changes", "Changes requested", changes_requested, 30,
          hint="Sent back to the writer, and not yet back for review."),
    Queue("overdue", "Overdue", overdue, 40, QueueGroup.TROUBLE, order=("late_since", "pk"), is_bad=True,
          changes_with_time=True,
          hint="Past the due date of the brief, or undecided for too long."),
    Queue("approved", "To be published", with_status(Status.APPROVED), 60, QueueGroup.PUBLISH),
    Queue("failed", "Failed", with_status(Status.FAILED), 70, QueueGroup.TROUBLE, is_bad=True),
    Queue("at-work", "Being written",
          with_status(Status.IN_PROGRESS, Status.PENDING, Status.ON_HOLD), 80),
):  # fmt: skip
    register(_queue)
