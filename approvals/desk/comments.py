"""Commenting at the desk: two forms of the review page. Both act on POST alone."""

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

may_comment = permission_required(["tasks.view_draft", comments.COMMENT], raise_exception=True)


@require_POST
@may_comment
def comment(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = draft_or_404(draft_id)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            made = comments.comment(draft, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            review_locks.renew(draft, by=request.user)
            request.form_is_saved = ("paragraph", "text")  # type: ignore[attr-defined]
            if lacks_scripts(request, "reason", "reason_code"):
                return show_typed(request, draft, comment_form=CommentForm.with_typed(draft, {}))
            return redirect(f"{reverse('desk:review', args=[draft_id])}?view=rendered#comment-{made.pk}")
    decision = DecisionForm.with_typed(draft, request.user, request.POST)
    return show_review(request, draft, decision, comment_form=form, status=400)


@require_POST
@may_comment
def resolve(request: HttpRequest, draft_id: int, comment_id: int) -> HttpResponse:
    found = get_object_or_404(DraftComment, pk=comment_id, draft_id=draft_id)
    if comments.resolve(found, by=request.user):
        messages.success(request, f"The comment of {found.author_name} is resolved.")
    else:
        messages.info(request, "Somebody has resolved it already.")
    review_locks.renew(found.draft, by=request.user)
    return redirect(f"{reverse('desk:review', args=[draft_id])}?view=rendered#comments")
