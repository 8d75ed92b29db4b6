"""Commenting at the desk: two forms of the review page. Both act on POST only."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from approvals import comments, review_locks
from approvals.desk.forms import CommentForm, DecisionForm
from approvals.desk.frame import draft_or_404
from approvals.desk.review import lacks_scripts, show_review, show_typed
from approvals.models.desk import DraftComment
from tasks.actor import actor

may_comment = permission_required(["tasks.view_draft", comments.COMMENT], raise_exception=True)


@require_POST
@may_comment
def comment(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft, user = draft_or_404(draft_id), actor(request)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            created = comments.comment(draft, by=user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            review_locks.renew(draft, by=user)
            request.form_is_saved = ("paragraph", "text")  # type: ignore[attr-defined]
            if lacks_scripts(request, "reason", "reason_code"):
                return show_typed(request, draft, comment_form=CommentForm.with_typed(draft, {}))
            return redirect(f"{reverse('desk:review', args=[draft_id])}?view=rendered#comment-{created.pk}")
    decision = DecisionForm.with_typed(draft, user, request.POST)
    return show_review(request, draft, decision, comment_form=form, status=400)


@require_POST
@may_comment
def resolve(request: HttpRequest, draft_id: int, comment_id: int) -> HttpResponse:
    found = get_object_or_404(DraftComment, pk=comment_id, draft_id=draft_id)
    if comments.resolve(found, by=actor(request)):
        messages.success(request, f"{found.author_name}’s comment was resolved.")
    else:
        messages.info(request, "The comment was already resolved.")
    review_locks.renew(found.draft, by=actor(request))
    return redirect(f"{reverse('desk:review', args=[draft_id])}?view=rendered#comments")
