"""The identity that is in force, from memory: every page of the site and of the desk needs it.

A change is announced as every change of the site is, so web processes load it again at once. Processes that
listen to no notifications look again after MAX_AGE_SECONDS.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_noop, override

from publishing.addresses import path_of
from publishing.cache_invalidation import site_generation
from publishing.models import SiteIdentity
from publishing.site_identity import menu
from publishing.site_identity.colours import SHIPPED, Scheme
from publishing.site_identity.links import LabelledLink
from tasks.site_name import SiteNameAndZone

MAX_AGE_SECONDS = 2.0
NO_HTML = SafeString("")
DESCRIPTION = gettext_noop(
    "Articles with their sources, each approved before it went online; each article says how."
)


@dataclass(frozen=True)
class Picture:
    """A logo or an icon."""

    files: tuple[tuple[int, str], ...]
    """Widths and names, the widest last."""
    width: int
    height: int

    @property
    def path(self) -> str:
        return self.path_at(self.width)

    def path_at(self, width: int) -> str:
        """Of the smallest file that is at least so wide."""
        name = next((name for size, name in self.files if size >= width), self.files[-1][1])
        return path_of("site-picture", name)

    @property
    def touch_icon(self) -> str:
        return self.path_at(180)

    @property
    def small_icon(self) -> str:
        return self.path_at(32)


@dataclass(frozen=True)
class Identity:
    """Written out, it is the name of the site."""

    name: str
    tagline: str = ""
    description: str = DESCRIPTION
    logo: Picture | None = None
    icon: Picture | None = None
    accent: str = SHIPPED[Scheme.LIGHT]
    accent_dark: str = SHIPPED[Scheme.DARK]
    menu: tuple[LabelledLink, ...] = field(default_factory=lambda: menu.resolve(menu.SHIPPED))
    footer_html: SafeString = NO_HTML
    footer_links: tuple[LabelledLink, ...] = ()
    social_links: tuple[LabelledLink, ...] = ()
    time_zone: str = "UTC"
    language: str = "en"
    posts_per_page: int = 20

    def __str__(self) -> str:
        return self.name

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def stylesheet(self) -> str:
        """The path of the style sheet with the accent colours; empty for those that are shipped."""
        if (self.accent, self.accent_dark) == (SHIPPED[Scheme.LIGHT], SHIPPED[Scheme.DARK]):
            return ""
        return path_of("site-colours", self.accent[1:], self.accent_dark[1:])


@dataclass
class _Loaded:
    identity: Identity | None = None
    """None: there is no row, and the settings say what there is to say."""
    generation: str = ""
    until: float = 0.0


_loaded = _Loaded()


def current() -> Identity:
    """What was last saved on the desk; before the first time, what the settings say."""
    global _loaded
    loaded, generation = _loaded, site_generation.current
    is_fresh = loaded.generation == generation if generation else time.monotonic() < loaded.until
    if not is_fresh:
        try:
            found = _load()
        except DatabaseError:
            # What can be shown without the database must not fail for the name on it, nor wait each time.
            found, generation = loaded.identity, ""
        loaded = _loaded = _Loaded(found, generation, time.monotonic() + MAX_AGE_SECONDS)
    return loaded.identity or _by_settings()


def site_facts() -> SiteNameAndZone:
    """For the apps below."""
    found = current()
    return SiteNameAndZone(found.name, found.zone)


def discard() -> None:
    """Load it again the next time."""
    global _loaded
    _loaded = _Loaded(_loaded.identity)


def assume_unedited(seconds: float) -> None:
    """Without asking the database; for tests, whose statements are counted."""
    global _loaded
    _loaded = _Loaded(None, "", time.monotonic() + seconds)


def _by_settings() -> Identity:
    return Identity(settings.SITE_NAME, time_zone=settings.TIME_ZONE)


def _load() -> Identity | None:
    row = SiteIdentity.objects.filter(pk=SiteIdentity.ONLY).first()
    if row is None:
        return None
    with override(row.language):
        return of_row(row)


def of_row(row: SiteIdentity) -> Identity:
    """With the words that nobody entered in the active language."""
    return Identity(
        name=row.name,
        tagline=row.tagline,
        description=row.description or gettext(DESCRIPTION),
        logo=_picture(row.logo),
        icon=_picture(row.icon),
        accent=row.accent or SHIPPED[Scheme.LIGHT],
        accent_dark=row.accent_dark or SHIPPED[Scheme.DARK],
        menu=menu.resolve(row.menu),
        footer_html=_html(row.footer_text, row.language),
        footer_links=_links(row.footer_links),
        social_links=_links(row.social_links),
        time_zone=row.time_zone,
        language=row.language,
        posts_per_page=row.posts_per_page,
    )


def _html(markdown: str, language: str) -> SafeString:
    if not markdown:
        return NO_HTML
    from tasks.pipeline.text.markdown import render  # its parser takes a while to load

    return mark_safe(render(markdown, language=language))


def _links(stored: Sequence[Sequence[str]]) -> tuple[LabelledLink, ...]:
    return tuple(LabelledLink(*link) for link in stored)


def _picture(stored: dict[str, Any]) -> Picture | None:
    if not stored:
        return None
    files = sorted((int(width), name) for width, name in stored["files"].items())
    return Picture(tuple(files), stored["width"], stored["height"])
