"""Checks of a draft against its sources: citations, quotations, figures, statements, links."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.draft_blocks import MARKER
from tasks.pipeline.quality.exchanged_figures import exchanged_figures, small_numbers
from tasks.pipeline.quality.headline_figures import headline_statements
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.quality.quotations import QuotableSource, quotations
from tasks.pipeline.quality.source_index import Window
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

# A statement with less than this share of its weight in the best window counts as unsupported.
SUPPORTED = 0.55
# A citation is misplaced when another source supports the statement so much better than the cited one does.
MISPLACED_BY = 0.3
MIN_STATEMENT_WORDS = 4
# Below this share a window has little to do with the statement, and is not shown as the nearest.
RELATED = 0.2


def citations_resolve(draft: InspectedDraft) -> CheckOutcome:
    """Every [n] leads to a listed source that was read, and every listed source is cited."""
    known = {source.number for source in draft.research.sources}
    listed, used = {citation.number for citation in draft.article.citations}, set(draft.markers)
    if not (known or listed or used):
        return skipped("There are no sources to cite.")
    if not used:
        return failed("The text cites none of its sources.")
    wrong = [f"[{number}] leads to no listed source" for number in sorted(used - listed)]
    wrong += [f"Source {number} is listed but never cited" for number in sorted(listed - used)]
    wrong += [f"Source {number} is listed but was not read" for number in sorted(listed - known)]
    return passed_unless(wrong, ok="Every citation leads to a source.", bad="Some citations lead nowhere.")


def citations_fit(draft: InspectedDraft) -> CheckOutcome:
    """A cited sentence is supported by the source it cites, not by another one instead."""
    comparable = set(draft.comparable_sources)
    if len(comparable) < 2:
        return not_applicable("This check needs two sources in the language of the brief.")
    cited = [
        one for one in _checkable_statements(draft) if one.citations and comparable.issuperset(one.citations)
    ]
    if not cited:
        return skipped("No sentence cites a source that was read.")
    wrong = []
    for statement in cited:
        words = draft.words_of(statement.text)
        here, _ = draft.grounds.support(words, statement.citations)
        elsewhere, window = draft.grounds.support(words, sorted(comparable.difference(statement.citations)))
        if window and elsewhere >= SUPPORTED and elsewhere - here >= MISPLACED_BY:
            cited_words = f"{statement.text} {_citation_markers(statement)}"
            wrong.append(f"{cited_words} — source {window.source} says: {window.text}")
    return passed_unless(
        wrong,
        ok="Every citation fits its own source best.",
        bad="{n} citations fit another source better.",
    )


def quotations_verbatim(draft: InspectedDraft) -> CheckOutcome:
    """What stands in quotation marks is in a source, word for word."""
    found = [quotation for block in draft.blocks for quotation in quotations(MARKER.sub("", block.text))]
    if not found:
        return not_applicable("The text has no quotations.")
    if not draft.research.sources:
        return skipped("There are no sources to compare quotations with.")
    sources = [QuotableSource(source.text) for source in draft.research.sources]
    wrong = [quotation for quotation in found if not any(source.has(quotation) for source in sources)]
    return passed_unless(
        wrong, ok="Every quotation is in a source.", bad="{n} quotations are not word for word in any source."
    )


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


def statements_supported(draft: InspectedDraft) -> CheckOutcome:
    """The words of each sentence are found close together in a source."""
    if not draft.research.sources:
        return skipped("There are no sources to compare the text with.")
    comparable = draft.comparable_sources
    if not comparable:
        return skipped("No source is in the language of the brief, so words cannot be compared.")
    # What rests on a source in another language alone cannot be compared with it.
    statements = [
        one
        for one in _checkable_statements(draft)
        if not one.citations
        or not set(comparable).isdisjoint(one.citations)
        or not set(one.citations) & set(draft.sources)
    ]
    if not statements:
        return not_applicable("The text has no sentences long enough to compare.")
    wrong = []
    for statement in statements:
        share, window = draft.grounds.support(draft.words_of(statement.text), comparable)
        if share < SUPPORTED:
            wrong.append(f"{statement.text}{_nearest(window)}")
    return passed_unless(
        wrong,
        ok="Every sentence resembles a source.",
        bad=f"{{n}} of {len(statements)} sentences resemble no source.",
    )


def links_known(draft: InspectedDraft) -> CheckOutcome:
    """Links lead to sources of this article or to pages of this site, images to none elsewhere."""
    urls = [source.url for source in draft.research.sources] + [one.url for one in draft.article.citations]
    known = {url.rstrip("/") for url in urls if url}
    foreign = [link for link in draft.links if link.rstrip("/") not in known and not _is_local(link)]
    return passed_unless(
        foreign, ok="No link leads to an unknown page.", bad="{n} links lead to unknown pages."
    )


def _checkable_statements(draft: InspectedDraft) -> list[Statement]:
    return [
        one
        for one in draft.statements
        if not one.text.endswith(("?", "？"))
        and not one.is_table_row
        and len(draft.words_of(one.text)) >= MIN_STATEMENT_WORDS
    ]


def _nearest(window: Window | None) -> str:
    return f" — nearest in source {window.source}: {window.text}" if window else ""


def _what_the_source_says(
    draft: InspectedDraft, statement: Statement, figure: Figure, cited: Sequence[int]
) -> str:
    """The nearest passage of the cited sources, and its figure in place of the missing one."""
    own = figures(statement.prose, draft.brief.language)
    share, window = draft.grounds.support(draft.words_of(statement.text), cited)
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


def _citation_markers(statement: Statement) -> str:
    return "".join(f"[{number}]" for number in statement.citations)


def _is_local(link: str) -> bool:
    return link.startswith("#") or (link.startswith("/") and not link.startswith(("//", "/\\")))
