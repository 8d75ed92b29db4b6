"""Reads raised, lowered and stacked figures where they stand on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from tasks.pipeline.reading.exponents import Placement
from tasks.pipeline.reading.html.inline import is_note_reference, raised_or_lowered
from tasks.pipeline.reading.html.notes import FootnoteMarks
from tasks.pipeline.reading.html.tree import BLOCK_TAGS, Element, classes_of, text_within
from tasks.pipeline.reading.raised import MAX_CHARACTERS, fraction, lowered, raised

_SLASH = re.compile(r"^\s?[/⁄∕]\s?$")
_SLASH_AND_FIGURE = re.compile(r"^\s?[/⁄∕]\s?(\d{1,4})(?![\d/])")
_PARTS = frozenset(("num", "den", "numerator", "denominator", "frac-num", "frac-den", "top", "bottom"))
_FRACTION_CLASSES = frozenset(("frac", "sfrac", "fraction", "tion", "mfrac", "vulgar-fraction"))


def is_fraction(element: Element) -> bool:
    return bool(element.get("class")) and not _FRACTION_CLASSES.isdisjoint(classes_of(element))


@dataclass(frozen=True)
class ScriptText:
    """What is read for a raised or lowered element."""

    text: str
    is_mark: bool = False
    done: tuple[Element, ...] = ()
    """Elements after which nothing more is to be read: their tails are part of `text`."""


def read_script(
    element: Element, where: str, before: str, marks: FootnoteMarks, language: str
) -> ScriptText | None:
    """None: it is a passage in small letters, to be read like the rest."""
    text = text_within(element, MAX_CHARACTERS + 20)
    if len(text) > MAX_CHARACTERS or any(child.tag in BLOCK_TAGS for child in element.iter(etree.Element)):
        return None
    inner = next((child for child in element if child.tag == "sup"), None)
    if where == "sup" and inner is not None and element.text:
        text = f"{element.text.strip()}^{text_within(inner, 20).strip()}"
    stripped = text.strip()
    if where == "sub":
        return ScriptText(lowered(text, before))
    if stripped.isdigit() and (stacked := _stacked(element, stripped, before)):
        return stacked
    previous = element.getprevious()
    shown = raised(
        text,
        Placement(
            before=before,
            after=_following(element),
            is_reference=is_note_reference(element),
            is_after_variable=(
                previous is not None and not previous.tail and previous.tag in ("i", "em", "var")
            ),
            language=language,
            has_linked_marks=marks.has_links,
            is_next_note=marks.is_next(stripped),
        ),
    )
    return ScriptText(shown, is_mark=bool(stripped) and not shown)


def _stacked(over: Element, text: str, before: str) -> ScriptText | None:
    """A raised figure, a slash, and a lowered figure or a plain one: a fraction."""
    tail, after = over.tail or "", over.getnext()
    if after is not None and _SLASH.match(tail) and raised_or_lowered(after) == "sub":
        under = text_within(after, 10).strip()
        if under.isdigit():
            return ScriptText(fraction(text, under, before) + (after.tail or ""), done=(over, after))
    plain = _SLASH_AND_FIGURE.match(tail)
    if plain and int(text[:4]) < int(plain[1]) and not before.rstrip()[-1:].isalpha():
        return ScriptText(fraction(text, plain[1], before) + tail[plain.end() :], done=(over,))
    return None


def fraction_of_parts(element: Element, before: str) -> str:
    """A fraction made of two parts with classes of their own; empty for anything else."""
    parts = [
        text_within(child, 20).strip()
        for child in element.iter(etree.Element)
        if child is not element and (child.tag in ("sup", "sub") or not _PARTS.isdisjoint(classes_of(child)))
    ]
    if len(parts) != 2 or not all(parts):
        return ""
    whole = (element.text or "").strip()
    if not whole.isdigit():
        return fraction(parts[0], parts[1], before)
    return whole + fraction(parts[0], parts[1], before + whole)


def _following(element: Element) -> str:
    """A few characters that come after an element in its paragraph."""
    parts, size = [], 0
    for _ in range(6):
        if element.tail:
            parts.append(element.tail)
            size += len(element.tail)
        if size >= 10:
            break
        after = element.getnext()
        if after is not None:
            if after.tag in BLOCK_TAGS or after.tag == "br":
                break
            if isinstance(after.tag, str):
                parts.append(text_within(after, 10))
            element = after
            continue
        element = element.getparent()
        if element is None or element.tag in BLOCK_TAGS:
            break
    return "".join(parts)[:20]
