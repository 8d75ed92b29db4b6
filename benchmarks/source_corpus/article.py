"""A made article: its blocks, what it truly says, and what must not be read from it."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from benchmarks.source_corpus.harbour_texts import MadeLanguage

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Mark(StrEnum):
    """What a piece of a sentence is, besides text."""

    PLAIN = "plain"
    STRONG = "strong"
    LINK = "link"
    EXPONENT = "exponent"
    QUOTE = "quote"
    NOTE = "note"
    """The mark of a footnote: no reader quotes it."""
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True)
class TextPiece:
    text: str
    mark: Mark = Mark.PLAIN


Line = tuple[TextPiece, ...]
"""A paragraph, an item or another text that stands in one block."""


@dataclass(frozen=True)
class MadeHeading:
    text: str
    level: int = 2


@dataclass(frozen=True)
class MadeParagraph:
    line: Line


@dataclass(frozen=True)
class MadeItems:
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class MadeTable:
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class MadeQuotation:
    line: Line


@dataclass(frozen=True)
class MadeNotes:
    lines: tuple[Line, ...]


Element = MadeHeading | MadeParagraph | MadeItems | MadeTable | MadeQuotation | MadeNotes


@dataclass(frozen=True)
class MadeArticle:
    language: MadeLanguage
    title: str
    author: str
    published: str
    elements: tuple[Element, ...]
    foreign: tuple[str, ...] = field(default=())
    """What stands on the page and is no part of the article."""

    @property
    def truth(self) -> tuple[str, ...]:
        """Its blocks in order; a table's row is one, with its cells separated by blanks."""
        blocks = [self.title]
        for element in self.elements:
            blocks += _blocks(element, self.language)
        return tuple(blocks)

    @property
    def cells(self) -> frozenset[str]:
        """The words of headings of tables, which a reading may repeat in every row."""
        tables = [element for element in self.elements if isinstance(element, MadeTable)]
        return frozenset(column for table in tables for column in table.columns)


@dataclass(frozen=True)
class Abilities:
    """What a format can express."""

    raised: bool = True
    changes: bool = False
    """Deleted and inserted text."""
    notes: bool = True
    tables: bool = True
    quotations: bool = True


def visible(line: Line, language: MadeLanguage) -> str:
    """What a reader sees of it: no note marks, no deleted text."""
    shown = []
    for piece in line:
        if piece.mark in (Mark.NOTE, Mark.DELETED):
            continue
        if piece.mark is Mark.EXPONENT:
            shown.append(piece.text.translate(RAISED))
        elif piece.mark is Mark.QUOTE:
            shown.append(language.quotes[0] + piece.text + language.quotes[1])
        else:
            shown.append(piece.text)
    return "".join(shown)


def made(language: MadeLanguage, seed: str, abilities: Abilities, paragraphs: int = 5) -> MadeArticle:
    """The same article for the same seed."""
    return _Author(language, random.Random(f"{language.code} {seed}"), abilities).article(paragraphs)


@dataclass
class _Author:
    language: MadeLanguage
    chance: random.Random
    abilities: Abilities
    notes: list[Line] = field(default_factory=list)

    def article(self, paragraphs: int) -> MadeArticle:
        elements: list[Element] = [self.paragraph()]
        for number, heading in enumerate(self.language.headings):
            elements.append(MadeHeading(heading))
            elements += [self.paragraph() for _ in range(1 + paragraphs * number // 6)]
            if number == 0:
                elements.append(MadeItems(tuple(self.line(text) for text in self.language.items)))
                if self.abilities.quotations:
                    elements.append(MadeQuotation(self.line(self.chance.choice(self.language.sentences[:4]))))
            if number == 1 and self.abilities.tables:
                elements.append(self.table())
        if self.notes:
            elements.append(MadeNotes(tuple(self.notes)))
        place = self.chance.choice(self.language.places)
        return MadeArticle(
            self.language,
            f"{self.language.title}: {place} {self.number()}",
            "Anna Berg",
            f"20{self.chance.randint(10, 24)}-0{self.chance.randint(1, 9)}-1{self.chance.randint(0, 9)}",
            tuple(elements),
            self.language.menu,
        )

    def paragraph(self) -> MadeParagraph:
        texts = self.chance.sample(self.language.sentences, self.chance.randint(2, 4))
        pieces: list[TextPiece] = []
        for text in texts:
            if pieces and self.language.has_blanks:
                pieces.append(TextPiece(" "))
            pieces += self.line(text)
            if self.abilities.notes and len(self.notes) < 3 and self.chance.random() < 0.3:
                self.notes.append(self.line(self.language.note))
                pieces.append(TextPiece(str(len(self.notes)), Mark.NOTE))
        return MadeParagraph(tuple(pieces))

    def line(self, template: str) -> Line:
        text = self.filled(template)
        pieces = []
        for part in re.split(r"(\^\d\^|<<.*?>>|\{\{.*?\}\})", text):
            if part.startswith("^"):
                raised = part.strip("^")
                pieces.append(
                    TextPiece(raised, Mark.EXPONENT)
                    if self.abilities.raised
                    else TextPiece(raised.translate(RAISED))
                )
            elif part.startswith("<<"):
                pieces.append(TextPiece(part[2:-2], Mark.QUOTE))
            elif part:
                pieces += self.styled(part)
        return tuple(pieces)

    def styled(self, text: str) -> list[TextPiece]:
        """Now and then a word in bold type, a link, or a figure that replaces another one."""
        words = re.split(r"(?<= )(\w{5,})(?= )", text, maxsplit=1)
        if len(words) == 3 and self.chance.random() < 0.4:
            mark = self.chance.choice((Mark.STRONG, Mark.LINK))
            return [TextPiece(words[0]), TextPiece(words[1], mark), *self.changed(words[2])]
        return self.changed(text)

    def changed(self, text: str) -> list[TextPiece]:
        figure = re.search(r"(?<= )\d{3}(?= )", text)
        if not (self.abilities.changes and figure and self.chance.random() < 0.5):
            return [TextPiece(text)]
        old = str(1000 - int(figure[0]))
        before, after = text[: figure.start()], text[figure.end() :]
        return [
            TextPiece(before),
            TextPiece(old, Mark.DELETED),
            TextPiece(figure[0], Mark.INSERTED),
            TextPiece(after),
        ]

    def filled(self, template: str) -> str:
        values = {"a": self.number, "d": self.decimal, "y": self.year, "p": self.place}
        return re.sub(r"\{([adyp])\}", lambda match: values[match[1]](), template)

    def number(self) -> str:
        return str(self.chance.randint(101, 989))

    def decimal(self) -> str:
        written = f"{self.chance.randint(2, 48)}.{self.chance.randint(1, 9)}"
        return written.replace(".", ",") if self.language.comma else written

    def year(self) -> str:
        return str(self.chance.randint(1820, 2024))

    def place(self) -> str:
        return self.chance.choice(self.language.places)

    def table(self) -> MadeTable:
        places = self.chance.sample(self.language.places, 4)
        rows = tuple((place, self.number(), self.number()) for place in places)
        return MadeTable(self.language.caption, self.language.columns, rows)


def _blocks(element: Element, language: MadeLanguage) -> Sequence[str]:
    match element:
        case MadeHeading():
            return [element.text]
        case MadeParagraph() | MadeQuotation():
            return [visible(element.line, language)]
        case MadeItems() | MadeNotes():
            return [visible(line, language) for line in element.lines]
        case MadeTable():
            return [element.caption, *(" ".join(row) for row in (element.columns, *element.rows))]
