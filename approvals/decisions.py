"""The actions of review. Every decision, from the desk or the API, is made by `decide`."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from approvals.audit import chain
from approvals.draft_records import DraftRecords, load_records
from approvals.errors import FourEyes, ReasonMissing, StaleReview
from approvals.models import MIN_REASON_CHARACTERS, Decision, ReasonCode, Verdict, Way
from approvals.objections import Objections, objections_to, require_confirmed
from approvals.review_token import ReviewToken
from approvals.rules import (
    Rule,
    gave_the_first_of_two,
    has_own_part,
    is_approved,
    rule_for,
    standing,
)
from tasks.actions import add_guidance, request_rework
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft


@transaction.atomic
def decide(
    draft: Draft,
    verdict: Verdict,
    *,
    version: int,
    content_sha256: str,
    by: User,
    via: str,
    reason_code: str = "",
    reason: str = "",
    review_token: ReviewToken | None = None,
    way: Way | None = None,
    confirmed_objections: str | None = None,
) -> Decision:
    """Record what `by` decided about the text they read, and move the task accordingly.

    The first of two approvals leaves the task waiting; a decision about an update of a live post leaves it
    published. `version` and `content_sha256` name the text on the reviewer's screen, `review_token` its state
    and since when it was open, `way` how the decision was made. Objections are recorded with an approval;
    `confirmed_objections` is the fingerprint of the confirmed ones, or ""; None: none need be confirmed.
    Raises PermissionDenied, ReasonMissing, StaleReview, FourEyes or ObjectionsStand; nothing is changed then.
    """
    if not by.has_perm("approvals.add_decision"):
        raise PermissionDenied("Only editors can decide on drafts.")
    reason = reason.strip()
    require_reason(verdict, reason_code, reason)
    task, current = _locked(draft)
    _require_current(task, current, version, content_sha256)
    _require_same_state(task, current, review_token)
    records = load_records([current], by)[current.pk]
    is_approval = verdict == Verdict.APPROVE
    objections = _objections_to_approval(current, by, records, confirmed_objections) if is_approval else None
    decision = Decision(
        draft=current,
        opened_at=review_token.opened_at if review_token else None,
        decision=verdict,
        version=version,
        content_sha256=content_sha256,
        reason_code=reason_code,
        reason=reason,
        actor=by,
        actor_name=by.get_username(),
        via=via,
        way=way or (Way.API if via == "api" else ""),
        objections=objections and objections.facts,
        **records.rule._asdict(),
    )
    _record(decision, task, by, records)
    return decision


def _locked(draft: Draft) -> tuple[ContentTask, Draft]:
    """The task first, then the draft: the order in which every writer locks them, and that of `of`."""
    rows = Draft.objects.select_related("task").select_for_update(of=("task", "self"))
    current = rows.get(pk=draft.pk)
    return current.task, current


def _objections_to_approval(
    draft: Draft, by: User, records: DraftRecords, confirmed_objections: str | None
) -> Objections:
    """Raises FourEyes, and ObjectionsStand unless they were confirmed."""
    _require_other_eyes(draft, by, records)
    objections = objections_to(draft, records)
    if confirmed_objections is not None:
        require_confirmed(objections, confirmed_objections)
    return objections


def _record(decision: Decision, task: ContentTask, by: User, records: DraftRecords) -> None:
    decision._history_user = by
    with chain.batch():
        decision.save()
        if not _needs_another(decision, records):
            _act_on(decision, task, by)


def _needs_another(decision: Decision, records: DraftRecords) -> bool:
    """Whether it approves a text that then still needs the approval of another person."""
    before = standing(decision.draft, records.decisions, records.rule)
    is_approval = decision.decision == Verdict.APPROVE
    return is_approval and len(before.given_by | {decision.actor_id}) < before.needed


def may_approve(draft: Draft, user: User, rule: Rule | None = None) -> bool:
    """Whether the category's rule lets this user approve the current text."""
    rule = rule or rule_for(draft)
    is_theirs = rule.four_eyes and has_own_part(draft, user)
    return not is_theirs and not gave_the_first_of_two(draft, user, rule)


