"""The review page and its decision, and pages of earlier versions. Views parse, call, respond."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals import review_locks
from approvals.decisions import decide
from approvals.desk import claims, review_page, review_parts, review_sources
from approvals.desk.forms import CommentForm, DecisionForm
from approvals.desk.frame import draft_or_404, may_view, number, page, status_of
from approvals.draft_records import DraftRecords
from approvals.errors import (
    FourEyes,
    LockedByOther,
    ObjectionsStand,
    ReasonMissing,
    ReviewTokenInvalid,
    StaleReview,
)
from approvals.models import DraftComment, Verdict, Way
from approvals.rules import rule_for, waits_for_another
from tasks import rendered_bodies
from tasks.actions import restore_version
from tasks.actor import actor
from tasks.errors import TransitionRefused
from tasks.form_fields import FORM_ID
from tasks.models import Draft
from tasks.pipeline.errors import TasksError

DONE = {
    Verdict.APPROVE: "was approved",
    Verdict.REQUEST_CHANGES: "was sent back for changes",
    Verdict.REJECT: "was rejected",
}
"""What a message says of a decision just made."""

CONFIRM = "confirm"
"""Query parameter: the verdict that was chosen on another page and has to be confirmed."""


@require_http_methods(["GET", "HEAD", "POST"])
@may_view
def review(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = draft_or_404(draft_id)
    if request.method == "POST":
        look = request.POST.get("look")
        return show_typed(request, draft, view=look) if look else _decide(request, draft)
    view = request.GET.get("view", "changes" if draft.task.update_state else "rendered")
    against = number(request.GET.get("against"))
    return show_review(
        request,
        draft,
        DecisionForm.for_draft(draft, actor(request)),
        view=view,
        against=against,
        must_confirm=request.GET.get(CONFIRM) == Verdict.APPROVE,
    )


@require_safe
@may_view
def version(request: HttpRequest, draft_id: int, version: int) -> HttpResponse:
    draft = draft_or_404(draft_id)
    shown = get_object_or_404(draft.history, version=version)
    quality = review_page.quality(draft, version)
    return page(
        request,
        "desk/version.html",
        title=f"Version {version} of {draft.title}",
        draft=draft,
        shown=shown,
        body_html=rendered_bodies.for_editors(shown.body, shown.citations, draft.task.language),
        quality=quality,
        claims=claims.claims_shown(
            draft,
            version,
            is_checked=quality is not None and quality.is_current,
            chosen=request.GET.get("verdict", ""),
        ),
        sources=review_sources.sources(draft),
    )


@require_POST
@permission_required(["tasks.view_draft", "tasks.restore_draft"], raise_exception=True)
def restore(request: HttpRequest, draft_id: int, version: int) -> HttpResponse:
    draft, user = draft_or_404(draft_id), actor(request)
    try:
        is_changed = restore_version(draft, version, by=user)
    except Draft.history.model.DoesNotExist:
        raise Http404(f"Draft {draft_id} has no version {version}.") from None
    except TasksError as error:
        current = draft_or_404(draft_id)
        return show_review(request, current, DecisionForm.for_draft(current, user), problem=error)
    if is_changed:
        messages.success(request, f"Version {version} was restored as version {draft.version}.")
    else:
        messages.info(request, f"Version {version} is already current.")
    return redirect("desk:review", draft_id)


def _decide(request: HttpRequest, draft: Draft) -> HttpResponse:
    user = actor(request)
    if not user.has_perm("approvals.add_decision"):
        raise PermissionDenied("Only editors can decide on drafts.")
    review_locks.renew(draft, by=user)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return show_review(request, draft, form, status=400)
    cleaned = dict(form.cleaned_data)
    over_lock, _ = cleaned.pop("over_lock"), cleaned.pop("state")
    try:
        review_token = form.review_token(draft, user)
        review_locks.require_confirmed(draft, by=user, overridden_reviewer=over_lock)
        decision = decide(
            draft,
            cleaned.pop("decision"),
            confirmed_objections=cleaned.pop("despite"),
            **cleaned,
            by=user,
            via="admin",
            review_token=review_token,
            way=Way.REVIEW,
        )
    except ReasonMissing as error:
        form.add_error(error.field, "Choose a reason." if error.field == "reason_code" else str(error))
        return show_review(request, draft, form, status=400)
    except ReviewTokenInvalid:
        form.add_error("version", "It is not clear which version you read.")
        return show_review(request, draft, form.rebound(draft, user), status=400)
    except (StaleReview, TransitionRefused, FourEyes, LockedByOther, ObjectionsStand) as error:
        return _refused(request, draft.pk, form, error)
    review_locks.release(draft, by=user)
    missing = " A second person still has to approve it." if waits_for_another(decision) else ""
    messages.success(request, f"Version {decision.version} {DONE[Verdict(decision.decision)]}.{missing}")
    request.form_is_saved = ("reason_code", "reason", "refusal")  # type: ignore[attr-defined]
    if lacks_scripts(request, "text"):
        current = draft_or_404(draft.pk)
        return show_review(request, current, DecisionForm.for_draft(current, user))
    return redirect("desk:review", draft.pk)


def _refused(request: HttpRequest, draft_id: int, form: DecisionForm, error: Exception) -> HttpResponse:
    """The page as it is now, with what was typed and what changed since it was read."""
    current = draft_or_404(draft_id)
    read_version = form.cleaned_data["version"]
    has_new_text = read_version != current.version
    if isinstance(error, StaleReview | TransitionRefused):
        form.rebound(current, actor(request))
    return show_review(
        request,
        current,
        form,
        view="changes" if has_new_text else "rendered",
        against=read_version if has_new_text else None,
        problem=error,
        # Objections are shown together with any other obstacle, so that one confirmation is enough.
        must_confirm=form.cleaned_data["decision"] == Verdict.APPROVE
        and isinstance(error, LockedByOther | ObjectionsStand),
    )


def lacks_scripts(request: HttpRequest, *names: str) -> bool:
    """Whether one of these fields was typed into and, without scripts, only this response can restore it."""
    return FORM_ID not in request.POST and any(request.POST.get(name, "").strip() for name in names)


def show_typed(
    request: HttpRequest, draft: Draft, *, view: str = "rendered", comment_form: CommentForm | None = None
) -> HttpResponse:
    """The page as it is now, with what was typed so far: does what a link does where scripts run."""
    form = DecisionForm.with_typed(draft, actor(request), request.POST)
    return show_review(request, draft, form, view=view, comment_form=comment_form)


def _comments(draft: Draft) -> list[DraftComment]:
    return list(draft.comments.prefetch_related("mentioned"))


def show_review(
    request: HttpRequest,
    draft: Draft,
    form: DecisionForm,
    *,
    view: str = "rendered",
    against: int | None = None,
    problem: Exception | None = None,
    comment_form: CommentForm | None = None,
    must_confirm: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The review page, with a filled form and the reason why it was refused.

    With `must_confirm`, its button confirms the objections and approves.
    """
    decisions, comments = list(draft.decisions.all()), _comments(draft)
    previous, following = review_page.neighbours(draft, actor(request))
    evidence = review_parts.evidence(request, draft)
    rule = rule_for(draft)
    state = review_parts.state(actor(request), draft, decisions, rule)
    is_for_others = state["may_decide"] and not state["may_approve"]
    records = DraftRecords(
        evidence["report"], comments, decisions, evidence["feedback"], rule,
        is_for_others=is_for_others, claims=evidence["claims"].findings,
    )  # fmt: skip
    text = review_parts.text(
        request, draft, decisions, comments,
        view=view, against=against, comment_form=comment_form, ledger=evidence["claims"],
    )  # fmt: skip
    return page(
        request,
        "desk/review.html",
        status=status_of(problem, status),
        title=draft.title,
        draft=draft,
        task=draft.task,
        form=form,
        problem=problem,
        decisions=decisions,
        previous=previous,
        following=following,
        now=timezone.now(),
        assignment=review_parts.assignment(actor(request), draft),
        **text,
        **evidence,
        **state,
        **review_parts.objections(draft, records, must_confirm=must_confirm),
        **review_parts.history(request, draft, decisions, comments),
    )
