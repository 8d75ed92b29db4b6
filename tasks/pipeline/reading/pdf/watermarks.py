"""Large words that are painted across the text of a page, as DRAFT: no part of any sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from tasks.pipeline.reading.pdf.types import Glyph

LARGER = 2.2
"""Times the size of the text that they lie across."""
FEWEST, MOST = 3, 40
"""Letters: fewer may be a large first letter, more are a text."""


def without_watermarks(glyphs: list[Glyph]) -> list[Glyph]:
    if not glyphs:
        return glyphs
    sizes = Counter(glyph.style.size for glyph in glyphs)
    least = LARGER * sizes.most_common(1)[0][0]
    if max(sizes) < least:
        return glyphs
    large = defaultdict[tuple[float, float], list[Glyph]](list)
    for glyph in glyphs:
        if glyph.style.size >= least and glyph.text != " ":
            large[(glyph.style.size, round(glyph.baseline))].append(glyph)
    small = [glyph for glyph in glyphs if glyph.style.size < least and glyph.text != " "]
    across = {key for key, word in large.items() if FEWEST <= len(word) <= MOST and _lies_across(word, small)}
    return [g for g in glyphs if (g.style.size, round(g.baseline)) not in across] if across else glyphs


def _lies_across(word: Sequence[Glyph], small: Sequence[Glyph]) -> bool:
    """Whether text stands within the letters of this word."""
    size, baseline = word[0].style.size, word[0].baseline
    left, right = min(glyph.x0 for glyph in word), max(glyph.x1 for glyph in word)
    inside = sum(
        left < glyph.x0 < right and -0.05 * size < glyph.baseline - baseline < 0.65 * size for glyph in small
    )
    return inside >= FEWEST
