"""Whether the figures are those of the sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import (
    CheckOutcome,
    StatementFinding,
    not_applicable,
    passed_unless,
    skipped,
)
from tasks.pipeline.quality.exchanged_figures import exchanged_figures, small_numbers
from tasks.pipeline.quality.headline_figures import headline_statements
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.quality.swapped_figures import swapped_figures
from tasks.pipeline.text.figures import (
    Figure,
    FigureIndex,
    figures,
    has_words_for_numbers,
    is_claimed,
    missing_in,
    nearest,
)
from tasks.pipeline.text.languages import language_name, primary_language

# Below this share a window has little to do with the statement, and is not shown as the nearest.
RELATED = 0.2
# From this share on, it is about the same, so that another figure in it contradicts the statement.
SAME = 0.5


class FigureInSource(NamedTuple):
    """The passage that is nearest to a statement, and its figure in place of the statement's."""

    source: int
    passage: str
    said: str = ""
    is_same: bool = False
    """Whether the passage is about the same as the statement."""


def figures_in_sources(draft: InspectedDraft) -> CheckOutcome:
    """Every figure of a sentence is in the sources it cites, or in any when it cites none."""
    if not draft.sources:
        return skipped("There are no sources to compare figures with.")
    code, has_any = primary_language(draft.brief.language), False
    wrong, findings = list[str](), list[StatementFinding]()
    for one in [*draft.statements, *headline_statements(draft)]:
        has_any = has_any or any(is_claimed(figure) for figure in figures(one.prose, code))
        missing = draft.remembered(_missing, one)
        if missing:
            written = ", ".join(figure.written for figure in missing)
            found = _what_the_source_says(draft, one, missing[0])
            wrong.append(f"{written} in: {one.text}{_shown(found)}")
            findings.append(_finding(one, written, missing[0], found))
    if not has_any and not wrong:
        return not_applicable("The text has no figures.")
    unread = (
        "" if has_words_for_numbers(code) else f" Numbers in words are not read in {language_name(code)}."
    )
    outcome = passed_unless(
        wrong,
        ok=f"Every figure is in a source.{unread}",
        bad=f"{{n}} sentences have a figure that is in none of their sources.{unread}",
    )
    return replace(outcome, findings=tuple(findings))


def _cited(draft: InspectedDraft, statement: Statement) -> list[int]:
    """The sources that a figure may be from."""
    return [number for number in statement.citations if number in draft.sources] or list(draft.sources)


def _missing(draft: InspectedDraft, one: Statement) -> list[Figure]:
    """Figures that no source has, and those that it has in another place."""
    code, cited = primary_language(draft.brief.language), _cited(draft, one)
    return _unsourced(draft, one, cited, code) or small_numbers(draft, one, cited)


def _unsourced(draft: InspectedDraft, one: Statement, cited: Sequence[int], code: str) -> list[Figure]:
    if not any(is_claimed(figure) for figure in figures(one.prose, code)):
        return []
    missing = missing_in([draft.sources[number].figures for number in cited], one.prose, code)
    return missing or exchanged_figures(draft, one, cited) or swapped_figures(draft, one, cited)


def _what_the_source_says(
    draft: InspectedDraft, statement: Statement, figure: Figure
) -> FigureInSource | None:
    """The nearest passage of the cited sources, and its figure in place of the missing one."""
    own, cited = figures(statement.prose, draft.brief.language), _cited(draft, statement)
    share, window = draft.support(draft.words_of(statement.text), cited)
    if window and share >= RELATED:
        code = draft.sources[window.source].code
        said = nearest(figure, statement.prose, window.text, code, own)
        return FigureInSource(window.source, window.text, said.written if said else "", share >= SAME)
    # The words of two languages cannot be compared, but their figures can.
    for number in cited:
        index: FigureIndex = draft.sources[number].figures
        if other := index.nearest(figure, own):
            return FigureInSource(number, index.passage(other), other.written)
    return None


def _shown(found: FigureInSource | None) -> str:
    if found is None:
        return ""
    says = f", which says {found.said}" if found.said else ""
    return f" — nearest in source {found.source}{says}: {found.passage}"


def _finding(
    statement: Statement, written: str, figure: Figure, found: FigureInSource | None
) -> StatementFinding:
    if found and found.said and found.is_same:
        why = f"Source {found.source} says {found.said}, not {figure.written}."
        return StatementFinding(statement, why, found.source, found.passage, is_contradiction=True)
    why = f"No source says {written} of this."
    source, passage = (found.source, found.passage) if found else (None, "")
    return StatementFinding(statement, why, source, passage)


CHECK = Check("figures_in_sources", "advisory", figures_in_sources)
