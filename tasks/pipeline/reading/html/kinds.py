"""What an element is by its tag, its role, its classes and its style."""

from __future__ import annotations

import re

from tasks.pipeline.reading.html.grid import table_tag
from tasks.pipeline.reading.html.notes import is_contents, is_notes
from tasks.pipeline.reading.html.tree import BLOCK_TAGS, HEADINGS, Element, classes_of, style_of
from tasks.pipeline.types import BlockKind

_KINDS = {
    "li": BlockKind.LIST_ITEM,
    "dd": BlockKind.LIST_ITEM,
    "blockquote": BlockKind.QUOTATION,
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
    "pre": BlockKind.CODE,
    "listing": BlockKind.CODE,
    "xmp": BlockKind.CODE,
    "plaintext": BlockKind.CODE,
}
_CAPTION_CLASSES = frozenset((
    "wp-caption-text", "thumbcaption", "caption", "image-caption", "figure-caption", "gallerycaption",
    "photo-caption", "img-caption", "media-caption", "caption-text", "tr-caption",
))  # fmt: skip
_BLOCK_STYLE = re.compile(
    r"(?:^|;)display:(?:block|flex|grid|table|table-row|table-cell|list-item|flow-root)(?:;|$|!)"
)
_INLINE_STYLE = re.compile(r"(?:^|;)display:inline(?:;|$|!)")
_BLOCK_CLASSES = frozenset(("block", "d-block", "flex", "d-flex", "grid", "d-grid", "is-block", "table-row"))


def is_block(element: Element) -> bool:
    """Whether the element begins on a line of its own: by its tag, unless its style says otherwise."""
    style = style_of(element) if element.get("style") else ""
    if element.tag in BLOCK_TAGS:
        return not (style and element.tag in ("div", "p", "section", "form") and _INLINE_STYLE.search(style))
    if style and _BLOCK_STYLE.search(style):
        return True
    if element.get("role") and (
        table_tag(element) != element.tag or element.get("role") in ("heading", "listitem")
    ):
        return True
    return bool(element.get("class")) and not _BLOCK_CLASSES.isdisjoint(classes_of(element))


def heading_level(element: Element) -> int:
    if element.tag in HEADINGS:
        return HEADINGS[element.tag]
    if element.get("role") == "heading":
        given = element.get("aria-level") or "2"
        return min(max(int(given), 1), 6) if given.isdigit() and len(given) < 3 else 2
    return 0


def kind_of(element: Element) -> BlockKind | None:
    """What the element itself makes of the text in it; None: what it is in decides."""
    if not element.keys():
        return _KINDS.get(element.tag)
    if is_notes(element):
        return BlockKind.FOOTNOTE
    if is_contents(element):
        return BlockKind.CONTENTS
    if element.get("role") == "listitem":
        return BlockKind.LIST_ITEM
    if not _CAPTION_CLASSES.isdisjoint(classes_of(element)):
        return BlockKind.CAPTION
    return _KINDS.get(element.tag)
