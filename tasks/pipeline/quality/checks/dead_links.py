"""Whether the addresses that readers can open are still there."""

from __future__ import annotations

from tasks.pipeline.link_state import LinkState, LinkStatus, unknown
from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.site_facts import published_addresses


def dead_links(draft: InspectedDraft) -> CheckOutcome:
    """Every cited address leads to a page that is there."""
    urls = published_addresses(draft.research, draft.article)
    if not urls:
        return not_applicable("The text has no addresses that readers can open.")
    if draft.site.links is None:
        return not_applicable("Cited addresses were not looked up here.")
    found = {one.url: one for one in draft.site.links}
    states = [found.get(url) or unknown(url, "it was not looked up") for url in urls]
    dead = [one for one in states if one.status == LinkStatus.DEAD]
    open_ones = [one for one in states if one.status == LinkStatus.UNKNOWN]
    not_known = f"{len(open_ones)} of {len(states)} could not be looked up: {_named(open_ones)}."
    if dead:
        rest = f" {not_known}" if open_ones else ""
        return failed(
            f"{len(dead)} of {len(states)} cited addresses are dead.{rest}", [_words(one) for one in dead]
        )
    if open_ones:
        return skipped(f"Of the cited addresses, {not_known}")
    return passed("Every cited address leads to a page.")


def _named(states: list[LinkState]) -> str:
    more = f"; and {len(states) - 3} more" if len(states) > 3 else ""
    return "; ".join(map(_words, states[:3])) + more


def _words(state: LinkState) -> str:
    return f"{state.url}: {state.why}"


CHECK = Check("dead_links", "advisory", dead_links)
