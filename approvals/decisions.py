"""The verbs of review. One function decides, whoever asks and through whichever door."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from approvals.errors import FourEyes, ReasonMissing, StaleReview
from approvals.models import MIN_REASON_CHARACTERS, Decision, ReasonCode, Verdict, Way
from approvals.objections import Objections, objections_to, require_meant
from approvals.review_token import Reading
from approvals.rules import (
    Rule,
    gave_the_first_of_two,
    has_own_part,
    is_approved,
    rule_for,
    waits_for_another,
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
    by: AbstractBaseUser,
    via: str,
    reason_code: str = "",
    reason: str = "",
    reading: Reading | None = None,
    way: Way | None = None,
    despite: str | None = None,
) -> Decision:
    """Record what `by` decided about the text they read, and move the task accordingly.

    The first of two approvals leaves the task waiting; a decision about a newer text of what is live leaves
    it published. `version` and `content_sha256` name the text on the reviewer's screen, `reading` its state
    and since when it was open, `way` how the decision came about. Objections are recorded with an approval;
    `despite` is the fingerprint of those that were confirmed, or ""; None records them without asking. Raises
    PermissionDenied, ReasonMissing, StaleReview, FourEyes or ObjectionsStand; nothing is changed then.
    """
    if not by.has_perm("approvals.add_decision"):  # type: ignore[attr-defined]
        raise PermissionDenied("Only editors decide about drafts.")
    reason = reason.strip()
    require_reason(verdict, reason_code, reason)
    task, current = _locked(draft)
    _require_current(task, current, version, content_sha256)
    _require_same_state(task, current, reading)
    rule = rule_for(current)
    against = _weighed(current, by, rule, despite) if verdict == Verdict.APPROVE else None
    decision = Decision(
        draft=current,
        opened_at=reading.opened_at if reading else None,
        decision=verdict,
        version=version,
        content_sha256=content_sha256,
        reason_code=reason_code,
        reason=reason,
        actor=by,
        actor_name=by.get_username(),
        via=via,
        way=way or (Way.API if via == "api" else ""),
        objections=against and against.facts,
        **rule._asdict(),
    )
    decision._history_user = by
    decision.save()
    _act_on(decision, task, by)
    return decision


def _locked(draft: Draft) -> tuple[ContentTask, Draft]:
    """The task first, then the draft: the order in which every writer takes them."""
    task = ContentTask.objects.select_for_update().get(pk=draft.task_id)
    current = Draft.objects.select_for_update().get(pk=draft.pk)
    current.task = task
    return task, current


def _weighed(draft: Draft, by: AbstractBaseUser, rule: Rule, despite: str | None) -> Objections:
    """What stands against the approval, once it may be given. Raises FourEyes and ObjectionsStand."""
    _require_other_eyes(draft, by, rule)
    against = objections_to(draft)
    if despite is not None:
        require_meant(against, despite)
    return against


def may_approve(draft: Draft, user: AbstractBaseUser, rule: Rule | None = None) -> bool:
    """Whether the rule of the category lets this person approve the present text."""
    rule = rule or rule_for(draft)
    is_theirs = rule.four_eyes and has_own_part(draft, user)
    return not is_theirs and not gave_the_first_of_two(draft, user, rule)


def current_approval(draft: Draft) -> Decision | None:
    """The last approval of exactly the present text, if the task stands approved or published by it."""
    if draft.task.status not in {Status.APPROVED, Status.PUBLISHED} or not is_approved(draft):
        return None
    return draft.decisions.filter(
        decision=Verdict.APPROVE, version=draft.version, content_sha256=draft.content_sha256
    ).first()


def require_reason(verdict: Verdict, reason_code: str, reason: str) -> None:
    """Raises ReasonMissing unless a no says why; `decide` asks too."""
    if reason_code and reason_code not in ReasonCode.values:
        raise ReasonMissing("reason_code", f"Choose one of {', '.join(ReasonCode.values)}.")
    if verdict == Verdict.APPROVE:
        return
    if not reason_code:
        raise ReasonMissing("reason_code", f"Choose a reason: {', '.join(ReasonCode.values)}.")
    if len(reason) < MIN_REASON_CHARACTERS:
        raise ReasonMissing(
            "reason", f"Say why in at least {MIN_REASON_CHARACTERS} characters: the writer works from it."
        )


def _require_current(task: ContentTask, draft: Draft, version: int, content_sha256: str) -> None:
    if not task.awaits_decision:
        last = draft.decisions.first()
        who = f" {last.actor_name} decided: {last.get_decision_display().lower()}." if last else ""
        raise StaleReview(f"This draft is {task.get_status_display().lower()}, not awaiting approval.{who}")
    if (draft.version, draft.content_sha256) != (version, content_sha256):
        raise StaleReview(
            f"You read version {version}; the draft is at version {draft.version} by now "
            f"({draft.history.first().history_change_reason}). Read the new text, then decide."
        )


def _require_same_state(task: ContentTask, draft: Draft, reading: Reading | None) -> None:
    """The same bytes may have been decided about and come back since the screen was filled."""
    if reading is None or reading.state_since == task.status_changed_at:
        return
    last = draft.decisions.first()
    who = f" {last.actor_name} decided: {last.get_decision_display().lower()}." if last else ""
    raise StaleReview(
        f"Since you opened this page, the draft was moved on and is before you again.{who} "
        "Look at it once more, then decide."
    )


def _require_other_eyes(draft: Draft, by: AbstractBaseUser, rule: Rule) -> None:
    if gave_the_first_of_two(draft, by, rule):
        raise FourEyes("You have approved this text already: the second approval is somebody else's.")
    if rule.four_eyes and has_own_part(draft, by):
        raise FourEyes("You wrote or last edited this text: somebody else has to approve it.")


def _act_on(decision: Decision, task: ContentTask, by: AbstractBaseUser) -> None:
    reason = decision.reason or decision.get_decision_display()
    if waits_for_another(decision):
        return
    if task.status == Status.PUBLISHED:
        _act_on_update(decision, task, by)
    elif decision.decision == Verdict.APPROVE:
        task.move_to(Status.APPROVED, by=by, reason=reason)
    elif decision.decision == Verdict.REJECT:
        add_guidance(task, reason_code=decision.reason_code, reason=decision.reason, by=by)
        task.move_to(Status.REJECTED, by=by, reason=reason)
    else:
        request_rework(task, by=by, reason_code=decision.reason_code, reason=decision.reason)


def _act_on_update(decision: Decision, task: ContentTask, by: AbstractBaseUser) -> None:
    """What is live stays so. No machine run begins from a no: a person goes on, or lets it be."""
    if decision.decision == Verdict.APPROVE:
        task.move_update(Update.APPROVED, by=by)
    else:
        add_guidance(task, reason_code=decision.reason_code, reason=decision.reason, by=by)
        task.move_update(Update.DECLINED, by=by)
