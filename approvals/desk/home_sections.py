"""What the desk's first page shows of reviews: what waits for this very person."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Q
from django.db.models.functions import Coalesce

from approvals import queues
from approvals.audit.cached import since_last_entry
from tasks.home import ROWS, HomeSection, register
from tasks.models import ContentTask


def my_turn(user: User) -> queues.Rows:
    rows = queues.tasks_in(queues.named(queues.MY_TURN), user)
    return _shown(_ids("mine", user, rows), *queues.MOST_URGENT)


def sent_back(user: User) -> queues.Rows:
    """Tasks of this person's to which a reviewer wants changes."""
    own = queues.changes_requested(user).filter(Q(created_by=user) | Q(draft__author=user))
    newest = ("-status_changed_at", "-pk")
    return _shown(_ids("sent-back", user, own.order_by(*newest)), *newest)


def _ids(name: str, user: User, rows: queues.Rows) -> list[int]:
    """First which they are: what is shown of them would be computed for every task that waits."""

    def find() -> list[int]:
        return list(rows.values_list("pk", flat=True)[: ROWS + 1])

    found: list[int] = since_last_entry(f"home-ids:{name}:{user.pk}", user, find)
    return found


def _shown(ids: list[int], *order: str | Coalesce) -> queues.Rows:
    return (
        ContentTask.objects.filter(pk__in=ids)
        .select_related("draft")
        .only(
            "topic", "status", "status_changed_at", "update_state", "update_changed_at", "due_at",
            "draft__title", "draft__score",
        )
        .annotate(last_verdict=queues.last_verdict(), category_name=queues.CATEGORY)
        .order_by(*order)
    )  # fmt: skip


def writes(user: User) -> bool:
    return user.has_perm("tasks.change_draft") and user.has_perm("tasks.view_draft")


register(
    HomeSection(
        "mine", "My turn", 10, my_turn, "desk/home/_review.html",
        lambda user: queues.decides(user) and user.has_perm("tasks.view_draft"),
        empty="Nothing waits for your decision.", more="desk:queue", more_query="queue=mine",
    )
)  # fmt: skip
register(
    HomeSection(
        "sent-back", "Sent back to you", 15, sent_back, "desk/home/_review.html", writes,
        more="desk:queue", more_query="queue=changes",
    )
)  # fmt: skip
