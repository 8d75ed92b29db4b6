"""What each text of a page is, and the blocks of the whole document in the order of reading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.pipeline.reading.hyphens import words_of
from tasks.pipeline.reading.lines import joined
from tasks.pipeline.reading.pdf.paragraphs import (
    BULLET,
    CAPTION,
    LEADERS,
    NUMBER,
    SENTENCE_END,
    Text,
    continues,
    is_initial,
    texts_of,
    usual_leading_of,
)
from tasks.pipeline.reading.pdf.types import Style, TableRows, TextLine
from tasks.pipeline.reading.types import Block
from tasks.pipeline.types import BlockKind

LARGE = 1.12
SMALL = 0.93
"""Of the usual size: a heading is larger, a note smaller."""
MAX_HEADING = 250

_ENTRY = re.compile(r".{2,200}\s(\d{1,4})$")
_CONTENTS = re.compile(
    r"(?:table of )?contents|inhalt(?:sverzeichnis)?|table des matières|sommaire|índice|indice|sommario|"
    r"inhoud(?:sopgave)?|spis treści|содержание|оглавление|目次|目录|目錄|차례|innehåll|indholdsfortegnelse|"
    r"sisällys(?:luettelo)?|index",
    re.IGNORECASE,
)
_BIBLIOGRAPHY = re.compile(
    r"(?:\d{1,2}\.?\s|[IVX]{1,5}\.?\s)?(?:references|bibliography|works cited|literature(?: cited)?|"
    r"literatur(?:verzeichnis)?|quellen(?:verzeichnis)?|bibliographie|références|bibliografía|referencias|bibliografia|riferimenti|referências|"
    r"literatuur|notes|endnotes|footnotes|anmerkungen|einzelnachweise|fußnoten|notas|literatura|piśmiennictwo|"
    r"список литературы|литература|примечания|参考文献|參考文獻|참고문헌)\s?:?",
    re.IGNORECASE,
)
_FLOATS = frozenset((BlockKind.FOOTNOTE, BlockKind.CAPTION, BlockKind.TABLE_ROW))
_FLOWING = frozenset((BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTATION))


@dataclass
class _Piece:
    """A text with what it is."""

    kind: BlockKind
    text: Text
    level: int = 0
    more: list[Text] = field(default_factory=list)
    """Of the same paragraph, in later columns and on later pages."""


def blocks_of(regions: Sequence[Sequence[TextLine] | TableRows], heights: dict[int, float]) -> list[Block]:
    """The blocks of a document whose regions stand in the order of reading."""
    lines = [line for region in regions if not isinstance(region, TableRows) for line in region]
    body = _usual_style(lines)
    leading = usual_leading_of(region for region in regions if not isinstance(region, TableRows))
    pieces = list[_Piece | TableRows]()
    for region in regions:
        if isinstance(region, TableRows):
            pieces.append(region)
        else:
            pieces += _classified(texts_of(region, leading), body, heights)
    _mark_contents(pieces)
    _mark_sections(pieces)
    levels = _levels(pieces, body)
    words = words_of(line.text for line in lines)
    blocks = list[Block]()
    for piece in _connected(pieces):
        if isinstance(piece, TableRows):
            kind = BlockKind.CONTENTS if piece.is_contents else BlockKind.TABLE_ROW
            blocks += [Block(kind=kind, text=text) for text in piece.texts]
        else:
            blocks += _block(piece, words, levels)
    return blocks


def _usual_style(lines: Sequence[TextLine]) -> Style:
    sizes = Counter[Style]()
    for line in lines:
        sizes[line.style._replace(is_italic=False)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else Style(10.0)


# --- Kinds ----------------------------------------------------------------------------------------------


def _classified(texts: Sequence[Text], body: Style, heights: dict[int, float]) -> list[_Piece]:
    pieces = list[_Piece]()
    for place, text in enumerate(texts):
        before = texts[place - 1] if place else None
        following = texts[place + 1] if place + 1 < len(texts) else None
        pieces.append(_Piece(_kind(text, before, following, body), text))
    # Notes stand at the foot of a column, below the last text of the usual size.
    for piece in reversed(pieces):
        first = piece.text.first
        is_note = first.size <= SMALL * body.size and piece.kind in _FLOWING | {BlockKind.HEADING}
        is_low = first.baseline < 0.5 * heights.get(first.page, 0.0)
        if is_note and (is_low or first.begins_raised):
            piece.kind = BlockKind.FOOTNOTE
        elif piece.kind not in (BlockKind.FOOTNOTE, BlockKind.CAPTION):
            break
    return pieces


def _kind(text: Text, before: Text | None, following: Text | None, body: Style) -> BlockKind:
    first = text.first
    length = sum(len(line.text) for line in text.lines)
    whole = first.text if len(text.lines) == 1 else ""
    if first.style.is_monospaced and not body.is_monospaced:
        return BlockKind.CODE
    if LEADERS.search(text.last.text):
        return BlockKind.CONTENTS
    if CAPTION.match(first.text) and (first.size <= 0.97 * body.size or length < 300):
        return BlockKind.CAPTION
    is_ended = bool(SENTENCE_END.search(text.last.text)) and not text.last.text.endswith((":", "?", "!"))
    if first.size >= LARGE * body.size and length <= MAX_HEADING and not (is_ended and length > 90):
        return BlockKind.HEADING
    if BULLET.match(first.text):
        return BlockKind.LIST_ITEM
    is_bold = all(line.style.is_bold for line in text.lines) and not body.is_bold
    if is_bold and length <= 130 and len(text.lines) <= 3 and not is_ended:
        return BlockKind.HEADING
    if whole and _is_plain_heading(whole, first, following, body):
        return BlockKind.HEADING
    if NUMBER.match(first.text) and not is_initial(text, before, following):
        return BlockKind.LIST_ITEM
    return BlockKind.QUOTATION if _is_quotation(text) else BlockKind.PARAGRAPH


def _is_plain_heading(whole: str, line: TextLine, following: Text | None, body: Style) -> bool:
    """Whether a line of the usual size is a heading: in capitals, numbered or slanted, before a text."""
    if SENTENCE_END.search(whole) or len(whole) > 90 or following is None or line.size < SMALL * body.size:
        return False
    if not (following.first.text[:1].isupper() or following.first.text[:1].isdigit()):
        return False
    if not any(map(str.isalpha, whole)):
        return False
    is_capital = whole.isupper() and len(whole) > 3
    is_numbered = bool(re.match(r"(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[IVX]{1,5}\.)\s+[^\W\d_]", whole)) and (
        whole.split(None, 1)[1][:1].isupper()
    )
    is_short = line.x1 - line.left < 0.7 * (line.right - line.left)
    if is_numbered and is_short:
        return not NUMBER.match(following.first.text)
    return is_short and (is_capital or line.style.is_italic)


def _is_quotation(text: Text) -> bool:
    lines = text.lines
    if len(lines) < 2:
        return False
    inset = 1.2 * lines[0].size
    return all(line.x0 - line.left >= inset for line in lines) and all(
        line.right - line.x1 >= 0.8 * inset for line in lines
    )


def _mark_contents(pieces: Sequence[_Piece | TableRows]) -> None:
    """Entries that end in rising numbers below a heading of contents, without dots as well."""
    is_inside = False
    for piece in pieces:
        if isinstance(piece, TableRows):
            if is_inside:
                piece.is_contents = True
            continue
        whole = " ".join(line.text for line in piece.text.lines)
        if _CONTENTS.fullmatch(whole.strip(" :")):
            is_inside = True
        elif is_inside and (piece.kind is BlockKind.CONTENTS or _ENTRY.fullmatch(whole)):
            piece.kind = BlockKind.CONTENTS
        elif is_inside:
            is_inside = False


def _mark_sections(pieces: Sequence[_Piece | TableRows]) -> None:
    """What stands below a heading of references is no text of the article."""
    size: float | None = None
    for piece in pieces:
        if isinstance(piece, TableRows):
            continue
        whole = " ".join(line.text for line in piece.text.lines)
        if len(whole) <= 60 and _BIBLIOGRAPHY.fullmatch(whole) and len(piece.text.lines) == 1:
            piece.kind = BlockKind.HEADING
            size = piece.text.first.size
        elif size is not None and piece.kind is BlockKind.HEADING and piece.text.first.size >= size - 0.3:
            size = None
        elif size is not None and piece.kind in _FLOWING:
            piece.kind = BlockKind.FOOTNOTE


def _levels(pieces: Sequence[_Piece | TableRows], body: Style) -> dict[Style, int]:
    """The level of a heading by its look: the largest is 1, of one size bold before plain."""
    styles = {
        piece.text.first.style._replace(is_italic=False)
        for piece in pieces
        if isinstance(piece, _Piece) and piece.kind is BlockKind.HEADING
    }
    ranked = sorted(styles, key=lambda style: (-style.size, not style.is_bold))
    return {style: min(rank, 6) for rank, style in enumerate(ranked, 1)}


# --- Connecting -----------------------------------------------------------------------------------------


def _connected(pieces: Sequence[_Piece | TableRows]) -> list[_Piece | TableRows]:
    """Paragraphs in one piece that go on in the next column, on the next page or below a figure."""
    result = list[_Piece | TableRows]()
    open_piece: _Piece | None = None
    for piece in pieces:
        if isinstance(piece, TableRows) or piece.kind in _FLOATS:
            previous = result[-1] if result else None
            if _goes_on(previous, piece, BlockKind.FOOTNOTE):
                assert isinstance(previous, _Piece)
                assert isinstance(piece, _Piece)
                previous.more.append(piece.text)
            else:
                result.append(piece)
            continue
        if open_piece is not None and _is_rest(open_piece, piece):
            open_piece.more.append(piece.text)
            continue
        open_piece = piece if piece.kind in _FLOWING else None
        result.append(piece)
    return result


def _last_text(piece: _Piece) -> Text:
    return piece.more[-1] if piece.more else piece.text


def _goes_on(previous: _Piece | TableRows | None, piece: _Piece | TableRows, kind: BlockKind) -> bool:
    """Whether a note goes on at the foot of the next column."""
    return (
        isinstance(previous, _Piece)
        and isinstance(piece, _Piece)
        and previous.kind is piece.kind is kind
        and _last_text(previous).last.region != piece.text.first.region
        and not piece.text.first.begins_raised
        and piece.text.first.text[:1].islower()
    )


def _is_rest(before: _Piece, piece: _Piece) -> bool:
    if piece.kind is not before.kind and piece.kind is not BlockKind.PARAGRAPH:
        return False
    last, first = _last_text(before), piece.text
    if last.last.region == first.first.region:
        # In one column only a figure can have come between.
        is_open = not SENTENCE_END.search(last.last.text)
        is_divided = last.last.baseline - first.first.baseline > 2.5 * first.first.size
        return is_open and is_divided and first.first.text[:1].islower()
    return continues(last, first)


# --- Texts ----------------------------------------------------------------------------------------------


def _block(piece: _Piece, words: Counter[str], levels: dict[Style, int]) -> list[Block]:
    lines = [line.text for text in (piece.text, *piece.more) for line in text.lines]
    is_code = piece.kind is BlockKind.CODE
    text = " ".join(lines).strip() if is_code else joined(lines, words, is_typeset=True)
    if piece.kind is BlockKind.LIST_ITEM:
        marker = BULLET.match(text) or NUMBER.match(text)
        text = text[marker.end() :] if marker else text
    elif piece.kind is BlockKind.CONTENTS:
        text = LEADERS.sub(lambda match: f" {match[1] or match[2]}", text)
    level = 0
    if piece.kind is BlockKind.HEADING:
        level = levels.get(piece.text.first.style._replace(is_italic=False), 6)
    return [Block(kind=piece.kind, text=text, level=level)] if text.strip() else []
