"""The review desk's page of preview links: who can read this draft without an account, and until when."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from approvals.links import sharing
from approvals.links.forms import LinkForm
from approvals.links.models import PreviewLink
from tasks.actor import actor
from tasks.models import Draft

MAX_SHOWN = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(["tasks.view_draft", "approvals.view_previewlink"], raise_exception=True)
def links(request: HttpRequest, draft_id: int) -> HttpResponse:
    """List a draft's links. A POST creates one; its response is the only page that ever shows the address."""
    draft = get_object_or_404(Draft.objects.select_related("task"), pk=draft_id)
    if request.method == "POST":
        return _create(request, draft)
    return _page(request, draft, LinkForm(initial={"version": draft.version}))


@require_POST
@permission_required(["tasks.view_draft", "approvals.change_previewlink"], raise_exception=True)
def revoke(request: HttpRequest, draft_id: int, link_id: int) -> HttpResponse:
    link = get_object_or_404(PreviewLink, pk=link_id, draft=draft_id)
    if sharing.revoke(link, by=actor(request)):
        messages.success(request, "The link was revoked and no longer works.")
    else:
        messages.info(request, "This link was already revoked.")
    return redirect("desk:links", draft_id)


def _create(request: HttpRequest, draft: Draft) -> HttpResponse:
    user = actor(request)
    if not user.has_perm("approvals.add_previewlink"):
        raise PermissionDenied("Only editors can create links to drafts.")
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, draft, form, status=400)
    try:
        link, path = sharing.make_link(draft, **form.cleaned_data, by=user)
    except Draft.history.model.DoesNotExist:
        form.add_error("version", f"There is no such version: the latest is {draft.version}.")
        return _page(request, draft, form, status=400)
    fresh = LinkForm(initial={"version": draft.version})
    return _page(request, draft, fresh, status=201, created=link, address=settings.SITE_URL + path)


def _page(
    request: HttpRequest, draft: Draft, form: LinkForm, *, status: int = 200, **extra: Any
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"Links to {draft.title}",
        "draft": draft,
        "form": form,
        "links": draft.preview_links.select_related("feedback")[:MAX_SHOWN],
        **extra,
    }
    return render(request, "desk/links.html", context, status=status)
