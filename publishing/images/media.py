"""Serves image files: those of live posts to everyone, those of drafts to the desk."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.http import ConditionalGetMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.http import require_safe

from approvals.errors import LinkEnded, LinkUnknown
from approvals.links.sharing import open_link
from publishing.models import Image, Post
from tasks.pipeline.text.body_images import names_in

FOR_EVER = "public, max-age=31536000, immutable"
"""A file's address contains the hash of its bytes: another file has another address."""


# Not in the page cache, whose memory is better used for pages: browsers cache these files themselves.
conditional = decorator_from_middleware(ConditionalGetMiddleware)


@require_safe
@conditional
def public(request: HttpRequest, name: str, width: int, encoding: str) -> HttpResponse:
    if not Post.objects.published().filter(Q(cover_id=name) | Q(body_images__contains=[name])).exists():
        raise Http404("No live article shows this image.")
    response = _file(name, width, encoding)
    response["Cache-Control"] = FOR_EVER
    return response


@require_safe
@permission_required("tasks.view_draft", raise_exception=True)
def on_desk(request: HttpRequest, name: str, width: int, encoding: str) -> HttpResponse:
    return _file(name, width, encoding)


@require_safe
@conditional
def in_preview(request: HttpRequest, token: str, name: str, width: int, encoding: str) -> HttpResponse:
    """For people who have the link to a version that shows the image."""
    try:
        text = open_link(token).text
    except (LinkUnknown, LinkEnded):
        raise Http404("This link does not work any more.") from None
    if name not in names_in(text.body):
        raise Http404("The text behind this link does not show this image.")
    response = _file(name, width, encoding)
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Robots-Tag"] = "noindex"
    return response


def _file(name: str, width: int, encoding: str) -> HttpResponse:
    path = Image(name=name).path_of({"width": width, "format": encoding})
    try:
        with default_storage.open(path) as file:
            data = file.read()
    except OSError:
        raise Http404("There is no such image.") from None
    return HttpResponse(data, content_type=f"image/{encoding}")
