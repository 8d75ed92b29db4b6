"""The link from a live post to its editor, for those who may edit it.

The page of a post is the same for all readers and stored for all, so that the link must never be on a stored
page: the web server's page cache passes requests with a session on, and the response is marked as private.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from publishing.addresses import path_of
from publishing.models import Post
from publishing.site.public_pages import ENVIRON_KEY

PERMISSIONS = ["tasks.view_draft", "tasks.change_draft", "tasks.change_live_draft"]


def has_session(request: HttpRequest) -> bool:
    """Whether the session may be read: not for a page that is rendered for all."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and ENVIRON_KEY not in request.META


def edit_link(request: HttpRequest, post: Post) -> str:
    """The path of the post's editor; empty for everyone who may not use it."""
    if not has_session(request):
        return ""
    user = request.user
    may_edit = isinstance(user, User) and user.has_perms(PERMISSIONS)
    return path_of("desk:edit", post.draft_id) if may_edit else ""


def private_with_session(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if has_session(request):
        response["Cache-Control"] = "private, no-cache"
    return response
