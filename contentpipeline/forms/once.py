"""The middleware by which a form of the desk that is sent twice is done once.

A double click sends a form twice at once; a reload, or going back and pressing the button again, a little
later. Every page that Django renders has a security token of its own, although all of a browser are made of
one secret: so the same fields with the same token to the same address by the same person are one form, sent
again. The second is led to where the first was, and told so. A form that was refused may be sent again, and
so may what scripts send: they are answered once, and can be used for long on one page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CSRF_TOKEN_LENGTH
from django.urls import reverse
from django.utils import timezone

from contentpipeline.forms.recovery import was_accepted
from contentpipeline.forms.unsent import FORM_TYPES, UNREADABLE, is_of_a_person
from tasks.actor import actor
from tasks.advisory_locks import Lock, session_lock
from tasks.form_fields import FORM_ID
from tasks.models import IdempotencyKey

Next = Callable[[HttpRequest], HttpResponse]

TOKEN = "csrfmiddlewaretoken"
REMEMBERED = timedelta(hours=1)
SENT_TWICE = "You sent this form twice: it was done the first time, and nothing was done again."


def middleware(get_response: Next) -> Next:
    def answer(request: HttpRequest) -> HttpResponse:
        key = _key_of(request)
        if not key:
            return get_response(request)
        by = actor(request)
        # Of two at once, one waits here for the other's answer.
        with session_lock(Lock.FORM, key):
            if before := _answered(by, key):
                messages.info(request, SENT_TWICE)
                return HttpResponseRedirect(before)
            response = get_response(request)
            if leads_to := _leads_to(request, response):
                _remember(by, key, leads_to)
        return response

    return answer


def _key_of(request: HttpRequest) -> str:
    """Identifies a form of a page with all that is in it; empty for other requests."""
    if (
        request.method != "POST"
        or not request.path.startswith(reverse("admin:index"))
        or request.content_type not in FORM_TYPES
        or request.headers.get("Accept", "").startswith("application/json")
        or not request.user.is_authenticated
        or not is_of_a_person(request)
    ):
        return ""
    try:
        return _digest(request)
    except UNREADABLE:
        return ""  # the view says what is wrong


def _digest(request: HttpRequest) -> str:
    # A program may send the cookie's own value, which is the same for all of its forms, and shorter.
    if len(request.POST.get(TOKEN, "")) != CSRF_TOKEN_LENGTH:
        return ""
    digest = hashlib.sha256(request.get_full_path().encode())
    for name, values in sorted(request.POST.lists()):
        # Another name of static/desk/autosave.js makes no other form.
        if name != FORM_ID:
            digest.update(repr((name, values)).encode(errors="surrogatepass"))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, _sha256(file))).encode(errors="surrogatepass"))
    return f"form {digest.hexdigest()}"


def _sha256(file: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _answered(by: User, key: str) -> str:
    """Where the form led to when it was sent before."""
    rows = IdempotencyKey.objects.filter(user=by, key=key)
    found = rows.filter(created_at__gt=timezone.now() - REMEMBERED).first()
    return (found.answer or {})["location"] if found else ""


def _leads_to(request: HttpRequest, response: HttpResponse) -> str:
    """A view that answers by a page which is shown only once says in `form_leads_to` where it can be seen."""
    if not was_accepted(request, response):
        return ""
    found: str = response.get("Location", "") or getattr(request, "form_leads_to", "")
    return "" if found.startswith(reverse("admin:login")) else found


def _remember(by: User, key: str, location: str) -> None:
    values = {"request_sha256": key[-64:], "answer": {"location": location}, "created_at": timezone.now()}
    IdempotencyKey.objects.update_or_create(user=by, key=key, defaults=values)
