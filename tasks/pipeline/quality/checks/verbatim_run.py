"""Whether a long passage is word for word that of a source, without being marked as a quotation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed, skipped
from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.quality.draft_blocks import MARKER, shown_text
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.reader_text import PassageKind, TextPassage
from tasks.pipeline.text.digest_phrases import is_digest
from tasks.pipeline.text.typography import folded
from tasks.pipeline.text.words import WORD

LONGEST = Threshold(
    "verbatim_run",
    "longest",
    40,
    8,
    500,
    "So many words in a row as a source has them, outside quotation marks, are a copy.",
)
CHARACTERS_A_WORD = 2
"""Of scripts without blanks, as many characters as say about a word."""
SHORT_RUN = 3
"""Units of the short runs by which a source is ruled out before it is searched."""
_QUOTED = re.compile(
    r"“[^”]{20,3000}”|„[^“”]{20,3000}[“”]|«[^»]{20,3000}»"
    r"|»[^«]{20,3000}«|「[^」]{8,1500}」|\"[^\"\n]{20,3000}\""
)


class _PlainSource(NamedTuple):
    text: str
    short_runs: frozenset[int]
    """Hashes of all runs of SHORT_RUN units."""


def verbatim_run(draft: InspectedDraft) -> CheckOutcome:
    """No long passage is copied from a source outside of quotation marks."""
    if not draft.research.sources:
        return skipped("There are no sources to compare the text with.")
    if is_digest(draft.body):
        return not_applicable("A digest quotes its sources.")
    copied = [(passage, run) for passage in draft.reader_text.passages for run in _copied(draft, passage)]
    if not copied:
        return passed("No long passage is copied from a source.")
    passage, run = max(copied, key=lambda one: len(one[1]))
    unit = "characters" if is_spaceless(run) else "words"
    length = len(run) if unit == "characters" else len(run.split())
    number = "1 passage is" if len(copied) == 1 else f"{len(copied)} passages are"
    return failed(
        f"{number} copied from a source without quotation marks, the longest of {length} {unit}"
        f" in {passage.where}.",
        [shown_text(" ".join(one.text.split())) for one, _ in copied],
    )


def _copied(draft: InspectedDraft, passage: TextPassage) -> list[str]:
    """The runs of one passage that a source has."""
    if (
        passage.kind in (PassageKind.QUOTATION, PassageKind.TABLE, PassageKind.HEADING)
        or len(passage.text) < 60
    ):
        return []
    text = MARKER.sub("", _QUOTED.sub(" \ue000 ", passage.text))
    found = []
    for part in text.split("\ue000"):
        parts, joint = _units(part)
        longest = int(draft.limit(LONGEST)) * (CHARACTERS_A_WORD if not joint else 1)
        found += _runs(parts, joint, longest, draft.once(_spaced_sources if joint else _unspaced_sources))
    return found


def _runs(parts: list[str], joint: str, longest: int, sources: list[_PlainSource]) -> list[str]:
    """Any run of `longest` units contains one of the half windows, from which it is followed both ways."""
    found, step, place = list[str](), max(longest // 2, 1), 0
    while place + step <= len(parts):
        window = f"{joint}{joint.join(parts[place : place + step])}{joint}"
        run = hash(tuple(parts[place : place + SHORT_RUN]))
        source = next((one.text for one in sources if run in one.short_runs and window in one.text), None)
        if source is None:
            place += step
            continue
        start, end = place, place + step
        while end < len(parts) and f"{joint}{joint.join(parts[start : end + 1])}{joint}" in source:
            end += 1
        while start and f"{joint}{joint.join(parts[start - 1 : end])}{joint}" in source:
            start -= 1
        if end - start >= longest:
            found.append(joint.join(parts[start:end]))
        place = max(end, place + step)
    return found


def _spaced_sources(draft: InspectedDraft) -> list[_PlainSource]:
    return [_plain(source.text, " ") for source in draft.research.sources]


def _unspaced_sources(draft: InspectedDraft) -> list[_PlainSource]:
    """For scripts that write no blanks between words."""
    return [_plain(source.text, "") for source in draft.research.sources]


def _units(text: str) -> tuple[list[str], str]:
    if not text.isascii() and is_spaceless(text):
        return list("".join(WORD.findall(folded(text)))), ""
    return WORD.findall(text.lower() if text.isascii() else folded(text)), " "


@lru_cache(maxsize=32)
def _plain(text: str, joint: str) -> _PlainSource:
    words = WORD.findall(folded(text))
    units = words if joint else list("".join(words))
    runs = zip(*(units[place:] for place in range(SHORT_RUN)), strict=False)
    return _PlainSource(f"{joint}{joint.join(words)}{joint}", frozenset(map(hash, runs)))


CHECK = Check("verbatim_run", "advisory", verbatim_run, points=10, thresholds=(LONGEST,))
