"""What axe finds on a page that a real browser shows."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

RUN = """async () => (await axe.run()).violations.flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`))"""


def accessibility_problems(page: Any) -> list[str]:
    """Each rule broken and where, in light and in dark: no part of a page is left out."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # Colours that are still on their way from the other scheme are nobody's choice.
        page.evaluate(
            "() => Promise.allSettled(document.getAnimations().map(animation => animation.finished))"
        )
        found += [f"{scheme}: {problem}" for problem in page.evaluate(RUN)]
    return found
