"""What share of a document's words a reading has, compared with a plain reading that leaves nothing out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tasks.pipeline.text.scripts import HAN, HIRAGANA, KATAKANA, SOUTH_EAST_ASIAN
from tasks.pipeline.text.typography import shown

ENOUGH = 0.5
"""A reading with less of the words than this carries a warning."""

# Scripts without blanks between words are counted by letters.
_WITHOUT_BLANKS = HAN + HIRAGANA + KATAKANA + SOUTH_EAST_ASIAN
_RAISED_AND_LOWERED = dict.fromkeys(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉ⁿⁱᵢₙ"), " ")
_WORD = re.compile(rf"[{_WITHOUT_BLANKS}]|[^\W\d_{_WITHOUT_BLANKS}]+")


def words_in(texts: Iterable[str]) -> Counter[str]:
    """How often each word is there; figures are none, as they are written otherwise where they are raised."""
    return Counter(_WORD.findall("\n".join(map(shown, texts)).translate(_RAISED_AND_LOWERED)))


def share_of(taken: Counter[str], plain: Counter[str]) -> float:
    """From 0 to 1; what a reading repeats, such as the heading of a column, counts as often as shown."""
    whole = plain.total()
    return 1.0 if not whole else round((taken & plain).total() / whole, 3)


def share_taken(visible: Iterable[str], taken: Iterable[str], *, hidden: Iterable[str] = ()) -> float | None:
    """Of the words in all visible text, how many are in the texts that were taken; None: there are none."""
    plain = words_in(visible)
    plain.subtract(words_in(hidden))
    plain = +plain
    return share_of(words_in(taken), plain) if plain else None


def missing_words(share: float, first: str) -> str:
    """The warning for the editor."""
    words = first.split()
    beginning = " ".join(words[:12]) if len(words) > 3 else first[:40]
    if len(beginning) < len(first):
        beginning += " …"
    start = f"About {round(100 * (1 - share))} % of the page's words were left out"
    return f"{start}, beginning with “{beginning}”." if first else f"{start}."
