"""One verdict about many drafts: a decision each, and each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser

from approvals import review_locks
from approvals.decisions import decide, require_reason
from approvals.errors import ClaimedByOther, FourEyes, ObjectionsStand, StaleReview
from approvals.models import Verdict, Way
from approvals.review_token import Reading
from approvals.rules import waits_for_another
from tasks.errors import TransitionRefused
from tasks.models import Draft

MAX_ROWS = 100

DONE = {Verdict.APPROVE: "approved", Verdict.REQUEST_CHANGES: "sent back", Verdict.REJECT: "rejected"}
WHY_SKIPPED: dict[type[Exception], str] = {
    StaleReview: "stale",
    TransitionRefused: "stale",
    FourEyes: "own draft",
    ClaimedByOther: "somebody is looking at it",
    ObjectionsStand: "something stands against it",
}


SECOND_PERSON = "It waits for the approval of a second person."


@dataclass(frozen=True)
class Line:
    """What became of one draft; `skipped` says in a word why nothing did."""

    draft_id: int
    title: str
    version: int
    skipped: str = ""
    detail: str = ""
    is_half: bool = False


@dataclass
class Outcome:
    verdict: Verdict
    lines: list[Line] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """As in "12 approved, 2 skipped: stale, own draft"."""
        skipped = [line.skipped for line in self.lines if line.skipped]
        said = f"{len(self.lines) - len(skipped)} {DONE[self.verdict]}"
        if half := sum(line.is_half for line in self.lines):
            said += f" ({half} by the first of two people)"
        return f"{said}, {len(skipped)} skipped: {', '.join(dict.fromkeys(skipped))}" if skipped else said


def decide_each(
    readings: Sequence[Reading],
    verdict: Verdict,
    *,
    by: AbstractBaseUser,
    reason_code: str = "",
    reason: str = "",
    over: Mapping[int, int | None] | None = None,
    despite: Mapping[int, str] | None = None,
) -> Outcome:
    """Decide about each text as it was read; what one is refused keeps no other from being decided.

    `over` names by draft whose claim is meant to be passed over, `despite` the objections that were
    confirmed, by their fingerprint. Raises PermissionDenied, or ReasonMissing
    before anything is decided.
    """
    require_reason(verdict, reason_code, reason.strip())
    outcome = Outcome(verdict)
    drafts = Draft.objects.defer("body", "citations").in_bulk([reading.draft_id for reading in readings])
    for reading in readings:
        draft = drafts[reading.draft_id]
        line = Line(draft.pk, draft.title, reading.version)
        try:
            review_locks.require_meant(draft, by=by, over=(over or {}).get(draft.pk))
            decision = decide(
                draft,
                verdict,
                version=reading.version,
                content_sha256=reading.content_sha256,
                by=by,
                via="admin",
                reason_code=reason_code,
                reason=reason,
                reading=reading,
                way=Way.BULK,
                despite=(despite or {}).get(draft.pk, ""),
            )
        except tuple(WHY_SKIPPED) as error:
            line = Line(draft.pk, draft.title, reading.version, WHY_SKIPPED[type(error)], str(error))
        else:
            review_locks.release(draft, by=by)
            if waits_for_another(decision):
                line = Line(draft.pk, draft.title, reading.version, detail=SECOND_PERSON, is_half=True)
        outcome.lines.append(line)
    return outcome
