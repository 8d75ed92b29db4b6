"""What readers see outside the body: its figures must be in a source as well."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.text.figures import Figure, FigureKind, figure_index, figures, is_claimed
from tasks.pipeline.text.languages import primary_language

_MARKER = re.compile(r"^\s*\d{1,2}(?:\.\d{1,2}){0,3}[.):：、]\s?")
_ITEM = re.compile(r"^\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+\S", re.MULTILINE)


def headline_statements(draft: InspectedDraft) -> list[Statement]:
    """Title, summary, headings and the texts for search engines, without figures that need no source.

    These number the headings, count what the text lists, or come from the brief.
    """
    article, code = draft.article, primary_language(draft.brief.language)
    given = figure_index(f"{draft.brief.topic}\n{draft.brief.brief}\n{' '.join(draft.brief.keywords)}", code)
    lengths = {
        len(_ITEM.findall(draft.body)),
        *(sum(one.level == level for one in draft.headings) for level in (2, 3)),
    }
    texts = [article.title, article.summary, article.seo_title, article.seo_description]
    texts += _without_numbering([_MARKER.sub("", one.text) for one in draft.headings], code)

    def needs_source(figure: Figure) -> bool:
        counts = figure.kind == FigureKind.CARDINAL and not figure.unit and figure.values[0] in lengths
        return is_claimed(figure) and not counts and not given.has(figure)

    found = []
    for text in dict.fromkeys(text for text in texts if text):
        own = figures(text, code)
        if any(map(needs_source, own)):
            prose = _blanked(text, [one for one in own if not needs_source(one)])
            found.append(Statement(text, (), "", prose=prose))
    return found


def _without_numbering(headings: list[str], code: str) -> Iterator[str]:
    """Headings without numbers that go up from one, as in "Step 1", "Step 2"."""
    numbers: dict[str, list[tuple[int, Figure]]] = defaultdict(list)
    for place, heading in enumerate(headings):
        for figure in figures(heading, code)[:1]:
            before = heading[: figure.start].strip().casefold()
            if figure.quantities and len(before.split()) <= 1:
                numbers[before].append((place, figure))
    counted: dict[int, Figure] = {}
    for rows in numbers.values():
        if len(rows) > 1 and [figure.values[0] for _, figure in rows] == list(range(1, len(rows) + 1)):
            counted |= dict(rows)
    for place, heading in enumerate(headings):
        yield _blanked(heading, [counted[place]] if place in counted else [])


def _blanked(text: str, taken: list[Figure]) -> str:
    for figure in reversed(taken):
        text = f"{text[: figure.start]}{' ' * (figure.end - figure.start)}{text[figure.end :]}"
    return text
