"""From lines to blocks: where a paragraph begins, and what continues over a column or a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tasks.pipeline.reading.pdf.gutters import MARKER
from tasks.pipeline.reading.pdf.types import TextLine

SENTENCE_END = re.compile(r"[.!?:;…。！？：؟۔।][\"'”’»«)\]）」』]{0,3}$")
BULLET = re.compile(r"([•◦▪▫●○■□‣⁃➢➤✓✔\uf0b7\uf0a7·*–—-])\s+(?=\S)")
NUMBER = re.compile(r"(\(?(\d{1,3}|[a-zA-Z]|[ivxl]{2,5})[.)]|\[\d{1,3}\])\s+(?=\S)")
CAPTION = re.compile(
    r"(?:figures?|fig\.?|tables?|chart|graph|exhibit|box|plate|photo|map|abbildung|abb\.|tabelle|tab\.|bild|tableau|"
    r"figura|tabla|cuadro|tabela|rys\.|rysunek|tabell|figur|рис\.|рисунок|таблица|kuva|taulukko|图|圖|図|表)"
    r"\s?(?:[A-Z]?\d{1,3}(?:[.-]\d{1,3})?[a-z]?|[IVX]{1,5})\s?(?:[.:|–—-]|$|\s(?=[A-ZÀ-Þ]))",
    re.IGNORECASE,
)


_LETTER = re.compile(r"[^\W\d_]\.")
_LETTER_AT_END = re.compile(r"(?<!\w)[^\W\d_]\.$")
LEADERS = re.compile(r"(?:\s?[.·…_]){4,400}\s*(\d{1,4}|[ivxlc]{1,7})$|…{1,200}\s?(\d{1,4})$")
"""The dots of a table of contents, and the page."""


@dataclass
class Text:
    """Lines that belong together, before it is known what they are."""

    lines: list[TextLine]
    kind: str = ""
    parts: list[TextLine] = field(default_factory=list)

    @property
    def first(self) -> TextLine:
        return self.lines[0]

    @property
    def last(self) -> TextLine:
        return self.lines[-1]


def texts_of(lines: Sequence[TextLine], usual_leading: float) -> list[Text]:
    """Divide the lines of one region, from top to bottom, into paragraphs and the like.

    `usual_leading`: of the document, in sizes, for regions of few lines.
    """
    distances = _distances(lines)
    leading = _usual(distances) if len(distances) > 4 else usual_leading * _size(lines)
    hanging = _has_hanging_indents(lines)
    texts = list[Text]()
    for line in lines:
        if texts and not _begins(texts[-1], line, leading, hanging):
            texts[-1].lines.append(line)
        else:
            texts.append(Text([line]))
    return texts


def usual_leading_of(regions: Iterable[Sequence[TextLine]]) -> float:
    """The distance of lines in paragraphs of the document, in sizes."""
    return (
        _usual([distance for lines in regions for distance in _distances(lines, in_sizes=True)], 0.05) or 1.2
    )


def continues(before: Text, after: Text) -> bool:
    """Whether a paragraph goes on in the next column or on the next page."""
    last, first = before.last, after.first
    if abs(last.size - first.size) > 0.6 or last.style.is_bold != first.style.is_bold:
        return False
    if BULLET.match(first.text) or (NUMBER.match(first.text) and SENTENCE_END.search(last.text)):
        return False
    if _is_hyphenated(last.text):
        return True
    if SENTENCE_END.search(last.text) and not last.text.endswith((":", ";")):
        # A full last line whose paragraph is not over: only an indent would tell.
        return first.text[:1].islower()
    return not _is_short(last, first) or not first.text[:1].isupper()


def _begins(text: Text, line: TextLine, leading: float, hanging: bool) -> bool:
    """Whether a line begins another paragraph than that of the line before it."""
    previous = text.last
    distance = previous.baseline - line.baseline
    if _is_hyphenated(previous.text) and previous.style == line.style and 0 < distance <= 1.6 * line.size:
        return False
    usual = max(leading, 1.05 * line.size)
    if 1.32 * usual < distance <= 1.6 * usual and _is_broken_off(text, line):
        return False  # what is raised in it makes a line higher
    if distance > 1.32 * usual or distance < 0.3 * line.size:
        return True
    if abs(previous.size - line.size) > max(0.6, 0.07 * previous.size):
        return True
    if previous.style.is_monospaced != line.style.is_monospaced or LEADERS.search(previous.text):
        return True
    if CAPTION.match(text.first.text) and SENTENCE_END.search(previous.text):
        return distance > 1.12 * leading or abs(line.x0 - previous.x0) > 0.3 * line.size
    is_continued = line.text[:1].islower() or _is_hyphenated(previous.text)
    if previous.style.is_bold != line.style.is_bold and not (is_continued and len(line.text) < 40):
        return True
    if _begins_item(text, line) or (line.begins_raised and line.x0 <= previous.x0 + 1):
        return True
    if is_continued and not _is_outdented(text, line, hanging):
        return False
    if _is_indented(text, line, hanging) or _is_outdented(text, line, hanging):
        return True
    if previous.text.endswith(":") and previous.style == line.style and line.size > 1.1 * leading:
        return False  # a large heading of two lines
    if SENTENCE_END.search(previous.text):
        return _is_short(previous, line)
    # A short line without an end mark before a capital is a heading, unless the next word had no room.
    return (
        previous.x1 - previous.left < 0.7 * (previous.right - previous.left)
        and _is_short(previous, line)
        and not is_continued
        and (line.text[:1].isupper() or line.text[:1].isdigit())
    )


def _is_broken_off(text: Text, line: TextLine) -> bool:
    """Whether a line is full and its sentence not over, before one of the same look at the same edge."""
    last = text.last
    return (
        last.style == line.style
        and abs(last.x0 - line.x0) <= 1
        and not SENTENCE_END.search(last.text)
        and not _is_short(last, line)
        and last.x1 - last.left > 0.5 * (last.right - last.left)
        and not _begins_item(text, line)
    )


def is_initial(text: Text, before: Text | None, after: Text | None) -> bool:
    """Whether `A. Smith signed it.` begins with a name and not with the marker of a list."""
    marker = NUMBER.match(text.first.text)
    if marker is None or not _LETTER.fullmatch(marker[1]):
        return False
    others = [NUMBER.match(other.first.text) for other in (before, after) if other is not None]
    return not any(
        other and (_follows(other[1], marker[1]) or _follows(marker[1], other[1])) for other in others
    )


def _begins_item(text: Text, line: TextLine) -> bool:
    if BULLET.match(line.text):
        # A dash within a sentence may come to stand at a line's beginning.
        return line.text[0] not in "–—-" or bool(
            BULLET.match(text.first.text) or SENTENCE_END.search(text.last.text)
        )
    number = NUMBER.match(line.text)
    if not number:
        return False
    first = NUMBER.match(text.first.text)
    is_next = bool(first and _follows(first[1], number[1]))
    # The second half of "z. B." or the initial of a name, unless it may be the first of a list.
    is_first = number[1] in ("a.", "A.", "i.", "I.") and not _LETTER_AT_END.search(text.last.text)
    if _LETTER.fullmatch(number[1]) and not (is_next or is_first or _is_short(text.last, line)):
        return False
    ended = bool(SENTENCE_END.search(text.last.text)) or _is_short(text.last, line)
    return is_next or (ended and line.x0 >= line.left - 1)


def _follows(before: str, after: str) -> bool:
    """Whether one marker of a list is the next after another."""
    a, b = re.sub(r"\W", "", before), re.sub(r"\W", "", after)
    if a.isdigit() and b.isdigit():
        return int(b) == int(a) + 1
    return len(a) == len(b) == 1 and ord(b) == ord(a) + 1


def _is_indented(text: Text, line: TextLine, hanging: bool) -> bool:
    """Whether this line is indented as first lines of paragraphs are."""
    previous = text.last
    indent = line.x0 - previous.x0
    if hanging or not 0.7 * line.size <= indent <= 6 * line.size:
        return False
    if MARKER.match(text.first.text) and len(text.lines) == 1:
        return False
    if len(text.lines) > 1 or line.x0 - line.left > 0.7 * line.size:
        # Not the second line of an item, whose first one hangs out.
        return bool(SENTENCE_END.search(previous.text)) or _is_short(previous, line)
    return False


def _is_outdented(text: Text, line: TextLine, hanging: bool) -> bool:
    outdent = text.last.x0 - line.x0
    if outdent < 0.7 * line.size:
        return False
    if len(text.lines) == 1:
        # The first line of a paragraph is indented itself; a centred line stands anywhere.
        return False
    return hanging or bool(SENTENCE_END.search(text.last.text))


def _is_short(line: TextLine, following: TextLine) -> bool:
    """Whether the next word would have fitted: then the line was ended on purpose."""
    wide = line.right - line.left
    blank = 0.3 * line.size
    return line.x1 + blank + following.first_word_width < line.right - max(0.03 * wide, 0.4 * line.size)


def _is_hyphenated(text: str) -> bool:
    return bool(re.search(r"\w[-‐\u00ad]$", text))


def _distances(lines: Iterable[TextLine], *, in_sizes: bool = False) -> list[float]:
    """Of consecutive lines of one size."""
    distances = list[float]()
    for before, line in pairwise(lines):
        distance = before.baseline - line.baseline
        if abs(before.size - line.size) < 0.6 and 0.7 * line.size < distance < 2.6 * line.size:
            distances.append(distance / line.size if in_sizes else distance)
    return distances


def _usual(distances: Iterable[float], step: float = 0.5) -> float:
    """The smallest of those that are frequent; 0 when there are none."""
    counts = Counter(round(distance / step) for distance in distances)
    if not counts:
        return 0.0
    most = max(counts.values())
    return min(distance for distance, count in counts.items() if count >= 0.4 * most) * step


def _size(lines: Sequence[TextLine]) -> float:
    return Counter(line.size for line in lines).most_common(1)[0][0]


def _has_hanging_indents(lines: Sequence[TextLine]) -> bool:
    """Whether entries begin at the left edge and go on indented, as in a bibliography."""
    if len(lines) < 4:
        return False
    indented = [
        (before, line)
        for before, line in pairwise(lines)
        if 0.7 * line.size <= line.x0 - before.x0 <= 6 * line.size
    ]
    unfinished = sum(not SENTENCE_END.search(before.text) for before, _ in indented)
    inside = sum(line.x0 - line.left > 0.7 * line.size for line in lines)
    return len(indented) >= 2 and unfinished >= 0.6 * len(indented) and inside >= 0.4 * len(lines)
