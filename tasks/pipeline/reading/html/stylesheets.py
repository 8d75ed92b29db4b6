"""What a page's own stylesheets hide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.pipeline.reading.html.hiding_styles import (
    background_of,
    colour_of,
    has_no_size,
    hides,
    is_white,
    normalized,
)
from tasks.pipeline.reading.html.selectors import Selector, parsed_selector
from tasks.pipeline.reading.html.tree import Element, classes_of

MAX_CHARACTERS = 300_000
MAX_SELECTORS = 1_000
MAX_SELECTORS_BY_TAG = 30
"""Those without class and id have to be tried on very many elements."""

_SHOWS = re.compile(
    r"(?:^|;)(?:display:(?!none)|visibility:visible|opacity:(?:1|0?\.[1-9])|(?:left|top):[\d.a])"
)
_POINTED_AT = re.compile(r":(?:hover|focus|active)\b")
_ANY_MEDIUM = re.compile(r"^@media\s+(?:only\s+)?(?:all|screen)\s*$|^@(?:layer|supports)\b")
_UNTIL_LOADED = re.compile(r"no-?js|loading|preload|cloak|fouc|animat|aos\b")
"""Parts of selectors that hide a page until its scripts have run."""


@dataclass(frozen=True)
class _Rule:
    selector: str
    style: str
    is_conditional: bool
    """It holds at some widths only."""


@dataclass
class HidingRules:
    """The selectors that hide at all widths and that no other rule takes back."""

    by_name: dict[str, list[Selector]] = field(default_factory=dict)

    def hide(self, element: Element) -> bool:
        if not self.by_name:
            return False
        names = [element.tag, "*", *(f".{name}" for name in classes_of(element))]
        if identity := element.get("id"):
            names.append(f"#{identity.lower()}")
        return any(selector.matches(element) for name in names for selector in self.by_name.get(name, ()))


def hiding_rules(page: Element) -> HidingRules:
    hidden, shown_again = list[Selector](), set[str]()
    rules = [rule for sheet in _sheets(page) for rule in _rules(sheet)]
    is_all_white = _is_all_white(page, rules)
    for rule in rules:
        style = rule.style
        is_hiding = (
            hides(style)
            or (has_no_size(style) and re.search(r"overflow(?:-[xy])?:(?:hidden|clip)", style) is not None)
            or (is_all_white and is_white(colour_of(style)))
        ) and "animation" not in style
        if not is_hiding and not (_SHOWS.search(style) or rule.is_conditional):
            continue
        for part in _selectors(rule.selector):
            if _SHOWS.search(style) or rule.is_conditional:
                if not _POINTED_AT.search(part):
                    shown_again.update(_names_of_subject(part))
            elif not _UNTIL_LOADED.search(part) and len(hidden) < MAX_SELECTORS:
                hidden += [selector] if (selector := parsed_selector(part)) else []
    return _indexed(hidden, shown_again)


def _indexed(selectors: list[Selector], shown_again: set[str]) -> HidingRules:
    found, by_tag = HidingRules(), 0
    for selector in selectors:
        if not shown_again.isdisjoint(selector.names):
            continue
        by_tag += selector.key[0] not in ".#"
        if selector.key[0] in ".#" or by_tag <= MAX_SELECTORS_BY_TAG:
            found.by_name.setdefault(selector.key, []).append(selector)
    return found


def _sheets(page: Element) -> Iterator[str]:
    size = 0
    for style in page.iter("style"):
        sheet = style.text or ""
        size += len(sheet)
        if size > MAX_CHARACTERS:
            return
        if "print" not in (style.get("media") or "") and style.get("amp-boilerplate") is None:
            yield sheet.lower()


def _is_all_white(page: Element, rules: list[_Rule]) -> bool:
    """Whether nothing on the page may be dark: all its styles are known, and none has a background."""
    if any("stylesheet" in (link.get("rel") or "").lower() for link in page.iter("link")):
        return False
    known = [background for rule in rules if (background := background_of(rule.style))]
    if any(not is_white(background) and background not in ("none", "transparent") for background in known):
        return False
    return not any(
        "background" in (element.get("style") or "").lower()
        or element.get("bgcolor")
        or element.get("background")
        for element in page.iter("body", "div", "section", "table", "td", "tr", "main", "article", "header")
    ) and not any("background-image" in rule.style for rule in rules)


def _selectors(group: str) -> list[str]:
    """Of a list with commas; `:is(.a, .b)` at the start or the end gives one for each."""
    if match := re.search(r":(?:is|where)\(([^()]{1,300})\)", group):
        inner = [each.strip() for each in match[1].split(",")][:20]
        group = ",".join(f"{group[: match.start()]}{each}{group[match.end() :]}" for each in inner)
    return [part.strip() for part in group.split(",")[:200] if part.strip()]


def _names_of_subject(selector: str) -> set[str]:
    subject = re.split(r"[\s>+~]+", selector.strip())[-1]
    subject = re.sub(r":not\([^)]{0,100}\)", "", subject)
    names = re.findall(r"[.#][\w-]{1,100}|\[[\w-]{1,60}", subject)
    return set(names) or set(re.findall(r"^[a-z][\w-]{0,40}", subject))


def _rules(sheet: str) -> list[_Rule]:
    """Each rule but those for print."""
    first, *others = sheet.split("/*")
    sheet = first + "".join(part.partition("*/")[2] for part in others)
    rules, opened, text = list[_Rule](), list[str](), ""
    for token in re.split(r"([{}])", sheet):
        if token == "{":
            opened.append(text.rpartition(";")[2].strip())
        elif token == "}":
            selector = opened.pop() if opened else ""
            around = [each for each in opened if each and not _ANY_MEDIUM.match(each)]
            is_printed = any(re.match(r"@media\s+(?:only\s+)?print", each) for each in around)
            if text.strip() and not selector.startswith("@") and not is_printed:
                rules.append(_Rule(selector, normalized(text), any(around)))
        text = "" if token in "{}" else token
    return rules
