"""Whether the figures are those of the sources."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless, skipped
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


def figures_in_sources(draft: InspectedDraft) -> CheckOutcome:
    """Every figure of a sentence is in the sources it cites, or in any when it cites none."""
    if not draft.sources:
        return skipped("There are no sources to compare figures with.")
    code, has_any, wrong = primary_language(draft.brief.language), False, list[str]()
    for one in [*draft.statements, *headline_statements(draft)]:
        cited = [number for number in one.citations if number in draft.sources] or list(draft.sources)
        missing = small_numbers(draft, one, cited)
        if any(is_claimed(figure) for figure in figures(one.prose, code)):
            has_any = True
            missing = _unsourced(draft, one, cited) or missing
        if missing:
            wrong.append(f"{', '.join(figure.written for figure in missing)} in: {one.text}"
                         f"{_what_the_source_says(draft, one, missing[0], cited)}")  # fmt: skip
    if not has_any and not wrong:
        return not_applicable("The text has no figures.")
    unread = (
        "" if has_words_for_numbers(code) else f" Numbers in words are not read in {language_name(code)}."
    )
    return passed_unless(
        wrong,
        ok=f"Every figure is in a source.{unread}",
        bad=f"{{n}} sentences have a figure that is in none of their sources.{unread}",
    )


def _unsourced(draft: InspectedDraft, one: Statement, cited: Sequence[int]) -> list[Figure]:
    """Figures that no source has, and those that it has in another place."""
    code = primary_language(draft.brief.language)
    missing = missing_in([draft.sources[number].figures for number in cited], one.prose, code)
    return missing or exchanged_figures(draft, one, cited) or swapped_figures(draft, one, cited)


def _what_the_source_says(
    draft: InspectedDraft, statement: Statement, figure: Figure, cited: Sequence[int]
) -> str:
    """The nearest passage of the cited sources, and its figure in place of the missing one."""
    own = figures(statement.prose, draft.brief.language)
    share, window = draft.support(draft.words_of(statement.text), cited)
    if window and share >= RELATED:
        code = draft.sources[window.source].code
        said = nearest(figure, statement.prose, window.text, code, own)
        says = f", which says {said.written}" if said else ""
        return f" — nearest in source {window.source}{says}: {window.text}"
    # The words of two languages cannot be compared, but their figures can.
    for number in cited:
        passage = _passage_with_figure(draft.sources[number].figures, figure, own)
        if passage:
            return f" — nearest in source {number}, {passage}"
    return ""


def _passage_with_figure(index: FigureIndex, figure: Figure, own: Sequence[Figure]) -> str:
    said = index.nearest(figure, own)
    return f"which says {said.written}: {index.passage(said)}" if said else ""


CHECK = Check("figures_in_sources", "advisory", figures_in_sources)
