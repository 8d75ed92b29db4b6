"""Sentences that state a fact, which a reader may want a source for, and whether they have one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.quality.pattern_files import pattern_groups

MIN_WORDS, MIN_CHARACTERS = 6, 14
_NO_STATEMENT = re.compile(r"[?？:：;]\s*[\"”»)]?\Z")


@dataclass(frozen=True)
class CitedShare:
    """How many of the text's factual sentences are cited, by sentence or by paragraph."""

    sentences: tuple[Statement, ...]
    cited: int
    uncited: tuple[Statement, ...]

    @property
    def share(self) -> float:
        return self.cited / len(self.sentences) if self.sentences else 0.0


def factual_sentences(draft: InspectedDraft) -> list[Statement]:
    return draft.once(_factual_sentences)


def _factual_sentences(draft: InspectedDraft) -> list[Statement]:
    return [one for one in draft.statements if not one.is_table_row and is_factual(one)]


def is_factual(statement: Statement) -> bool:
    """Whether it is a whole sentence and no question, so that it may want a source."""
    is_of_itself = any(group.search(statement.text) for group in pattern_groups("self_references"))
    if is_of_itself or _NO_STATEMENT.search(statement.text):
        return False
    if not statement.text.isascii() and is_spaceless(statement.text):
        return len(statement.text) >= MIN_CHARACTERS
    return len(statement.text.split()) >= MIN_WORDS


def cited_share(draft: InspectedDraft) -> CitedShare:
    """Where every paragraph cites its sources at its end, and only there, the last sentence cites for all."""
    return draft.once(_cited_share)


def _cited_share(draft: InspectedDraft) -> CitedShare:
    sentences = factual_sentences(draft)
    paragraphs = [list(group) for _, group in groupby(sentences, key=lambda one: one.block)]
    cited_ones = [group for group in paragraphs if any(one.citations for one in group)]
    by_paragraph = bool(cited_ones) and all(
        group[-1].citations and not any(one.citations for one in group[:-1]) for group in cited_ones
    )
    # Of one sentence each, paragraphs say nothing about the style.
    by_paragraph = by_paragraph and sum(len(group) > 1 for group in cited_ones) > len(cited_ones) / 2
    uncited = [
        one
        for group in paragraphs
        for one in group
        if not one.citations and not (by_paragraph and group[-1].citations)
    ]
    return CitedShare(tuple(sentences), len(sentences) - len(uncited), tuple(uncited))
