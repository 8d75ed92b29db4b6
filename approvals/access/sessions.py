"""Who is logged in where: Django's sessions, with the browser and address of each from django-allauth."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from approvals.access.addresses import client_address
from approvals.audit import rights

if TYPE_CHECKING:
    from allauth.usersessions.models import UserSession

SEEN_EVERY_SECONDS = 300
"""How exact *last seen* is: a write for each request would make every page slower."""
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip

Next = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True)
class OpenSession:
    """One browser in which a person is logged in."""

    row: UserSession
    is_current: bool

    @property
    def browser(self) -> str:
        """As in "Firefox on Linux"; what a browser says of itself is a hint and no proof."""
        agent = self.row.user_agent
        browser = next((name for mark, name in BROWSERS if mark in agent), "")
        system = next((name for mark, name in SYSTEMS if mark in agent), "")
        if browser and system:
            return f"{browser} on {system}"
        return browser or system or agent[:60] or "Unknown browser"


class SessionTracking:
    """Middleware: notes a session's address, browser and time, every few minutes at the most."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        # Only where a view looked at the session anyway: public pages are the same for all.
        if session.accessed and session.get(SESSION_KEY) and request.user.is_authenticated:
            key = hashlib.sha256(str(session.session_key).encode()).hexdigest()
            if caches["user"].add(f"seen:{key}", True, SEEN_EVERY_SECONDS):
                _note(request)
        return response


def _note(request: HttpRequest) -> None:
    """One statement, where django-allauth's own way takes six."""
    from allauth.usersessions.models import UserSession

    longest = UserSession._meta.get_field("user_agent").max_length
    row = UserSession(
        session_key=request.session.session_key,
        user=request.user,
        ip=client_address(request) or "0.0.0.0",  # of a Unix socket
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:longest],
        last_seen_at=timezone.now(),
    )
    UserSession.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["session_key"],
        update_fields=["user", "ip", "user_agent", "last_seen_at"],
    )


def open_sessions(user: User, *, current_key: str | None = None) -> list[OpenSession]:
    """The most recently used first."""
    from allauth.usersessions.models import UserSession

    alive = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    rows = UserSession.objects.filter(user=user, session_key__in=alive).order_by("-last_seen_at")
    return [OpenSession(row, row.session_key == current_key) for row in rows]


@transaction.atomic
def end(user: User, numbers: Iterable[int]) -> int:
    """End some of the sessions of this account; returns how many."""
    from allauth.usersessions.models import UserSession

    rows = UserSession.objects.filter(user=user, pk__in=numbers)
    keys = list(rows.values_list("session_key", flat=True))
    return _end(user, keys)


@transaction.atomic
def end_all(user: User, *, except_key: str | None = None) -> int:
    """End all sessions of this account, also those that this table does not know of."""
    owner = str(user.pk)
    keys = [
        session.session_key
        for session in Session.objects.filter(expire_date__gt=Now()).iterator()
        if session.session_key != except_key and session.get_decoded().get(SESSION_KEY) == owner
    ]
    return _end(user, keys)


def end_others(request: HttpRequest, user: User) -> int:
    """After a change that shuts others out: all sessions of this account but this one, with a notice."""
    ended = end_all(user, except_key=request.session.session_key)
    if ended:
        messages.info(
            request, f"You were logged out everywhere else: {ended} session{'s' * (ended != 1)} ended."
        )
    return ended


def _end(user: User, keys: list[str]) -> int:
    from allauth.usersessions.models import UserSession

    UserSession.objects.filter(session_key__in=keys).delete()
    _, by_model = Session.objects.filter(session_key__in=keys).delete()
    ended = by_model.get("sessions.Session", 0)
    if ended:
        facts = {"username": user.get_username(), "sessions": ended}
        rights.record_change(User, user.pk, "sessions_ended", facts)
    return ended
