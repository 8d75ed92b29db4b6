"""Sentences that state a fact: what the claim ledger lists, and what the checks of citations count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.quality.pattern_files import pattern_groups
from tasks.pipeline.text.figures import figures, is_claimed
from tasks.pipeline.text.languages import primary_language

MIN_WORDS = 3
"""With fewer words to compare, and no figure, a sentence says too little to be looked up."""
MIN_WORDS_CITED, MIN_CHARACTERS_CITED = 6, 14
"""A shorter sentence may lean on the citation of the one before."""

_QUESTION = re.compile(r"[?？؟՞፧\u037e][\"”’'»)“」』）]{0,3}\Z")
_GREEK_QUESTION = re.compile(r";[\"”’'»)]{0,3}\Z")
_LEADS_TO_A_LIST = (":", "：")
_GOES_ON = (";", "；")
_LISTS_OF_SOURCES = re.compile(
    r"(?:the )?(?:sources?|references?|further reading|bibliography"
    r"|quellen(?:angaben|verzeichnis)?|literatur(?:verzeichnis)?|einzelnachweise"
    r"|sources et références|références|bibliographie|fuentes|referencias|bibliografía|fonti|riferimenti"
    r"|bibliografia|bronnen|literatuur|fontes|referências|źródła|источники|литература|参考文献|出典|来源)\W{0,3}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CitedShare:
    """How many of the text's factual sentences are cited, by sentence or by paragraph."""

    sentences: tuple[Statement, ...]
    cited: int
    uncited: tuple[Statement, ...]

    @property
    def share(self) -> float:
        return self.cited / len(self.sentences) if self.sentences else 0.0


def is_factual(draft: InspectedDraft, statement: Statement) -> bool:
    """Whether it asserts something; what cites a source or has a figure does.

    Questions do not, nor instructions to the reader, sentences about the text itself, and those that lead to
    a list. A row of a table is factual where it cites a source: else its text has the citation.
    """
    if _LISTS_OF_SOURCES.fullmatch(statement.section) or _is_question(draft, statement):
        return False
    if statement.citations:
        return True
    if statement.is_table_row:
        return False
    return _has_figure(draft, statement) or not (
        statement.text.endswith(_LEADS_TO_A_LIST)
        or is_about_the_text(statement)
        or _is_instruction(draft, statement)
        or len(draft.words_of(statement.text)) < MIN_WORDS
    )


def wants_citation(draft: InspectedDraft, statement: Statement) -> bool:
    """Whether it is factual, and long enough to need a citation of its own."""
    text = statement.text
    if (
        statement.is_table_row
        or text.endswith((*_LEADS_TO_A_LIST, *_GOES_ON))
        or is_about_the_text(statement)
    ):
        return False
    if not text.isascii() and is_spaceless(text):
        is_long = len(text) >= MIN_CHARACTERS_CITED
    else:
        is_long = len(text.split()) >= MIN_WORDS_CITED
    return is_long and is_factual(draft, statement)


def is_about_the_text(statement: Statement) -> bool:
    return any(group.search(statement.text) for group in pattern_groups("self_references"))


def cited_share(draft: InspectedDraft) -> CitedShare:
    """Where every paragraph cites its sources at its end, and only there, the last sentence cites for all."""
    return draft.once(_cited_share)


def _cited_share(draft: InspectedDraft) -> CitedShare:
    sentences = [one for one in draft.statements if wants_citation(draft, one)]
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


def _is_question(draft: InspectedDraft, statement: Statement) -> bool:
    marks = [_QUESTION, _GREEK_QUESTION] if draft.language.code == "el" else [_QUESTION]
    return any(mark.search(statement.text) for mark in marks)


def _is_instruction(draft: InspectedDraft, statement: Statement) -> bool:
    first_words = draft.language.subjectless
    return first_words is not None and first_words.match(statement.text) is not None


def _has_figure(draft: InspectedDraft, statement: Statement) -> bool:
    """In digits: words for numbers are as often part of other words, as "Achten" is."""
    code = primary_language(draft.brief.language)
    return any(is_claimed(figure) and not figure.is_spelled for figure in figures(statement.prose, code))
