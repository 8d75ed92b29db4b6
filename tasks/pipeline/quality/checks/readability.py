"""Whether English prose is readable."""

from __future__ import annotations

import re
from functools import lru_cache

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.languages import WORD

# Flesch reading ease: below this, prose reads like a legal text.
HARD_TO_READ = Threshold(
    "readability", "lowest_ease", 30, 0, 80, "Flesch reading ease: below this, prose reads like a legal text."
)
ENOUGH_FOR_READABILITY = 100


def readability(draft: InspectedDraft) -> CheckOutcome:
    """English prose is not harder to read than a serious newspaper (Flesch reading ease)."""
    if draft.language.code != "en":
        return not_applicable("Reading ease is measured for English only.")
    words = WORD.findall(draft.plain)
    if len(words) < ENOUGH_FOR_READABILITY:
        return not_applicable("The text is too short for a measure of reading ease.")
    syllables = sum(map(_syllables, words))
    ease = 206.835 - 1.015 * len(words) / len(draft.statements) - 84.6 * syllables / len(words)
    hard = draft.limit(HARD_TO_READ)
    message = f"Reading ease is {ease:.0f}, on a scale where 60 is plain English and {hard:g} is hard."
    if ease >= hard:
        return passed(message)
    longest = sorted((one.text for one in draft.statements), key=lambda text: -len(text.split()))
    return failed(message, longest[:3])


@lru_cache(maxsize=8192)
def _syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = re.search(r"[^aeiouyl]e(?:s|d)?$", word.lower()) is not None
    return max(1, groups - silent)


CHECK = Check("readability", "advisory", readability, thresholds=(HARD_TO_READ,))
