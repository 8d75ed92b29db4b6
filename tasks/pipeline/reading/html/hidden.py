"""Takes out of a page what its reader does not see.

Hidden text is where instructions to language models are planted, and no editor would notice them. What a page
shows at some widths only is seen by some readers, and stays.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

from tasks.pipeline.reading.html.stylesheets import hiding_selectors
from tasks.pipeline.reading.html.tree import EMPTIED, HEADINGS, Element, classes_of, style_of, text_within

NEVER_TEXT = frozenset((
    "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "canvas", "audio",
    "applet", "video", "select", "textarea", "dialog", "datalist", "meter", "progress", "noframes",
    "noembed", "input", "mjx-math", "amp-ad", "amp-consent", "amp-sidebar",
))  # fmt: skip
_TYPED_IN = frozenset(("text", "email", "search", "password", "tel", "url", "number", "checkbox", "radio"))
_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:(hidden|collapse)|content-visibility:hidden|opacity:(0?\.0[0-5]?\d*|0"
    r"|0?\.0+|[0-5]%)(;|$|!)|filter:opacity\(0|font-size:([01]|[01]?\.\d+)(px|pt|%)?(;|$|!)"
    r"|font-size:0?(\.[0-2]\d*)?(em|rem|ex|ch|vw|vh)(;|$|!)|(^|;)(left|right|top|bottom|text-indent"
    r"|margin|margin-left|margin-top|inset):-\d{3,}|clip:rect\((0|1px)|clip-path:(inset\((50|100)%"
    r"|circle\(0|polygon\(00)|(^|;)(max-)?(height|width):[01]?(px)?(;|$|!)|transform:(scale[xy]?\(0[,)]"
    r"|translate[xy]?\(-\d{4,}|translate[xy]?\(-[1-9]\d00%)|(^|;)color:transparent"
)
_COLOUR = re.compile(r"(?:^|;)color:([^;!]{1,60})")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]{1,200})")
_WHITE = re.compile(
    r"^(white|snow|ivory|whitesmoke|ghostwhite|floralwhite|#f{3,4}|#f[a-f0-9]f[a-f0-9]f[a-f0-9](ff)?"
    r"|rgba?\(25[0-5],?25[0-5],?25[0-5][^)]{0,9}\)|hsla?\(\d{1,3}(deg)?,?\d{1,3}%,?(9[7-9]|100)%[^)]{0,9}\))"
)
_SEE_THROUGH = re.compile(
    r"^(rgba|hsla)\([^)]{1,40}[,/]0?(\.0\d*)?\)|^#[0-9a-f]{3}0$|^#[0-9a-f]{6}0[0-9a-f]$"
)
_HIDDEN_CLASSES = frozenset((
    "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only",
    "show-for-sr", "hidden", "d-none", "hide", "invisible", "element-invisible", "offscreen",
    "a11y-hidden", "u-hidden",
))  # fmt: skip
_SHOWN_AT_SOME_WIDTH = re.compile(
    r"^(?:xs|sm|md|lg|xl|[2-9]xl|mobile|tablet|laptop|desktop|(?:min|max)-\[?[\w.]{1,12}\]?|max-(?:sm|md"
    r"|lg|xl)):!?(?:block|flex|grid|inline|inline-block|inline-flex|inline-grid|table|table-row"
    r"|table-cell|contents|visible|flow-root|list-item|not-sr-only)$|^d-(?:xs|sm|md|lg|xl|xxl)-(?:block"
    r"|flex|grid|inline|inline-block|inline-flex|inline-grid|table|table-row|table-cell|list-item)$"
    r"|^(?:show|visible)-(?:for-)?(?:xs|sm|md|lg|xl|small|medium|large|mobile|tablet|desktop)"
)


def remove_hidden(page: Element) -> int:
    """Empty every element that a reader of the page does not see, and comments; the words that went."""
    selectors = hiding_selectors(page)
    for form in page.iter("form"):
        if any(control.get("type", "text").lower() in _TYPED_IN for control in form.iter("input")):
            form.set("role", "form")
    selectors -= _of_most_text(page, selectors)
    hidden = [element for element in page.iter() if _is_hidden(element, selectors)]
    words = 0
    for element in hidden:
        # The element itself stays: to move a tail again and again would take quadratic time.
        if not isinstance(element.tag, str):
            element.text = ""
            continue
        if element.tag not in NEVER_TEXT and element.tag != EMPTIED:
            words += sum(len(part.split()) for part in element.itertext(etree.Element))
        element.clear(keep_tail=True)
        element.tag = EMPTIED
    return words


def _of_most_text(page: Element, selectors: frozenset[str]) -> frozenset[str]:
    """Selectors of what holds most of a page: a script shows it once it is loaded."""
    body = page.find("body")
    if not selectors or body is None:
        return frozenset()
    whole = len(text_within(body, 200_000))
    most = set[str]()
    for element in islice(body.iter("div", "main", "article", "section"), 200):
        names = {f".{name}" for name in classes_of(element)} | {f"#{(element.get('id') or '').lower()}"}
        if names & selectors and 2 * len(text_within(element, 200_000)) > whole:
            most |= names & selectors
    return frozenset(most)


def is_at_some_widths(element: Element) -> bool:
    """Whether a framework shows the element on wide screens only, or on narrow ones."""
    return any(
        _SHOWN_AT_SOME_WIDTH.match(name) or (":" in name and name.endswith(":hidden"))
        for name in classes_of(element)
    )


def _is_hidden(element: Element, selectors: frozenset[str]) -> bool:
    tag = element.tag
    if not isinstance(tag, str):
        return True
    if tag in NEVER_TEXT:
        return True
    if tag == "button":
        return not _is_in_heading(element)
    if tag == "label":
        return _is_of_control(element)
    if not element.keys() or tag in ("html", "body", "head"):
        return False
    if "hidden" in element.attrib and element.get("hidden", "").lower() != "false":
        return True
    if element.get("class") and _is_hidden_by_class(classes_of(element), selectors):
        return True
    if selectors and f"#{element.get('id', '').lower()}" in selectors:
        return True
    style = style_of(element)
    if style and (_HIDDEN_STYLE.search(style) or _has_no_contrast(element, style)):
        return not _is_formula(element)
    return tag == "font" and _is_white_on_nothing(element, (element.get("color") or "").lower().strip())


def _is_hidden_by_class(classes: list[str], selectors: frozenset[str]) -> bool:
    by_name = _HIDDEN_CLASSES.intersection(classes) or any(f".{name}" in selectors for name in classes)
    return bool(by_name) and not any(_SHOWN_AT_SOME_WIDTH.match(name) for name in classes)


def _is_of_control(label: Element) -> bool:
    """Whether it only says what to enter; a folded text may be opened by a label as well."""
    is_bound = (
        label.get("for") is not None or next(label.iter("input", "select", "textarea"), None) is not None
    )
    return is_bound and len(text_within(label, 200).split()) <= 6


def _is_in_heading(element: Element) -> bool:
    """The question of a folded answer is a button in a heading."""
    for _ in range(4):
        element = element.getparent()
        if element is None:
            return False
        if element.tag in HEADINGS or element.tag in ("summary", "dt") or element.get("role") == "heading":
            return True
    return False


def _has_no_contrast(element: Element, style: str) -> bool:
    colour = _COLOUR.search(style)
    if not colour:
        return False
    background = _BACKGROUND.search(style)
    if background:
        return background[1] == colour[1] or bool(_WHITE.match(colour[1]) and _WHITE.match(background[1]))
    return bool(_SEE_THROUGH.match(colour[1])) or _is_white_on_nothing(element, colour[1])


def _is_white_on_nothing(element: Element, colour: str) -> bool:
    """Whether letters are white and nothing around them is said to be dark."""
    if not colour or not _WHITE.match(colour):
        return False
    for _ in range(12):
        if element is None:
            return True
        background = _BACKGROUND.search(style_of(element))
        named = background[1] if background else (element.get("bgcolor") or "").lower()
        if named and named not in ("none", "transparent", "inherit", "initial", "unset"):
            return bool(_WHITE.match(named))
        element = element.getparent()
    return True


def _is_formula(element: Element) -> bool:
    """Markup of a formula that is hidden because the page shows the formula as a picture; never words."""
    for child in element.iter(etree.Element):
        if child.tag in ("mtext", "ms", "annotation-xml") or (child.text and len(child.text) > 500):
            return False
    return next(element.iter("math"), None) is not None and sum(1 for _ in element.iter()) < 500
