"""What of a body readers do not see, or not as it was meant: for editors, at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.pipeline.text.body_images import BodyImages, alt_of, caption_of, name_of
from tasks.pipeline.text.footnotes import OPEN, numbers_by_label
from tasks.pipeline.text.titles import shortened

if TYPE_CHECKING:
    from markdown_it.token import Token

HTML = re.compile(r"<[a-zA-Z][a-zA-Z0-9-]{0,30}(?:\s[^<>]{0,300})?/?>|<!--")
MARKS = re.compile(r"<[a-zA-Z!]|\[[\^\[@]|\[TOC\]|[=^~]|\{[{:#.]|\*\*|:[a-z]", re.IGNORECASE)
"""What a text has that anything is to be said of."""
OTHER_MARKS = re.compile(
    r"(==[^=\s][^=]{0,200}==|\[\[[^\[\]]{1,200}\]\]|\[TOC\]|\^\[[^\[\]]{1,200}\]|\[@[\w:.-][^\[\]]{0,100}\]"
    r"|(?<=[\w)])\^[^\s^]{1,20}\^|(?<=[^\W\d])~\w{1,20}~(?!~)|(?<![\w~])~[^\s~\d](?:[^~\n]{0,100}[^\s~])?~(?![\w~])"
    r"|\{[:#.][^{}\n]{1,80}\}|\{\{[^{}\n]{1,80}\}\}|(?<!\w):[a-z][a-z_]{1,30}:(?!\w))",
    re.IGNORECASE,
)
ALONE = re.compile(r"\*\*(?=[^\s\d*])|(?<=[^\s\d*])\*\*")
FOOTNOTE_MARK = re.compile(r"\[\^[^\[\]\n]{1,100}\]")
ADMONITION = re.compile(r"^(?:\[![A-Za-z]{1,30}\]|:{3,10} ?\w{0,30}|!!! ?\w{1,30})")
HEADING_MARKS = re.compile(r"#{2,6}(?=[^\s#])|#(?=[^\s#\d!][^#\n]{0,80}$)")
# The line below the heads of a table, in this dialect or as lines and crosses.
TABLE_LINE = re.compile(
    r"^[ \t]{0,9}(?:\|?(?: {0,9}:?[-=]{2,80}:? {0,9}\|){1,40}|\+(?:[-=:]{2,80}\+){1,40})", re.MULTILINE
)
MAX_QUOTED = 80


@dataclass(frozen=True)
class Unshown:
    """`line` counts from 1; `what` is a sentence."""

    line: int
    what: str


def of_text(text: str) -> Iterator[str]:
    """What is shown as it is written, though it is more than words in other dialects."""
    for found in HTML.finditer(text):
        yield f"HTML is shown as it is written: {_quoted(found[0])}"
    for found in OTHER_MARKS.finditer(text):
        yield f"A mark of another dialect is shown as it is written: {_quoted(found[0])}"
    for found in FOOTNOTE_MARK.finditer(text):
        if " " in found[0]:
            yield f"A footnote's name has no blanks, so it is shown as it is written: {_quoted(found[0])}"
        else:
            yield f"The footnote {_quoted(found[0])} has no text."
    if ALONE.search(text):
        yield "Marks of emphasis that enclose nothing are shown as they are written: **"


def of_first_words(text: str) -> Iterator[str]:
    if found := ADMONITION.match(text):
        yield f"A box is shown as plain text, with its mark: {_quoted(found[0])}"

    if found := HEADING_MARKS.match(text):
        yield f"No blank follows the mark of a heading, so it is shown as it is written: {found[0]}"
    if TABLE_LINE.search(text):
        yield "A table is shown as it is written: the line below its heads does not fit them."


def of_citation(text: str) -> str:
    return f"No source has this number, so it is shown as it is written: {text}"


def of_code(fence: Token, lines: list[str]) -> str:
    """What follows the language in its first line, and whether its end is missing."""
    first, last = fence.map or (0, 0)
    found = []
    if rest := str(fence.meta.get("beyond_language", "")):
        found.append(f"Of the first line of code, only the language is kept: {_quoted(rest)}")
    if last - first < 2 or not lines[last - 1].rstrip().endswith(fence.markup):
        found.append("The code has no last line of marks, so all that follows is shown as code.")
    return " ".join(found)


def of_formula(text: str) -> str:
    return f"The formula is shown as it is written: {_quoted(text)}"


def is_front_matter(lines: list[str]) -> bool:
    """As in "---", "title: …", "---"."""
    head = [line.strip() for line in lines[:40]]
    return len(head) > 2 and head[0] == "---" and ":" in head[1] and "---" in head[2:]


def of_image(image: Token, images: BodyImages, *, is_figure: bool) -> Iterator[str]:
    """`is_figure`: it stands on a line of its own."""
    name, alt = name_of(image), alt_of(image)
    named = f" “{shortened(alt, MAX_QUOTED)}”" if alt else ""
    address = f"image:{name[:12]}…" if name else shortened(str(image.attrs.get("src", "")), MAX_QUOTED)
    if not name:
        yield f"The image{named} is not shown, because it is not in the media library: {address}"
        return
    if name not in images:
        yield f"The image{named} is not shown, because the media library has none of this hash: {address}"
        return
    if not alt:
        yield f"The image has no alternative text for readers who cannot see it: {address}"
    if not is_figure and any(caption_of(image)):
        yield f"The caption is not shown, because the image stands inside a line of text: {address}"


def of_link(address: str) -> str:
    if not address:
        return "The link leads nowhere, so its words alone are shown."
    return f"The link leads to no source of this text, so its words alone are shown: {_quoted(address)}"


def of_empty_link(address: str) -> str:
    return f"The link has no words, so it is not shown: {_quoted(address)}"


def of_footnotes(tokens: list[Token], env: Mapping[str, Any]) -> Iterator[tuple[Token, str]]:
    """Notes that are not at the end of the page, with their first token."""
    numbers = numbers_by_label(env)
    seen = set()
    for index, token in enumerate(tokens):
        if token.type != OPEN:
            continue
        label = token.meta["label"]
        if label not in numbers:
            yield token, f"The footnote is not shown, because nothing refers to it: {_quoted(f'[^{label}]')}"
        elif label in seen:
            yield token, f"The footnote is not shown, because it is the second of its name: [^{label}]"
        elif not any(inner.content for inner in _inside(tokens, index)):
            yield token, f"The footnote {_quoted(f'[^{label}]')} has no text."
        seen.add(label)


def of_references(env: Mapping[str, Any], used: set[str]) -> Iterator[tuple[int, str]]:
    """Addresses below a text that no link uses, with their line."""
    for label, found in env.get("references", {}).items():
        if not label.isdigit() and found["href"] not in used:
            line = found["map"][0] + 1
            yield line, f"The address is not shown, because no link uses it: {_quoted(f'[{label.lower()}]')}"


def of_cells(table_row: Token, lines: list[str], columns: int) -> str | None:
    """A row may have more cells than the table has columns."""
    from markdown_it.rules_block.table import escapedSplit

    if not table_row.map:
        return None
    cells = escapedSplit(lines[table_row.map[0]].strip(" \t>"))
    count = len(cells) - (cells[:1] == [""]) - (len(cells) > 1 and cells[-1] == "")
    if count <= columns:
        return None
    return f"The row has {count} cells, but the table {columns} columns: what is beyond them is not shown."


def _inside(tokens: list[Token], start: int) -> Iterator[Token]:
    depth = 0
    for token in tokens[start:]:
        depth += token.nesting
        if depth == 0:
            return
        yield token


def _quoted(text: str) -> str:
    return shortened(text, MAX_QUOTED)
