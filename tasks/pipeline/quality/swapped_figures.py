"""Figures that a source has in a sentence of the same pattern, which speaks of something else.

"Phase 2 took 18 months" is wrong where 18 is what phase 1 took.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.quality.source_index import SourceIndex
from tasks.pipeline.text.figures import Figure, counterpart, figures, is_claimed, may_count_the_same, same
from tasks.pipeline.text.languages import primary_language

# Of a sentence that has the figure, but no more of the words, nothing follows.
RELATED = 0.5
# Next to the sentence that is contradicted, another may say "it" for what the draft names.
NEIGHBOURS = 2
LEAST_PARTS = 2
# A list of figures is no sentence, and a pattern that is everywhere says nothing.
MOST_FIGURES, MOST_ALIKE = 12, 50
# Of a source in which nearly all sentences are alike, no more are looked at.
MOST_COMPARED = 150
_WORDS = re.compile(r"[^\W\d_]+")
_CLAUSES = re.compile(
    r"[;；，]\s?|, |(?:, )?(?<=\s)(?:and|while|whereas|but|und|während|et|tandis que|y|mientras|e|mentre|en|"
    r"terwijl)\s"
)


def swapped_figures(draft: InspectedDraft, statement: Statement, cited: Sequence[int]) -> list[Figure]:
    """The figures that belong to another sentence of the same pattern."""
    code = primary_language(draft.brief.language)
    found: list[Figure] = []
    if len(figures(statement.prose, code)) > MOST_FIGURES:
        return found
    for start, clause in _clauses(statement.prose, code):
        own = figures(clause, code)
        words = frozenset(
            # Parted from a figure, a single character of a script without blanks is no word of the source.
            word
            for word in draft.words_of(_without(own, clause))
            if len(word) > 1 or word.isascii()
        )
        if not words or len(words) + len(own) - 1 < LEAST_PARTS:
            continue
        for figure in own:
            others = [one for one in own if one is not figure]
            if is_claimed(figure) and _is_swapped(_Claim(draft, clause, figure, others, words), cited):
                found.append(figure._replace(start=start + figure.start, end=start + figure.end))
    return list({figure.start: figure for figure in found}.values())


class _Claim:
    """A figure of the draft, with the words and figures around it."""

    def __init__(
        self, draft: InspectedDraft, clause: str, figure: Figure, others: list[Figure], words: frozenset[str]
    ) -> None:
        self.draft, self.clause, self.figure, self.others, self.words = draft, clause, figure, others, words

    def is_denied_by(self, source: SourceIndex, place: int) -> bool:
        """Whether a sentence says all the same, but with another figure."""
        index = source.figures_by_sentence[place]
        if index.has(self.figure, self.clause) or not all(map(index.has, self.others)):
            return False
        known = [self.figure, *self.others]
        said = counterpart(self.figure, self.clause, source.sentences[place], source.code, known)
        return said is not None and said.unit == self.figure.unit

    def may_be_counted_by(self, source: SourceIndex, place: int) -> bool:
        """Whether the figure may count in a sentence what it counts in the draft."""
        sentence = source.sentences[place]
        return any(
            same(self.figure, one) and may_count_the_same(self.figure, self.clause, one, sentence)
            for one in source.figures_by_sentence[place].figures
        )

    def is_of_something_else(self, source: SourceIndex, place: int) -> bool:
        """Whether a sentence with the figure has something else in place of what the draft names."""
        index, sentence = source.figures_by_sentence[place], source.sentences[place]
        missing = [one for one in self.others if not index.has(one)]
        if missing:
            known = [self.figure, *self.others]
            return all(counterpart(one, self.clause, sentence, source.code, known) for one in missing)
        lacking = self.words - source.words[place]
        bare = _without(index.figures, sentence)
        extra = self.draft.words_of(bare) - self.words
        return 0 < len(extra) <= len(lacking) and (is_spaceless(bare) or self._is_replaced(bare))

    def _is_replaced(self, sentence: str) -> bool:
        """Whether a word of it stands next to the same word as one that the draft has instead.

        Not so in "the month after, it sold …", which may go on about what the draft names.
        """
        own, other = (_neighbours(text) for text in (self.clause, sentence))
        for pair, word in own.items():
            there = other.get(pair)
            if there and there != word and self.draft.words_of(there) - self.words:
                return True
        return False


def _is_swapped(claim: _Claim, cited: Sequence[int]) -> bool:
    found: list[tuple[SourceIndex, list[int]]] = []
    for number in cited:
        source = claim.draft.sources[number]
        places = sorted((source.places.get(word, ()) for word in claim.words), key=len)
        alike = set(places[0]).intersection(*places[1:])
        if len(alike) > MOST_ALIKE:
            return False
        denying = [place for place in alike if claim.is_denied_by(source, place)]
        found.append((source, denying))
    if not any(denying for _, denying in found):
        return False
    return not any(_is_said(claim, source, denying) for source, denying in found)


def _is_said(claim: _Claim, source: SourceIndex, denying: list[int]) -> bool:
    """Whether a sentence has the figure where the draft has it."""
    shared = Counter(chain.from_iterable(source.places.get(word, ()) for word in claim.words))
    for place, count in shared.most_common(MOST_COMPARED):
        if not source.figures_by_sentence[place].has(claim.figure, claim.clause):
            continue
        is_near = any(abs(place - other) <= NEIGHBOURS for other in denying)
        is_related = count > RELATED * len(claim.words) or (
            is_near and claim.may_be_counted_by(source, place)
        )
        if is_related and not claim.is_of_something_else(source, place):
            return True
    return False


def _clauses(prose: str, code: str) -> Iterator[tuple[int, str]]:
    """The whole sentence, and its parts where it has several; "a hundred and fifty" stays whole."""
    yield 0, prose
    start, own = 0, figures(prose, code)
    breaks = [
        match
        for match in _CLAUSES.finditer(prose)
        if not any(one.start < match.end() and one.end > match.start() for one in own)
    ]
    for match in breaks:
        yield start, prose[start : match.start()]
        start = match.end()
    if breaks:
        yield start, prose[start:]


def _neighbours(text: str) -> dict[tuple[str, str], str]:
    """Each word by the one before it, and by the one after it."""
    tokens = _WORDS.findall(text.casefold())
    return {("before", one): two for one, two in pairwise(tokens)} | {
        ("after", two): one for one, two in pairwise(tokens)
    }


def _without(own: Sequence[Figure], prose: str) -> str:
    for figure in reversed(own):
        prose = f"{prose[: figure.start]} {prose[figure.end :]}"
    return prose
