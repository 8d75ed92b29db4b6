"""Plain text, Markdown, mail and RTF, and texts in the character sets of the world."""

from __future__ import annotations

import re
from email.message import EmailMessage
from textwrap import fill

from benchmarks.source_corpus.article import (
    Abilities,
    Line,
    MadeArticle,
    MadeHeading,
    MadeItems,
    MadeNotes,
    MadeParagraph,
    MadeQuotation,
    MadeTable,
    Mark,
    TextPiece,
    visible,
)

IDEOGRAPHS = re.compile(
    "([\u3040-\u30ff\u4e00-\u9fff][^\n]{24}[\u3040-\u30ff\u4e00-\u9fff])(?=[\u3040-\u30ff\u4e00-\u9fff])"
)
PLAIN = Abilities(raised=False, notes=False, tables=False, quotations=False)
MARKDOWN = Abilities(raised=False, changes=True)
RTF = Abilities(changes=True, quotations=False)

CHARSETS = (
    ("utf-8", "de"), ("utf-8-sig", "fr"), ("utf-16", "es"), ("utf-16-be", "cs"), ("cp1252", "en"),
    ("cp1252", "de"), ("iso-8859-1", "es"), ("iso-8859-15", "fr"), ("mac-roman", "it"), ("cp1250", "pl"),
    ("iso-8859-2", "cs"), ("iso-8859-2", "pl"), ("cp1251", "ru"), ("koi8-r", "ru"), ("cp866", "ru"),
    ("iso-8859-5", "ru"), ("mac-cyrillic", "ru"), ("cp1253", "el"), ("iso-8859-7", "el"), ("cp1254", "tr"),
    ("iso-8859-9", "tr"), ("cp1256", "ar"), ("iso-8859-6", "ar"), ("gbk", "zh"), ("gb18030", "zh"),
    ("shift_jis", "ja"), ("euc_jp", "ja"), ("iso2022_jp", "ja"), ("euc_kr", "ko"), ("cp949", "ko"),
)  # fmt: skip
"""Python's names, each with a language that is written in it. UTF-16 of a high byte first has no mark."""


def wrapped(text: str, width: int) -> str:
    """Lines of at most this width, or of half as many ideographs; no figure and no Latin word is divided."""
    lines = fill(text, width, break_on_hyphens=False, break_long_words=False).split("\n")
    return "\n".join(IDEOGRAPHS.sub(r"\1\n", line) if len(line) > width // 2 else line for line in lines)


def plain(article: MadeArticle, *, width: int = 0) -> str:
    blocks = [article.title]
    for element in article.elements:
        match element:
            case MadeHeading():
                blocks.append(element.text)
            case MadeParagraph():
                text = visible(element.line, article.language)
                blocks.append(wrapped(text, width) if width else text)
            case MadeItems():
                blocks.append("\n".join(f"- {visible(line, article.language)}" for line in element.lines))
    return "\n\n".join(blocks) + "\n"


def markdown(article: MadeArticle) -> str:
    """Hard line breaks, a table, notes, struck-out text and bold words."""
    blocks = [f"# {article.title}"]
    for element in article.elements:
        match element:
            case MadeHeading():
                blocks.append(f"## {element.text}")
            case MadeParagraph():
                blocks.append(wrapped(_marked_down(element.line, article), 72))
            case MadeItems():
                blocks.append("\n".join(f"* {_marked_down(line, article)}" for line in element.lines))
            case MadeQuotation():
                blocks.append(f"> {_marked_down(element.line, article)}")
            case MadeTable():
                rows = [element.columns, ("---",) * len(element.columns), *element.rows]
                blocks.append(element.caption)
                blocks.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
            case MadeNotes():
                notes = [f"[^{n}]: {_marked_down(line, article)}" for n, line in enumerate(element.lines, 1)]
                blocks.append("\n".join(notes))
    return "\n\n".join(blocks) + "\n"


def _marked_down(line: Line, article: MadeArticle) -> str:
    def written(piece: TextPiece) -> str:
        match piece.mark:
            case Mark.STRONG:
                return f"**{piece.text}**"
            case Mark.LINK:
                return f"[{piece.text}](https://harbour.example/{len(piece.text)})"
            case Mark.NOTE:
                return f"[^{piece.text}]"
            case Mark.DELETED:
                return f"~~{piece.text}~~ "
        return visible((piece,), article.language)

    return "".join(map(written, line))


def mail(article: MadeArticle) -> bytes:
    """Plain text of a mail program: lines wrapped, quoted-printable."""
    message = EmailMessage()
    message["Subject"] = article.title
    message["From"] = f"{article.author} <anna@harbour.example>"
    message["Date"] = "Tue, 03 Mar 2020 10:00:00 +0100"
    text = plain(article).partition("\n\n")[2]
    message.set_content(text, cte="quoted-printable")
    return message.as_bytes()


def rtf(article: MadeArticle) -> bytes:
    """As word processors write it: every character that is not ASCII by its number, revisions marked."""
    blocks = [rf"{{\pard\b\fs36 {_escaped(article.title)}\par}}"]
    notes = next((one.lines for one in article.elements if isinstance(one, MadeNotes)), ())
    for element in article.elements:
        match element:
            case MadeHeading():
                blocks.append(rf"{{\pard\b\fs28 {_escaped(element.text)}\par}}")
            case MadeParagraph():
                blocks.append(rf"{{\pard\fs22 {_rich(element.line, article, notes)}\par}}")
            case MadeItems():
                for line in element.lines:
                    blocks.append(
                        rf"{{\pard{{\pntext\f3\'b7\tab}}\fi-360\li720 {_rich(line, article, notes)}\par}}"
                    )
            case MadeTable():
                blocks.append(rf"{{\pard {_escaped(element.caption)}\par}}")
                for row in (element.columns, *element.rows):
                    cells = "".join(rf"{_escaped(cell)}\cell " for cell in row)
                    edges = "".join(rf"\cellx{2000 * (number + 1)}" for number in range(len(row)))
                    blocks.append(rf"\trowd{edges}\pard\intbl {cells}\row")
    head = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}{\f3\fcharset2 Symbol;}}{\info{\title x}}"
    return (head + "\n".join(blocks) + "}").encode("ascii")


def _rich(line: Line, article: MadeArticle, notes: tuple[Line, ...]) -> str:
    def written(piece: TextPiece) -> str:
        text = _escaped(visible((TextPiece(piece.text, piece.mark),), article.language))
        match piece.mark:
            case Mark.STRONG:
                return rf"{{\b {text}}}"
            case Mark.EXPONENT:
                return rf"{{\super {piece.text}}}"
            case Mark.NOTE:
                note = _escaped(visible(notes[int(piece.text) - 1], article.language))
                return rf"{{\super\chftn}}{{\footnote\pard {{\super\chftn}} {note}}}"
            case Mark.DELETED:
                return rf"{{\deleted\revauthdel1 {_escaped(piece.text)}}}"
            case Mark.INSERTED:
                return rf"{{\revised\revauth1 {text}}}"
        return text

    return "".join(map(written, line))


def _escaped(text: str) -> str:
    escaped = []
    for character in text:
        if character in "\\{}":
            escaped.append("\\" + character)
        elif character.isascii():
            escaped.append(character)
        else:
            units = character.encode("utf-16-le")
            for start in range(0, len(units), 2):
                number = int.from_bytes(units[start : start + 2], "little", signed=True)
                escaped.append(f"\\u{number}?")
    return "".join(escaped)
