"""Deciding about many drafts at the desk: tick, look at what was ticked, confirm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from approvals.bulk import DONE, MAX_ROWS, decide_each
from approvals.decisions import may_approve, require_reason
from approvals.desk.forms import VerdictForm
from approvals.desk.frame import number, page
from approvals.desk.review_locks import may_decide
from approvals.errors import ReadingUnknown, ReasonMissing
from approvals.models import Verdict
from approvals.models.desk import ReviewClaim
from approvals.objections import Objections, objections_to_each
from approvals.review_token import Reading
from tasks.models import Draft

NONE = Objections()


@dataclass(frozen=True)
class Ticked:
    """A draft that was ticked, as it is now: `why_not` excludes it, `warning` has it ticked again."""

    draft: Draft
    token: str
    claim: ReviewClaim | None = None
    why_not: str = ""
    warning: str = ""
    objections: Objections = NONE
    """To an approval: a draft that has any is approved only if the editor ticks it here."""

    @property
    def is_ticked(self) -> bool:
        return not self.warning and not self.objections.asked


@require_POST
@may_decide
def bulk(request: HttpRequest) -> HttpResponse:
    """From the queue: show what was ticked. With `confirmed`: decide about what is still ticked there."""
    form = VerdictForm(request.POST)
    if "confirmed" in request.POST:
        return _decide(request, form)
    ticked = _ticked(request.POST.getlist("draft"))
    if not ticked:
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        messages.warning(request, "Tick the drafts that you want to decide about.")
        return redirect("desk:queue")
    is_complete = _is_complete(form)
    rows = _rows(ticked, form.data.get("decision", ""), request.user)
    return _confirm(request, form, rows, status=200 if is_complete else 400)


def _decide(request: HttpRequest, form: VerdictForm) -> HttpResponse:
    try:
        readings = [Reading.from_token(token, request.user) for token in request.POST.getlist("reading")]
    except ReadingUnknown:
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        messages.error(request, "It is not clear what you read. Nothing was decided: tick the drafts again.")
        return redirect("desk:queue")
    if not 0 < len(readings) <= MAX_ROWS:
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        messages.warning(request, f"Nothing was decided: tick between 1 and {MAX_ROWS} drafts.")
        return redirect("desk:queue")
    if not _is_complete(form):
        ticked = {reading.draft_id: reading.version for reading in readings}
        return _confirm(request, form, _rows(ticked, form.data.get("decision", ""), request.user), status=400)
    asked = dict(form.cleaned_data)
    over = {one.draft_id: number(request.POST.get(f"over_{one.draft_id}")) for one in readings}
    verdict = Verdict(asked.pop("decision"))
    despite = {one.draft_id: request.POST.get(f"despite_{one.draft_id}", "") for one in readings}
    outcome = decide_each(readings, verdict, **asked, by=request.user, over=over, despite=despite)
    request.form_is_saved = any(not line.skipped for line in outcome.lines)  # type: ignore[attr-defined]
    return page(
        request,
        "desk/bulk_done.html",
        title=outcome.sentence,
        outcome=outcome,
        done=DONE[outcome.verdict],
    )


def _confirm(request: HttpRequest, form: VerdictForm, rows: list[Ticked], *, status: int) -> HttpResponse:
    return page(
        request,
        "desk/bulk.html",
        status=status,
        title="Decide about many drafts",
        form=form,
        rows=rows,
        verdict=form.data.get("decision", "") if form.data.get("decision") in Verdict.values else "",
    )


def _is_complete(form: VerdictForm) -> bool:
    """Whether there is a verdict, and a reason where one is needed; else the form says what is missing."""
    if not form.is_valid():
        return False
    asked = form.cleaned_data
    try:
        require_reason(Verdict(asked["decision"]), asked["reason_code"], asked["reason"].strip())
    except ReasonMissing as error:
        form.add_error(error.field, str(error))
        return False
    return True


def _ticked(values: list[str]) -> dict[int, int]:
    """Version by draft, of values as in "17:3"; whatever is not of that form is left out."""
    found: dict[int, int] = {}
    for value in values[:MAX_ROWS]:
        draft_id, _, version = value.partition(":")
        if (pk := number(draft_id)) and (read := number(version)):
            found[pk] = read
    return found


def _rows(ticked: dict[int, int], verdict: str, user: Any) -> list[Ticked]:
    drafts = Draft.objects.filter(pk__in=ticked).defer("citations")
    rows = drafts.select_related("task", "claim", "claim__reviewer").order_by("task__status_changed_at", "pk")
    found = [_row(draft, ticked[draft.pk], verdict, user) for draft in rows]
    if verdict in {Verdict.REQUEST_CHANGES, Verdict.REJECT}:
        return found
    against = objections_to_each([row.draft for row in found if row.token])
    return [replace(row, objections=against[row.draft.pk]) if row.token else row for row in found]


def _row(draft: Draft, read_version: int, verdict: str, user: Any) -> Ticked:
    token = Reading.begin(draft, user).token
    if not draft.task.awaits_decision:
        return Ticked(draft, "", why_not=f"It is {draft.task.get_status_display().lower()} by now.")
    if verdict == Verdict.APPROVE and not may_approve(draft, user):
        return Ticked(draft, "", why_not="You may not approve it: somebody else has to.")
    claim = _claim_of_another(draft, user)
    if draft.version != read_version:
        changed = f"It has changed since you ticked version {read_version}: read it before you tick it again."
        return Ticked(draft, token, claim, warning=changed)
    if claim:
        looked_at = f"{claim.reviewer} is looking at it: tick it to decide all the same."
        return Ticked(draft, token, claim, warning=looked_at)
    return Ticked(draft, token)


def _claim_of_another(draft: Draft, user: Any) -> ReviewClaim | None:
    claim = getattr(draft, "claim", None)
    is_theirs = claim and claim.expires_at > timezone.now() and claim.reviewer_id != user.pk
    return claim if is_theirs else None