def current_approval(draft: Draft) -> Decision | None:
    """The last approval of exactly the current text, if the task is approved or published by it."""
    if draft.task.status not in {Status.APPROVED, Status.PUBLISHED} or not is_approved(draft):
        return None
    return draft.decisions.filter(
        decision=Verdict.APPROVE, version=draft.version, content_sha256=draft.content_sha256
    ).first()


def require_reason(verdict: Verdict, reason_code: str, reason: str) -> None:
    """Raises ReasonMissing unless the verdict has the reason it needs; `decide` checks this too."""
    if reason_code and reason_code not in ReasonCode.values:
        raise ReasonMissing("reason_code", f"Choose one of {', '.join(ReasonCode.values)}.")
    if verdict == Verdict.APPROVE:
        return
    if not reason_code:
        raise ReasonMissing("reason_code", f"Choose a reason: {', '.join(ReasonCode.values)}.")
    if len(reason) < MIN_REASON_CHARACTERS:
        raise ReasonMissing(
            "reason",
            f"Give a reason of {MIN_REASON_CHARACTERS} characters or more: the writer works from it.",
        )


def _require_current(task: ContentTask, draft: Draft, version: int, content_sha256: str) -> None:
    if not task.awaits_decision:
        last = draft.decisions.first()
        who = f" {last.actor_name} decided: {last.get_decision_display().lower()}." if last else ""
        raise StaleReview(f"This draft is {task.get_status_display().lower()}, not awaiting approval.{who}")
    if (draft.version, draft.content_sha256) != (version, content_sha256):
        raise StaleReview(
            f"You read version {version}; the draft is now at version {draft.version} "
            f"({draft.history.first().history_change_reason}). Read the new text, then decide."
        )


def _require_same_state(task: ContentTask, draft: Draft, review_token: ReviewToken | None) -> None:
    """The same bytes may have been decided and come back since the page was opened."""
    if review_token is None or review_token.state_since == task.status_changed_at:
        return
    last = draft.decisions.first()
    who = f" {last.actor_name} decided: {last.get_decision_display().lower()}." if last else ""
    raise StaleReview(
        f"Since you opened this page, the draft was decided and has come back for review.{who} "
        "Look at it again, then decide."
    )


def _require_other_eyes(draft: Draft, by: User, records: DraftRecords) -> None:
    before = standing(draft, records.decisions, records.rule)
    if by.pk in before.given_by and len(before.given_by) < before.needed:
        raise FourEyes("You have already approved this text: another editor has to give the second approval.")
    if records.rule.four_eyes and records.has_own_part:
        raise FourEyes("You wrote or last edited this text: another editor has to approve it.")


def _act_on(decision: Decision, task: ContentTask, by: User) -> None:
    reason = decision.reason or decision.get_decision_display()
    if task.status == Status.PUBLISHED:
        _act_on_update(decision, task, by)
    elif decision.decision == Verdict.APPROVE:
        task.move_to(Status.APPROVED, by=by, reason=reason)
    elif decision.decision == Verdict.REJECT:
        add_guidance(task, reason_code=decision.reason_code, reason=decision.reason, by=by)
        task.move_to(Status.REJECTED, by=by, reason=reason)
    else:
        request_rework(task, by=by, reason_code=decision.reason_code, reason=decision.reason)


def _act_on_update(decision: Decision, task: ContentTask, by: User) -> None:
    """The live text stays online. A refusal starts no run of the pipeline: a person may edit again."""
    if decision.decision == Verdict.APPROVE:
        task.move_update(Update.APPROVED, by=by)
    else:
        add_guidance(task, reason_code=decision.reason_code, reason=decision.reason, by=by)
        task.move_update(Update.DECLINED, by=by)
