"""The editor: Markdown with a preview, saved as a new version, and approved where that is allowed."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
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
from approvals.errors import FourEyes, LockedByOther, ObjectionsStand, ReviewTokenInvalid, StaleReview
from approvals.models import Verdict, Way
from approvals.objections import objections_to
from approvals.review_token import ReviewToken
from approvals.rules import rule_for
from tasks.actions import edit_draft, require_may_edit
from tasks.actor import actor
from tasks.errors import DraftChanged, TransitionRefused
from tasks.lifecycle import Status
from tasks.models import Draft
from tasks.pipeline.errors import TasksError
from tasks.pipeline.text import markdown

PREVIEW, APPROVE = "preview", "approve"
"""Values of the form's buttons other than saving."""
DECIDABLE_ONCE_SAVED = frozenset({Status.AWAITING_APPROVAL, Status.APPROVED, Status.PUBLISHED})

may_edit = permission_required(["tasks.view_draft", "tasks.change_draft"], raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_edit
def edit(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft, user = draft_or_404(draft_id), actor(request)
    if draft.task.status == Status.PUBLISHED:
        require_may_edit(draft.task, user)  # before anything is typed
    if request.method != "POST":
        return _edit_page(request, draft, DraftForm(instance=draft_or_404(draft_id), reviewer=user))
    form = DraftForm(request.POST, instance=draft_or_404(draft_id), reviewer=user)
    then = request.POST.get("then", "")
    if then == PREVIEW:
        return _edit_page(request, draft, form, is_preview=True)
    if then == APPROVE and not user.has_perm("approvals.add_decision"):
        raise PermissionDenied("Only editors can decide on drafts.")
    if not form.is_valid():
        return _edit_page(request, draft, form, status=400)
    read_version = draft.version = form.cleaned_data["version"]
    try:
        is_changed = edit_draft(draft, form.content, by=user)
    except TasksError as error:
        current = draft_or_404(draft_id)
        return _edit_page(request, current, form.on_top_of(current), problem=error, read_version=read_version)
    review_locks.renew(draft, by=user)
    saved = f"Saved as version {draft.version}." if is_changed else "Nothing was changed."
    if then == APPROVE:
        return _approve(request, draft, form, saved)
    messages.add_message(request, messages.SUCCESS if is_changed else messages.INFO, saved)
    return redirect("desk:review", draft_id)


@require_POST
@may_edit
def preview(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The typed Markdown as readers will see it: a fragment for the page's script."""
    draft = draft_or_404(draft_id)
    form = PreviewForm(request.POST)
    body = form.cleaned_data["body"] if form.is_valid() else ""
    context = {"problems": form.errors, **_previewed(body, draft)}
    return render(request, "desk/_preview.html", context, status=200 if form.is_valid() else 400)


def _previewed(body: str, draft: Draft) -> dict[str, object]:
    """The text as readers will see it, with notes where they will not, and a list of these."""
    return {
        "html": markdown.render(body, draft.citations, language=draft.task.language, for_editors=True),
        "unshown": markdown.unshown(body, draft.citations),
    }


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
            request, f"{saved} It is not approved: {error} Other editors will find it under My turn."
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
    is_stale, user = isinstance(problem, DraftChanged), actor(request)
    body = str(form["body"].value() or "")
    is_short = len(body) <= MAX_PREVIEW_CHARACTERS
    may_approve_after = draft.task.status in DECIDABLE_ONCE_SAVED and user.has_perm("approvals.add_decision")
    if form.is_bound:
        form.is_valid()  # copies what was typed, as far as it is valid, to the instance
    return page(
        request,
        "desk/edit.html",
        status=status_of(problem, status),
        title=f"Edit {draft.title}",
        draft=draft,
        task=draft.task,
        form=form,
        problem=problem,
        # A preview does not report what is still missing.
        shows_errors=form.is_bound and not is_preview,
        is_preview=is_preview,
        preview=_previewed(body if is_short else "", draft),
        changes=review_page.changes(draft, [], user, read_version) if is_stale else None,
        review_lock=review_locks.current(draft),
        may_approve_after=may_approve_after,
        objections=objections_to(form.instance),
        rule=rule_for(form.instance),
        stale_seo_texts=review_page.evidence_of(draft, "seo_stale"),
    )
