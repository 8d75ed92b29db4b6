"""What a paragraph is by the name of its style, in Word, LibreOffice and those that write their formats."""

from __future__ import annotations

import re

from tasks.pipeline.types import BlockKind

_HEADING = re.compile(
    r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|overskrift|nagłówek|заголовок|标题|標題|見出し|제목)\s?([1-9])"
)
_KINDS: tuple[tuple[re.Pattern[str], BlockKind], ...] = (
    (re.compile(r"(toc|contents|index|toa|table of (figures|authorities)).{0,20}"), BlockKind.CONTENTS),
    (
        re.compile(r"caption|(table |image |figure )caption|illustration|figure|drawing|captioned figure"),
        BlockKind.CAPTION,
    ),
    (re.compile(r"(intense )?quot(e|ation)s?|block ?(text|quot(e|ation))"), BlockKind.QUOTATION),
    (
        re.compile(r"(source )?code( block)?|html preformatted|preformatted( text)?|macro( ?text)?|listing"),
        BlockKind.CODE,
    ),
    (re.compile(r"(footnote|endnote)( text)?|bibliography( \d)?|references|works cited"), BlockKind.FOOTNOTE),
)


def kind_by_name(name: str) -> tuple[BlockKind, int] | None:
    """The kind, and the level of a heading; None for a name, in lower case, that tells neither."""
    if heading := _HEADING.fullmatch(name):
        return BlockKind.HEADING, min(int(heading[1]), 6)
    if name in ("title", "subtitle", "heading"):
        return BlockKind.HEADING, 1 if name == "title" else 2
    for pattern, kind in _KINDS:
        if pattern.fullmatch(name):
            return kind, 0
    return None
