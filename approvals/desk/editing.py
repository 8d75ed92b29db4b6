"""The editor: Markdown with a preview, saved as a new version, and approved where that is allowed."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from approvals import review_locks
from approvals.decisions import decide
from approvals.desk.edit_page import (
    edit_page,
    invalid_reply,
    previewed,
    refused_reply,
    saved_reply,
    wants_json,
)
from approvals.desk.forms import MAX_PREVIEW_CHARACTERS, DraftForm, PreviewForm
from approvals.desk.frame import draft_or_404
from approvals.errors import FourEyes, LockedByOther, ObjectionsStand, ReviewTokenInvalid, StaleReview
from approvals.models import Verdict, Way
from approvals.review_token import ReviewToken
from tasks.actions import edit_draft, require_may_edit
from tasks.actor import actor
from tasks.errors import ChecksBusy, TransitionRefused
from tasks.lifecycle import Status
from tasks.models import Draft
from tasks.pipeline.errors import TasksError

PREVIEW, APPROVE = "preview", "approve"
"""Values of the form's buttons other than saving."""

may_edit = permission_required(["tasks.view_draft", "tasks.change_draft"], raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_edit
def edit(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft, user = draft_or_404(draft_id), actor(request)
    if draft.task.status == Status.PUBLISHED:
        require_may_edit(draft.task, user)  # before anything is typed
    if request.method != "POST":
        return edit_page(request, draft, DraftForm(instance=copy(draft), reviewer=user))
    form = DraftForm(request.POST, instance=draft_or_404(draft_id), reviewer=user)
    then = request.POST.get("then", "")
    if then == PREVIEW:
        return edit_page(request, draft, form, is_preview=True)
    if then == APPROVE and not user.has_perm("approvals.add_decision"):
        raise PermissionDenied("Only editors can decide on drafts.")
    if not form.is_valid():
        return invalid_reply(form) if wants_json(request) else edit_page(request, draft, form, status=400)
    read_version = draft.version = form.cleaned_data["version"]
    try:
        is_changed = edit_draft(draft, form.content, by=user)
    except TasksError as error:
        current = draft_or_404(draft_id)
        if wants_json(request):
            return refused_reply(request, current, error, read_version=read_version)
        return edit_page(request, current, form.on_top_of(current), problem=error, read_version=read_version)
    review_locks.renew(draft, by=user)
    saved = f"Saved as version {draft.version}." if is_changed else "Nothing was changed."
    if then == APPROVE:
        return _approve(request, draft, form, saved)
    if wants_json(request):
        return saved_reply(request, draft_or_404(draft_id), saved, is_changed=is_changed)
    messages.add_message(request, messages.SUCCESS if is_changed else messages.INFO, saved)
    return redirect("desk:review", draft_id)


@require_POST
@may_edit
def preview(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The typed Markdown as readers will see it: a fragment for the page's script."""
    draft = draft_or_404(draft_id)
    form = PreviewForm(request.POST)
    body = form.cleaned_data["body"] if form.is_valid() else ""
    context = {"problems": form.errors, **previewed(body, draft)}
    return render(request, "desk/_preview.html", context, status=200 if form.is_valid() else 400)


@require_POST
@may_edit
def check(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What the quality checks find in the typed text, for the page's script. Asks no model."""
    from tasks.unsaved_checks import check_unsaved  # loads pydantic and the checks

    draft, user = draft_or_404(draft_id), actor(request)
    form = DraftForm(request.POST, instance=draft_or_404(draft_id), reviewer=user)
    form.is_valid()  # what is missing or too long is checked as it was saved
    if len(request.POST.get("body", "")) > MAX_PREVIEW_CHARACTERS:
        detail = f"Texts of more than {MAX_PREVIEW_CHARACTERS} characters are checked once they are saved."
        return JsonResponse({"detail": detail}, status=400)
    typed = {name: value for name, value in form.cleaned_data.items() if name in form.Meta.fields}
    try:
        found = check_unsaved(draft, typed)
    except ChecksBusy as error:
        return JsonResponse({"detail": str(error)}, status=503, headers={"Retry-After": "2"})
    return JsonResponse(
        {
            "failed": [
                {
                    "check": result.check,
                    "message": result.message,
                    "is_veto": result.severity == "veto",
                    "passages": result.evidence,
                }
                for result in found.failed
            ],
            "passed": found.passed,
            "unfinished": found.unfinished,
            "milliseconds": round(found.seconds * 1000),
        }
    )


def _approve(request: HttpRequest, draft: Draft, form: DraftForm, saved: str) -> HttpResponse:
    """Approve what was just saved, under the usual rules; if that is refused, it stays saved."""
    current, user = draft_or_404(draft.pk), actor(request)
    try:
        review_token = _review_token(form, current, user)
        review_locks.require_confirmed(current, by=user, overridden_reviewer=None)
        decide(
            current,
            Verdict.APPROVE,
            version=draft.version,
            content_sha256=draft.content_sha256,
            by=user,
            via="admin",
            review_token=review_token,
            way=Way.EDIT,
            confirmed_objections="",
        )
    except ObjectionsStand:
        messages.warning(request, f"{saved} It is not approved yet: check the objections.")
        return redirect(f"{reverse('desk:review', args=[draft.pk])}?confirm={Verdict.APPROVE}#decision")
    except FourEyes as error:
        messages.warning(
            request, f"{saved} It is not approved yet. {error} Other editors find it under My turn."
        )
    except (StaleReview, TransitionRefused, LockedByOther, ReviewTokenInvalid) as error:
        messages.warning(request, f"{saved} It is not approved: {error or 'open the page again.'}")
    else:
        review_locks.release(current, by=user)
        messages.success(request, f"{saved} Version {draft.version} is approved.")
    return redirect("desk:review", draft.pk)


def _review_token(form: DraftForm, draft: Draft, user: User) -> ReviewToken | None:
    """The saved text counts as the text that was read, since the editor was opened."""
    signed = form.cleaned_data["state"]
    if not signed:
        return None
    opened = ReviewToken.parse(signed, user)
    return replace(ReviewToken.issue(draft, user), opened_at=opened.opened_at)
