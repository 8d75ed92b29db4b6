"""What every page needs to know of the site, including error pages, which get no context from a view."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from publishing import addresses
from publishing.claims import ClaimSummary, summary_of
from publishing.models import Post
from publishing.review_history import ApprovalSummary, approval_summaries

register = template.Library()

HEADING = re.compile(r'(<h([234]) id="([^"]+)">)(.*?)(</h\2>)', re.DOTALL)

# Enough that no text can end the script element or open a comment in it.
ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


@register.simple_tag
def claims_of(post: Post) -> ClaimSummary | None:
    """What readers see of the sources' support, if the site shows it."""
    return summary_of(post)


@register.simple_tag
def site_name() -> str:
    return settings.SITE_NAME


@register.simple_tag
def path(view: str) -> str:
    """As `url` does, but cached: a page has fifteen of them."""
    return addresses.path_of(view)


@register.filter
def absolute(path: str) -> str:
    return addresses.absolute(path)


@register.filter
def review(post: Post) -> list[ApprovalSummary]:
    """How it was approved, as far as that is on record."""
    return approval_summaries(post)


@register.filter
def one_line(text: str) -> str:
    return " ".join(text.split())


@register.simple_tag
def card_image(image: Any) -> dict[str, Any]:
    """The image shown where the page's address is shared: its own, or the site's."""
    if image:
        return dict(image)
    path = static("site/card.png")
    return {
        "address": addresses.absolute(path),
        "type": "image/png",
        "width": 1200,
        "height": 630,
        "alt": f"Lines of text on a page, the logo of {settings.SITE_NAME}",
    }


@register.filter
def iso(moment: datetime | None) -> str:
    """For machines, to the second: HTML allows no more than three digits after it. Empty for none."""
    return moment.isoformat(timespec="seconds") if moment else ""


# Django's filter `date` takes several times as long, for languages that the site does not have.
@register.filter(expects_localtime=True)
def day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"


@register.filter(expects_localtime=True)
def minute(moment: datetime) -> str:
    return f"{moment:%-d %B %Y, %H:%M %Z}"


@register.filter
def language(code: str) -> SafeString | str:
    """The attribute that says in which language a text is, where that is not the site's own."""
    return "" if code == "en" else format_html(' lang="{}"', code)


@register.filter
def direction(code: str) -> SafeString | str:
    """The attribute for what is set from right to left."""
    is_rtl = LANG_INFO.get(code.partition("-")[0].lower(), {}).get("bidi", False)
    return mark_safe(' dir="rtl"') if is_rtl else ""


@register.filter
def with_anchors(html: str) -> SafeString:
    """What our own sanitiser wrote, each heading with a link to itself: for the mouse."""
    link = r'<a class="anchor" href="#\3" aria-hidden="true" tabindex="-1">#</a>'
    return mark_safe(HEADING.sub(rf"\1\4 {link}\5", html))


@register.simple_tag
def static_if_built(path: str) -> str:
    """The address of a static file; for error pages, which must not fail themselves when there is none."""
    try:
        return static(path)
    except ValueError:
        return ""


@register.simple_tag
def json_ld(data: Any) -> SafeString:
    """Structured data for search engines. A data block is not executed, so the content policy allows it."""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')
