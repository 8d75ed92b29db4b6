"""What waits for whom: the queues of the review desk.

A queue is a name and a query about tasks. An app further up adds its own with `register` in `ready`, as a
calendar of publications would; with `takes_from`, its tasks are no longer listed in the queue named there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least, NullIf
from django.utils import timezone

from approvals.models import Decision, Verdict
from tasks.lifecycle import UNFINISHED, Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft

UNDECIDED = UNFINISHED | {Status.AWAITING_APPROVAL, Status.FAILED}
"""Where a due date still means something."""

DECIDE = "approvals.add_decision"

AWAITS_DECISION = Q(status=Status.AWAITING_APPROVAL) | Q(update_state=Update.AWAITING)
WAITING_SINCE = Coalesce("update_changed_at", "status_changed_at")
"""As ContentTask.awaits_decision and waiting_since have it for one."""

Rows = QuerySet[ContentTask]


def is_for_all(user: AbstractBaseUser) -> bool:
    return True


def decides(user: AbstractBaseUser) -> bool:
    return user.has_perm(DECIDE)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Queue:
    """`rows` says which tasks are in it for somebody, `order` in which order, the oldest first by default.

    `row` is the template of one of them; it gets `task`, as `described` has it, `now` and `user`.
    """

    name: str
    title: str
    rows: Callable[[AbstractBaseUser], Rows]
    place: int
    hint: str = ""
    is_for: Callable[[AbstractBaseUser], bool] = is_for_all
    order: tuple[str | Coalesce, ...] = ("status_changed_at", "pk")
    takes_from: str = ""
    row: str = "desk/_row.html"
    is_bad: bool = False
    is_decided_in_bulk: bool = False
    changes_with_time: bool = False
    """Whether something may come to be in it without anything being done."""


_registered: dict[str, Queue] = {}


def register(queue: Queue) -> None:
    """Add a queue to the desk. Raises ValueError for a name that is taken."""
    if queue.name in _registered:
        raise ValueError(f"There is a queue named {queue.name!r} already.")
    _registered[queue.name] = queue


def queues_for(user: AbstractBaseUser) -> list[Queue]:
    """The queues that this person sees, in the order in which they are shown."""
    return sorted(
        (queue for queue in _registered.values() if queue.is_for(user)), key=lambda queue: queue.place
    )


def tasks_in(queue: Queue, user: AbstractBaseUser) -> Rows:
    """The tasks of a queue in its order, without those that another queue takes from it."""
    rows = queue.rows(user)
    for other in _registered.values():
        if other.takes_from == queue.name:
            rows = rows.exclude(pk__in=other.rows(user).order_by().values("pk"))
    return rows.order_by(*queue.order)


def described(rows: Rows) -> Rows:
    """The same rows with all that a list shows of them; what is long stays in the database."""
    return (
        rows.select_related("draft", "created_by", "draft__claim", "draft__claim__reviewer")
        .defer("brief", "draft__body", "draft__citations")
        .annotate(
            last_verdict=last_verdict(),
            author_name=AUTHOR,
            category_name=CATEGORY,
            approvals_needed=NEEDED,
            approvals_given=ArraySubquery(_approvals().order_by("pk").values("actor_name")),
        )
    )


AUTHOR = Coalesce("draft__written_by", "created_by__username", Value(""))
CATEGORY = Coalesce(NullIf("draft__category", Value("")), "category")


def last_verdict() -> Subquery:
    decisions = Decision.objects.filter(draft__task=OuterRef("pk")).order_by("-pk")
    return Subquery(decisions.values("decision")[:1])


def _approvals() -> QuerySet[Decision]:
    """As `rules.approvals_of` has it, for each task: a later no takes earlier approvals back."""
    no = Decision.objects.filter(draft=OuterRef("draft"), version=OuterRef("version"))
    last_no = no.exclude(decision=Verdict.APPROVE).order_by("-pk").values("pk")[:1]
    return Decision.objects.filter(
        draft=OuterRef("draft__pk"), version=OuterRef("draft__version"),
        content_sha256=OuterRef("draft__content_sha256"), decision=Verdict.APPROVE,
        pk__gt=Coalesce(Subquery(last_no), Value(0)),
    )  # fmt: skip


def awaiting(user: AbstractBaseUser | None = None) -> Rows:
    """What is to be decided about: texts that are not live, and newer texts of what is."""
    return ContentTask.objects.filter(AWAITS_DECISION, draft__isnull=False)


FOUR_EYES = Func(
    "draft__category", template="(review_rule(%(expressions)s)).four_eyes", output_field=BooleanField()
)
"""Whether the rule of the category asks for other eyes; the triggers ask the same function."""
NEEDED = Func(
    "draft__category", template="(review_rule(%(expressions)s)).approvals_needed", output_field=IntegerField()
)


def is_for_somebody_else(user: AbstractBaseUser) -> Q:
    """Tasks whose text this person may not approve, as `decisions.may_approve` has it for one draft."""
    given = _approvals().filter(actor_id=user.pk)
    return Q(Exists(given)) | (_written_by(user) & Q(FOUR_EYES))


def _written_by(user: AbstractBaseUser) -> Q:
    own_bytes = Q(version=1) | Q(content_sha256=OuterRef("draft__content_sha256"))
    wrote = Draft.history.filter(own_bytes, id=OuterRef("draft__pk"), author_id=user.pk)
    return Q(draft__author_id=user.pk) | Q(Exists(wrote))


def my_turn(user: AbstractBaseUser) -> Rows:
    return awaiting().exclude(is_for_somebody_else(user))


def for_others(user: AbstractBaseUser) -> Rows:
    return awaiting().filter(is_for_somebody_else(user))


def changes_requested(user: AbstractBaseUser) -> Rows:
    """Sent back, and not before an editor again."""
    rows = ContentTask.objects.filter(status__in=UNFINISHED | {Status.FAILED}, draft__isnull=False)
    return rows.alias(verdict=last_verdict()).filter(verdict=Verdict.REQUEST_CHANGES)


def overdue(user: AbstractBaseUser) -> Rows:
    """Past its due date and not decided about, or before the editors for longer than REVIEW_HOURS."""
    now = timezone.now()
    patience = timedelta(hours=settings.REVIEW_HOURS)
    is_late = Q(due_at__lt=now, status__in=UNDECIDED)
    has_waited = Q(status=Status.AWAITING_APPROVAL, status_changed_at__lt=now - patience)
    has_waited_as_update = Q(update_state=Update.AWAITING, update_changed_at__lt=now - patience)
    # Since when it is late, whichever came first; in PostgreSQL the least that is not NULL.
    waited_too_long_at = Least("due_at", F("status_changed_at") + Value(patience))
    return ContentTask.objects.filter(is_late | has_waited | has_waited_as_update).alias(
        late_since=Case(
            When(status=Status.AWAITING_APPROVAL, then=waited_too_long_at),
            # Their brief was due before the text went live first.
            When(status=Status.PUBLISHED, then=F("update_changed_at") + Value(patience)),
            default=F("due_at"),
        )
    )


def with_status(*statuses: Status) -> Callable[[AbstractBaseUser], Rows]:
    return lambda user: ContentTask.objects.filter(status__in=statuses)


MY_TURN, AWAITING = "mine", "awaiting"
MOST_URGENT = ("-priority", WAITING_SINCE, "pk")

for _queue in (
    Queue(MY_TURN, "My turn", my_turn, 10, is_for=decides, order=MOST_URGENT, is_decided_in_bulk=True),
    Queue(AWAITING, "Awaiting approval", awaiting, 10, is_for=lambda user: not decides(user),
          order=MOST_URGENT),
    Queue("others", "For somebody else", for_others, 20, is_for=decides, order=MOST_URGENT,
          hint="You wrote, last edited or approved these, so another editor approves them. "
               "You may still request changes or reject."),
    Queue("changes", "Changes requested", changes_requested, 30,
          hint="Sent back to the writer, and not before you again."),
    Queue("overdue", "Overdue", overdue, 40, order=("late_since", "pk"), is_bad=True, changes_with_time=True,
          hint="Past the due date of their brief, or undecided for too long."),
    Queue("approved", "To be published", with_status(Status.APPROVED), 60),
    Queue("failed", "Failed", with_status(Status.FAILED), 70, is_bad=True),
    Queue("at-work", "Being written",
          with_status(Status.IN_PROGRESS, Status.PENDING, Status.ON_HOLD), 80),
):  # fmt: skip
    register(_queue)
