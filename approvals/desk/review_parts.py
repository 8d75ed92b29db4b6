"""What the review page shows, part by part: each function gives the templates of its part what they want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from approvals import review_locks
from approvals.comments import commented
from approvals.decisions import may_approve
from approvals.desk import review_page
from approvals.desk.forms import CommentForm
from approvals.models import Decision
from approvals.models.desk import DraftComment
from approvals.objections import Material, objections_to
from approvals.rules import Rule, standing
from tasks.actions import may_edit
from tasks.lifecycle import Status
from tasks.models import Draft

VIEWS = ("rendered", "changes", "markdown")
REVIEW_FORM = "review-form"
"""The id of the one form of the page: whichever button is pressed, all that was typed is sent along."""
RECENT = 30
"""How many lines of the history are shown at first."""

Context = dict[str, Any]
Said = Sequence[DraftComment]


def text(
    request: HttpRequest,
    draft: Draft,
    decisions: Sequence[Decision],
    said: Said,
    *,
    view: str,
    against: int | None,
    comment_form: CommentForm | None,
) -> Context:
    """The text in one of its views, with what was said about it and the form to say more."""
    shown = commented(draft.body, draft.citations, said)
    is_compared = view == "changes"
    if comment_form is None and "text" in request.POST:
        comment_form = CommentForm.with_typed(draft, request.POST)
    commenting = review_page.commenting(draft, shown, request.GET.get("comment"), comment_form)
    if draft.task.awaits_decision and request.user.has_perm("approvals.add_decision"):
        commenting.form.of_form(REVIEW_FORM)
    return {
        "view": view if view in VIEWS else "rendered",
        "text": shown,
        "commenting": commenting,
        "resolved": [row for row in said if row.resolved_at],
        "changes": review_page.changes(draft, decisions, request.user, against, said)
        if is_compared
        else None,
    }


def evidence(draft: Draft) -> Context:
    """What speaks for and against the text: checks, sources, what it cost, what others advise."""
    quality, sources = review_page.quality(draft), review_page.sources(draft)
    review_page.put_claims_beside(sources, draft, quality)
    return {
        "quality": quality,
        "report": quality and quality.report,
        "sources": sources,
        "guidance": list(draft.task.guidance.prefetch_related("adopted")),
        "spending": review_page.spending(draft.task),
        "opinions": list(draft.opinions.all()),
    }


def state(request: HttpRequest, draft: Draft, decisions: Sequence[Decision], rule: Rule) -> Context:
    """How far the draft has come, and what this person may do about it."""
    status, awaits = draft.task.status, draft.task.awaits_decision
    return {
        "can_be_edited": may_edit(draft.task, request.user),
        "can_be_decided": awaits,
        "is_approved": status == Status.APPROVED,
        "is_published": status == Status.PUBLISHED,
        "may_decide": request.user.has_perm("approvals.add_decision"),
        "may_approve": may_approve(draft, request.user, rule),
        "standing": standing(draft, decisions, rule) if awaits else None,
        "claim": review_locks.current(draft) if awaits else None,
    }


def objections(draft: Draft, material: Material, *, asks: bool) -> Context:
    """What stands against approving it, or of what is approved already against publishing it."""
    if not (draft.task.awaits_decision or draft.task.status == Status.APPROVED):
        return {}
    found = objections_to(draft, material)
    return {"objections": found, "asks": asks and draft.task.awaits_decision and bool(found.asked)}


def past(request: HttpRequest, draft: Draft, decisions: Sequence[Decision], said: Said) -> Context:
    story = review_page.story(draft, decisions, said)
    return {"story": story, "recent": story if "history" in request.GET else story[:RECENT]}
