"""One verdict on many drafts: a separate decision for each, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User

from approvals import review_locks
from approvals.decisions import decide, require_reason
from approvals.errors import FourEyes, LockedByOther, ObjectionsStand, StaleReview
from approvals.models import Verdict, Way
from approvals.review_token import ReviewToken
from approvals.rules import waits_for_another
from tasks.errors import TransitionRefused
from tasks.models import Draft

MAX_ROWS = 100

DONE = {Verdict.APPROVE: "approved", Verdict.REQUEST_CHANGES: "sent back", Verdict.REJECT: "rejected"}
WHY_SKIPPED: dict[type[Exception], str] = {
    StaleReview: "out of date",
    TransitionRefused: "out of date",
    FourEyes: "own draft",
    LockedByOther: "under review by another editor",
    ObjectionsStand: "objections",
}


SECOND_PERSON = "A second person still has to approve it."


@dataclass(frozen=True)
class BulkDecisionRow:
    """The result for one draft; `skipped` says briefly why it was not decided."""

    draft_id: int
    title: str
    version: int
    skipped: str = ""
    detail: str = ""
    is_half: bool = False


@dataclass
class BulkDecisionResult:
    verdict: Verdict
    rows: list[BulkDecisionRow] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """As in "12 approved, 2 skipped: out of date, own draft"."""
        skipped = [row.skipped for row in self.rows if row.skipped]
        done = f"{len(self.rows) - len(skipped)} {DONE[self.verdict]}"
        if half := sum(row.is_half for row in self.rows):
            done += f" ({half} by the first of two people)"
        return f"{done}, {len(skipped)} skipped: {', '.join(dict.fromkeys(skipped))}" if skipped else done


def decide_each(
    tokens: Sequence[ReviewToken],
    verdict: Verdict,
    *,
    by: User,
    reason_code: str = "",
    reason: str = "",
    overridden_locks: Mapping[int, int | None] | None = None,
    confirmed_objections: Mapping[int, str] | None = None,
) -> BulkDecisionResult:
    """Decide on each text as it was read; a draft that is refused does not stop the others.

    By draft, `overridden_locks` names the reviewer whose lock may be ignored, `confirmed_objections` the
    fingerprint of those that were confirmed. Raises PermissionDenied, or ReasonMissing before any decision.
    """
    require_reason(verdict, reason_code, reason.strip())
    result = BulkDecisionResult(verdict)
    drafts = Draft.objects.defer("body", "citations").in_bulk([token.draft_id for token in tokens])
    for token in tokens:
        draft = drafts[token.draft_id]
        row = BulkDecisionRow(draft.pk, draft.title, token.version)
        try:
            overridden = (overridden_locks or {}).get(draft.pk)
            review_locks.require_confirmed(draft, by=by, overridden_reviewer=overridden)
            decision = decide(
                draft,
                verdict,
                version=token.version,
                content_sha256=token.content_sha256,
                by=by,
                via="admin",
                reason_code=reason_code,
                reason=reason,
                review_token=token,
                way=Way.BULK,
                confirmed_objections=(confirmed_objections or {}).get(draft.pk, ""),
            )
        except tuple(WHY_SKIPPED) as error:
            why = WHY_SKIPPED[type(error)]
            row = BulkDecisionRow(draft.pk, draft.title, token.version, why, str(error))
        else:
            review_locks.release(draft, by=by)
            if waits_for_another(decision):
                row = BulkDecisionRow(
                    draft.pk, draft.title, token.version, detail=SECOND_PERSON, is_half=True
                )
        result.rows.append(row)
    return result
