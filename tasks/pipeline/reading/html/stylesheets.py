"""Which simple selectors of a page's own stylesheets hide what they match."""

from __future__ import annotations

import re

from tasks.pipeline.reading.html.tree import Element

MAX_CHARACTERS = 300_000
_SIMPLE = re.compile(r"^(?:[a-z][\w-]*)?[.#][\w-]{1,100}$")
_CLASS = re.compile(r"[.#][\w-]{1,100}")
_HIDES = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|opacity:0(?:\.0+)?(?:;|$|!)|font-size:0(?:px|pt|em|rem"
    r"|%)?(?:;|$|!)|(?:left|top|text-indent):-\d{3,})"
)
_SHOWS = re.compile(
    r"(?:^|;)(?:display:(?!none)|visibility:visible|opacity:(?:1|0?\.[1-9])|(?:left|top):[\d.a])"
)


def hiding_selectors(page: Element) -> frozenset[str]:
    """Each `.class` or `#id` that a rule for all widths hides and no other rule shows, in lower case."""
    hidden, shown_again, size = set[str](), set[str](), 0
    for style in page.iter("style"):
        sheet = style.text or ""
        size += len(sheet)
        if size > MAX_CHARACTERS:
            break
        if "print" in (style.get("media") or "") or style.get("amp-boilerplate") is not None:
            continue
        for selector, declarations, is_conditional in _rules(sheet.lower()):
            if _SHOWS.search(declarations) or is_conditional:
                shown_again.update(_CLASS.findall(selector))
            elif _HIDES.search(declarations):
                hidden.update(
                    name
                    for part in selector.split(",")
                    if _SIMPLE.match(part.strip())
                    for name in _CLASS.findall(part)
                )
    return frozenset(hidden - shown_again)


def _rules(sheet: str) -> list[tuple[str, str, bool]]:
    """Selector, declarations without blanks, and whether the rule holds under a condition only."""
    first, *others = sheet.split("/*")
    sheet = first + "".join(part.partition("*/")[2] for part in others)
    rules, opened, text = list[tuple[str, str, bool]](), list[str](), ""
    for token in re.split(r"([{}])", sheet):
        if token == "{":
            opened.append(text.rpartition(";")[2].strip())
        elif token == "}":
            selector = opened.pop() if opened else ""
            if text.strip() and not selector.startswith("@"):
                rules.append((selector, re.sub(r"\s+", "", text), any(opened)))
        text = "" if token in "{}" else token
    return rules
