"""Fills a page's form with what was typed before, as if the user had just typed it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from contentpipeline.forms.unsent import Unsent
from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    from lxml import etree, html
    from lxml.html import HtmlElement
else:
    etree, html = map(LazyModule, ("lxml.etree", "lxml.html"))

BUTTONS = frozenset({"submit", "button", "image", "reset", "file", "password"})
NEVER = frozenset({"csrfmiddlewaretoken"})


def fill(page: str, url: str, unsent: Unsent, note: str = "") -> str | None:
    """The page found at `url`, its form filled and `note` (one HTML element) above it.

    What has no field there any more is added to the note. None if the form is not there.
    """
    try:
        document = html.document_fromstring(page)
    except etree.ParserError:
        return None
    form = _form_of(document, url, unsent)
    if form is None:
        return None
    left = _Filling(unsent).into(_controls(document, form))
    form.set("data-unsaved", "")
    _anchor(document, url)
    _put(document, note, left)
    filled: str = html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>")
    return filled


class _Filling:
    """The values that are still to be put somewhere, by the name of their field."""

    def __init__(self, unsent: Unsent) -> None:
        self._sent: dict[str, list[str]] = defaultdict(list)
        for name, value in unsent.fields:
            self._sent[name].append(value)
        self._left = {name: list(values) for name, values in self._sent.items()}

    def into(self, controls: list[HtmlElement]) -> list[tuple[str, str]]:
        """Returns what had no field, as far as it is words."""
        for control in controls:
            self._fill(control)
        return [(name, value) for name, values in self._left.items() for value in values if " " in value]

    def _fill(self, control: HtmlElement) -> None:
        name, kind = control.get("name"), control.get("type", "").lower()
        if control.tag == "select":
            for option in control.iter("option"):
                value = option.get("value", option.text_content())
                _switch(option, "selected", self._take(name, value))
        elif kind in {"checkbox", "radio"}:
            _switch(control, "checked", self._take(name, control.get("value", "on")))
        elif self._left.get(name):
            value = self._left[name].pop(0)
            if control.tag == "textarea":
                # Browsers drop the first line's end of a textarea.
                control[:], control.text = [], "\n" + value
                if value.strip():  # shown, not folded away
                    for folded in control.iterancestors("details"):
                        folded.set("open", "open")
            else:
                control.set("value", value)

    def _take(self, name: str, value: str) -> bool:
        if value in self._left.get(name, ()):
            self._left[name].remove(value)
        return value in self._sent.get(name, ())


def _switch(element: HtmlElement, attribute: str, is_on: bool) -> None:
    if is_on:
        element.set(attribute, attribute)
    else:
        element.attrib.pop(attribute, None)


def _form_of(document: HtmlElement, url: str, unsent: Unsent) -> HtmlElement | None:
    """The form that was sent: of those with its fields the one with its address, else with most of them."""
    names = {name for name, _ in unsent.fields}
    best, found = (False, 0), None
    for form in document.iter("form"):
        if form.get("method", "").lower() != "post":
            continue
        shared = len(names & {control.get("name") for control in _controls(document, form)})
        target = urljoin(url, form.get("action") or url)
        rank = (urlsplit(target).path == urlsplit(unsent.path).path, shared)
        if shared and rank > best:
            best, found = rank, form
    return found


def _controls(document: HtmlElement, form: HtmlElement) -> list[HtmlElement]:
    """What of the form takes a value, the tokens against forged requests aside."""
    name = form.get("id")
    return [
        control
        for control in document.iter("input", "textarea", "select")
        if control.get("name") not in {None, *NEVER}
        and control.get("type", "").lower() not in BUTTONS
        and control.get("disabled") is None
        and (control.get("form") == name if control.get("form") else form in control.iterancestors("form"))
    ]


def _anchor(document: HtmlElement, url: str) -> None:
    """Resolve relative addresses against `url`: the page is shown under another address."""
    for form in document.iter("form"):
        form.set("action", urljoin(url, form.get("action") or url))
    for element in document.iter():
        for attribute in ("href", "formaction"):
            address = element.get(attribute) if isinstance(element.tag, str) else None
            # Those that lead to a part of this page must not leave it.
            if address and not (attribute == "href" and address.startswith("#")):
                element.set(attribute, urljoin(url, address))
    document.body.set("data-address", url)


def _put(document: HtmlElement, note: str, left: list[tuple[str, str]]) -> None:
    if not note:
        return
    box = html.fragment_fromstring(note.strip())
    for name, value in left:
        label = html.Element("label")
        label.text = f"{name}, which no longer has a field here"
        area = html.Element("textarea", readonly="readonly", rows="4")
        area.text = "\n" + value
        label.append(area)
        box.append(label)
    content = document.get_element_by_id("content", document.body)
    content.insert(0, box)
