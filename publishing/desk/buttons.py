"""The buttons of the publishing desk: publish and unpublish, by POST only."""

from __future__ import annotations

from django.contrib import messages
from django.forms import CharField, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from publishing.errors import PublishingError
from publishing.models import Post
from publishing.publish import publish, unpublish
from tasks.actor import actor
from tasks.errors import TransitionRefused
from tasks.models import ContentTask, Draft


class UnpublishForm(Form):
    reason = CharField(required=False, max_length=500)


@require_POST
def publish_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(Draft, pk=draft_id)
    try:
        post = publish(draft, by=actor(request))
    except (PublishingError, TransitionRefused) as error:
        messages.error(request, str(error))
    else:
        link = format_html('<a href="{}">{}</a>', post.get_absolute_url(), post.title)
        messages.success(request, format_html("Published: {}.", link))
    return redirect("desk:review", draft_id)


@require_POST
def unpublish_post(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post, pk=post_id)
    form = UnpublishForm(request.POST)
    if not form.is_valid():
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        messages.error(request, " ".join(map(str, form.errors["reason"])))
        return redirect("desk:review", post.draft_id)
    try:
        unpublish(post, by=actor(request), reason=form.cleaned_data["reason"])
    except TransitionRefused as error:
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        messages.error(request, str(error))
    else:
        awaits = ContentTask.objects.get(draft=post.draft_id).awaits_decision
        then = "Its newer text awaits a decision." if awaits else "It remains approved."
        messages.success(request, f"“{post.title}” has been withdrawn. {then}")
    return redirect("desk:review", post.draft_id)
