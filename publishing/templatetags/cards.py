"""Cards of posts, rendered once for as long as their content is the same."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

from publishing.cards import Card
from publishing.search import Hit

register = template.Library()

CACHED_CARDS = 4096
"""In each process, of about two kilobytes."""


TITLE, PASSAGE = "\ue002", "\ue003"
"""Placeholders for what a search highlighted: the first of each, whatever the names after them contain."""


@register.simple_tag
def card(card: Card, place: str = "", eager: bool = False, level: str = "") -> SafeString:
    """`place` and `eager` as for a picture; `level` is the element of the title."""
    return _shown(card, place, eager, level)


@register.simple_tag
def hit(hit: Hit, eager: bool = False) -> SafeString:
    """The card of a search hit. Around what is highlighted it is the same for all queries."""
    text = hit.passage or escape(hit.post.summary)
    around = _shown(hit.post, eager=eager, title=TITLE, passage=PASSAGE if text else "")
    return mark_safe(around.replace(TITLE, hit.title, 1).replace(PASSAGE, text, 1))


def _shown(card: Card, *args: Any, **kwargs: Any) -> SafeString:
    # During development, a card with the same content may look different.
    if settings.DEBUG:
        return _rendered(card, *args, **kwargs)
    return _cached((get_language(), get_current_timezone()), card, *args, **kwargs)


def _rendered(
    card: Card, place: str = "", eager: bool = False, level: str = "", title: str = "", passage: str = ""
) -> SafeString:
    context = {"post": card.as_post(), "place": place, "eager": eager, "level": level}
    return render_to_string("publishing/_post_card.html", context | {"title": title, "passage": passage})


# By everything that a card shows: a change of a post, its category or its image makes another card.
@lru_cache(maxsize=CACHED_CARDS)
def _cached(shown_in: tuple[str | None, tzinfo], card: Card, *args: Any, **kwargs: Any) -> SafeString:
    """`shown_in` is the language of its words, and the zone of its date."""
    return _rendered(card, *args, **kwargs)
