"""Editing in place: Markdown with a preview, saved as a new version, and approved where that is allowed."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from approvals import review_locks
from approvals.decisions import decide
from approvals.desk import review_page
from approvals.desk.forms import MAX_PREVIEW_CHARACTERS, DraftForm, PreviewForm
from approvals.desk.frame import draft_or_404, page, status_of
from approvals.errors import ClaimedByOther, FourEyes, ObjectionsStand, ReadingUnknown, StaleReview
from approvals.models import Verdict, Way
from approvals.objections import objections_to
from approvals.review_token import Reading
from approvals.rules import rule_for
from tasks.actions import edit_draft, require_may_edit
from tasks.errors import DraftChanged, TransitionRefused
from tasks.lifecycle import Status
from tasks.models import Draft
from tasks.pipeline.errors import TasksError
from tasks.pipeline.text.markdown import render as render_markdown

PREVIEW, APPROVE = "preview", "approve"
"""What else than saving the buttons of the form ask for."""
DECIDABLE_ONCE_SAVED = frozenset({Status.AWAITING_APPROVAL, Status.APPROVED, Status.PUBLISHED})

may_edit = permission_required(["tasks.view_draft", "tasks.change_draft"], raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_edit
def edit(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = draft_or_404(draft_id)
    if draft.task.status == Status.PUBLISHED:
        require_may_edit(draft.task, request.user)  # not only once all is typed
    if request.method != "POST":
        return _edit_page(request, draft, DraftForm(instance=draft_or_404(draft_id), reader=request.user))
    form = DraftForm(request.POST, instance=draft_or_404(draft_id), reader=request.user)
    then = request.POST.get("then", "")
    if then == PREVIEW:
        return _edit_page(request, draft, form, is_preview=True)
    if then == APPROVE and not request.user.has_perm("approvals.add_decision"):
        raise PermissionDenied("Only editors decide about drafts.")
    if not form.is_valid():
        return _edit_page(request, draft, form, status=400)
    read_version = draft.version = form.cleaned_data["version"]
    try:
        is_changed = edit_draft(draft, form.content, by=request.user)
    except TasksError as error:
        current = draft_or_404(draft_id)
        return _edit_page(request, current, form.on_top_of(current), problem=error, read_version=read_version)
    review_locks.renew(draft, by=request.user)
    saved = f"Saved as version {draft.version}." if is_changed else "Nothing was changed."
    if then == APPROVE:
        return _approve(request, draft, form, saved)
    messages.add_message(request, messages.SUCCESS if is_changed else messages.INFO, saved)
    return redirect("desk:review", draft_id)


@require_POST
@may_edit
def preview(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The typed Markdown as readers will get it: a fragment for the script of the page."""
    draft = draft_or_404(draft_id)
    form = PreviewForm(request.POST)
    html = render_markdown(form.cleaned_data["body"], draft.citations) if form.is_valid() else ""
    context = {"html": html, "problems": form.errors}
    return render(request, "desk/_preview.html", context, status=200 if form.is_valid() else 400)


def _approve(request: HttpRequest, draft: Draft, form: DraftForm, saved: str) -> HttpResponse:
    """Approve what was just saved, under the rules of every approval; what was saved stays saved."""
    stands = draft_or_404(draft.pk)
    try:
        reading = _reading(form, stands, request)
        review_locks.require_meant(stands, by=request.user, over=None)
        decide(
            stands,
            Verdict.APPROVE,
            version=draft.version,
            content_sha256=draft.content_sha256,
            by=request.user,
            via="admin",
            reading=reading,
            way=Way.EDIT,
            despite="",
        )
    except ObjectionsStand:
        messages.warning(request, f"{saved} It is not approved yet: see what stands against it.")
        return redirect(f"{reverse('desk:review', args=[draft.pk])}?confirm={Verdict.APPROVE}#decision")
    except FourEyes as error:
        messages.warning(request, f"{saved} It is not approved: {error} Other editors find it under My turn.")
    except (StaleReview, TransitionRefused, ClaimedByOther, ReadingUnknown) as error:
        messages.warning(request, f"{saved} It is not approved: {error or 'open the page again.'}")
    else:
        review_locks.release(stands, by=request.user)
        messages.success(request, f"{saved} Version {draft.version} is approved.")
    return redirect("desk:review", draft.pk)


def _reading(form: DraftForm, draft: Draft, request: HttpRequest) -> Reading | None:
    """The text that was saved is the one that was read, since the page for editing it was opened."""
    token = form.cleaned_data["state"]
    if not token:
        return None
    opened = Reading.from_token(token, request.user)
    return replace(Reading.begin(draft, request.user), opened_at=opened.opened_at)


def _edit_page(
    request: HttpRequest,
    draft: Draft,
    form: DraftForm,
    *,
    problem: Exception | None = None,
    read_version: int | None = None,
    is_preview: bool = False,
    status: int = 200,
) -> HttpResponse:
    is_stale = isinstance(problem, DraftChanged)
    body = str(form["body"].value() or "")
    is_short = len(body) <= MAX_PREVIEW_CHARACTERS
    may_approve_after = draft.task.status in DECIDABLE_ONCE_SAVED and request.user.has_perm(
        "approvals.add_decision"
    )
    if form.is_bound:
        form.is_valid()  # has it say what is typed, as far as that may be saved
    return page(
        request,
        "desk/edit.html",
        status=status_of(problem, status),
        title=f"Edit {draft.title}",
        draft=draft,
        task=draft.task,
        form=form,
        problem=problem,
        # A preview says nothing yet about what is still missing.
        shows_errors=form.is_bound and not is_preview,
        is_preview=is_preview,
        preview=render_markdown(body, draft.citations) if is_short else "",
        changes=review_page.changes(draft, [], request.user, read_version) if is_stale else None,
        claim=review_locks.current(draft),
        may_approve_after=may_approve_after,
        objections=objections_to(form.instance),
        rule=rule_for(form.instance),
    )
