"""Figures over all tasks."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, Count, DurationField, F, Q, Sum

from tasks.lifecycle import Status
from tasks.models import ContentTask, ModelCall

SUCCEEDED = (Status.AWAITING_APPROVAL, Status.APPROVED, Status.PUBLISHED, Status.REJECTED)


class Median(Aggregate):
    """The middle value; PostgreSQL interpolates between the two middle ones."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def task_metrics() -> dict[str, Any]:
    """Counts by status, the share of ended runs that gave a draft, their median duration, and the cost."""
    counted = dict(ContentTask.objects.order_by().values_list("status").annotate(Count("id")))
    succeeded = sum(counted.get(status, 0) for status in SUCCEEDED)
    ended = succeeded + counted.get(Status.FAILED, 0)
    median = ContentTask.objects.filter(status__in=SUCCEEDED, started_at__isnull=False).aggregate(
        median=Median(F("finished_at") - F("started_at"))
    )["median"]
    # A call that sent nothing, because it was refused, costs nothing and needs no price.
    unpriced = Q(cost_usd=None) & ~Q(input_tokens=0, output_tokens=0)
    costs = ModelCall.objects.aggregate(cost=Sum("cost_usd"), unpriced=Count("id", filter=unpriced))
    return {
        "by_status": {status: counted.get(status, 0) for status in Status.values},
        "success_rate": succeeded / ended if ended else None,
        "median_seconds": median.total_seconds() if median is not None else None,
        "cost_usd": costs["cost"] or 0,
        "unpriced_calls": costs["unpriced"],
    }
