"""Taking part of a machine's changes: accept or refuse each, on one page. Views parse, call, respond."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from approvals import review_locks
from approvals.desk.frame import draft_or_404, number, page, status_of
from approvals.diffs.line_diff import Line, diff_text
from approvals.diffs.text_hunks import TextHunk
from approvals.errors import ApprovalsError, HunkUnknown, NoSuchVersion
from approvals.partial_acceptance import VersionHunks, hunks_between, machine_pass_of, take_hunks
from tasks.actions import may_edit, require_may_edit
from tasks.actor import actor
from tasks.errors import DraftChanged
from tasks.models import Draft
from tasks.pipeline.errors import TasksError
from tasks.pipeline.text.paragraphs import heading_text

ACCEPT, REFUSE = "accept", "refuse"
ITEM = re.compile(r" {0,3}(?:[-*+]|[0-9]{1,9}[.)])[ \t]")
CHOICE = "hunk-"
"""The names of the radio buttons begin so; the hunk's id follows."""


@dataclass(frozen=True)
class ShownHunk:
    """A hunk on the page, with its words compared and what was chosen for it."""

    hunk: TextHunk
    choice: str

    @property
    def name(self) -> str:
        return f"{CHOICE}{self.hunk.id}"

    @property
    def what(self) -> str:
        """What a reader would call it."""
        text = self.hunk.new or self.hunk.old
        if self.hunk.field != "body":
            name = self.hunk.field.replace("_", " ")
            return f"SEO{name[3:]}" if name.startswith("seo ") else name.capitalize()
        return "Heading" if heading_text(text) else "List item" if ITEM.match(text) else "Paragraph"

    @property
    def lines(self) -> list[Line]:
        return diff_text(self.hunk.old, self.hunk.new)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(["tasks.view_draft", "tasks.change_draft"], raise_exception=True)
def hunks(request: HttpRequest, draft_id: int) -> HttpResponse:
    """From which version to which stands in the address; without, the latest pass of a machine."""
    draft = draft_or_404(draft_id)
    given = request.POST if request.method == "POST" else request.GET
    old = number(given.get("from")) or machine_pass_of(draft)
    new = number(given.get("to")) or draft.version
    if request.method == "POST" and old:
        return _take(request, draft, old, new)
    return _hunks_page(request, draft, old, new, {})


def _take(request: HttpRequest, draft: Draft, old: int, new: int) -> HttpResponse:
    user, chosen = actor(request), _chosen(request.POST)
    accepted = [id_ for id_, choice in chosen.items() if choice == ACCEPT]
    read_version = number(request.POST.get("version"))
    try:
        require_may_edit(draft.task, user)
        if read_version != draft.version:
            raise DraftChanged(
                f"The draft is at version {draft.version} by now, and you read another one. What you chose "
                "is still here: look at the changes again, then save."
            )
        _require_all(hunks_between(draft, old, new), chosen)
        is_changed = take_hunks(draft, old, new, accepted, by=user)
    except (TasksError, ApprovalsError) as error:
        return _hunks_page(request, draft_or_404(draft.pk), old, new, chosen, problem=error)
    review_locks.renew(draft, by=user)
    if is_changed:
        messages.success(request, f"Saved as version {draft.version}.")
    else:
        messages.info(request, "Nothing was changed: the text is so already.")
    return redirect(f"{reverse('desk:review', args=[draft.pk])}?view=changes")


def _chosen(sent: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(CHOICE): sent[name] for name in sent if name.startswith(CHOICE)}


def _require_all(found: VersionHunks, chosen: Mapping[str, str]) -> None:
    open_ = sum(chosen.get(hunk.id) not in (ACCEPT, REFUSE) for hunk in found.hunks)
    if open_:
        raise HunkUnknown(
            f"For {open_} of {len(found.hunks)} changes nothing is chosen: accept or refuse each."
        )


def _hunks_page(
    request: HttpRequest,
    draft: Draft,
    old: int | None,
    new: int,
    chosen: Mapping[str, str],
    *,
    problem: Exception | None = None,
) -> HttpResponse:
    try:
        found = hunks_between(draft, old, new) if old else None
    except NoSuchVersion as error:
        found, problem = None, problem or error
    versions = draft.versions.values_list("version", "history_change_reason", "written_by")
    shown = [ShownHunk(hunk, chosen.get(hunk.id, ACCEPT)) for hunk in found.hunks] if found else []
    return page(
        request,
        "desk/hunks.html",
        status=_status(problem),
        title=f"Take part of the changes of {draft.title}",
        draft=draft,
        task=draft.task,
        found=found,
        shown=shown,
        old=old,
        new=new,
        versions=list(versions),
        problem=problem,
        can_be_edited=may_edit(draft.task, actor(request)),
    )


def _status(problem: Exception | None) -> int:
    if isinstance(problem, NoSuchVersion):
        return 404
    if isinstance(problem, HunkUnknown):
        return 400
    return status_of(problem)
