"""Whether links and images stay with this site and the sources of the article."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless
from tasks.pipeline.quality.inspected_draft import InspectedDraft


def links_known(draft: InspectedDraft) -> CheckOutcome:
    """Links lead to sources of this article or to pages of this site, images to none elsewhere."""
    urls = [source.url for source in draft.research.sources] + [one.url for one in draft.article.citations]
    known = {url.rstrip("/") for url in urls if url}
    foreign = [link for link in draft.links if link.rstrip("/") not in known and not _is_local(link)]
    return passed_unless(
        foreign,
        ok="No link leads to an unknown page.",
        one="1 link leads to an unknown page: link to a source or to a page of this site.",
        bad="{n} links lead to unknown pages: link to sources or to pages of this site.",
    )


def _is_local(link: str) -> bool:
    return link.startswith("#") or (link.startswith("/") and not link.startswith(("//", "/\\")))


CHECK = Check("links_known", "veto", links_known)
