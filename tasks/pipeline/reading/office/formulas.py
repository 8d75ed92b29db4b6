"""Formulas on one line: of Office (OMML) and of MathML, in the notation that people type."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SUPERSCRIPTS = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SIMPLE = re.compile(r"[\w.,°%′′]{0,40}")
_MAX_DEPTH = 40


class UnwritableFormula(Exception):
    """It has parts, such as a matrix, that no line of text can show."""


def office_formula(element: etree._Element) -> str:
    """Of an m:oMath or m:oMathPara. Raises UnwritableFormula."""
    return " ".join(_omml(element, 0).split())


def mathml_formula(element: etree._Element) -> str:
    """Of a math element. Raises UnwritableFormula."""
    return " ".join(_mathml(element, 0).split())


def power(base: str, exponent: str) -> str:
    written = exponent.translate(_SUPERSCRIPTS)
    if re.search(r"[^⁰¹²³⁴-⁹⁺⁻⁼⁽⁾ⁿⁱ]", written):
        written = f"^{exponent}" if exponent.isalnum() else f"^({exponent})"
    return f"{_grouped(base)}{written}"


def subscript(base: str, index: str) -> str:
    written = index.translate(_SUBSCRIPTS)
    if re.search(r"[^₀-₉₊₋₌₍₎]", written):
        written = f"_{index}" if index.isalnum() else f"_({index})"
    return f"{base}{written}"


def fraction(above: str, below: str) -> str:
    return f"{_grouped(above)}/{_grouped(below)}"


def _grouped(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) or re.fullmatch(r"\([^()]*\)", text) else f"({text})"


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _omml(element: etree._Element | None, depth: int) -> str:
    if element is None:
        return ""
    if depth > _MAX_DEPTH:
        raise UnwritableFormula
    text = ""
    for child in element:
        name = _name(child)
        if name in ("m", "eqArr"):
            raise UnwritableFormula
        part = _OMML[name](child, depth + 1) if name in _OMML else _omml(child, depth + 1)
        text += _apart(text, part) if name == "f" else part
    return text


def _apart(before: str, fraction_text: str) -> str:
    return f" {fraction_text}" if before[-1:].isdigit() else fraction_text


def _part(element: etree._Element, name: str, depth: int) -> str:
    return _omml(element.find(f"{MATH}{name}"), depth)


def _run(element: etree._Element, depth: int) -> str:
    return "".join(child.text or "" for child in element if _name(child) == "t")


def _fraction(element: etree._Element, depth: int) -> str:
    kind = element.find(f"{MATH}fPr/{MATH}type")
    if kind is not None and kind.get(f"{MATH}val") == "noBar":
        raise UnwritableFormula  # a binomial coefficient
    return fraction(_part(element, "num", depth), _part(element, "den", depth))


def _scripts(element: etree._Element, depth: int) -> str:
    text = _part(element, "e", depth)
    if (sub := element.find(f"{MATH}sub")) is not None:
        text = subscript(text, _omml(sub, depth))
        sup = element.find(f"{MATH}sup")
        return text if sup is None else f"{text}{power('', _omml(sup, depth))}"
    return power(text, _part(element, "sup", depth))


def _prescripts(element: etree._Element, depth: int) -> str:
    above, below = power("", _part(element, "sup", depth)), subscript("", _part(element, "sub", depth))
    return f"{above}{below}{_part(element, 'e', depth)}"


def _root(element: etree._Element, depth: int) -> str:
    degree = _part(element, "deg", depth)
    return f"{power('', degree) if degree else ''}√{_grouped(_part(element, 'e', depth))}"


def _delimited(element: etree._Element, depth: int) -> str:
    def mark(name: str, default: str) -> str:
        found = element.find(f"{MATH}dPr/{MATH}{name}")
        return str(found.get(f"{MATH}val", "")) if found is not None else default

    parts = [_omml(each, depth) for each in element.findall(f"{MATH}e")]
    return f"{mark('begChr', '(')}{mark('sepChr', '|').join(parts)}{mark('endChr', ')')}"


def _n_ary(element: etree._Element, depth: int) -> str:
    sign = element.find(f"{MATH}naryPr/{MATH}chr")
    text = "∫" if sign is None else sign.get(f"{MATH}val", "")
    below, above = _part(element, "sub", depth), _part(element, "sup", depth)
    text = subscript(text, below) if below else text
    text += power("", above) if above else ""
    return f"{text} {_part(element, 'e', depth)}"


def _function(element: etree._Element, depth: int) -> str:
    return f"{_part(element, 'fName', depth)} {_part(element, 'e', depth)}"


def _limit(element: etree._Element, depth: int) -> str:
    return f"{_part(element, 'e', depth)}_({_part(element, 'lim', depth)})"


_OMML: dict[str, Callable[[etree._Element, int], str]] = {
    "r": _run, "f": _fraction, "sSup": _scripts, "sSub": _scripts, "sSubSup": _scripts, "sPre": _prescripts,
    "rad": _root, "d": _delimited, "nary": _n_ary, "func": _function, "limLow": _limit, "limUpp": _limit,
    "oMath": _omml, "ctrlPr": lambda element, depth: "", "del": lambda element, depth: "",
    "moveFrom": lambda element, depth: "",
}  # fmt: skip


def _mathml(element: etree._Element, depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise UnwritableFormula
    name = _name(element)
    if name in ("mtable", "mmultiscripts", "mlongdiv", "mstack"):
        raise UnwritableFormula
    if name in ("annotation", "annotation-xml", "mphantom"):
        return ""
    if name in ("mi", "mn", "mo", "mtext", "ms"):
        return (element.text or "").strip() if name != "mtext" else element.text or ""
    parts = [_mathml(child, depth + 1) for child in element if isinstance(child.tag, str)]
    if name == "mfrac" and len(parts) == 2:
        return fraction(*parts)
    if name in ("msup", "mover") and len(parts) == 2:
        return power(*parts)
    if name in ("msub", "munder") and len(parts) == 2:
        return subscript(*parts)
    if name in ("msubsup", "munderover") and len(parts) == 3:
        return f"{subscript(parts[0], parts[1])}{power('', parts[2])}"
    if name == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if name == "mroot" and len(parts) == 2:
        return f"{power('', parts[1])}√{_grouped(parts[0])}"
    text = ""
    for part, child in zip(parts, (each for each in element if isinstance(each.tag, str)), strict=True):
        text += _apart(text, part) if _name(child) == "mfrac" else part
    return text
