"""What a web page says that a gateway sends in place of a model's reply: one line, without its markup."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

PageKind = Literal["login", "challenge", "loading", "unavailable", "other"]

MAX_PAGE_CHARACTERS = 16_000
MAX_TITLE_CHARACTERS = 120
TAG = re.compile(r"<[^<>]{0,2000}>")
LOGIN = re.compile(
    r"\b(?:sign|log)[ -]?(?:in|on)\b|\bsingle sign-on\b|\banmelden\b|\banmeldung\b|\beinloggen\b"
    r"|\bconnexion\b"
    r"|\biniciar sesi[oó]n\b|\baccedi\b|ログイン|登录|Войти",
    re.IGNORECASE,
)
PASSWORD_FIELD = re.compile(r"type\s{0,3}=\s{0,3}[\"']?password", re.IGNORECASE)
CHALLENGE = re.compile(
    r"just a moment|attention required|checking (?:if the site connection is secure|your browser)"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|enable javascript and cookies|ddos protection"
    r"|cf[-_]chl|challenge-platform|captcha",
    re.IGNORECASE,
)
LOADING = re.compile(
    r"\bloading\b|\bstarting\b|\bstarting up\b|\bwarming up\b|\bwaking up\b|\bnot ready\b|\bis booting\b"
    r"|\bpreparing\b|\bis (?:building|sleeping)\b|please wait|spinning up|wird geladen|startet",
    re.IGNORECASE,
)
UNAVAILABLE = re.compile(
    r"\b5\d\d\b|bad gateway|unavailable|time-?\s?out|timed out|maintenance|try again|temporar|overload"
    r"|internal server error|too many requests|wartung|web server is down|is unreachable|tunnel error",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class GatewayPage:
    kind: PageKind
    says: str
    """Its title and heading, or its first words; "" if it has none."""


def is_markup(text: str) -> bool:
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    return start.startswith(("<!doctype", "<html", "<head", "<body", "<?xml", "<!--", "<center", "<h1")) or (
        start.startswith("<") and "</" in text[:MAX_PAGE_CHARACTERS]
    )


def gateway_page(markup: str) -> GatewayPage:
    """Read an HTML or XML document, however broken."""
    markup = markup[:MAX_PAGE_CHARACTERS]
    lower = markup.lower()
    title, heading = _element(markup, lower, "title"), _element(markup, lower, "h1")
    words = _words(_without(markup, lower))
    if xml := [found for name in ("code", "message") if (found := _element(markup, lower, name))]:
        title = title or ": ".join(xml)
    says = title
    if heading and heading.lower() not in title.lower():
        says = f"{title}: {heading}" if title else heading
    says = says or words
    return GatewayPage(_kind(says, words, markup), shortened(says, MAX_TITLE_CHARACTERS))


def shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def _kind(says: str, words: str, markup: str) -> PageKind:
    if CHALLENGE.search(says) or re.search(r"cf[-_]chl|challenge-platform", markup):
        return "challenge"
    if PASSWORD_FIELD.search(markup) or LOGIN.search(says):
        return "login"
    if UNAVAILABLE.search(says):
        return "unavailable"
    if LOADING.search(says) or LOADING.search(words[:200]):
        return "loading"
    return "unavailable" if UNAVAILABLE.search(words[:300]) else "other"


def _element(markup: str, lower: str, name: str) -> str:
    """The words of the first element of this name; searched from mark to mark, which takes linear time."""
    start = lower.find(f"<{name}")
    if start < 0 or lower[start + len(name) + 1 : start + len(name) + 2] not in (">", " ", "\t", "\n", "\r"):
        return ""
    start = lower.find(">", start)
    end = lower.find(f"</{name}", start)
    if start < 0 or end < 0:
        return ""
    return _words(markup[start + 1 : end])


def _words(markup: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", markup)).replace("<", " ").split())


def _without(markup: str, lower: str) -> str:
    """The markup without what no reader sees: scripts, styles and comments."""
    shown, at = [], 0
    while at < len(markup):
        starts = [(lower.find(start, at), end) for start, end in HIDDEN_PARTS]
        found = min(((where, end) for where, end in starts if where >= 0), default=None)
        if found is None:
            shown.append(markup[at:])
            break
        where, end = found
        shown.append(markup[at:where])
        closed = lower.find(end, where)
        if closed < 0:
            break
        at = closed + len(end)
        if len(shown) > MAX_HIDDEN_PARTS:
            break
    return " ".join(shown)


HIDDEN_PARTS = (("<script", "</script>"), ("<style", "</style>"), ("<!--", "-->"), ("<svg", "</svg>"))
MAX_HIDDEN_PARTS = 100
