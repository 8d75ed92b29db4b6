"""Whether each sentence, and each of its clauses, resembles a passage of a source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.pipeline.quality.alignment import Alignment, alignment_of
from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import (
    CheckOutcome,
    StatementFinding,
    failed_for,
    not_applicable,
    passed,
    skipped,
)
from tasks.pipeline.quality.factual_sentences import is_about_the_text
from tasks.pipeline.quality.grounding import is_checkable
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.text.figures import figure_index, figures, is_claimed
from tasks.pipeline.text.languages import primary_language

SUPPORTED = Threshold(
    "claims_supported", "least_share", 0.45, 0.1, 0.95,
    "A sentence is unsupported when less than this share of its words' weight is in one passage of a source.",
)  # fmt: skip
# A clause is an addition when hardly anything of it is where the rest of its sentence is from, and no
# passage elsewhere has more than a part of it.
ADDED_HERE, ADDED_ANYWHERE = 0.25, 0.45
LEAST_CLAUSE_WORDS = 3
# Fewer are enough where no source has any of them, or where they say who said something.
LEAST_FOREIGN_WORDS = 2
NEIGHBOURS = 2
# A passage with all figures of a sentence supports it with fewer of its words.
WITH_A_FIGURE, WITH_FIGURES = 0.7, 0.5

_BREAKS = re.compile(
    r"\s*[;:—()]\s*|\s+[-–]\s+|,\s+"
    r"|\s+(?:and|but|while|whereas|because|which|und|aber|während|weil|y|pero|mientras|porque|et|mais"
    r"|tandis que|car|e|ma|mentre|perché|en|maar|terwijl|omdat)\s+"
)


def statements_supported(draft: InspectedDraft) -> CheckOutcome:
    """The words of each sentence, and of each of its clauses, are found close together in a source."""
    if not draft.research.sources:
        return skipped("There are no sources to compare the text with.")
    if not draft.comparable_sources:
        return skipped("No source is in the language of the brief, so words cannot be compared.")
    alignments = [
        one
        for one in draft.alignments
        if is_checkable(draft, one.statement)
        and (one.statement.citations or not is_about_the_text(one.statement))
    ]
    if not alignments:
        return not_applicable("The text has no sentences long enough to compare.")
    findings = [found for one in alignments if (found := _finding(draft, one))]
    if not findings:
        return passed("Every sentence resembles a source.")
    remedy = "cite a source that says it, or take it out"
    return failed_for(
        findings,
        one=f"1 of {len(alignments)} sentences says what no source says: {remedy}.",
        many=f"{{n}} of {len(alignments)} sentences say what no source says: {remedy}.",
    )


def _finding(draft: InspectedDraft, one: Alignment) -> StatementFinding | None:
    source, passage = (one.window.source, one.window.text) if one.window else (None, "")
    if one.share < draft.limit(SUPPORTED) * _share_left(draft, one) and not _is_supported_in_parts(
        draft, one
    ):
        return StatementFinding(one.statement, "No source says this.", source, passage)
    added = draft.remembered(_added_clause, one.statement)
    if added:
        return StatementFinding(one.statement, f"No source says “{added}”.", source, passage)
    return None


def _share_left(draft: InspectedDraft, one: Alignment) -> float:
    """What part of the least share is asked for: figures that the passage has make up for other words."""
    code = primary_language(draft.brief.language)
    claimed = [figure for figure in figures(one.statement.prose, code) if is_claimed(figure)]
    if not claimed or one.window is None:
        return 1.0
    passage = figure_index(one.window.text, code)
    if not all(passage.has(figure, one.statement.prose) for figure in claimed):
        return 1.0
    return WITH_FIGURES if len(claimed) > 1 else WITH_A_FIGURE


def _is_supported_in_parts(draft: InspectedDraft, one: Alignment) -> bool:
    """Whether a sentence joins what its sources say in places far apart."""
    clauses = [words for _, words in _clauses(draft, one.statement.prose) if len(words) >= LEAST_CLAUSE_WORDS]
    if len(clauses) < 2:
        return False
    sources = draft.compared_sources(one.statement)
    return all(draft.support(words, sources)[0] >= draft.limit(SUPPORTED) for words in clauses)


def _added_clause(draft: InspectedDraft, statement: Statement) -> str:
    """A clause that is not from where the rest of the sentence is, nor from elsewhere; "" for none."""
    one, words = alignment_of(draft, statement), draft.meaning_words
    if one.window is None or words is None:
        return ""
    sources, window = draft.compared_sources(one.statement), one.window
    # "According to …" names the source.
    titles = frozenset[str]().union(
        *(draft.words_of(one.title) for one in draft.research.sources if one.number in sources)
    )
    for clause, held in _clauses(draft, one.statement.prose):
        is_attribution = words.attribution is not None and words.attribution.match(clause) is not None
        if len(held - titles if is_attribution else held) < LEAST_FOREIGN_WORDS:
            continue
        here = draft.grounds.share_between(
            held, window.source, window.start - NEIGHBOURS, window.start + window.size + NEIGHBOURS
        )
        if here >= ADDED_HERE or draft.support(held, sources)[0] >= ADDED_ANYWHERE:
            continue
        is_long = is_attribution or len(held) >= LEAST_CLAUSE_WORDS
        if is_long or not draft.support(held, draft.comparable_sources)[0]:
            return clause
    return ""


def _clauses(draft: InspectedDraft, prose: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The clauses of a sentence with those of their words that say something."""
    starts = [0, *(match.end() for match in _BREAKS.finditer(prose))]
    ends = [*(match.start() for match in _BREAKS.finditer(prose)), len(prose)]
    for start, end in zip(starts, ends, strict=True):
        clause = prose[start:end].strip()
        yield clause, draft.words_of(clause) - draft.filler


CHECK = Check("claims_supported", "advisory", statements_supported, thresholds=(SUPPORTED,))
