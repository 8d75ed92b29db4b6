"""Asking a model for a part of a text, and taking what it proposes. Views parse, call, respond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from approvals import review_locks
from approvals.desk.frame import draft_or_404, may_view, number, page, status_of
from approvals.diffs.line_diff import Line, diff_text
from tasks.actions import may_edit
from tasks.actor import actor
from tasks.errors import DraftChanged, ProposalOutdated
from tasks.form_fields import Textarea
from tasks.models import Draft, Proposal, Worker
from tasks.models.proposals import MAX_INSTRUCTION
from tasks.pipeline.errors import TasksError
from tasks.pipeline.text.paragraphs import heading_text, paragraph_sha256, paragraphs, parts
from tasks.proposals import (
    accept_proposal,
    can_propose,
    dismiss_proposal,
    place_of,
    request_proposal,
)

CHANGE = "tasks.change_draft"
SHARES = (20, 30, 40, 50)
MAX_SHOWN = 30
LABEL_CHARACTERS = 70


class InstructionForm(forms.Form):
    """What every kind has. Ids begin with the kind: all forms are on one page."""

    instruction = forms.CharField(
        label="Instruction (optional)",
        required=False,
        max_length=MAX_INSTRUCTION,
        widget=Textarea(attrs={"rows": 2}),
    )

    def __init__(self, kind: str, draft: Draft, data: Any = None, **initial: Any) -> None:
        super().__init__(data, auto_id=f"{kind}-%s", initial=initial)
        self.kind = kind
        for name in ("first", "last"):
            if name in self.fields:
                self.fields[name].choices = [("", "Choose …"), *passages(draft)]  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, Any]:
        """The arguments of `request_proposal`."""
        cleaned = {"kind": self.kind, **self.cleaned_data}
        for name in ("first", "last"):
            if place := cleaned.pop(name, ""):
                at, _, sha256 = place.partition("-")
                cleaned |= {name: sha256, f"{name}_at": int(at)}
        return cleaned


GONE = {"invalid_choice": "The text has changed, and has no such paragraph: choose again."}


class ParagraphForm(InstructionForm):
    first = forms.ChoiceField(label="Paragraph", error_messages=GONE)
    instruction = forms.CharField(
        max_length=MAX_INSTRUCTION,
        widget=Textarea(attrs={"rows": 2}),
        help_text="What is to change: shorter, plainer words, add the figure of source 2 …",
        error_messages={"required": "Say what is to change, such as “shorter”."},
    )
    field_order = ("first", "instruction")


class ShortenForm(InstructionForm):
    first = forms.ChoiceField(label="From paragraph", error_messages=GONE)
    last = forms.ChoiceField(
        label="To paragraph", required=False, help_text="Leave open for one paragraph.", error_messages=GONE
    )
    share_percent = forms.TypedChoiceField(
        label="By", coerce=int, choices=[(share, f"{share} %") for share in SHARES], initial=30
    )
    field_order = ("first", "last", "share_percent", "instruction")


FORMS: dict[str, type[InstructionForm]] = {
    Proposal.Kind.PARAGRAPH: ParagraphForm,
    Proposal.Kind.SHORTEN: ShortenForm,
    Proposal.Kind.TITLES: InstructionForm,
}
HEADINGS = {
    Proposal.Kind.PARAGRAPH: "Redo one paragraph",
    Proposal.Kind.SHORTEN: "Shorten a passage",
    Proposal.Kind.TITLES: "Three other titles",
}


def passages(draft: Draft) -> list[tuple[str, str]]:
    """Its paragraphs as choices: the value has the place too, as a text may have a paragraph twice."""
    found = []
    for at, text in enumerate(paragraphs(draft.body)):
        words = " ".join((heading_text(text) or text).split())
        start = words if len(words) <= LABEL_CHARACTERS else words[: LABEL_CHARACTERS - 1] + "…"
        mark = "Heading: " if heading_text(text) else ""
        found.append((f"{at}-{paragraph_sha256(text)}", f"{at + 1}. {mark}{start}"))
    return found


@dataclass(frozen=True)
class ShownProposal:
    """A proposal on the page; `is_outdated` when its place is no longer in the text."""

    proposal: Proposal
    is_outdated: bool
    choice: int

    @property
    def lines(self) -> list[Line]:
        return diff_text(self.proposal.original, self.proposal.texts[0], context=1)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@may_view
def proposals(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What was proposed, and forms to ask for more. A POST asks."""
    draft = draft_or_404(draft_id)
    if request.method != "POST":
        return _proposals_page(request, draft, _fresh_forms(draft, request.GET.get("paragraph", "")))
    user = actor(request)
    if not user.has_perm(CHANGE):
        raise PermissionDenied("Only writers and editors can change drafts.")
    fresh = _fresh_forms(draft)
    form = _bound(request, draft)
    if not form.is_valid():
        return _proposals_page(request, draft, fresh | {form.kind: form}, status=400)
    try:
        made = request_proposal(draft, by=user, **form.asked)
    except ValidationError as error:
        for name, sentences in error.message_dict.items():
            form.add_error(name if name in form.fields else None, sentences)
        return _proposals_page(request, draft, fresh | {form.kind: form}, status=400)
    except TasksError as error:
        return _proposals_page(request, draft_or_404(draft_id), fresh | {form.kind: form}, problem=error)
    return redirect(f"{reverse('desk:proposals', args=[draft_id])}#proposal-{made.pk}")


