"""What the checks of meaning have in common: they look at the gaps between a statement and its source.

They err on the side of silence. A statement is said to differ only where the words around the difference
agree, and where it differs in one place: two reversals of one sentence may say the same as none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from tasks.pipeline.quality.alignment import AlignedSentence, Alignment
from tasks.pipeline.quality.check_results import (
    CheckOutcome,
    StatementFinding,
    failed_for,
    not_applicable,
    passed,
    skipped,
)
from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.quality.word_alignment import Gap, Token
from tasks.pipeline.text.languages import language_name

if TYPE_CHECKING:
    from tasks.pipeline.quality.inspected_draft import InspectedDraft

Differences = Callable[[AlignedSentence, MeaningWords], list[tuple[Gap, str]]]
"""Finds where a statement says otherwise than a sentence, and says why in a sentence for the editor."""


def judged(draft: InspectedDraft, differences: Differences, *, ok: str, one: str, many: str) -> CheckOutcome:
    """The outcome of a check that compares statements with the sentences they repeat."""
    if not draft.research.sources:
        return skipped("There are no sources to compare the text with.")
    words = draft.meaning_words
    if words is None:
        return not_applicable(f"Not judged in {language_name(draft.brief.language)}.")
    if not draft.comparable_sources:
        return skipped("No source is in the language of the brief, so words cannot be compared.")
    findings = list(_findings(draft, differences, words))
    if findings:
        return failed_for(findings, one=one, many=many)
    return passed(ok)


def _findings(
    draft: InspectedDraft, differences: Differences, words: MeaningWords
) -> Iterator[StatementFinding]:
    for one in draft.alignments:
        for sentence in one.sentences:
            why = next(
                (why for gap, why in differences(sentence, words) if is_nearest(gap, sentence, one)), ""
            )
            if why:
                yield StatementFinding(
                    one.statement, why, sentence.source, sentence.text, is_contradiction=True
                )
                break


def is_nearest(gap: Gap, sentence: AlignedSentence, among: Alignment) -> bool:
    """Whether no other sentence has more of the words in and around a gap: that one may say just this."""
    around = sentence.agreement.around(gap)
    return all(other.agreement.around(gap) <= around for other in among.sentences)


def denials(tokens: Sequence[Token], words: MeaningWords) -> int:
    """How often negators deny something, at most once where several of them deny it together."""
    count = sum(one.folded in words.negators for one in tokens)
    return min(count, 1) if words.has_negative_concord else count


def negations(tokens: Sequence[Token], words: MeaningWords) -> int:
    """The same, with verbs that deny by themselves."""
    return denials(tokens, words) + sum(one.folded in words.negative_verbs for one in tokens)


def content(tokens: Sequence[Token], words: MeaningWords) -> list[Token]:
    """The words that are neither function words nor deny something."""
    return [
        one
        for one in tokens
        if one.is_content
        and one.folded not in words.negators
        and one.folded not in words.negative_verbs
        and one.folded not in words.auxiliaries
    ]


def are_forms_of_one(one: Token, other: Token) -> bool:
    """Whether two words may be forms of one: "sends" and "sent", "Benutzer" and "Benutzern"."""
    shortest = min(len(one.folded), len(other.folded))
    common = 0
    while common < shortest and one.folded[common] == other.folded[common]:
        common += 1
    return common >= max(2, 0.5 * shortest)


def replaced(
    gap: Gap, words: MeaningWords, is_apart: Callable[[str, str], bool]
) -> tuple[Token, Token] | None:
    """The word of the draft in place of which the source has one that says otherwise."""
    own, theirs = {one.folded for one in gap.draft}, {one.folded for one in gap.source}
    for one in gap.draft:
        for other in gap.source:
            if not is_apart(one.folded, other.folded):
                continue
            if one.folded in theirs or other.folded in own:
                continue
            extra = [t for t in content(gap.draft, words) if t is not one]
            missing = [t for t in content(gap.source, words) if t is not other]
            if len(extra) <= 1 and len(missing) <= 1:
                return one, other
    return None
