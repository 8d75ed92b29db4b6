"""Takes out of a page what its reader does not see.

Hidden text is where instructions to language models are planted, and no editor would notice them. What a page
shows at some widths only is seen by some readers, and stays.
"""

from __future__ import annotations

from itertools import islice

from lxml import etree

from tasks.pipeline.reading.html.hiding_classes import hides_by_class, is_shown_at_some_widths
from tasks.pipeline.reading.html.hiding_styles import background_of, colour_of, has_no_size, hides, is_white
from tasks.pipeline.reading.html.stylesheets import HidingRules, hiding_rules
from tasks.pipeline.reading.html.tree import EMPTIED, HEADINGS, Element, classes_of, style_of, text_within

NEVER_TEXT = frozenset((
    "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "canvas", "audio",
    "applet", "video", "select", "textarea", "dialog", "datalist", "meter", "progress", "noframes",
    "noembed", "input", "mjx-math", "amp-ad", "amp-consent", "amp-sidebar",
))  # fmt: skip
_TYPED_IN = frozenset(("text", "email", "search", "password", "tel", "url", "number", "checkbox", "radio"))
_OPENS = frozenset(("tab", "collapse", "tabs", "accordion"))


def remove_hidden(page: Element) -> int:
    """Empty every element that a reader of the page does not see, and comments; the words that went."""
    rules = hiding_rules(page)
    for form in page.iter("form"):
        if any(control.get("type", "text").lower() in _TYPED_IN for control in form.iter("input")):
            form.set("role", "form")
    shown = _of_most_text(page, rules) | _that_readers_open(page)
    hidden = [element for element in page.iter() if element not in shown and _is_hidden(element, rules)]
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


def _of_most_text(page: Element, rules: HidingRules) -> set[Element]:
    """What its stylesheets hide but holds most of a page: a script shows it once it is loaded."""
    body = page.find("body")
    if not rules.by_name or body is None:
        return set()
    whole = len(text_within(body, 200_000))
    return {
        element
        for element in islice(body.iter("div", "main", "article", "section"), 200)
        if rules.hide(element) and 2 * len(text_within(element, 200_000)) > whole
    }


def _that_readers_open(page: Element) -> set[Element]:
    """The panels of tabs and the answers under questions, which a control on the page opens."""
    targets = set[str]()
    for control in page.iter("button", "a", "div", "span", "h2", "h3", "h4", "li"):
        target = control.get("aria-controls") or ""
        toggled = control.get("data-bs-toggle") or control.get("data-toggle") or ""
        if not target and toggled in _OPENS:
            target = control.get("data-bs-target") or control.get("data-target") or control.get("href") or ""
        if not target or "hidden" in control.attrib or not text_within(control, 50).strip():
            continue
        if control.get("role") == "tab" or toggled in _OPENS or _is_in_heading(control):
            targets.add(target.removeprefix("#"))
    folded = {
        part
        for part in page.iter("div", "section")
        if part.get("hidden") == "until-found" and _is_below_heading(part)
    }
    if not targets:
        return folded
    panels = page.iter("div", "section", "dd", "p", "ul")
    return folded | {panel for panel in panels if panel.get("id") in targets}


def _is_below_heading(part: Element) -> bool:
    """A section that its heading unfolds, as on pages for telephones."""
    before = part.getprevious()
    return before is not None and next(before.iter(*HEADINGS), None) is not None


def is_at_some_widths(element: Element) -> bool:
    """Whether a framework shows the element on wide screens only, or on narrow ones."""
    return bool(element.get("class")) and is_shown_at_some_widths(classes_of(element))


def _is_hidden(element: Element, rules: HidingRules) -> bool:
    tag = element.tag
    if not isinstance(tag, str):
        return True
    if tag in NEVER_TEXT:
        return not _is_shadow_root(element)
    if tag == "button":
        return not _is_in_heading(element)
    if tag == "label":
        return _is_of_control(element)
    if tag in ("html", "body", "head"):
        return False
    if element.keys() and _is_hidden_by_attributes(element):
        return True
    is_hidden = rules.hide(element) and not is_at_some_widths(element)
    style = style_of(element)
    is_hidden = is_hidden or bool(style and (hides(style) or has_no_size(style)))
    if is_hidden or _is_white_on_nothing(element, colour_of(style)):
        return not _is_formula(element)
    return tag == "font" and _is_white_on_nothing(element, (element.get("color") or "").lower().strip())


def _is_hidden_by_attributes(element: Element) -> bool:
    if "hidden" in element.attrib and element.get("hidden", "").lower() != "false":
        return True
    is_on_top = "popover" in element.attrib or element.get("role") == "tooltip"
    return is_on_top or bool(element.get("class") and hides_by_class(classes_of(element)))


def _is_shadow_root(element: Element) -> bool:
    """A template that browsers show in place, as part of a component."""
    is_declared = element.get("shadowrootmode") or element.get("shadowroot")
    return bool(element.tag == "template" and is_declared == "open")


def _is_of_control(label: Element) -> bool:
    """Whether it only says what to enter; a folded text may be opened by a label as well."""
    is_bound = (
        label.get("for") is not None or next(label.iter("input", "select", "textarea"), None) is not None
    )
    return is_bound and len(text_within(label, 200).split()) <= 6


def _is_in_heading(element: Element) -> bool:
    """The question of a folded answer, and the name of a column to sort by, is a button in a heading."""
    for _ in range(4):
        element = element.getparent()
        if element is None:
            return False
        if element.tag in HEADINGS or element.tag in ("summary", "dt", "th"):
            return True
        if element.get("role") in ("heading", "columnheader", "rowheader"):
            return True
    return False


def _is_white_on_nothing(element: Element, colour: str) -> bool:
    """Whether letters are white and nothing around them is said to be dark."""
    if not colour or not is_white(colour):
        return False
    for _ in range(12):
        if element is None:
            return True
        named = background_of(style_of(element)) or (element.get("bgcolor") or "").lower()
        if named and named not in ("none", "transparent", "inherit", "initial", "unset"):
            return is_white(named)
        element = element.getparent()
    return True


def _is_formula(element: Element) -> bool:
    """Markup of a formula that is hidden because the page shows the formula as a picture; never words."""
    for child in element.iter(etree.Element):
        if child.tag in ("mtext", "ms", "annotation-xml") or (child.text and len(child.text) > 500):
            return False
    return next(element.iter("math"), None) is not None and sum(1 for _ in element.iter()) < 500
