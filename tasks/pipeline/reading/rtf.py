"""Rich Text Format: what its pages show, without hidden and deleted text, comments and pictures.

A tokenizer of our own: see docs/decisions/0063-let-bytes-overrule-declared-charsets.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.rtf_characters import (
    NAMED,
    SYMBOL_FONT,
    SYMBOLS,
    charset_of_code_page,
    charset_of_font,
    decoded,
    from_code_units,
)
from tasks.pipeline.reading.rtf_document import RtfDocument, TextRun
from tasks.pipeline.reading.types import MAX_CHARACTERS, Declared, Reading

READER = "rtf 1"

MAX_DEPTH = 1000

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<symbol>[^a-zA-Z])"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n\x00]+)|(?P<other>[\r\n\x00\\])"
)
# Groups whose text is no part of what pages show, or is of every page.
_LEFT_OUT = frozenset([
    "colortbl", "pict", "object", "objdata", "objclass", "objname", "annotation", "atnid", "atnauthor",
    "atntime", "atnicn", "atnref", "atndate", "atrfstart", "atrfend", "fldtype", "header", "headerl",
    "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "xe", "tc", "tcn", "listtable",
    "listoverridetable", "rsidtbl", "revtbl", "generator", "themedata", "colorschememapping",
    "datastore", "latentstyles", "nonshppict", "shprslt", "sp", "bkmkstart", "bkmkend", "xmlnstbl",
    "mmathPr", "pgdsctbl", "filetbl", "listtext", "pntext", "pn", "pnseclvl", "ftnsep", "ftnsepc",
    "aftnsep", "aftnsepc", "userprops", "docvar", "falt", "panose", "wgrffmtfilter", "company",
    "operator", "doccomm", "keywords", "subject", "category", "manager", "comment", "hlinkbase",
    "private", "template", "passwordhash",
])  # fmt: skip
_KNOWN_OPTIONAL = frozenset(["shpinst", "shptxt", "ud", "fldinst", "footnote"])
_COLLECTED = frozenset(["title", "author", "fldinst"])


@dataclass
class _Group:
    """What holds until the group ends."""

    font: int = 0
    skipped_after_unicode: int = 1
    is_left_out: bool = False
    is_hidden: bool = False
    is_optional: bool = False
    raised: str = ""
    is_bold: bool = False
    collects: str = ""
    field_of_contents: bool = False
    ends_footnote: bool = False
    destination: str = ""
    bytes_before: int = field(default=0, repr=False)


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when nothing of it can be read."""
    reader = _Reader(data[max(0, data.find(b"{\\rtf")) :])
    reader.run()
    document = reader.document
    document.end_paragraph()
    return Reading(
        blocks=tuple(document.all_blocks()),
        media_type="application/rtf",
        reader=READER,
        title=document.collected.get("title", "").strip()[:300],
        author=document.collected.get("author", "").strip()[:300],
        published=document.created,
        charset=reader.charset,
        charset_from="document",
        warnings=tuple(document.warnings()),
    )


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.document = RtfDocument()
        self.charset = "windows-1252"
        self.fonts: dict[int, int] = {}
        self.stack: list[_Group] = []
        self.group = _Group()
        self._bytes = bytearray()
        self._units: list[int] = []
        self._to_skip = 0
        self._style = -1
        self._date: dict[str, int] = {}

    def run(self) -> None:
        place = 0
        while place < len(self.data) and self.document.size <= MAX_CHARACTERS:
            match = _TOKEN.match(self.data, place)
            if match is None:
                place += 1
                continue
            place = match.end()
            kind = match.lastgroup
            if match["word"]:
                number = int(match["number"]) if match["number"] else None
                word = match["word"].decode()
                if word == "bin" and number:
                    place += max(0, number)
                self._word(word, number)
            elif kind == "hex":
                self._take(bytes.fromhex(match["hex"].decode()))
            elif kind == "text":
                self._take(match["text"])
            elif kind == "brace":
                self._brace(match["brace"])
            elif kind == "symbol":
                self._symbol(match["symbol"].decode("latin-1"))
        self._flush()

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._to_skip = 0
        if brace == b"{":
            if len(self.stack) >= MAX_DEPTH:
                raise UnreadableText("The document is nested too deeply to be read; paste its text instead.")
            self.stack.append(self.group)
            self.group = replace(self.group, is_optional=False, ends_footnote=False, destination="")
        elif self.stack:
            self._end_group()
            self.group = self.stack.pop()

    def _end_group(self) -> None:
        ended = self.group
        if ended.ends_footnote:
            self.document.end_footnote()
        if ended.destination == "fldinst" and self.document.collected.pop("fldinst", "").split()[:1] == [
            "TOC"
        ]:
            self.stack[-1].field_of_contents = True
        if ended.destination == "creatim":
            self.document.set_created(self._date)

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self.group.is_optional = True
        elif symbol in "\r\n":
            self._word("par", None)
        elif symbol in SYMBOLS:
            if self._to_skip:
                self._to_skip -= 1
            else:
                self._put(SYMBOLS[symbol])

    def _take(self, data: bytes) -> None:
        """Bytes of text, of which the first stand for characters that `\\u` gave already."""
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        if skipped < len(data) and not self.group.is_left_out:
            self._flush_units()
            self._bytes += data[skipped:]

    def _put(self, text: str) -> None:
        self._flush()
        self._append(text)

    def _flush(self) -> None:
        self._flush_units()
        if self._bytes:
            number = self.fonts.get(self.group.font, 0)
            charset = charset_of_font(number, self.charset)
            self._append(decoded(bytes(self._bytes), charset, is_symbol=number == SYMBOL_FONT))
            self._bytes.clear()

    def _flush_units(self) -> None:
        if self._units:
            units, self._units = self._units, []
            self._append(from_code_units(units))

    def _append(self, text: str) -> None:
        group = self.group
        if group.destination in ("fonttbl", "stylesheet") or not text:
            if group.destination == "stylesheet":
                self.document.add_style_name(self._style, text)
        elif group.collects:
            self.document.collect(group.collects, text)
        elif not group.is_left_out and not group.is_hidden:
            self.document.add(TextRun(text, group.raised, group.is_bold), is_contents=group.field_of_contents)
        elif group.is_hidden:
            self.document.hidden_characters += len(text)

    def _word(self, word: str, number: int | None) -> None:
        if word == "u" and number is not None:
            self._unicode(number)
            return
        if self._to_skip and word in NAMED:
            self._to_skip -= 1
            return
        self._flush()
        if self._destination(word) or self.group.is_left_out:
            return
        if word in NAMED:
            self._append(NAMED[word])
        elif not self._in_tables_of_document(word, number):
            self._format(word, number)
            self._structure(word, number)

    def _unicode(self, number: int) -> None:
        if self._bytes:
            self._flush()
        if not self.group.is_left_out:
            self._units.append(number)
        self._to_skip = self.group.skipped_after_unicode

    def _destination(self, word: str) -> bool:
        """Whether the word says what its group is, and that is no text of a page."""
        group = self.group
        if word in _COLLECTED and not group.is_left_out:
            group.collects, group.destination = word, word
        elif word in ("fonttbl", "stylesheet", "creatim", "info"):
            group.destination = word
            group.is_left_out = word == "info" and False
        elif word in _LEFT_OUT or (group.is_optional and word not in _KNOWN_OPTIONAL):
            group.is_left_out = True
            if word in ("pict", "object"):
                self.document.pictures += 1
            if word in ("listtext", "pntext"):
                self.document.is_list_item = True
        elif word == "upr":
            # Its first part is the same text without Unicode.
            group.is_left_out = True
        elif word == "ud":
            group.is_left_out = False
        elif word == "footnote" and not group.is_left_out:
            group.ends_footnote, group.raised = True, ""
            self.document.start_footnote()
        else:
            group.is_optional = False
            return False
        group.is_optional = False
        return True

    def _in_tables_of_document(self, word: str, number: int | None) -> bool:
        """The words of the tables of fonts and styles, and of the document's date."""
        inside = {group.destination for group in self.stack[-3:]} | {self.group.destination}
        value = number or 0
        if "fonttbl" in inside:
            self.group.destination = "fonttbl"
            if word == "f":
                self.group.font = value
            elif word == "fcharset":
                self.fonts[self.group.font] = value
            return True
        if "stylesheet" in inside:
            self.group.destination = "stylesheet"
            self._style = value if word == "s" else -1 if word in ("cs", "ds", "ts") else self._style
            return True
        if "creatim" in inside:
            self._date[word] = value
            return True
        return False

    def _format(self, word: str, number: int | None) -> None:
        group, is_on = self.group, number != 0
        if word == "f" and number is not None:
            group.font = number
        elif word == "uc":
            group.skipped_after_unicode = max(0, number or 0)
        elif word in ("v", "deleted", "strike", "striked", "strikedl", "webhidden"):
            group.is_hidden = is_on
        elif word == "super" or (word == "up" and (number or 0) > 2):
            group.raised = "super" if is_on else ""
        elif word == "sub" or (word == "dn" and (number or 0) > 2):
            group.raised = "sub" if is_on else ""
        elif word in ("nosupersub", "up", "dn"):
            group.raised = ""
        elif word == "b":
            group.is_bold = is_on
        elif word == "plain":
            group.is_bold, group.is_hidden, group.raised, group.font = False, False, "", group.font
        elif word == "ansicpg" and number:
            self.charset = charset_of_code_page(number)
        elif word in ("mac", "pc", "pca"):
            self.charset = {"mac": "macintosh", "pc": "ibm437", "pca": "ibm850"}[word]

    def _structure(self, word: str, number: int | None) -> None:
        document = self.document
        if word in ("par", "page", "sect", "column"):
            document.end_paragraph()
        elif word == "pard":
            document.start_paragraph()
        elif word == "intbl":
            document.in_table = True
        elif word in ("cell", "nestcell"):
            document.end_cell()
        elif word in ("row", "nestrow"):
            document.end_row()
        elif word == "trhdr":
            document.has_heading_row = True
        elif word == "s":
            document.style = number if number is not None else -1
        elif word == "outlinelevel":
            document.outline_level = number or 0
        elif word in ("ls", "pnlvlblt", "pnlvlbody"):
            document.is_list_item = number != 0
