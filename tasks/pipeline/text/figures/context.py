"""Figures by the words around them: what a passage says in place of a figure of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tasks.pipeline.text.figures.comparison import most_alike, same
from tasks.pipeline.text.figures.scan import figures
from tasks.pipeline.text.figures.types import Figure

# A shorter word next to a figure says nothing of what it counts.
LEAST_CONTEXT = 4


def nearest(
    figure: Figure, sentence: str, passage: str, code: str, known: Iterable[Figure] = ()
) -> Figure | None:
    """What a passage says instead of a figure of a sentence: of its figures the one most alike.

    Those that the sentence has, too, which are `known`, are out of the question.
    """
    in_its_place = counterpart(figure, sentence, passage, code, known)
    return in_its_place or most_alike(figure, figures(passage, code), known)


def counterpart(
    figure: Figure, sentence: str, passage: str, code: str, known: Iterable[Figure] = ()
) -> Figure | None:
    """A figure that stands in a passage between the same words as another one in a sentence."""
    before, after = _preceding(sentence, figure), _following(sentence, figure)
    candidates = [
        one
        for one in figures(passage, code)
        if (after and _following(passage, one) == after) or (before and _preceding(passage, one) == before)
    ]
    return most_alike(figure, candidates, known)


def is_contradicted(figure: Figure, sentence: str, passage: str, code: str) -> bool:
    """Whether a passage has other figures between the same two words as a figure of a sentence."""
    before, after = _preceding(sentence, figure), _following(sentence, figure)
    if max(len(before), len(after)) < LEAST_CONTEXT and not (before > "\u2e7f" and after > "\u2e7f"):
        return False
    held = [
        one
        for one in figures(passage, code)
        if _preceding(passage, one) == before and _following(passage, one) == after
    ]
    return bool(held) and not any(same(figure, one) for one in held)


def is_counted_otherwise(figure: Figure, sentence: str, passage: str, code: str) -> bool:
    """Whether a passage has another number of what a figure of a sentence counts, and not this number."""
    counted = _counted(sentence, figure)
    if len(counted) < (2 if counted > "\u2e7f" else LEAST_CONTEXT):
        return False
    held = [one for one in figures(passage, code) if one.quantities and _counted(passage, one) == counted]
    return bool(held) and not any(same(figure, one) for one in held)


def _counted(text: str, figure: Figure) -> str:
    """The next word; of a script without blanks the next two characters, a counter and its noun."""
    following = text[figure.end : figure.end + 2]
    return following if following > "\u2e7f" and text[figure.end].isalpha() else _following(text, figure)


def may_count_the_same(figure: Figure, sentence: str, other: Figure, passage: str) -> bool:
    """Whether two figures may be of the same thing: not so 90 files and 90 days."""
    if figure.unit != other.unit:
        return False
    one, two = _following(sentence, figure), _following(passage, other)
    return not one or not two or one == two


def _preceding(text: str, figure: Figure) -> str:
    rest = text[max(0, figure.start - 30) : figure.start].casefold()
    if rest[-1:] > "\u2e7f":
        return rest[-1]
    return re.split(r"[^\w-]", rest.strip(' -(["“„«'))[-1]


def _following(text: str, figure: Figure) -> str:
    """What is counted: the next word, or the next character where no blank divides words."""
    rest = text[figure.end : figure.end + 30].casefold()
    if rest[:1] > "\u2e7f":
        return rest[0]
    return re.split(r"[^\w-]", rest.strip(" -"), maxsplit=1)[0]
