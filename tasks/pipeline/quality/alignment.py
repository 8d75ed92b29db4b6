"""Each statement of a draft with the passage of its sources that is nearest to it: made once per draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.quality.source_index import Window, stems_by_language
from tasks.pipeline.quality.word_alignment import Agreement, Token, agreement, tokens

if TYPE_CHECKING:
    from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement

# What less of a statement is in, is about something else.
RELATED = 0.5
# A source that is not cited must be so much nearer than those that are.
MUCH_NEARER = 0.1
# Of the words with content of a sentence of the source, this share at least must be in the statement, or
# of those of the statement in it.
SHARED = 0.4


@dataclass(frozen=True)
class AlignedSentence:
    """A sentence of a source that a statement repeats, and where the two differ."""

    source: int
    text: str
    tokens: tuple[Token, ...]
    agreement: Agreement


@dataclass(frozen=True)
class Alignment:
    statement: Statement
    share: float
    """How much of the weight of the statement's words is in the window, 0 to 1."""
    window: Window | None
    draft_tokens: tuple[Token, ...] = ()
    sentences: tuple[AlignedSentence, ...] = ()
    """Those of the window that the statement repeats; empty in a language without word lists."""


def aligned(draft: InspectedDraft) -> Iterator[Alignment]:
    """All statements with prose that have a source in the language of the draft, cited or not."""
    for statement in draft.statements:
        if draft.compared_sources(statement):
            yield replace(draft.remembered(_alignment, statement), statement=statement)


def _alignment(draft: InspectedDraft, statement: Statement) -> Alignment:
    words = draft.meaning_words
    share, window = _nearest(draft, statement, draft.compared_sources(statement))
    own = tokens(statement.prose, draft.stems, words) if words else ()
    found: tuple[AlignedSentence, ...] = ()
    if words and window and share >= RELATED and not statement.is_table_row:
        found = tuple(_sentences(draft, statement, own, window, words))
    return Alignment(statement, share, window, own, found)


def _nearest(draft: InspectedDraft, statement: Statement, sources: list[int]) -> tuple[float, Window | None]:
    """The best window of the cited sources; that of another one, where these have little of the statement."""
    words = draft.words_of(statement.text)
    share, window = draft.support(words, sources)
    others = [number for number in draft.comparable_sources if number not in sources]
    if share < RELATED and others:
        elsewhere, other = draft.support(words, others)
        if elsewhere > share + MUCH_NEARER:
            return elsewhere, other
    return share, window


def _sentences(
    draft: InspectedDraft, statement: Statement, own: tuple[Token, ...], window: Window, words: MeaningWords
) -> Iterator[AlignedSentence]:
    keys = {one.key for one in own if one.is_content}
    places = [(window.source, window.start + further) for further in range(window.size)]
    # Several sentences may have more of a statement's words than the one that it repeats but for a word.
    nearest = draft.grounds.nearest_sentence(draft.words_of(statement.text), window.source)
    if nearest is not None and (window.source, nearest) not in places:
        places.insert(0, (window.source, nearest))
    for source, place in places:
        index = draft.sources[source]
        theirs = index.tokens.get(place)
        if theirs is None:
            theirs = tokens(index.sentences[place], stems_by_language.of(index.code), words)
            index.tokens[place] = theirs
        content = {one.key for one in theirs if one.is_content}
        shared = len(keys & content)
        if shared >= SHARED * min(len(keys), len(content)) and shared > 1:
            yield AlignedSentence(source, index.sentences[place], theirs, agreement(own, theirs))
