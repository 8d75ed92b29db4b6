"""The review desk: one page to decide on, and the text's versions. Views parse, call, answer."""

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
from approvals.desk import review_page, review_parts
from approvals.desk.forms import CommentForm, DecisionForm
from approvals.desk.frame import draft_or_404, may_view, number, page, status_of
from approvals.errors import (
    ClaimedByOther,
    FourEyes,
    ObjectionsStand,
    ReadingUnknown,
    ReasonMissing,
    StaleReview,
)
from approvals.models import Verdict, Way
from approvals.objections import Material
from approvals.rules import rule_for, waits_for_another
from tasks.actions import restore_version
from tasks.errors import TransitionRefused
from tasks.form_fields import FORM_ID
from tasks.models import Draft
from tasks.pipeline.errors import TasksError
from tasks.pipeline.text.markdown import render as render_markdown

CONFIRM = "confirm"
"""Parameter of the page's address: which verdict was pressed elsewhere, and is to be meant."""


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
        DecisionForm.for_reading(draft, request.user),
        view=view,
        against=against,
        asks=request.GET.get(CONFIRM) == Verdict.APPROVE,
    )


@require_safe
@may_view
def version(request: HttpRequest, draft_id: int, version: int) -> HttpResponse:
    draft = draft_or_404(draft_id)
    shown = get_object_or_404(draft.history, version=version)
    return page(
        request,
        "desk/version.html",
        title=f"Version {version} of {draft.title}",
        draft=draft,
        shown=shown,
        body_html=render_markdown(shown.body, shown.citations),
        quality=review_page.quality(draft, version),
        sources=review_page.sources(draft),
    )


@require_POST
@permission_required(["tasks.view_draft", "tasks.restore_draft"], raise_exception=True)
def restore(request: HttpRequest, draft_id: int, version: int) -> HttpResponse:
    draft = draft_or_404(draft_id)
    try:
        is_changed = restore_version(draft, version, by=request.user)
    except Draft.history.model.DoesNotExist:
        raise Http404(f"Draft {draft_id} has no version {version}.") from None
    except TasksError as error:
        current = draft_or_404(draft_id)
        return show_review(request, current, DecisionForm.for_reading(current, request.user), problem=error)
    if is_changed:
        messages.success(request, f"Version {version} was restored as version {draft.version}.")
    else:
        messages.info(request, f"Version {version} is what stands there already.")
    return redirect("desk:review", draft_id)


def _decide(request: HttpRequest, draft: Draft) -> HttpResponse:
    if not request.user.has_perm("approvals.add_decision"):
        raise PermissionDenied("Only editors decide about drafts.")
    review_locks.renew(draft, by=request.user)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return show_review(request, draft, form, status=400)
    asked = dict(form.cleaned_data)
    over_claim, _ = asked.pop("over_claim"), asked.pop("state")
    try:
        reading = form.reading(draft, request.user)
        review_locks.require_meant(draft, by=request.user, over=over_claim)
        decision = decide(
            draft,
            asked.pop("decision"),
            **asked,
            by=request.user,
            via="admin",
            reading=reading,
            way=Way.REVIEW,
        )
    except ReasonMissing as error:
        form.add_error(error.field, str(error))
        return show_review(request, draft, form, status=400)
    except ReadingUnknown:
        form.add_error("version", "It is not clear which version you read.")
        return show_review(request, draft, form.about(draft, request.user), status=400)
    except (StaleReview, TransitionRefused, FourEyes, ClaimedByOther, ObjectionsStand) as error:
        return _refused(request, draft.pk, form, error)
    review_locks.release(draft, by=request.user)
    verdict = decision.get_decision_display().lower()
    missing = " It waits for the approval of a second person." if waits_for_another(decision) else ""
    messages.success(request, f"Recorded about version {decision.version}: {verdict}.{missing}")
    request.form_is_saved = ("reason_code", "reason")  # type: ignore[attr-defined]
    if lacks_scripts(request, "text"):
        current = draft_or_404(draft.pk)
        return show_review(request, current, DecisionForm.for_reading(current, request.user))
    return redirect("desk:review", draft.pk)


def _refused(request: HttpRequest, draft_id: int, form: DecisionForm, error: Exception) -> HttpResponse:
    """The page as it is now, with what was typed and with what changed since it was read."""
    current = draft_or_404(draft_id)
    read_version = form.cleaned_data["version"]
    has_new_text = read_version != current.version
    if isinstance(error, StaleReview | TransitionRefused):
        form.about(current, request.user)
    return show_review(
        request,
        current,
        form,
        view="changes" if has_new_text else "rendered",
        against=read_version if has_new_text else None,
        problem=error,
        # Whatever else was in the way, what stands against it is shown with that: it is asked once.
        asks=form.cleaned_data["decision"] == Verdict.APPROVE
        and isinstance(error, ClaimedByOther | ObjectionsStand),
    )


def lacks_scripts(request: HttpRequest, *names: str) -> bool:
    """Whether one of these fields was typed into and nothing but the answer can bring it back."""
    return FORM_ID not in request.POST and any(request.POST.get(name, "").strip() for name in names)


def show_typed(
    request: HttpRequest, draft: Draft, *, view: str = "rendered", comment_form: CommentForm | None = None
) -> HttpResponse:
    """The page as it is now, with what was typed so far: what a link does where scripts run."""
    form = DecisionForm.with_typed(draft, request.user, request.POST)
    return show_review(request, draft, form, view=view, comment_form=comment_form)


def show_review(
    request: HttpRequest,
    draft: Draft,
    form: DecisionForm,
    *,
    view: str = "rendered",
    against: int | None = None,
    problem: Exception | None = None,
    comment_form: CommentForm | None = None,
    asks: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The review page, with a form that was filled already, and what refused it.

    With `asks`, its button approves in spite of what stands against that.
    """
    decisions, said = list(draft.decisions.all()), list(draft.comments.all())
    before, after = review_page.neighbours(draft)
    evidence = review_parts.evidence(draft)
    rule = rule_for(draft)
    state = review_parts.state(request, draft, decisions, rule)
    is_for_others = state["may_decide"] and not state["may_approve"]
    material = Material(evidence["report"], said, decisions, evidence["opinions"], rule, is_for_others)
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
        before=before,
        after=after,
        now=timezone.now(),
        **review_parts.text(
            request, draft, decisions, said, view=view, against=against, comment_form=comment_form
        ),
        **evidence,
        **state,
        **review_parts.objections(draft, material, asks=asks),
        **review_parts.past(request, draft, decisions, said),
    )
