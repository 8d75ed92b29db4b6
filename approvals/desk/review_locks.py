"""The buttons that take and release a review lock. Both act on POST only."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from approvals import review_locks
from approvals.desk.frame import draft_or_404, number
from approvals.desk.review import lacks_scripts, show_typed
from approvals.errors import LockedByOther
from tasks.actor import actor
from tasks.errors import TransitionRefused

may_decide = permission_required(["tasks.view_draft", "approvals.add_decision"], raise_exception=True)


@require_POST
@may_decide
def take(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = draft_or_404(draft_id)
    try:
        lock = review_locks.take(draft, by=actor(request), take_over_from=number(request.POST.get("over")))
    except (LockedByOther, TransitionRefused) as error:
        messages.warning(request, str(error))
        return _back(request, draft_id)
    if "quietly" in request.POST:  # the script that renews it while the page is open
        return HttpResponse(status=204)
    if lock.taken_from:
        messages.success(request, f"You took over from {lock.taken_from}, who will see that on this page.")
    return _back(request, draft_id)


def _back(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The button is part of the review form, in which something may have been typed."""
    request.form_is_saved = False  # type: ignore[attr-defined]
    if lacks_scripts(request, "reason", "reason_code", "text"):
        return show_typed(request, draft_or_404(draft_id))
    return redirect("desk:review", draft_id)


@require_POST
@may_decide
def release(request: HttpRequest, draft_id: int) -> HttpResponse:
    if review_locks.release(draft_or_404(draft_id), by=actor(request)):
        messages.success(request, "You are no longer reviewing this draft.")
    return redirect("desk:queue")
