"""Commenting at the desk: forms of the review page and the editor, and the same for their scripts as JSON.

What changes something acts on POST only. A script says by its Accept header that it wants JSON.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals import review_locks
from approvals.comments import people, threads
from approvals.comments.anchors import CommentedText, Thread, commented
from approvals.desk.forms import CommentForm, CommentTextForm, DecisionForm
from approvals.desk.frame import draft_or_404, may_view
from approvals.desk.review import lacks_scripts, show_review, show_typed
from approvals.errors import CommentSettled
from approvals.models.desk import DraftComment
from tasks.actor import actor
from tasks.models import Draft

may_comment = permission_required(["tasks.view_draft", threads.COMMENT], raise_exception=True)


@require_safe
@may_view
def of_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """All threads of a draft, where they stand in its current text."""
    draft = draft_or_404(draft_id)
    text = commented_text(draft)
    found = [*text.open_threads, *text.resolved]
    return JsonResponse(
        {
            "version": draft.version,
            "unresolved": text.count,
            "threads": [_as_json(request, draft, thread, text) for thread in found],
        }
    )


@require_safe
@may_view
def mentionable(request: HttpRequest) -> HttpResponse:
    """Who can be mentioned, by the beginning of their name: for completion."""
    found = people.people_starting_with(request.GET.get("q", "")[:150].replace("\0", ""))
    return JsonResponse(
        {"people": [{"name": one.get_username(), "full_name": one.get_full_name()} for one in found]}
    )


@require_POST
@may_comment
def comment(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft, user = draft_or_404(draft_id), actor(request)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            created = _saved(form, draft, request)
        except ValidationError as error:
            form.add_errors(error)
        except CommentSettled as error:
            form.add_error(None, str(error))
        else:
            review_locks.renew(draft, by=user)
            request.form_is_saved = ("paragraph", "selection", "text")  # type: ignore[attr-defined]
            return _done(request, draft, created, status=201)
    if _wants_json(request):
        return JsonResponse({"errors": form.errors}, status=400)
    decision = DecisionForm.with_typed(draft, user, request.POST)
    return show_review(request, draft, decision, comment_form=form, status=400)


@require_POST
@may_comment
def edit(request: HttpRequest, draft_id: int, comment_id: int) -> HttpResponse:
    row, form = _comment(draft_id, comment_id), CommentTextForm({"text": request.POST.get("new_text", "")})
    draft = draft_or_404(draft_id)
    if not form.is_valid():
        return _refused(request, draft, " ".join(map(str, form.errors["text"])), status=400)
    try:
        changed = threads.edit(row, text=form.cleaned_data["text"], by=actor(request))
    except CommentSettled as error:
        return _refused(request, draft, str(error), status=409)
    request.form_is_saved = ("new_text",)  # type: ignore[attr-defined]
    return _done(request, draft, changed)


@require_POST
@may_comment
def delete(request: HttpRequest, draft_id: int, comment_id: int) -> HttpResponse:
    row, draft = _comment(draft_id, comment_id), draft_or_404(draft_id)
    try:
        threads.delete(row, by=actor(request))
    except CommentSettled as error:
        return _refused(request, draft, str(error), status=409)
    if _wants_json(request):
        return JsonResponse({"deleted": row.pk, "unresolved": commented_text(draft).count})
    messages.success(request, "Your comment was deleted.")
    return redirect(_address(draft_id, "comments"))


@require_POST
@may_comment
def resolve(request: HttpRequest, draft_id: int, comment_id: int) -> HttpResponse:
    found = _comment(draft_id, comment_id)
    if threads.resolve(found, by=actor(request)):
        _say(request, messages.SUCCESS, f"{found.author_name}’s comment was resolved.")
    else:
        _say(request, messages.INFO, "The comment was already resolved.")
    return _moved(request, found)


@require_POST
@may_comment
def reopen(request: HttpRequest, draft_id: int, comment_id: int) -> HttpResponse:
    found = _comment(draft_id, comment_id)
    if threads.reopen(found, by=actor(request)):
        _say(request, messages.SUCCESS, f"{found.author_name}’s comment is open again.")
    else:
        _say(request, messages.INFO, "The comment was open already.")
    return _moved(request, found)


def commented_text(draft: Draft) -> CommentedText:
    """The current text with all of its threads."""
    rows = draft.comments.prefetch_related("mentioned")
    return commented(draft.body, draft.citations, rows, language=draft.task.language)


def _saved(form: CommentForm, draft: Draft, request: HttpRequest) -> DraftComment:
    """Raises ValidationError or CommentSettled."""
    by = actor(request)
    parent = form.cleaned_data["parent"]
    if parent is None:
        return threads.comment(draft, by=by, **form.comment_on)
    thread = DraftComment.objects.filter(pk=parent, draft=draft).first()
    if thread is None:
        raise ValidationError({"parent": "The comment that you reply to is not there."})
    return threads.reply(thread, text=form.cleaned_data["text"], by=by)


def _done(request: HttpRequest, draft: Draft, row: DraftComment, status: int = 200) -> HttpResponse:
    warnings = [
        f"Nobody who can read this draft is named @{name}: check the name." for name in
        people.mentions_in(row.text).unknown
    ]  # fmt: skip
    if _wants_json(request):
        return _thread_answer(request, draft, row.parent_id or row.pk, status=status, warnings=warnings)
    for warning in warnings:
        messages.warning(request, warning)
    # For the middleware of forms.
    request.form_leads_to = _address(draft.pk, f"comment-{row.pk}")  # type: ignore[attr-defined]
    if lacks_scripts(request, "reason", "reason_code"):
        return show_typed(request, draft, comment_form=CommentForm.with_typed(draft, {}))
    return redirect(_address(draft.pk, f"comment-{row.pk}"))


def _moved(request: HttpRequest, row: DraftComment) -> HttpResponse:
    review_locks.renew(row.draft, by=actor(request))
    if _wants_json(request):
        return _thread_answer(request, draft_or_404(row.draft_id), row.parent_id or row.pk)
    return redirect(_address(row.draft_id, "comments"))


def _refused(request: HttpRequest, draft: Draft, why: str, *, status: int) -> HttpResponse:
    """The page again: with its scripts, what was typed is still in the form."""
    if _wants_json(request):
        return JsonResponse({"errors": {"text": [why]}}, status=status)
    messages.error(request, f"The comment was not changed. {why}")
    typed = request.POST.get("new_text", "")
    again = CommentForm.with_typed(draft, {"text": typed}) if typed.strip() else None
    user = actor(request)
    form = DecisionForm.with_typed(draft, user, request.POST)
    return show_review(request, draft, form, comment_form=again, status=status)


def _thread_answer(
    request: HttpRequest, draft: Draft, pk: int, *, status: int = 200, warnings: list[str] | None = None
) -> HttpResponse:
    text = commented_text(draft)
    thread = next(one for one in (*text.open_threads, *text.resolved) if one.comment.pk == pk)
    answer = {
        "thread": _as_json(request, draft, thread, text),
        "unresolved": text.count,
        "warnings": warnings or [],
    }
    return JsonResponse(answer, status=status)


def _as_json(request: HttpRequest, draft: Draft, thread: Thread, text: CommentedText) -> dict[str, Any]:
    row = thread.comment
    paragraph = text.paragraphs[thread.paragraph - 1] if thread.paragraph else None
    return {
        "id": row.pk,
        "version": row.version,
        "paragraph": thread.paragraph,
        "paragraph_sha256": paragraph.sha256 if paragraph else "",
        "quote": row.quote,
        "selection": row.selection,
        "is_changed": thread.is_reworded,
        "is_resolved": row.resolved_at is not None,
        "comments": [
            {
                "id": one.pk,
                "author": one.author_name,
                "text": one.text,
                "created_at": one.created_at,
                "edited_at": one.edited_at,
            }
            for one in (row, *thread.replies)
        ],
        "html": render_to_string("desk/_thread.html", {"thread": thread, "draft": draft}, request),
    }


def _comment(draft_id: int, comment_id: int) -> DraftComment:
    found: DraftComment = get_object_or_404(
        DraftComment.objects.filter(deleted_at=None), pk=comment_id, draft_id=draft_id
    )
    return found


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _say(request: HttpRequest, level: int, text: str) -> None:
    if not _wants_json(request):
        messages.add_message(request, level, text)


def _address(draft_id: int, fragment: str) -> str:
    return f"{reverse('desk:review', args=[draft_id])}?view=rendered#{fragment}"