@require_POST
@permission_required(["tasks.view_draft", CHANGE], raise_exception=True)
def answer(request: HttpRequest, draft_id: int, proposal_id: int) -> HttpResponse:
    """Take a proposal, or do without it."""
    draft, user = draft_or_404(draft_id), actor(request)
    proposal = get_object_or_404(Proposal, pk=proposal_id, draft=draft)
    choice = number(request.POST.get("choice")) or 0
    try:
        if request.POST.get("then") == "dismiss":
            dismiss_proposal(proposal)
            messages.info(request, "The proposal was dismissed.")
            return redirect("desk:proposals", draft_id)
        if number(request.POST.get("version")) != draft.version:
            raise DraftChanged(
                f"The draft is at version {draft.version} by now, and you read another one: look at it again."
            )
        saved = accept_proposal(proposal, choice, by=user)
    except (TasksError, ValidationError) as error:
        problem = TasksError(" ".join(error.messages)) if isinstance(error, ValidationError) else error
        current, chosen = draft_or_404(draft_id), {proposal_id: choice}
        return _proposals_page(request, current, _fresh_forms(current), problem=problem, chosen=chosen)
    review_locks.renew(draft, by=user)
    messages.success(request, f"Saved as version {saved.version}.")
    return redirect(f"{reverse('desk:review', args=[draft_id])}?view=changes")


def _bound(request: HttpRequest, draft: Draft) -> InstructionForm:
    kind = request.POST.get("kind", "")
    kind = kind if kind in FORMS else Proposal.Kind.PARAGRAPH
    return FORMS[kind](kind, draft, _by_paragraph(request.POST, draft))


def _by_paragraph(given: QueryDict, draft: Draft) -> QueryDict:
    """The editor sends lines of the body, `from` and `to`, counted from 0: as choices of paragraphs."""
    first, last = number(given.get("from")), number(given.get("to"))
    if first is None or last is None or first > last:
        return given
    chosen = [value for value, part in zip(passages(draft), parts(draft.body), strict=True)
              if part.start <= last and part.end > first]  # fmt: skip
    changed = given.copy()
    if chosen:
        changed["first"], changed["last"] = chosen[0][0], chosen[-1][0]
    return changed


def _fresh_forms(draft: Draft, sha256: str = "") -> dict[str, InstructionForm]:
    """With the paragraph of this hash chosen, if the text has it."""
    chosen = next((value for value, _ in passages(draft) if sha256 and value.endswith(f"-{sha256}")), "")
    return {str(kind): form(kind, draft, first=chosen) for kind, form in FORMS.items()}


def _proposals_page(
    request: HttpRequest,
    draft: Draft,
    by_kind: Mapping[str, InstructionForm],
    *,
    problem: Exception | None = None,
    chosen: Mapping[int, int] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = list(draft.proposals.all()[:MAX_SHOWN])
    waits = any(row.is_waiting for row in rows)
    return page(
        request,
        "desk/proposals.html",
        status=status_of(problem, status),
        title=f"Ask the model about {draft.title}",
        draft=draft,
        task=draft.task,
        problem=problem,
        forms=[(HEADINGS[Proposal.Kind(kind)], form) for kind, form in by_kind.items()],
        open=_shown([row for row in rows if row.status in Proposal.OPEN], draft, chosen or {}),
        closed=[row for row in rows if row.status not in Proposal.OPEN],
        has_model=can_propose(),
        waits=waits,
        has_worker=not waits or Worker.objects.alive().exists(),
        can_be_edited=may_edit(draft.task, actor(request)),
    )


def _shown(rows: Sequence[Proposal], draft: Draft, chosen: Mapping[int, int]) -> list[ShownProposal]:
    return [ShownProposal(row, _is_outdated(row, draft), chosen.get(row.pk, 0)) for row in rows]


def _is_outdated(proposal: Proposal, draft: Draft) -> bool:
    if proposal.kind == Proposal.Kind.TITLES:
        return False
    try:
        place_of(proposal, draft.body)
    except ProposalOutdated:
        return True
    return False
