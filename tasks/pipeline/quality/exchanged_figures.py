"""Figures that a source has, but not where it says what the sentence of the draft says."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.quality.source_index import WINDOW_SENTENCES, SourceIndex, Window
from tasks.pipeline.text.figures import (
    IDIOMATIC,
    Figure,
    FigureKind,
    counterpart,
    figure_index,
    figures,
    is_claimed,
    is_contradicted,
    is_counted_otherwise,
)
from tasks.pipeline.text.languages import primary_language

# A sentence so close to a passage repeats it, and has its figures from there.
CLOSE = 0.7
# A passage that has the figure must be nearly as close as the closest one.
FARTHER_BY = 0.15
# Next to the closest one, a sentence may say "it" for what the draft names.
NEAR_FARTHER_BY = 0.35
# Of a source with more sentences with figures, no more are looked at.
MOST_COMPARED = 400
# Of fewer words, a source has too many passages that are as close.
LEAST_WORDS = 4


def exchanged_figures(draft: InspectedDraft, statement: Statement, cited: Sequence[int]) -> list[Figure]:
    """Figures in place of which the passage that the sentence repeats has others.

    "Crypt(8)" is wrong for "crypt(5)", though an 8 is elsewhere in the source.
    """
    own = figures(statement.prose, primary_language(draft.brief.language))
    words = draft.words_of(_without(own, statement.prose))
    share, window = draft.support(words, cited)
    if window is None or share < CLOSE or len(words) < LEAST_WORDS:
        return []
    claimed = [figure for figure in own if is_claimed(figure)]
    if len(claimed) > 1 and _are_together(draft, statement, claimed, cited, window):
        return []
    return [
        figure
        for figure in claimed
        if _is_exchanged(draft, statement, figure, own, window)
        and not _is_as_close(draft, statement, figure, words, cited, share, window)
    ]


def small_numbers(draft: InspectedDraft, statement: Statement, cited: Sequence[int]) -> list[Figure]:
    """ "Two ships" where the passage that the sentence repeats counts three ships, and no two.

    Elsewhere a word such as "two" is as often part of a phrase, and needs no source.
    """
    own = figures(statement.prose, primary_language(draft.brief.language))
    small = [one for one in own if one.is_spelled and IDIOMATIC in one.values and not is_claimed(one)]
    if not small:
        return []
    share, window = draft.support(draft.words_of(_without(own, statement.prose)), cited)
    if window is None or share < CLOSE:
        return []
    code = draft.sources[window.source].code
    return [one for one in small if one.kind == FigureKind.CARDINAL
            and is_counted_otherwise(one, statement.prose, window.text, code)]  # fmt: skip


def _are_together(
    draft: InspectedDraft,
    statement: Statement,
    claimed: Sequence[Figure],
    cited: Sequence[int],
    window: Window,
) -> bool:
    """Whether one sentence of the sources has all of these figures, where the draft has them."""
    for number in cited:
        source = draft.sources[number]
        for place in _with_figures(source, window, len(claimed)):
            index = source.figures_by_sentence[place]
            if all(
                index.has(figure, statement.prose)
                and not is_contradicted(figure, statement.prose, source.sentences[place], source.code)
                for figure in claimed
            ):
                return True
    return False


def _is_exchanged(
    draft: InspectedDraft, statement: Statement, figure: Figure, own: Sequence[Figure], window: Window
) -> bool:
    """Whether the passage has another figure where the sentence has this one."""
    code = draft.sources[window.source].code
    if figure_index(window.text, code).has(figure, statement.prose):
        return is_contradicted(figure, statement.prose, window.text, code)
    return counterpart(figure, statement.prose, window.text, code, own) is not None


def _is_as_close(
    draft: InspectedDraft,
    statement: Statement,
    figure: Figure,
    words: frozenset[str],
    cited: Sequence[int],
    share: float,
    window: Window,
) -> bool:
    """Whether another passage that has the figure is as close to the sentence."""
    for number in cited:
        source = draft.sources[number]
        for place in _with_figures(source, window, 1):
            index, sentence = source.figures_by_sentence[place], source.sentences[place]
            if not index.has(figure, statement.prose) or is_contradicted(
                figure, statement.prose, sentence, source.code
            ):
                continue
            # A neighbour of the sentence that is repeated has the figure, but not its words.
            is_near = number == window.source and window.start - 2 <= place <= window.start + window.size + 1
            size, farther_by = (1, NEAR_FARTHER_BY) if is_near else (WINDOW_SENTENCES, FARTHER_BY)
            if draft.grounds.support_around(words, number, place, size) >= share - farther_by:
                return True
    return False


def _with_figures(source: SourceIndex, window: Window, least: int) -> list[int]:
    """The sentences of a source that have so many figures; of very many, those nearest to the window."""
    found = [place for place, index in enumerate(source.figures_by_sentence) if len(index.figures) >= least]
    if len(found) > MOST_COMPARED:
        start = window.start if window.source == source.number else 0
        found = sorted(sorted(found, key=lambda place: abs(place - start))[:MOST_COMPARED])
    return found


def _without(own: Sequence[Figure], prose: str) -> str:
    """The sentence without its figures, which may be what is wrong in it."""
    for figure in reversed(own):
        prose = f"{prose[: figure.start]} {prose[figure.end :]}"
    return prose
