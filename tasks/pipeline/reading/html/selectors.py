"""CSS selectors of one subject and its ancestors, matched against a parsed page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.pipeline.reading.html.tree import Element, classes_of

MAX_ANCESTORS = 60

_COMPOUND = re.compile(
    r"(?P<tag>[a-z][\w-]{0,60}|\*)?(?P<rest>(?:[.#][\w-]{1,100}|\[[^\]]{1,100}\]|:(?:first|last|only)-child){0,8})$"
)
_PART = re.compile(r"[.#][\w-]{1,100}|\[[^\]]{1,100}\]|:[\w-]{1,20}")
_ATTRIBUTE = re.compile(
    r"\[\s*([\w-]{1,60})\s*(?:([~|^$*]?)=\s*[\"']?([^\"'\]]{0,80})[\"']?\s*(?:[is]\s*)?)?\]$"
)


@dataclass(frozen=True)
class _Compound:
    """What one element must have: `p.note[data-x]`."""

    tag: str
    names: frozenset[str]
    attributes: tuple[tuple[str, str, str], ...]
    position: str = ""

    def matches(self, element: Element) -> bool:
        if self.tag not in ("", "*") and element.tag != self.tag:
            return False
        if self.names:
            own = {f".{name}" for name in classes_of(element)} | {f"#{(element.get('id') or '').lower()}"}
            if not self.names <= own:
                return False
        if not all(_has_attribute(element, *attribute) for attribute in self.attributes):
            return False
        is_first, is_last = element.getprevious() is None, element.getnext() is None
        return {"": True, ":first-child": is_first, ":last-child": is_last}.get(
            self.position, is_first and is_last
        )


@dataclass(frozen=True)
class Selector:
    subject: _Compound
    ancestors: tuple[tuple[str, _Compound], ...]
    """From the nearest one, each with `>` for the parent or a blank for any."""

    @property
    def names(self) -> frozenset[str]:
        """Classes and attributes of the subject; of one without them its tag."""
        attributes = {f"[{name}" for name, _, _ in self.subject.attributes}
        return frozenset(self.subject.names | attributes) or frozenset((self.subject.tag,))

    @property
    def key(self) -> str:
        """What an element has that it may match: its id, a class, its tag, or `*` for any."""
        return max(self.subject.names, default="") or self.subject.tag or "*"

    def matches(self, element: Element) -> bool:
        if not self.subject.matches(element):
            return False
        for combinator, compound in self.ancestors:
            for _ in range(1 if combinator == ">" else MAX_ANCESTORS):
                element = element.getparent()
                if element is None:
                    return False
                if compound.matches(element):
                    break
            else:
                return False
        return True


def parsed_selector(text: str) -> Selector | None:
    """None for what has siblings or pseudo-classes that depend on what a reader does."""
    if len(text) > 300 or re.search(r"[+~]|::|\\", re.sub(r"\[[^\]]*\]", "", text)):
        return None
    parts = re.sub(r"\s*>\s*", " > ", text).split()
    if not parts or parts[-1] == ">" or len(parts) > 16:
        return None
    subject, ancestors, combinator = _compound(parts[-1]), list[tuple[str, _Compound]](), " "
    for part in reversed(parts[:-1]):
        if part == ">":
            combinator = ">"
            continue
        if (compound := _compound(part)) is None:
            return None
        ancestors.append((combinator, compound))
        combinator = " "
    return Selector(subject, tuple(ancestors)) if subject else None


def _compound(text: str) -> _Compound | None:
    match = _COMPOUND.match(text)
    if not match or not text:
        return None
    names, attributes, position = set[str](), list[tuple[str, str, str]](), ""
    for part in _PART.findall(match["rest"] or ""):
        if part[0] in ".#":
            names.add(part)
        elif part[0] == ":":
            position = part
        elif attribute := _ATTRIBUTE.match(part):
            attributes.append((attribute[1], attribute[2] or "", attribute[3] or ""))
        else:
            return None
    return _Compound(match["tag"] or "", frozenset(names), tuple(attributes), position)


def _has_attribute(element: Element, name: str, how: str, value: str) -> bool:
    given: str = (element.get(name) or "").lower()
    if name not in element.attrib:
        return False
    if not value:
        return True
    if how == "~":
        return value in given.split()
    if how == "|":
        return given == value or given.startswith(f"{value}-")
    if how == "*":
        return value in given
    if how == "^":
        return given.startswith(value)
    return given.endswith(value) if how == "$" else given == value
