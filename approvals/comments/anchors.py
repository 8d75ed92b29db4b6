"""Where comments stand: made on one version, and carried over while their words can be found."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from approvals.marked_text import LetterRange, MarkedText, letters
from approvals.models.desk import DraftComment
from tasks import rendered_bodies

MIN_SIMILARITY = 0.6
"""Share of words that a paragraph must have in common with the commented one to count as its rewording."""
MIN_LETTERS_ELSEWHERE = 16
"""A selection shorter than this is only looked for in its own paragraph."""


@dataclass(frozen=True)
class SelectedWords:
    """Words of one paragraph as readers see them, and those around them, which tell places apart."""

    words: str
    before: str = ""
    after: str = ""

    @property
    def fields(self) -> dict[str, str]:
        return {
            "selection": " ".join(self.words.split()),
            "selection_before": " ".join(self.before.split())[-100:],
            "selection_after": " ".join(self.after.split())[:100],
        }


@dataclass(frozen=True)
class Thread:
    """A comment and the replies to it. `is_reworded`: what it is about reads differently by now."""

    comment: DraftComment
    replies: Sequence[DraftComment] = ()
    is_reworded: bool = False
    paragraph: int | None = None
    """The number of the paragraph at which it stands."""


@dataclass
class CommentedParagraph:
    number: int
    source: str
    sha256: str
    html: str
    threads: list[Thread] = field(default_factory=list)


@dataclass(frozen=True)
class CommentedText:
    """A text with its open threads, those whose paragraph is gone, and the resolved ones."""

    paragraphs: list[CommentedParagraph]
    on_whole_text: list[Thread]
    outdated: list[Thread]
    resolved: list[Thread]
    places: dict[int, LetterRange]
    """By comment, where its selection is: letters of the whole text."""

    @property
    def open_threads(self) -> list[Thread]:
        """In the order of the text; those about all of it, and about what is gone, at the end."""
        anchored = [thread for paragraph in self.paragraphs for thread in paragraph.threads]
        return [*anchored, *self.on_whole_text, *self.outdated]

    @property
    def count(self) -> int:
        return len(self.open_threads)

    def highlight(self) -> None:
        """Mark the selections in the paragraphs' HTML."""
        if not self.places:
            return
        text = MarkedText([paragraph.html for paragraph in self.paragraphs])
        for pk, place in self.places.items():
            text.wrap(place, f'<mark class="desk-selected" data-thread="{pk}">', "</mark>")
        for paragraph, html in zip(self.paragraphs, text.html(), strict=True):
            paragraph.html = html


def paragraph_sha256(source: str) -> str:
    """Identifies a paragraph; line breaks inside it make no difference."""
    return hashlib.sha256(" ".join(source.split()).encode()).hexdigest()


def commented(
    body: str, citations: Iterable[Any], comments: Iterable[DraftComment], *, language: str = "en"
) -> CommentedText:
    """Put each open thread at its paragraph, at the most similar one, or where its selection is now."""
    blocks = rendered_bodies.blocks(body, citations, language)
    paragraphs = [
        CommentedParagraph(number, block.source, paragraph_sha256(block.source), block.html)
        for number, block in enumerate(blocks, start=1)
    ]
    result = CommentedText(paragraphs, [], [], [], {})
    finder = _Finder(paragraphs)
    for thread in threads_of(comments):
        row = thread.comment
        if row.resolved_at:
            result.resolved.append(thread)
        elif not row.paragraph_sha256:
            result.on_whole_text.append(thread)
        else:
            _place(thread, finder.find(row), result)
    return result


def threads_of(comments: Iterable[DraftComment]) -> list[Thread]:
    """The comments that are not deleted, by thread."""
    rows = [row for row in comments if row.deleted_at is None]
    replies: dict[int, list[DraftComment]] = defaultdict(list)
    for row in rows:
        if row.parent_id is not None:
            replies[row.parent_id].append(row)
    return [Thread(row, replies[row.pk]) for row in rows if row.parent_id is None]


