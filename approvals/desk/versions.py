"""Version pages: compare any two, see who last changed what, lock paragraphs. Views parse, call, respond."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from approvals.diffs.blame import BlamedParagraph, blame_paragraphs
from approvals.diffs.comparison import compare_versions
from approvals.errors import NoSuchVersion
from tasks.actions import lock_paragraph, may_edit, unlock_paragraph
from tasks.actor import actor
from tasks.errors import DraftChanged, TransitionRefused
from tasks.lifecycle import Status
from tasks.models import Draft, ParagraphLock
from tasks.pipeline.text import markdown
from tasks.version_costs import costs_of_versions
from tasks.version_scores import with_checked_scores

VIEWS = {"source": "Markdown", "rendered": "Rendered"}
ROW = (
    "version", "history_date", "history_change_reason", "written_by", "author_id", "checked_score",
    "content_sha256",
)  # fmt: skip

may_view = permission_required("tasks.view_draft", raise_exception=True)


class CompareForm(forms.Form):
    """Which two versions, and how. Sent by GET, so that every comparison has an address."""

    old = forms.TypedChoiceField(label="From", coerce=int)
    new = forms.TypedChoiceField(label="To", coerce=int)
    view = forms.ChoiceField(label="Shown as", choices=list(VIEWS.items()))

    def __init__(self, data: Any, versions: Sequence[dict[str, Any]]) -> None:
        latest = versions[0]["version"]
        chosen = {
            "old": data.get("from") or max(latest - 1, 1),
            "new": data.get("to") or latest,
            "view": data.get("view") or "source",
        }
        super().__init__(chosen)
        for name in ("old", "new"):
            field = self.fields[name]
            field.choices = [(row["version"], _label(row)) for row in versions]  # type: ignore[attr-defined]
            field.error_messages["invalid_choice"] = (
                f"There is no version %(value)s: the draft has versions 1 to {latest}."
            )
        self.fields["view"].error_messages["invalid_choice"] = f"Choose one of: {', '.join(VIEWS)}."


class LockForm(forms.Form):
    """Which paragraph, by the hash of its text, and why."""

    sha256 = forms.RegexField(
        r"^[0-9a-f]{64}\Z", error_messages={"invalid": "Use a button next to a paragraph."}
    )
    reason = forms.CharField(required=False, max_length=1000)


@require_safe
@may_view
def blame(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = _draft(draft_id, with_text=True)
    given = request.GET.get("version") or str(draft.version)
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    return _blame_page(request, draft, version)


@require_POST
@permission_required(["tasks.view_draft", "tasks.add_paragraphlock"], raise_exception=True)
def lock(request: HttpRequest, draft_id: int) -> HttpResponse:
    return _change_lock(request, draft_id, lock_paragraph)


@require_POST
@permission_required(["tasks.view_draft", "tasks.delete_paragraphlock"], raise_exception=True)
def unlock(request: HttpRequest, draft_id: int) -> HttpResponse:
    return _change_lock(request, draft_id, unlock_paragraph)


def _change_lock(request: HttpRequest, draft_id: int, change: Callable[..., Any]) -> HttpResponse:
    draft = _draft(draft_id)
    form = LockForm(request.POST)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        return _blame_page(request, draft, draft.version, problem=f"{field}: {errors[0]}", status=400)
    sha256 = form.cleaned_data["sha256"]
    try:
        change(draft, by=actor(request), **form.cleaned_data)
    except (DraftChanged, TransitionRefused) as error:
        return _blame_page(request, _draft(draft_id, with_text=True), None, problem=str(error), status=409)
    except ParagraphLock.DoesNotExist:
        messages.info(request, "That paragraph is no longer locked.")
    else:
        messages.success(request, "Paragraph locked." if change is lock_paragraph else "Paragraph unlocked.")
    return redirect(f"{reverse('desk:blame', args=[draft_id])}#p-{sha256[:12]}")


def _blame_page(
    request: HttpRequest, draft: Draft, version: int | None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    version, user = draft.version if version is None else version, actor(request)
    try:
        paragraphs = blame_paragraphs(draft, version)
    except NoSuchVersion as error:
        raise Http404(str(error)) from None
    is_current = version == draft.version
    may_change = is_current and draft.task.status != Status.IN_PROGRESS
    return _page(
        request,
        "desk/blame.html",
        status=status,
        title=f"Who wrote {draft.title}",
        draft=draft,
        version=version,
        is_current=is_current,
        problem=problem,
        may_lock=may_change and user.has_perm("tasks.add_paragraphlock"),
        may_unlock=may_change and user.has_perm("tasks.delete_paragraphlock"),
        rows=_rows(draft, version, paragraphs),
    )


def _rows(draft: Draft, version: int, paragraphs: list[BlamedParagraph]) -> list[tuple[BlamedParagraph, str]]:
    """Paragraphs as HTML, as the text has them; their Markdown where they are shown nowhere."""
    text = draft if version == draft.version else draft.history.get(version=version)
    blocks = markdown.render_blocks(text.body, text.citations, language=draft.task.language)
    html = {block.source: block.html for block in blocks if block.html.strip()}
    return [(one, html.get(one.text) or format_html("<p>{}</p>", one.text)) for one in paragraphs]


@require_safe
@may_view
def compare(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = _draft(draft_id)
    versions = _versions(draft)
    form = CompareForm(request.GET, versions)
    is_valid = form.is_valid()
    chosen = form.cleaned_data if is_valid else {}
    by_number = {row["version"]: row for row in versions}
    old, new = by_number.get(chosen.get("old")), by_number.get(chosen.get("new"))
    return _page(
        request,
        "desk/compare.html",
        status=200 if is_valid else 400,
        title=f"Compare versions of {draft.title}",
        draft=draft,
        form=form,
        versions=versions,
        old=old,
        new=new,
        pair=[old, new],
        view=chosen.get("view", "source"),
        comparison=compare_versions(draft, chosen["old"], chosen["new"]) if is_valid else None,
        can_be_edited=may_edit(draft.task, actor(request)),
    )


def _versions(draft: Draft) -> list[dict[str, Any]]:
    """Every version without its text, newest first, with what it cost."""
    costs = costs_of_versions(draft)
    rows = list(with_checked_scores(draft.versions).values(*ROW))
    for row in rows:
        row["cost_usd"] = costs[row["version"]]
        row["is_free"] = row["cost_usd"] == Decimal(0)
    return rows


def _label(row: dict[str, Any]) -> str:
    reason = row["history_change_reason"] or "no reason given"
    return f"{row['version']} · {reason[:60]} · {row['written_by']}"


def _draft(draft_id: int, *, with_text: bool = False) -> Draft:
    rows = Draft.objects.select_related("task")
    return get_object_or_404(rows if with_text else rows.defer("body", "citations"), pk=draft_id)


def _page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    everywhere = admin.site.each_context(request) | {"is_nav_sidebar_enabled": False}
    return render(request, template, everywhere | context, status=status)
