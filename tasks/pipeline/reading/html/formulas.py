"""MathML as text on one line."""

from __future__ import annotations

import re

from tasks.pipeline.reading.html.tree import Element
from tasks.pipeline.reading.raised import fraction, lowered, power

MAX_DEPTH = 60
_SILENT = frozenset(("annotation", "annotation-xml", "mphantom", "mspace", "maligngroup", "malignmark"))
_INVISIBLE = re.compile("[\u2061-\u2064\u200b]")
_SPACED = frozenset("=<>≤≥≈≠±+−×·→⇒∈")


def formula(math: Element) -> str:
    """Fractions, powers, roots and indices as they are written on one line: `E=mc²`, `(a+b)/2`."""
    return " ".join(_text(math, 0).split())


def _text(element: Element, depth: int) -> str:
    if not isinstance(element.tag, str) or element.tag in _SILENT or depth > MAX_DEPTH:
        return ""
    children = [child for child in element if isinstance(child.tag, str) and child.tag not in _SILENT]
    if not children:
        return _INVISIBLE.sub(
            "", "".join((element.text or "").split() if element.tag != "mtext" else [element.text or ""])
        )
    if element.tag == "semantics":
        return _text(children[0], depth + 1)
    parts = [_text(child, depth + 1) for child in children]
    return _composed(element, parts)


def _composed(element: Element, parts: list[str]) -> str:
    tag = element.tag
    if tag == "mfrac" and len(parts) == 2:
        return fraction(parts[0], parts[1], "")
    if tag in ("msup", "mover") and len(parts) == 2:
        return f"{_grouped(parts[0])}{power(parts[1])}" if tag == "msup" else "".join(parts[:1])
    if tag in ("msub", "munder") and len(parts) == 2:
        return f"{parts[0]}{lowered(parts[1], parts[0])}"
    if tag in ("msubsup", "munderover") and len(parts) == 3:
        return f"{parts[0]}{lowered(parts[1], parts[0])}{power(parts[2])}"
    if tag == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if tag == "mroot" and len(parts) == 2:
        return f"{power(parts[1])}√{_grouped(parts[0])}"
    if tag == "mfenced":
        return f"{element.get('open', '(')}{', '.join(parts)}{element.get('close', ')')}"
    if tag in ("mtable", "mtr"):
        return ("; " if tag == "mtable" else ", ").join(part for part in parts if part)
    spaced = [f" {part} " if part in _SPACED and number else part for number, part in enumerate(parts)]
    return "".join(spaced)


def _grouped(text: str) -> str:
    is_one = len(text) <= 1 or text.isalnum() or (text[0] == "(" and text[-1] == ")")
    return text if is_one else f"({text})"
