"""Whether links and images stay with this site and the sources of the article."""

from __future__ import annotations

import re
from urllib.parse import unquote

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless
from tasks.pipeline.quality.inspected_draft import InspectedDraft

_RELATIVE = re.compile(r"(?![\w.+-]{1,30}:)[\w.?~%-][^\s]{0,2000}")
"""No scheme, and not from the root: where it leads depends on the page it stands on."""


def links_known(draft: InspectedDraft) -> CheckOutcome:
    """Links lead to sources of this article or to pages of this site, images to none elsewhere."""
    urls = [url for source in draft.research.sources for url in (source.url, source.final_url)]
    urls += [one.url for one in draft.article.citations]
    known = {_comparable(url) for url in urls if url}
    foreign = [link for link in draft.links if not _is_local(link) and _comparable(link) not in known]
    wrong = [_words(link) for link in dict.fromkeys(foreign) if not _is_published_contact(link, draft)]
    return passed_unless(
        wrong, ok="No link leads to an unknown page.", bad="{n} links lead to unknown pages."
    )


def _comparable(url: str) -> str:
    """Names of schemes and hosts have no case, and a part of a known page is that page."""
    scheme, mark, rest = url.partition("#")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{host.lower()}{slash}{path}".rstrip("/")


def _is_local(link: str) -> bool:
    return link.startswith("#") or (link.startswith("/") and not link.startswith(("//", "/\\")))


def _is_published_contact(link: str, draft: InspectedDraft) -> bool:
    """`mailto:` and `tel:` lead to no page; that a source publishes the address or number is known."""
    scheme, _, contact = link.partition(":")
    contact = unquote(contact.partition("?")[0])
    if scheme.lower() not in ("mailto", "tel", "sms") or not contact:
        return False
    digits = re.sub(r"\D", "", contact)
    for source in draft.research.sources:
        if contact.lower() in source.text.lower():
            return True
        if scheme.lower() != "mailto" and digits and digits in re.sub(r"[^\d\n]", "", source.text):
            return True
    return False


def _words(link: str) -> str:
    if _RELATIVE.fullmatch(link):
        return f"{link} (relative: where it leads depends on the page)"
    return link


CHECK = Check("links_known", "veto", links_known)
