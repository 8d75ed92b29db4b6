"""Cards of posts, rendered once for as long as they say the same."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from publishing.site.reading import Card

register = template.Library()

KEPT_CARDS = 4096
"""In each process, of about two kilobytes."""


@register.simple_tag
def card(card: Card, place: str = "", eager: bool = False, level: str = "") -> SafeString:
    """`place` and `eager` as for a picture; `level` is the element of the title."""
    # While templates are being written, a card that says the same may look different.
    return (_rendered if settings.DEBUG else _kept)(card, place, eager, level)


def _rendered(card: Card, place: str, eager: bool, level: str) -> SafeString:
    context = {"post": card.as_post(), "place": place, "eager": eager, "level": level}
    return render_to_string("publishing/_post_card.html", context)


# By everything that a card shows: after a change of a post, its category or its image it is another card.
_kept = lru_cache(maxsize=KEPT_CARDS)(_rendered)
