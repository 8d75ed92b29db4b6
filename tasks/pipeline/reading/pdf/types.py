"""What the steps of reading a PDF hand on. Coordinates are points; y grows upwards, as in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Style(NamedTuple):
    """The look of a run of characters."""

    size: float
    is_bold: bool = False
    is_italic: bool = False
    is_monospaced: bool = False


class Glyph(NamedTuple):
    """One painted character, or the letters of one ligature; a blank is a glyph as well."""

    x0: float
    x1: float
    """Where the next character would begin, not where the ink ends."""
    baseline: float
    text: str
    style: Style
    is_first: bool = False
    """Whether the file placed it by coordinates of its own."""
    shift: int = 0
    """1: raised, -1: lowered against the line it stands in."""


class Rectangle(NamedTuple):
    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


@dataclass
class PageContent:
    """What one page shows."""

    number: int
    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rectangle] = field(default_factory=list)
    """Thin lines, as tables have them."""
    picture_share: float = 0.0
    """Of the page's area that its largest picture covers."""
    hidden: int = 0
    """Characters that no reader of the page sees."""
    turned: int = 0
    """Characters that do not run in the direction of the others."""
    letters: int = 0
    """Characters that were read."""
    is_cut: bool = False
    """Whether it has more than is read of one page."""


class PlacedWord(NamedTuple):
    x0: float
    x1: float
    baseline: float
    text: str
    style: Style


@dataclass
class PlacedRow:
    """What stands on one baseline, over all columns; words from left to right."""

    baseline: float
    size: float
    words: list[PlacedWord]
    begins_raised: bool = False
    """As a note does, by its mark."""


@dataclass
class TextLine:
    """The text on one baseline of one column."""

    page: int
    region: int
    """Lines of one region follow each other on the page, one below the other."""
    x0: float
    x1: float
    baseline: float
    text: str
    style: Style
    """Of most of its characters."""
    left: float
    right: float
    """Of the column it stands in."""
    first_word_width: float
    begins_raised: bool = False

    @property
    def size(self) -> float:
        return self.style.size


@dataclass
class TableRows:
    """Rows of a table as they will be shown."""

    page: int
    region: int
    texts: list[str]
    is_contents: bool = False