def paragraph_of(
    body: str, citations: Iterable[Any], sha256: str, quote: str, selection: SelectedWords | None
) -> str:
    """The Markdown of the paragraph that is named; empty when none is.

    Raises ValidationError when it is not there, or when the selection is not in it.
    """
    words, selected = " ".join(quote.split()), selection.words if selection else ""
    if not (sha256 or words or selected):
        return ""
    if selected and not letters(selected):
        raise ValidationError({"selection": "Select words: there is none in what was selected."})
    blocks = list(rendered_bodies.blocks(body, citations, "en"))
    if sha256 or words:
        blocks = [
            block
            for block in blocks
            if paragraph_sha256(block.source) == sha256 or (words and words in " ".join(block.source.split()))
        ]
        if not blocks:
            raise ValidationError({"paragraph" if sha256 else "quote": "That version has no such paragraph."})
    for block in blocks if selected else blocks[:1]:
        if not selected or MarkedText([block.html]).find(selected):
            return block.source
    raise ValidationError({"selection": "These words are not in one paragraph: copy them from the text."})


class _Found(NamedTuple):
    paragraph: int | None = None
    is_reworded: bool = False
    place: LetterRange | None = None


def _place(thread: Thread, found: _Found, result: CommentedText) -> None:
    if found.paragraph is None:
        result.outdated.append(Thread(thread.comment, thread.replies, is_reworded=True))
        return
    placed = Thread(thread.comment, thread.replies, found.is_reworded, found.paragraph + 1)
    result.paragraphs[found.paragraph].threads.append(placed)
    if found.place:
        result.places[thread.comment.pk] = found.place


class _Finder:
    """Finds where commented paragraphs are now. Words are counted once, and only if needed."""

    def __init__(self, paragraphs: Sequence[CommentedParagraph]) -> None:
        self._paragraphs = paragraphs
        # Of identical paragraphs the first.
        self._places = {paragraph.sha256: paragraph.number - 1 for paragraph in reversed(paragraphs)}
        self._words: list[Counter[str]] | None = None
        self._text: MarkedText | None = None

    def find(self, row: DraftComment) -> _Found:
        index = self._places.get(row.paragraph_sha256)
        is_reworded = index is None
        if index is None:
            index = self._most_similar(row)
        if not row.selection:
            return _Found(index, is_reworded and index is not None)
        place = self._selected(row, index)
        if place is None:
            return _Found(index, is_reworded=True)
        # The words are there as they were: what changed around them is not what it is about.
        return _Found(self._whole_text.block_of(place), place=place)

    def _most_similar(self, row: DraftComment) -> int | None:
        if self._words is None:
            self._words = [Counter(paragraph.source.split()) for paragraph in self._paragraphs]
        wanted = Counter(row.quote.split())
        similarity = [_similarity(wanted, words) for words in self._words]
        best = max(range(len(similarity)), key=similarity.__getitem__, default=None)
        return best if best is not None and similarity[best] >= MIN_SIMILARITY else None

    @property
    def _whole_text(self) -> MarkedText:
        if self._text is None:
            self._text = MarkedText([paragraph.html for paragraph in self._paragraphs])
        return self._text

    def _selected(self, row: DraftComment, index: int | None) -> LetterRange | None:
        """The selection in its paragraph, else anywhere if it is long; of several by the words around."""
        text = self._whole_text
        found = list(text.find_all(row.selection))
        here = [place for place in found if text.block_of(place) == index]
        if not here and len(letters(row.selection)) < MIN_LETTERS_ELSEWHERE:
            return None
        before, after = letters(row.selection_before), letters(row.selection_after)

        def agreement(place: LetterRange) -> int:
            left, right = text.plain[: place.start], text.plain[place.end : place.end + len(after)]
            left = left[-len(before) :] if before else ""
            return _common(before[::-1], left[::-1]) + _common(after, right)

        return max(here or found, key=agreement, default=None)


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _similarity(one: Counter[str], other: Counter[str]) -> float:
    total, totals = one.total(), one.total() + other.total()
    # No overlap can reach the threshold when the lengths differ too much; most paragraphs end here.
    if not total or 2 * min(total, totals - total) < MIN_SIMILARITY * totals:
        return 0.0
    return 2 * sum(min(count, other[word]) for word, count in one.items()) / totals
