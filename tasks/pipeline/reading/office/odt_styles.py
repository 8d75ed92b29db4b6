"""The styles of an OpenDocument text: automatic ones, and those with names that they are based on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from tasks.pipeline.reading.office.style_names import kind_by_name
from tasks.pipeline.types import BlockKind

_ODF = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE, TEXT, STYLE = f"{{{_ODF}:office:1.0}}", f"{{{_ODF}:text:1.0}}", f"{{{_ODF}:style:1.0}}"
TABLE, DRAW, FO = f"{{{_ODF}:table:1.0}}", f"{{{_ODF}:drawing:1.0}}", f"{{{_ODF}:xsl-fo-compatible:1.0}}"
META, CHART = f"{{{_ODF}:meta:1.0}}", f"{{{_ODF}:chart:1.0}}"
_MAX_CHAIN = 30


@dataclass(frozen=True)
class TextFormat:
    is_hidden: bool = False
    is_struck: bool = False
    is_white: bool = False
    is_shaded: bool = False
    is_bold: bool = False
    level: int = 0
    language: str = ""
    language_asian: str = ""
    language_complex: str = ""


@dataclass(frozen=True)
class OdtStyle:
    name: str = ""
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    is_title: bool = False
    is_column_heading: bool = False
    format: TextFormat = TextFormat()


class OdtStyles:
    def __init__(self, roots: list[etree._Element]) -> None:
        """Of content.xml and styles.xml; the first has precedence."""
        self._elements: dict[tuple[str, str], etree._Element] = {}
        self._resolved: dict[tuple[str, str], OdtStyle] = {}
        self.defaults = TextFormat()
        for root in roots:
            for style in root.iter(f"{STYLE}style"):
                key = style.get(f"{STYLE}family", ""), style.get(f"{STYLE}name", "")
                self._elements.setdefault(key, style)
            for style in root.iter(f"{STYLE}default-style"):
                if style.get(f"{STYLE}family") == "paragraph":
                    self.defaults = text_format(style, self.defaults)

    def paragraph(self, name: str) -> OdtStyle:
        return self._get("paragraph", name, 0)

    def text(self, name: str, base: TextFormat) -> TextFormat:
        """The format of a span inside text of another format."""
        chain: list[etree._Element] = []
        element = self._elements.get(("text", name))
        while element is not None and len(chain) < _MAX_CHAIN:
            chain.append(element)
            element = self._elements.get(("text", element.get(f"{STYLE}parent-style-name", "")))
        for each in reversed(chain):
            base = text_format(each, base)
        return base

    def _get(self, family: str, name: str, depth: int) -> OdtStyle:
        key = family, name
        if key not in self._resolved:
            element = self._elements.get(key)
            parent = "" if element is None else element.get(f"{STYLE}parent-style-name", "")
            if depth < _MAX_CHAIN and parent and parent != name:
                base = self._get(family, parent, depth + 1)
            else:
                base = OdtStyle(format=self.defaults)
            self._resolved[key] = _resolved(element, base, name)
        return self._resolved[key]


def _resolved(element: etree._Element | None, base: OdtStyle, name: str) -> OdtStyle:
    display = element.get(f"{STYLE}display-name", name) if element is not None else name
    display = re.sub(r"_([0-9a-f]{2})_", lambda match: chr(int(match[1], 16)), display).lower()
    is_automatic = element is not None and _is_automatic(element)
    style = base if is_automatic else replace(base, name=display, is_title=display == "title")
    if not is_automatic:
        if base.name in ("title", "subtitle"):
            style = replace(style, kind=BlockKind.PARAGRAPH, level=0)
        known = (BlockKind.CAPTION, 0) if display == "table" else kind_by_name(display)
        if known:
            style = replace(style, kind=known[0], level=known[1])
        is_heading = display == "table heading" or base.is_column_heading
        style = replace(style, is_column_heading=is_heading)
    if element is None:
        return style
    level = element.get(f"{STYLE}default-outline-level", "")
    if level.isdecimal() and int(level[:2]) > 0:
        style = replace(style, kind=BlockKind.HEADING, level=min(int(level[:2]), 6))
    return replace(style, format=text_format(element, style.format))


def _is_automatic(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == f"{OFFICE}automatic-styles"


def text_format(style: etree._Element, base: TextFormat) -> TextFormat:
    changes: dict[str, object] = {}
    for properties in style:
        for name, value in properties.attrib.items():
            value = value.strip().lower()
            if name == f"{FO}background-color":
                changes["is_shaded"] = value not in ("transparent", "#ffffff", "")
            elif properties.tag != f"{STYLE}text-properties":
                continue
            elif name == f"{TEXT}display":
                changes["is_hidden"] = value == "none"
            elif name in (f"{STYLE}text-line-through-style", f"{STYLE}text-line-through-type"):
                changes["is_struck"] = value != "none"
            elif name == f"{STYLE}text-position":
                changes["level"] = _level(value)
            elif name == f"{FO}color":
                changes["is_white"] = bool(re.fullmatch(r"#f[a-f]f[a-f]f[a-f]", value))
            elif name == f"{FO}font-size" and re.fullmatch(r"[01](\.\d{1,4})?(pt|px|%)", value):
                changes["is_hidden"] = True
            elif name == f"{FO}font-weight":
                changes["is_bold"] = value in ("bold", "600", "700", "800", "900")
        changes |= _languages(properties)
    return replace(base, **changes) if changes else base  # type: ignore[arg-type]


def _languages(properties: etree._Element) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, prefix, suffix in (
        ("language", FO, ""),
        ("language_asian", STYLE, "-asian"),
        ("language_complex", STYLE, "-complex"),
    ):
        language = properties.get(f"{prefix}language{suffix}", "")
        if language and language not in ("none", "zxx"):
            country = properties.get(f"{prefix}country{suffix}", "")
            found[name] = f"{language}-{country}" if country and country != "none" else language
    return found


def _level(position: str) -> int:
    """1 for raised text, as in "super 58%" and "33% 58%"; -1 for lowered."""
    first = position.split(" ")[0]
    if first in ("super", "sub"):
        return 1 if first == "super" else -1
    match = re.fullmatch(r"(-?)(\d{1,3})(?:\.\d{1,4})?%", first)
    return 0 if not match or int(match[2]) < 10 else -1 if match[1] else 1
