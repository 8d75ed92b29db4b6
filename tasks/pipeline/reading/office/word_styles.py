"""The styles of a Word document: what a paragraph is, and how its text is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from tasks.pipeline.reading.office.style_names import kind_by_name
from tasks.pipeline.types import BlockKind

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VALUE = f"{W}val"
_MAX_CHAIN = 30
_NOTE_MARKS = frozenset(
    f"{kind} {name}" for kind in ("footnote", "endnote") for name in ("reference", "anchor", "characters")
)
"""Of Word and LibreOffice."""
OFF = ("0", "false", "off", "none")


@dataclass(frozen=True)
class RunFormat:
    """How a run is shown; what is not said is taken from the style, and from those it is based on."""

    is_hidden: bool = False
    is_struck: bool = False
    is_bold: bool = False
    is_white: bool = False
    is_shaded: bool = False
    level: int = 0
    language: str = ""
    language_asian: str = ""
    language_complex: str = ""
    font: str = ""


@dataclass(frozen=True)
class WordStyle:
    name: str = ""
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    is_title: bool = False
    is_list: bool = False
    is_note_mark: bool = False
    format: RunFormat = RunFormat()


class WordStyles:
    """Resolves styles by their ids; a document without styles is read by the ids alone."""

    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._resolved: dict[str, WordStyle] = {}
        self._default = ""
        self.defaults = RunFormat()
        for style in root.iterchildren(f"{W}style") if root is not None else ():
            self._elements[style.get(f"{W}styleId", "")] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                self._default = style.get(f"{W}styleId", "")
        if root is not None:
            self.defaults = run_format(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"), RunFormat())

    def paragraph(self, style_id: str) -> WordStyle:
        """Of a paragraph; "" stands for the document's default."""
        return self.get(style_id or self._default)

    def get(self, style_id: str, *, depth: int = 0) -> WordStyle:
        if style_id in self._resolved:
            return self._resolved[style_id]
        element = self._elements.get(style_id)
        if depth > _MAX_CHAIN:
            return WordStyle(format=self.defaults)
        if element is None:
            # "Heading1" is what the style "heading 1" is called in documents of all languages but a few.
            name = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", style_id).lower()
            style = _named(WordStyle(format=self.defaults), name)
        else:
            style = self._resolve(element, depth)
        self._resolved[style_id] = style
        return style

    def has_header_format(self, style_id: str) -> bool:
        """Whether a table's style shows the first row as headings."""
        element = self._elements.get(style_id)
        for _ in range(_MAX_CHAIN):
            if element is None:
                return False
            if any(each.get(f"{W}type") == "firstRow" for each in element.iterchildren(f"{W}tblStylePr")):
                return True
            element = self._elements.get(_value(element, "basedOn"))
        return False

    def _resolve(self, element: etree._Element, depth: int) -> WordStyle:
        based_on = _value(element, "basedOn")
        is_loop = not based_on or based_on == element.get(f"{W}styleId")
        base = WordStyle(format=self.defaults) if is_loop else self.get(based_on, depth=depth + 1)
        style = _named(base, _value(element, "name").lower())
        properties = element.find(f"{W}pPr")
        shading = RunFormat()
        if properties is not None:
            if level := outline_level(properties):
                style = replace(style, kind=BlockKind.HEADING, level=level)
            elif _value(properties, "outlineLvl") == "9" and style.kind == BlockKind.HEADING:
                style = replace(style, kind=BlockKind.PARAGRAPH, level=0)
            if (number := properties.find(f"{W}numPr/{W}numId")) is not None:
                style = replace(style, is_list=number.get(VALUE) != "0")
            shading = replace(shading, is_shaded=is_shaded(properties))
        shown = run_format(element.find(f"{W}rPr"), style.format)
        return replace(style, format=replace(shown, is_shaded=shown.is_shaded or shading.is_shaded))


def run_format(properties: etree._Element | None, base: RunFormat) -> RunFormat:
    """What w:rPr changes in the format it is based on; the style it names is the caller's part."""
    if properties is None or not len(properties):
        return base
    changes: dict[str, object] = {}
    for child in properties:
        name, value = child.tag.rpartition("}")[2], child.get(VALUE, "")
        if name == "vanish" or name == "specVanish":
            changes["is_hidden"] = value not in OFF
        elif name in ("strike", "dstrike"):
            changes["is_struck"] = changes.get("is_struck") is True or value not in OFF
        elif name == "b":
            changes["is_bold"] = value not in OFF
        elif name == "vertAlign":
            changes["level"] = {"superscript": 1, "subscript": -1}.get(value, 0)
        elif name == "position" and "level" not in changes:
            changes["level"] = _raised_by(value)
        elif name == "color":
            changes["is_white"] = bool(re.fullmatch(r"[fF][a-fA-F][fF][a-fA-F][fF][a-fA-F]", value))
        elif (name == "shd" and is_shaded(properties)) or (
            name == "highlight" and value not in (*OFF, "white")
        ):
            changes["is_shaded"] = True
        elif name == "sz" and value.isdigit() and int(value) <= 2:
            changes["is_hidden"] = True
        elif name == "lang":
            changes["language"] = value or base.language
            changes["language_asian"] = child.get(f"{W}eastAsia") or base.language_asian
            changes["language_complex"] = child.get(f"{W}bidi") or base.language_complex
        elif name == "rFonts":
            changes["font"] = child.get(f"{W}ascii") or child.get(f"{W}hAnsi") or base.font
    return replace(base, **changes) if changes else base  # type: ignore[arg-type]


def outline_level(properties: etree._Element) -> int:
    """1 to 6, or 0 for text."""
    value = _value(properties, "outlineLvl")
    return min(int(value) + 1, 6) if value in set("012345678") else 0


def is_shaded(properties: etree._Element) -> bool:
    shading = properties.find(f"{W}shd")
    if shading is None:
        return False
    fill = shading.get(f"{W}fill", "auto").lower()
    return fill not in ("auto", "ffffff", "") or shading.get(f"{W}themeFill") is not None


def _named(base: WordStyle, name: str) -> WordStyle:
    """What a style is by its name; with a name of the author's own it is what it is based on."""
    style = replace(base, name=name, is_title=name == "title")
    if base.name in ("title", "subtitle"):
        style = replace(style, kind=BlockKind.PARAGRAPH, level=0)  # the author, or the date
    if known := kind_by_name(name):
        return replace(style, kind=known[0], level=known[1])
    if name in _NOTE_MARKS:
        return replace(style, is_note_mark=True)
    return style


def _value(element: etree._Element, name: str) -> str:
    child = element.find(f"{W}{name}")
    return "" if child is None else str(child.get(VALUE, ""))


def _raised_by(half_points: str) -> int:
    """Text is raised by hand, too: by two points or more."""
    try:
        value = int(half_points)
    except ValueError:
        return 0
    return 1 if value >= 4 else -1 if value <= -4 else 0
