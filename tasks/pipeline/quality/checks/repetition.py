"""Whether sentences begin alike over and over, or a phrase comes back again and again."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import eq

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless
from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.words import WORD

OPENERS = Threshold(
    "repetition", "openers", 4, 2, 50, "So many sentences that begin with the same three words are too many."
)
IN_A_ROW = Threshold(
    "repetition",
    "in_a_row",
    3,
    2,
    20,
    "So many sentences in a row that begin with the same two words are too many.",
)
PHRASES = Threshold(
    "repetition",
    "phrases",
    5,
    2,
    50,
    "A phrase of five words that comes so often in a thousand words is repeated too often.",
)
ENOUGH = 5
PHRASE = 5
SHARE = 0.15
LOOPS, LONGEST_LOOP = 3, 8
# "No, no, no" is said with emphasis.
FEWEST_IN_LOOP = 5


def repetition(draft: InspectedDraft) -> CheckOutcome:
    """Sentences begin in different ways, and no phrase comes back again and again."""
    sentences = [one for one in draft.statements if not one.is_table_row]
    if len(sentences) < ENOUGH:
        return not_applicable("The text has too few sentences for a repetition.")
    words = [_words(one.text) for one in sentences]
    wrong = [*_loops(draft), *_openers(draft, words), *_rows(draft, words), *_phrases(draft, words)]
    return passed_unless(
        list(dict.fromkeys(wrong)),
        ok="Sentences begin in different ways.",
        one="1 beginning or phrase is repeated too often: vary it.",
        bad="{n} beginnings or phrases are repeated too often: vary them.",
    )


def _words(text: str) -> list[str]:
    if not text.isascii() and is_spaceless(text):
        letters = "".join(WORD.findall(text))
        return [letters[place : place + 2] for place in range(0, len(letters) - 1, 2)]
    return WORD.findall(text.lower())


def _loops(draft: InspectedDraft) -> list[str]:
    """Words that come several times with nothing between them: "a row of trees of trees of trees"."""
    words = _words(draft.plain)
    found = []
    for size in range(1, LONGEST_LOOP + 1):
        least = max((LOOPS - 1) * size, FEWEST_IN_LOOP - size)
        is_same = bytes(map(eq, words, words[size:]))
        if b"\1" * least not in is_same:
            continue
        run = 0
        for place, same in enumerate(is_same):
            run = run + 1 if same else 0
            if run == least:
                phrase = " ".join(words[place + 1 : place + 1 + size])
                found.append(f"{phrase} {phrase} {phrase} …")
    return found[:3]


def _openers(draft: InspectedDraft, sentences: list[list[str]]) -> list[str]:
    counts = Counter(" ".join(words[:3]) for words in sentences if len(words) > 3)
    least = max(draft.limit(OPENERS), SHARE * len(sentences))
    return [f"{opener} … ({count} sentences)" for opener, count in counts.most_common(5) if count >= least]


def _rows(draft: InspectedDraft, sentences: list[list[str]]) -> list[str]:
    runs = (
        (opener, len(list(run)))
        for opener, run in groupby(" ".join(words[:2]) for words in sentences if len(words) > 4)
    )
    return [
        f"{opener} … ({count} sentences in a row)"
        for opener, count in runs
        if count >= draft.limit(IN_A_ROW) and len(opener.split()) > 1
    ][:5]


def _phrases(draft: InspectedDraft, sentences: list[list[str]]) -> list[str]:
    counts: Counter[tuple[str, ...]] = Counter()
    for words in sentences:
        counts.update(set(zip(*(words[place:] for place in range(PHRASE)), strict=False)))
    total = sum(map(len, sentences))
    least = draft.limit(PHRASES) * max(1.0, total / 1000)
    return [
        f"{' '.join(phrase)} ({count} times)" for phrase, count in counts.most_common(3) if count >= least
    ]


CHECK = Check("repetition", "advisory", repetition, points=5, thresholds=(OPENERS, IN_A_ROW, PHRASES))
