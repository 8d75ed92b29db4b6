"""The records about drafts that a reviewer's decision depends on, loaded in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import JSONObject

from approvals.links.models import SignOffFeedback
from approvals.models import Decision
from approvals.models.desk import DraftComment
from approvals.rules import STRICTEST, Rule, rule_field
from tasks.models import ClaimLedger, ClaimRecord, Draft, QualityReport
from tasks.pipeline.claim_verdict import ClaimVerdict
from tasks.prepared_queries import Parameter, PreparedQuery

REPORT = ("version", "score", "results")
COMMENT = ("author_name", "text")
DECISION = ("id", "decision", "version", "content_sha256", "actor_id", "actor_name", "reason")
FEEDBACK = ("choice", "person", "content_sha256", "text")


class ClaimFindings(NamedTuple):
    """What the sources say of the current text, where its sentences were compared with them."""

    counts: Mapping[str, int]
    """How many sentences have each verdict."""
    contradicted: Sequence[tuple[str, str]]
    """Each contradicted sentence, and why it is."""


class DraftRecords(NamedTuple):
    """Rows as instances of their models; those from `load_records` have only the fields above."""

    report: QualityReport | None = None
    """Of the current version, else of the last version that has one."""
    comments: Sequence[DraftComment] = ()
    decisions: Sequence[Decision] = ()
    """Newest first."""
    feedback: Sequence[SignOffFeedback] = ()
    rule: Rule = STRICTEST
    has_own_part: bool = False
    """Whether the user wrote the first version or the current text."""
    is_for_others: bool = False
    """Whether the user may not approve it under the rule, so that another editor has to exist."""
    claims: ClaimFindings | None = None


def load_records(drafts: Sequence[Draft], user: User | None = None) -> dict[int, DraftRecords]:
    """By draft: open comments, concerns, decisions, the latest report, the rule, and the user's own part."""
    loaded = _query().rows(ids=[draft.pk for draft in drafts], user=user.pk if user else None)
    return {
        pk: DraftRecords(
            QualityReport(**report) if report else None,
            [DraftComment(**row) for row in comments],
            [Decision(**row) for row in decisions],
            [SignOffFeedback(**row) for row in feedback],
            Rule(*rule),
            bool(is_own),
            claims=ClaimFindings(counts, [(row["text"], row["why"]) for row in contradicted])
            if counts is not None
            else None,
        )
        for pk, report, comments, decisions, feedback, counts, contradicted, is_own, *rule in loaded
    }


@cache
def _query() -> PreparedQuery:
    """Compiling it takes Django half as long as all else of a decision. Planned for each execution: by the
    number of drafts.
    """
    ids = Parameter("ids", ArrayField(BigIntegerField()))
    rows = Draft.objects.filter(
        pk__in=Func(ids, template="SELECT unnest(%(expressions)s::bigint[])")
    ).order_by()
    loaded = rows.annotate(
        report_row=Subquery(_of_draft(QualityReport.objects.order_by("-version"), REPORT)[:1]),
        comment_rows=ArraySubquery(_of_draft(DraftComment.objects.open_threads(), COMMENT)),
        decision_rows=ArraySubquery(_of_draft(Decision.objects.order_by("-pk"), DECISION)),
        feedback_rows=ArraySubquery(
            _of_draft(SignOffFeedback.objects.filter(choice=SignOffFeedback.Choice.CONCERNS), FEEDBACK)
        ),
        claim_counts=Subquery(
            ClaimLedger.objects.filter(draft=OuterRef("pk"), version=OuterRef("version"))
            .order_by("-id")
            .values("counts")[:1]
        ),
        contradicted_rows=ArraySubquery(
            _of_draft(
                ClaimRecord.objects.current().filter(verdict=ClaimVerdict.CONTRADICTED),
                ("text", "why"),
            )
        ),
        is_own=_has_own_part(),
        **{f"rule_{name}": rule_field("category", name) for name in Rule._fields},
    )
    return PreparedQuery(
        loaded.values_list(
            "pk", "report_row", "comment_rows", "decision_rows", "feedback_rows", "claim_counts",
            "contradicted_rows", "is_own",
            *[f"rule_{name}" for name in Rule._fields],
        ),
        prepare=False,
    )  # fmt: skip


def _of_draft(rows: QuerySet[Any], fields: Sequence[str]) -> QuerySet[Any]:
    of_draft = rows.filter(draft=OuterRef("pk"))
    as_json: QuerySet[Any] = of_draft.annotate(as_json=JSONObject(**{name: name for name in fields}))
    return as_json.values("as_json")


def _has_own_part() -> ExpressionWrapper[Any]:
    """The SQL of `rules.has_own_part`; unknown, so false, without a user."""
    user = Parameter("user", BigAutoField())
    own_bytes = Q(version=1) | Q(content_sha256=OuterRef("content_sha256"))
    wrote = Draft.history.filter(own_bytes, id=OuterRef("pk"), author_id=user)
    return ExpressionWrapper(Q(author_id=user) | Q(Exists(wrote)), output_field=BooleanField())
