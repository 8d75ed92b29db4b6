"""Deciding on many drafts at the desk: select, look at the selection, confirm."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from approvals.bulk import DONE, MAX_ROWS, decide_each
from approvals.decisions import may_approve, require_reason
from approvals.desk.forms import VerdictForm
from approvals.desk.frame import number, page
from approvals.desk.review_locks import may_decide
from approvals.errors import ReasonMissing, ReviewTokenInvalid
from approvals.models import Verdict
from approvals.models.desk import ReviewLock
from approvals.objections import Objections, objections_to_each
from approvals.review_token import ReviewToken
from tasks.actor import actor
from tasks.models import Draft

NONE = Objections()


@dataclass(frozen=True)
class SelectedDraft:
    """A draft that was selected, as it is now: `why_not` excludes it, `warning` has it selected again."""

    draft: Draft
    token: str
    lock: ReviewLock | None = None
    why_not: str = ""
    warning: str = ""
    objections: Objections = NONE
    """To an approval: a draft that has any is approved only if the editor selects it here."""

    @property
    def is_selected(self) -> bool:
        return not self.warning and not self.objections.to_confirm


@require_POST
@may_decide
def bulk(request: HttpRequest) -> HttpResponse:
    """From the queue: show the selection. With `confirmed`: decide on what is still selected there."""
    form = VerdictForm(request.POST)
    if "confirmed" in request.POST:
        return _decide(request, form)
    selected = _selected_versions(request.POST.getlist("draft"))
    if not selected:
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        messages.warning(request, "Select the drafts that you want to decide on.")
        return redirect("desk:queue")
    is_complete = _is_complete(form)
    rows = _rows(selected, form.data.get("decision", ""), actor(request))
    return _confirm(request, form, rows, status=200 if is_complete else 400)


def _decide(request: HttpRequest, form: VerdictForm) -> HttpResponse:
    user = actor(request)
    try:
        tokens = [ReviewToken.parse(token, user) for token in request.POST.getlist("review_token")]
    except ReviewTokenInvalid:
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        messages.error(
            request, "It is not clear which versions you read. Nothing was decided: select the drafts again."
        )
        return redirect("desk:queue")
    if not 0 < len(tokens) <= MAX_ROWS:
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        messages.warning(request, f"Nothing was decided: select between 1 and {MAX_ROWS} drafts.")
        return redirect("desk:queue")
    if not _is_complete(form):
        selected = {token.draft_id: token.version for token in tokens}
        return _confirm(request, form, _rows(selected, form.data.get("decision", ""), user), status=400)
    draft_ids = [token.draft_id for token in tokens]
    result = decide_each(
        tokens,
        Verdict(form.cleaned_data["decision"]),
        by=user,
        reason_code=form.cleaned_data["reason_code"],
        reason=form.cleaned_data["reason"],
        overridden_locks={pk: number(request.POST.get(f"over_{pk}")) for pk in draft_ids},
        confirmed_objections={pk: request.POST.get(f"despite_{pk}", "") for pk in draft_ids},
    )
    request.form_is_saved = any(not row.skipped for row in result.rows)  # type: ignore[attr-defined]
    return page(
        request,
        "desk/bulk_done.html",
        title=result.sentence,
        result=result,
        done=DONE[result.verdict],
    )


def _confirm(
    request: HttpRequest, form: VerdictForm, rows: list[SelectedDraft], *, status: int
) -> HttpResponse:
    return page(
        request,
        "desk/bulk.html",
        status=status,
        title="Decide on many drafts",
        form=form,
        rows=rows,
        verdict=form.data.get("decision", "") if form.data.get("decision") in Verdict.values else "",
    )


def _is_complete(form: VerdictForm) -> bool:
    """Whether there is a verdict, and a reason where one is needed; else the form says what is missing."""
    if not form.is_valid():
        return False
    cleaned = form.cleaned_data
    try:
        require_reason(Verdict(cleaned["decision"]), cleaned["reason_code"], cleaned["reason"].strip())
    except ReasonMissing as error:
        form.add_error(error.field, str(error))
        return False
    return True


def _selected_versions(values: list[str]) -> dict[int, int]:
    """Version by draft, of values as in "17:3"; values in any other form are left out."""
    found: dict[int, int] = {}
    for value in values[:MAX_ROWS]:
        draft_id, _, version = value.partition(":")
        if (pk := number(draft_id)) and (read := number(version)):
            found[pk] = read
    return found


def _rows(selected: dict[int, int], verdict: str, user: User) -> list[SelectedDraft]:
    drafts = Draft.objects.filter(pk__in=selected).defer("citations")
    rows = drafts.select_related("task", "review_lock", "review_lock__reviewer")
    found = [
        _row(draft, selected[draft.pk], verdict, user)
        for draft in rows.order_by("task__status_changed_at", "pk")
    ]
    if verdict in {Verdict.REQUEST_CHANGES, Verdict.REJECT}:
        return found
    objections = objections_to_each([row.draft for row in found if row.token])
    return [replace(row, objections=objections[row.draft.pk]) if row.token else row for row in found]


def _row(draft: Draft, read_version: int, verdict: str, user: User) -> SelectedDraft:
    token = ReviewToken.issue(draft, user).signed
    if not draft.task.awaits_decision:
        return SelectedDraft(draft, "", why_not=f"It is now {draft.task.get_status_display().lower()}.")
    if verdict == Verdict.APPROVE and not may_approve(draft, user):
        return SelectedDraft(draft, "", why_not="You may not approve it: another editor has to.")
    lock = _lock_of_another(draft, user)
    if draft.version != read_version:
        changed = f"It has changed since you selected version {read_version}: read it, then select it again."
        return SelectedDraft(draft, token, lock, warning=changed)
    if lock:
        locked = f"{lock.reviewer} is reviewing it: select it to decide anyway."
        return SelectedDraft(draft, token, lock, warning=locked)
    return SelectedDraft(draft, token)


def _lock_of_another(draft: Draft, user: User) -> ReviewLock | None:
    lock: ReviewLock | None = getattr(draft, "review_lock", None)
    is_theirs = lock and lock.expires_at > timezone.now() and lock.reviewer_id != user.pk
    return lock if is_theirs else None
