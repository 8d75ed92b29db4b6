"""Figures about decisions: who decided what and when, how fast, approval rates, and reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.utils import timezone

from approvals.models import AuditEntry, Decision, ReasonCode, Verdict
from approvals.rates import Rate
from tasks.models import Draft
from tasks.naming import name_key

QUICK_SECONDS = 10
"""Decisions made within this time of opening the text are reported, never blocked."""


@dataclass(frozen=True)
class Decided:
    """A decision with facts about the text it was made on."""

    pk: int
    decided_at: datetime
    verdict: str
    reason_code: str
    reason: str
    actor: str
    via: str
    draft: int
    version: int
    content_sha256: str
    title: str
    category: str
    written_by: str
    is_by_person: bool
    awaiting_since: datetime | None
    opened_at: datetime | None

    @property
    def verdict_label(self) -> str:
        return str(Verdict(self.verdict).label)

    @property
    def hours(self) -> float | None:
        """Since the text was put before the editors."""
        if self.awaiting_since is None:
            return None
        return (self.decided_at - self.awaiting_since).total_seconds() / 3600

    @property
    def seconds_open(self) -> float | None:
        return (self.decided_at - self.opened_at).total_seconds() if self.opened_at else None

    @property
    def is_quick(self) -> bool:
        return self.seconds_open is not None and self.seconds_open < QUICK_SECONDS


@dataclass(frozen=True)
class Share:
    """The approval rate of one author, model, category or editor."""

    name: str
    approved: int
    total: int

    @property
    def percent(self) -> int:
        return round(100 * self.approved / self.total)


def filtered(
    *,
    since: date | None = None,
    until: date | None = None,
    author: str = "",
    category: str = "",
    decision: str = "",
    actor: str = "",
) -> QuerySet[Decision]:
    """Decisions, newest first, with author and category of the version that each was made on."""
    version = Draft.history.filter(id=OuterRef("draft_id"), version=OuterRef("version")).order_by()
    came = AuditEntry.objects.filter(
        task_id=OuterRef("draft__task_id"),
        action__in=["task.awaiting_approval", "update.awaiting"],
        at__lte=OuterRef("decided_at"),
    )
    rows = Decision.objects.order_by("-decided_at", "-pk").annotate(
        category=Subquery(version.values("category")[:1]),
        written_by=Subquery(version.values("written_by")[:1]),
        author_id=Subquery(version.values("author_id")[:1]),
        awaiting_since=Subquery(came.order_by("-seq").values("at")[:1]),
        title=F("draft__title"),
    )
    conditions = {
        "decided_at__gte": _midnight(since) if since else None,
        "decided_at__lt": _midnight(until + timedelta(days=1)) if until else None,
        "written_by": author,
        "decision": decision,
        "actor_name": actor,
    }
    if category:
        keyed = rows.alias(category_key=name_key(F("category")))
        rows = keyed.filter(category_key=name_key(Value(category)))
    return rows.filter(**{name: value for name, value in conditions.items() if value})


def decided(rows: QuerySet[Decision]) -> list[Decided]:
    values: Iterable[Any] = rows.values_list(  # type: ignore[misc]  # it does not know the annotations
        "pk", "decided_at", "decision", "reason_code", "reason", "actor_name", "via", "draft_id", "version",
        "content_sha256", "title", "category", "written_by", "author_id", "awaiting_since", "opened_at",
    )  # fmt: skip
    names = [field.name for field in fields(Decided)]
    found = []
    for row in values:
        known = dict(zip(names, row, strict=True))
        known |= {name: known[name] or "" for name in ("category", "written_by")}
        found.append(Decided(**known | {"is_by_person": known["is_by_person"] is not None}))
    return found


def quantile(values: Iterable[float], share: float) -> float | None:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def shares(rows: Sequence[Decided], name: Callable[[Decided], str]) -> list[Share]:
    """Grouped by `name`, the most frequent first; rows without a name are left out."""
    total: Counter[str] = Counter()
    approved: Counter[str] = Counter()
    for row in rows:
        if group := name(row):
            total[group] += 1
            approved[group] += row.verdict == Verdict.APPROVE
    return [Share(group, approved[group], count) for group, count in total.most_common()]


def reasons(rows: Sequence[Decided]) -> list[dict[str, Any]]:
    """Reasons for refusals; how many drafts got the same reason again, and how many were approved later."""
    times: dict[str, Counter[int]] = defaultdict(Counter)
    last_refusal: dict[tuple[str, int], datetime] = {}
    last_approval: dict[int, datetime] = {}
    for row in sorted(rows, key=lambda row: (row.decided_at, row.pk)):
        if row.verdict == Verdict.APPROVE:
            last_approval[row.draft] = row.decided_at
        else:
            times[row.reason_code][row.draft] += 1
            last_refusal[row.reason_code, row.draft] = row.decided_at
    decided = len({row.draft for row in rows})
    found = [
        {
            "code": code,
            "label": ReasonCode(code).label if code in ReasonCode.values else code,
            "count": drafts.total(),
            "drafts": len(drafts),
            "rate": Rate(len(drafts), decided),
            "again": sum(count > 1 for count in drafts.values()),
            "approved": sum(
                draft in last_approval and last_approval[draft] > last_refusal[code, draft]
                for draft in drafts
            ),
        }
        for code, drafts in times.items()
    ]
    return sorted(found, key=lambda reason: -reason["count"])


def by_week(rows: Sequence[Decided]) -> list[tuple[date, Counter[str]]]:
    """Verdicts of each week from the first to the last, by its Monday, oldest first."""
    weeks: dict[date, Counter[str]] = defaultdict(Counter)
    for row in rows:
        day = timezone.localtime(row.decided_at).date()
        weeks[day - timedelta(days=day.weekday())][row.verdict] += 1
    if not weeks:
        return []
    first, last = min(weeks), max(weeks)
    return [
        (monday, weeks.get(monday, Counter()))
        for monday in (first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1))
    ]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))
