"""The review page part by part: each function builds the template context of its part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from approvals import review_locks
from approvals.assignments import ASSIGN
from approvals.comments.anchors import CommentedText, commented
from approvals.decisions import may_approve
from approvals.desk import claim_marks, claims, review_page, review_sources
from approvals.desk.forms import AssignmentForm, CommentForm
from approvals.draft_records import DraftRecords
from approvals.models import Decision
from approvals.models.desk import DraftComment
from approvals.objections import objections_to
from approvals.rules import Rule, standing
from tasks.actions import may_edit
from tasks.actor import actor
from tasks.lifecycle import Status
from tasks.models import Draft

VIEWS = ("rendered", "changes", "markdown")
REVIEW_FORM = "review-form"
"""The id of the page's form: every button submits everything that was typed."""
RECENT = 30
"""How many events of the history are shown at first."""

Context = dict[str, Any]
Comments = Sequence[DraftComment]


def text(
    request: HttpRequest,
    draft: Draft,
    decisions: Sequence[Decision],
    comments: Comments,
    *,
    view: str,
    against: int | None,
    comment_form: CommentForm | None,
    ledger: claims.ClaimsShown,
) -> Context:
    """The text in one of its views, with its claims, its comments and the form to add one."""
    user = actor(request)
    shown = commented(draft.body, draft.citations, comments, language=draft.task.language)
    _mark(shown, ledger)
    shown.highlight()
    is_compared = view == "changes"
    if comment_form is None and "text" in request.POST:
        comment_form = CommentForm.with_typed(draft, request.POST)
    commenting = review_page.commenting(draft, shown, request.GET, comment_form)
    if draft.task.awaits_decision and user.has_perm("approvals.add_decision"):
        commenting.form.join_form(REVIEW_FORM)
    return {
        "view": view if view in VIEWS else "rendered",
        "text": shown,
        "commenting": commenting,
        "changes": review_page.changes(draft, decisions, user, against, comments) if is_compared else None,
    }


def _mark(text: CommentedText, ledger: claims.ClaimsShown) -> None:
    """Mark the factual sentences in each paragraph."""
    found = claim_marks.marked([paragraph.html for paragraph in text.paragraphs], ledger.entries)
    for paragraph, html in zip(text.paragraphs, found, strict=True):
        paragraph.html = html


def evidence(request: HttpRequest, draft: Draft) -> Context:
    """Evidence about the text: checks, claims, sources, costs, guidance and sign-off feedback."""
    quality, sources = review_page.quality(draft), review_sources.sources(draft)
    ledger = claims.claims_shown(
        draft,
        draft.version,
        is_checked=quality is not None and quality.is_current,
        wanted=request.GET.get("claim", ""),
        chosen=request.GET.get("verdict", ""),
    )
    review_sources.attach_statements(sources, draft, quality)
    return {
        "quality": quality,
        "claims": ledger,
        "report": quality and quality.report,
        "sources": sources,
        "guidance": list(draft.task.guidance.prefetch_related("adopted")),
        "spending": review_page.call_costs(draft.task),
        "feedback": list(draft.sign_off_feedback.all()),
    }


def state(user: User, draft: Draft, decisions: Sequence[Decision], rule: Rule) -> Context:
    """The state of the draft, and what this user may do with it."""
    status, awaits = draft.task.status, draft.task.awaits_decision
    return {
        "can_be_edited": may_edit(draft.task, user),
        "can_be_decided": awaits,
        "is_approved": status == Status.APPROVED,
        "is_published": status == Status.PUBLISHED,
        "may_decide": user.has_perm("approvals.add_decision"),
        "may_approve": may_approve(draft, user, rule),
        "standing": standing(draft, decisions, rule) if awaits else None,
        "review_lock": review_locks.current(draft) if awaits else None,
    }


def assignment(user: User, draft: Draft) -> AssignmentForm | None:
    """The form that assigns its task, for those who may."""
    return AssignmentForm(by=user, task=draft.task) if user.has_perm(ASSIGN) else None


def objections(draft: Draft, records: DraftRecords, *, must_confirm: bool) -> Context:
    """Objections to approving it or, once it is approved, to publishing it."""
    if not (draft.task.awaits_decision or draft.task.status == Status.APPROVED):
        return {}
    found = objections_to(draft, records)
    asks_for_confirmation = must_confirm and draft.task.awaits_decision and bool(found.to_confirm)
    return {"objections": found, "must_confirm": asks_for_confirmation}


def history(request: HttpRequest, draft: Draft, decisions: Sequence[Decision], comments: Comments) -> Context:
    timeline = review_page.timeline(draft, decisions, comments)
    return {"timeline": timeline, "recent": timeline if "history" in request.GET else timeline[:RECENT]}
