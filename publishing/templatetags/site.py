"""What every page needs to know of the site, including error pages, which get no context from a view."""

from __future__ import annotations

import json
import re
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from django import template
from django.conf.locale import LANG_INFO
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from publishing import addresses, site_identity
from publishing.claims import ClaimSummary, summary_of
from publishing.images.title_cards import title_card
from publishing.models import Author, Post
from publishing.public_findings import PublicFinding, public_findings
from publishing.review_history import ApprovalSummary, approval_summaries
from tasks import localized_dates

register = template.Library()

HEADING = re.compile(r'(<h([234]) id="([^"]+)">)(.*?)(</h\2>)', re.DOTALL)

CITATIONS = re.compile(r'(?:<sup><a href="#source-\d+"[^>]*>\[\d+\]</a></sup>)+')

# Enough that no text can end the script element or open a comment in it.
ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


@register.simple_tag
def claims_of(post: Post) -> ClaimSummary | None:
    """What readers see of the sources' support, if the site shows it."""
    return summary_of(post)


@register.simple_tag
def findings_of(post: Post) -> list[PublicFinding]:
    """What the checks of the text against its sources found."""
    return public_findings(post)


@register.simple_tag
def site_name() -> str:
    return site_identity.current().name


@register.simple_tag(name="site_identity")
def identity() -> site_identity.Identity:
    """How the site presents itself; written out, it is its name."""
    return site_identity.current()


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


@register.simple_tag
def approval_html(one: ApprovalSummary, editor: Author | None) -> SafeString:
    """The sentence about an approval, which links to the page of the editor if they are named."""
    is_named = one.is_named_editor and editor is not None
    who = format_html('<a href="{}">{}</a>', editor.get_absolute_url(), editor.name) if is_named else one.who  # type: ignore[union-attr]
    at = format_html('<time datetime="{}">{}</time>', iso(one.at), localized_dates.minute(one.at))
    return format_html(one.sentence, who=who, at=at, how=one.how)


@register.simple_tag
def approval_text(one: ApprovalSummary, editor: Author | None) -> str:
    who = editor.name if one.is_named_editor and editor is not None else one.who
    return one.sentence.format(who=who, at=localized_dates.minute(one.at), how=one.how)


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
        "alt": _("Lines of text on a page, the logo of {name}").format(name=site_identity.current().name),
    }


@register.filter
def shared_image(post: Post) -> dict[str, Any]:
    """Its cover, else the first picture in the text, else one of its title."""
    return post.card or title_card(post)


@register.filter
def iso(moment: datetime | None) -> str:
    """For machines, to the second: HTML allows no more than three digits after it. Empty for none."""
    return moment.isoformat(timespec="seconds") if moment else ""


@register.filter
def clock(moment: datetime | None) -> SafeString:
    """A time element to the minute, with the zone in which it is shown."""
    if moment is None:
        return mark_safe('<time datetime=""></time>')
    return _time_element(moment, iso(moment), timezone.get_current_timezone(), get_language())


@lru_cache(2000)
def _time_element(moment: datetime, machine: str, zone: tzinfo, language: str | None) -> SafeString:
    """Formatting costs more than the rest of most rows; `language` is one of what it depends on."""
    shown = date_format(timezone.localtime(moment, zone), "j M Y, H:i T")
    return format_html('<time datetime="{}">{}</time>', machine, shown)


@register.filter
def grouped(number: int) -> str:
    """With separators of thousands, as the language has them."""
    return number_format(number, force_grouping=True)


register.filter("day", localized_dates.day, expects_localtime=True)
register.filter("minute", localized_dates.minute)
register.filter("month", localized_dates.month)
register.filter("month_name", localized_dates.month_name)


@register.simple_tag
def page_language() -> str:
    """The language of the page's own words."""
    return get_language() or "en"


@register.filter
def language(code: str) -> SafeString | str:
    """The attribute that says in which language a text is, where that is not the page's own."""
    return "" if not code or code == page_language() else format_html(' lang="{}"', code)


@register.filter
def direction(code: str) -> SafeString | str:
    """The attribute for what is set from right to left."""
    is_rtl = LANG_INFO.get(code.partition("-")[0].lower(), {}).get("bidi", False)
    return mark_safe(' dir="rtl"') if is_rtl else ""


@register.filter
def for_page(html: str) -> SafeString:
    """What our own sanitiser wrote, with links to headings, and each group of citations in one bracket."""
    link = format_html('<a class="anchor" href="#{}" aria-label="{}"></a>', r"\3", _("Link to this section"))
    grouped = CITATIONS.sub(_grouped, html)
    return mark_safe(HEADING.sub(rf"\1\4 {link}\5", grouped))


def _grouped(citations: re.Match[str]) -> str:
    links = citations[0].replace("</sup><sup>", ", ").replace(">[", ">").replace("]</a>", "</a>")
    return links.replace("<sup>", "<sup>[").replace("</sup>", "]</sup>")


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
