"""The fields of a form that was not taken: read from its request, carried through the login, never stored."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse

from tasks.content import with_unix_lines
from tasks.form_fields import FORM_ID

FIELD = "unsent"
"""The field in which the login page carries it."""
ROOM_FOR_LOGIN = 10_000
"""Bytes of a form that are left to the name, the password and the token."""
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
NOT_TYPED = frozenset({FIELD, FORM_ID, "_save", "_continue", "_addanother"})
"""Fields of our own, and the buttons of Django's admin: their values are labels."""
SECRET = re.compile(r"pass(word|phrase|code)|secret|csrfmiddlewaretoken|\botp\b", re.IGNORECASE)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, OSError)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Unsent:
    """`path` is where the form was sent to, `page` the page on which it stood, if the browser says so."""

    path: str
    page: str
    fields: Fields
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest) -> Unsent | None:
        """What the request brought, but no secrets and no contents of files; None where it is unreadable."""
        if request.content_type not in FORM_TYPES:
            return None
        try:
            given = [(name, value) for name, values in request.POST.lists() for value in values]
            files = tuple(file.name or "" for _, chosen in request.FILES.lists() for file in chosen)
        except UNREADABLE:
            return None
        fields = [pair for pair in given if not SECRET.search(pair[0]) and pair[0] not in NOT_TYPED]
        return cls(request.get_full_path(), page_of(request), _printable(fields), files)

    @classmethod
    def carried_by(cls, request: HttpRequest) -> Unsent | None:
        """What the login page carried. It comes from the browser: nothing of it is believed but its shape."""
        if request.content_type not in FORM_TYPES:
            return None
        try:
            path, page, fields, files = json.loads(request.POST.get(FIELD, ""))
            (urls,), names = _printable([(path, page)]), _printable((name, "") for name in files)
            found = cls(*urls, _printable(fields), tuple(name for name, _ in names))
        except (ValueError, TypeError, RecursionError, *UNREADABLE):
            return None
        return found if all(is_ours(url) for url in (found.path, found.page) if url) else None

    @property
    def words(self) -> Fields:
        """The fields worth showing for the user to copy."""
        return tuple((n, v) for n, v in self.fields if len(v.split()) > 1)

    @property
    def is_portable(self) -> bool:
        """Whether a form may send it; else it is only shown."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or sys.maxsize
        return len(quote_plus(self.as_json)) <= limit - ROOM_FOR_LOGIN

    @property
    def as_json(self) -> str:
        return json.dumps([self.path, self.page, self.fields, self.files], ensure_ascii=False)

    @property
    def urls(self) -> list[str]:
        """Where its form may be found again, likeliest first: its page, its address, what is above that."""
        path = urlsplit(self.path).path
        above = [path[: at + 1] for at in range(len(path) - 1, -1, -1) if path[at] == "/"]
        root = reverse("admin:index")
        found = [self.page, self.path, *(url for url in above if url.startswith(root))]
        return list(dict.fromkeys(url for url in found if is_ours(url)))[:6]


def _printable(pairs: Iterable[Any]) -> Fields:
    """As a page can show them: no control characters, no halves of characters, one kind of line ends."""
    return tuple(
        (UNPRINTABLE.sub("\ufffd", str(name)), UNPRINTABLE.sub("\ufffd", with_unix_lines(str(value))))
        for name, value in pairs
    )


def page_of(request: HttpRequest) -> str:
    """The page of ours on which the form stood, as far as the browser says so."""
    referer = urlsplit(request.headers.get("Referer", ""))
    url = f"{referer.path}?{referer.query}" if referer.query else referer.path
    return url if referer.netloc == request.get_host() and is_ours(url) else ""


def is_ours(url: str) -> bool:
    """Whether it is a page of the admin to redirect to; the login and logout pages are not."""
    path = urlsplit(url).path if url.startswith("/") and not url.startswith("//") else ""
    login_pages = (reverse("admin:login"), reverse("admin:logout"))
    return path.startswith(reverse("admin:index")) and path not in login_pages


def is_foreign(request: HttpRequest) -> bool:
    """Whether another site made the browser send it: it is not shown as if a person had filled it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"cross-site", "same-site"}
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(origin) and urlsplit(origin).netloc != request.get_host()


def is_of_a_person(request: HttpRequest) -> bool:
    """Whether a browser waits for a page: not a script, and not a program that never logged in."""
    mode = request.headers.get("Sec-Fetch-Mode", "")
    return mode == "navigate" if mode else bool(request.COOKIES)
