"""The runs of a Word paragraph: which of them a reader sees, and as what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lxml import etree

from tasks.pipeline.reading.office.formulas import UnwritableFormula, office_formula
from tasks.pipeline.reading.office.inline import InlineText
from tasks.pipeline.reading.office.languages import language_of
from tasks.pipeline.reading.office.symbols import symbol
from tasks.pipeline.reading.office.word_styles import VALUE, RunFormat, W, WordStyle, WordStyles, run_format
from tasks.pipeline.reading.types import MAX_CHARACTERS

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_NOT_SHOWN = frozenset(
    f"{W}{name}"
    for name in (
        "del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "trPr", "tcPr", "delText",
        "delInstrText",
        "rt", "rubyPr", "annotationRef", "footnoteRef", "endnoteRef", "separator", "continuationSeparator",
        "commentReference", "pgNum", "fldData", "ffData", "softHyphen", "lastRenderedPageBreak", "proofErr",
        "bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd",
    )
) | {"{http://schemas.microsoft.com/office/word/2010/wordml}conflictDel"}  # fmt: skip
_CHARACTERS = {f"{W}tab": " ", f"{W}ptab": " ", f"{W}br": " ", f"{W}cr": " ", f"{W}noBreakHyphen": "-"}
_CONTENTS_FIELD = re.compile(r"\s*(TOC|INDEX|TOA)\b", re.IGNORECASE)
_EQUATION_FIELD = re.compile(r"\s*EQ\b", re.IGNORECASE)
_RUBY_FIELD = re.compile(r"\\o(?:\\a\w)?\s?\(\s?\\s\\up\s?\d{1,3}\([^()]{0,80}\)\s?[,;]\s?([^()]{1,80})\)")
_FRACTION_FIELD = re.compile(r"\s*EQ\s+\\f\s?\(([\w.]{1,20})[,;]\s?([\w.]{1,20})\)\s*", re.IGNORECASE)


@dataclass
class OpenField:
    """A field from its beginning to its end, which may be in another paragraph."""

    instruction: str = ""
    shows_result: bool = False

    @property
    def lists_contents(self) -> bool:
        return bool(_CONTENTS_FIELD.match(self.instruction))


@dataclass
class LeftOut:
    """What a reader of the document sees, and this reading has not."""

    pictures: int = 0
    objects: int = 0
    formulas: int = 0
    symbols: int = 0
    white_words: int = 0
    """In white on a white page, where no reader sees them, unless there is a dark picture behind."""


@dataclass
class RunReader:
    """Adds what is visible of a paragraph to its text; what stands in a frame is collected for later."""

    styles: WordStyles
    left_out: LeftOut
    note: Callable[[str, str], None]
    """Called with "footnote" or "endnote" and an id, where a note's mark stands."""
    drawing: Callable[[etree._Element], None]
    """Called with each picture, frame, chart or object, which stands apart from the paragraph's text."""
    shows_instructions: bool = False
    """For a document with a field that never ends: its text is not mistaken for an instruction."""
    fields: list[OpenField] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    """Characters in each."""
    contents_characters: int = 0
    """Of text in fields that make a table of contents."""
    _characters: int = 0
    _follows_hidden: bool = False
    hidden: list[str] = field(default_factory=list)
    """Texts that no reader of the document sees."""

    def add(self, parent: etree._Element, base: WordStyle, text: InlineText) -> None:
        for child in parent:
            tag = child.tag
            if self._characters > MAX_CHARACTERS:
                return
            if tag == f"{W}r":
                self._run(child, base, text)
            elif tag == f"{W}sdt":
                if is_placeholder(child):
                    self.hide(child)
                else:
                    self.add_all(child.findall(f"{W}sdtContent"), base, text)
            elif tag in (f"{_MATH}oMath", f"{_MATH}oMathPara"):
                self._formula(child, text)
            elif tag == f"{_COMPATIBILITY}AlternateContent":
                self.add_all(chosen(child), base, text)
            elif tag not in _NOT_SHOWN:
                self.add(child, base, text)

    def hide(self, element: etree._Element) -> str:
        """Note the text of a run that is not shown; it may go on in the middle of a word."""
        text = "".join(child.text or "" for child in element.iter(f"{W}t"))
        if self.hidden and self._follows_hidden:
            self.hidden[-1] += text
        else:
            self.hidden.append(text)
        self._follows_hidden = True
        return text

    def add_all(self, parents: list[etree._Element], base: WordStyle, text: InlineText) -> None:
        for parent in parents:
            self.add(parent, base, text)

    def _run(self, run: etree._Element, base: WordStyle, text: InlineText) -> None:
        properties = run.find(f"{W}rPr")
        shown, is_note_mark = base.format, False
        if properties is not None:
            style = properties.find(f"{W}rStyle")
            if style is not None:
                named = self.styles.get(style.get(VALUE, ""))
                is_note_mark = named.is_note_mark
                shown = _combined(shown, named.format, self.styles.defaults)
            shown = run_format(properties, shown)
            if properties.find(f"{W}del") is not None or properties.find(f"{W}moveFrom") is not None:
                return
        if shown.is_hidden or shown.is_struck or (shown.is_white and not shown.is_shaded):
            # Fields in hidden text are followed all the same: they may end in text that is shown.
            self._fields_only(run)
            text_of_run = self.hide(run)
            if not (shown.is_hidden or shown.is_struck):
                self.left_out.white_words += len(text_of_run.split())
            return
        if is_note_mark and run.find(f"{W}instrText") is None and run.find(f"{W}fldChar") is None:
            # A mark that was typed stands for a note as the automatic ones do.
            self._notes(run)
            self.hide(run)
            return
        self._children(run, base, shown, text)

    def _children(self, run: etree._Element, base: WordStyle, shown: RunFormat, text: InlineText) -> None:
        for child in run:
            tag = child.tag
            if tag == f"{W}t":
                if child.text and self._is_shown():
                    self._text(child.text, shown, text)
            elif tag == f"{W}fldChar":
                self._field_character(child, text)
            elif tag == f"{W}instrText":
                if self.fields and not self.fields[-1].shows_result:
                    self.fields[-1].instruction += child.text or ""
            elif tag in _CHARACTERS:
                if self._is_shown():
                    text.add(_CHARACTERS[tag], shown.level, bold=shown.is_bold)
            elif tag == f"{W}sym":
                if self._is_shown():
                    written = symbol(child.get(f"{W}font", ""), child.get(f"{W}char", ""))
                    self.left_out.symbols += written is None
                    text.add(written or "", shown.level, bold=shown.is_bold)
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                self._notes(run)
                if child.get(f"{W}customMarkFollows") in ("1", "true", "on"):
                    return  # the rest of the run is the mark
            elif tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
                if self._is_shown():
                    self.drawing(child)
            elif tag == f"{_COMPATIBILITY}AlternateContent":
                for each in chosen(child):
                    self._children(each, base, shown, text)
            elif tag == f"{W}ruby":
                self.add_all(child.findall(f"{W}rubyBase"), base, text)
            elif tag not in _NOT_SHOWN:
                self.add(child, base, text)

    def _text(self, value: str, shown: RunFormat, text: InlineText) -> None:
        if shown.font in ("Symbol", "Wingdings") and re.search("[\uf020-\uf0ff]", value):
            written = [symbol(shown.font, f"{ord(each):04X}") if each >= "\uf020" else each for each in value]
            self.left_out.symbols += written.count(None)
            value = "".join(each or "" for each in written)
        self._characters += len(value)
        self._follows_hidden = False
        if self.fields and any(each.lists_contents for each in self.fields):
            self.contents_characters += len(value)
        self.languages[language_of(value, shown)] += len(value)
        text.add(value, shown.level, bold=shown.is_bold)

    def _is_shown(self) -> bool:
        return self.shows_instructions or all(each.shows_result for each in self.fields)

    def _fields_only(self, run: etree._Element) -> None:
        for child in run:
            if child.tag == f"{W}fldChar":
                self._field_character(child, InlineText())
            elif child.tag == f"{W}instrText" and self.fields and not self.fields[-1].shows_result:
                self.fields[-1].instruction += child.text or ""

    def _notes(self, run: etree._Element) -> None:
        for kind in ("footnote", "endnote"):
            for reference in run.findall(f"{W}{kind}Reference"):
                self.note(kind, reference.get(f"{W}id", ""))

    def _field_character(self, element: etree._Element, text: InlineText) -> None:
        kind = element.get(f"{W}fldCharType")
        if kind == "begin":
            self.fields.append(OpenField())
        elif kind == "separate" and self.fields:
            self.fields[-1].shows_result = True
        elif kind == "end" and self.fields:
            ended = self.fields.pop()
            if not ended.shows_result and _EQUATION_FIELD.match(ended.instruction):
                self._equation(ended.instruction, text)

    def _equation(self, instruction: str, text: InlineText) -> None:
        """Fields of older documents that have no result: furigana, and simple fractions."""
        if match := _RUBY_FIELD.search(instruction):
            text.add(match[1])
        elif match := _FRACTION_FIELD.fullmatch(instruction):
            text.add(f" {match[1]}/{match[2]}")
        else:
            self.left_out.formulas += 1

    def _formula(self, element: etree._Element, text: InlineText) -> None:
        try:
            text.add(
                f" {office_formula(element)} " if element.tag.endswith("Para") else office_formula(element)
            )
        except UnwritableFormula:
            self.left_out.formulas += 1


def is_placeholder(control: etree._Element) -> bool:
    """Whether a content control shows only what it asks for: "Click here to enter text"."""
    return control.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def chosen(alternatives: etree._Element) -> list[etree._Element]:
    """One of the forms of mc:AlternateContent, which all say the same: the first that has a text."""
    forms = [
        each for each in alternatives if each.tag in (f"{_COMPATIBILITY}Choice", f"{_COMPATIBILITY}Fallback")
    ]
    for form in forms:
        if any(each.text and each.tag.endswith("}t") for each in form.iter()):
            return [form]
    return forms[:1]


def _combined(base: RunFormat, named: RunFormat, defaults: RunFormat) -> RunFormat:
    """The paragraph's format with what a style for characters changes in the defaults."""
    changes = {name: value for name, value in vars(named).items() if value != getattr(defaults, name)}
    return replace(base, **changes) if changes else base
