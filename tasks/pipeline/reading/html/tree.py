"""From the text of a page to its tree of elements, whatever state the markup is in."""

from __future__ import annotations

import html.entities
import re
from typing import Any

from lxml import etree

from tasks.pipeline.reading.html.hiding_styles import normalized

Element = Any
"""lxml has no types of its own."""

BLOCK_TAGS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "marquee",
    "menu", "nav", "ol", "optgroup", "option", "p", "plaintext", "pre", "search", "section", "summary",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "xmp",
))  # fmt: skip
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
PREFORMATTED = frozenset(("pre", "listing", "xmp", "plaintext"))
HEAD_TAGS = frozenset((
    "base", "basefont", "bgsound", "link", "meta", "noframes", "noscript", "script", "style", "template",
    "title",
))  # fmt: skip
EMPTIED = "emptied"
"""The tag of an element whose content was taken out: nothing, not even a blank, is in its place."""

_XML_DECLARATION = re.compile(r"^\s{0,100}<\?xml\b[^>]{0,300}\?>")
_XHTML = re.compile(r"<html\b[^>]{0,500}\bxmlns=[\"']http://www\.w3\.org/1999/xhtml[\"']")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_FORMATTING = re.compile(
    r"</?(?:a|abbr|b|big|code|em|font|i|ins|kbd|label|nobr|small|span|strong|tt|u|var)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"<(?:[A-Za-z/!?][^<>]{0,5000})>")
_UNREAD = re.compile(r"<(/?)(?:script|style|template|noscript|title)\b", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def page_of(text: str) -> tuple[Element, bool]:
    """The root of a page, and whether its markup had to be left aside to read it at all."""
    text = _CONTROL.sub("", text)
    if _XML_DECLARATION.match(text) and _XHTML.search(text[:3000]):
        page = _xhtml(text)
        if page is not None:
            return page, False
    text = _XML_DECLARATION.sub("", text, count=1)
    page, is_whole = _parsed(text)
    if not is_whole:
        page, is_whole = _parsed(_FORMATTING.sub("", text))
    if not is_whole:
        page, _ = _parsed(_bare_lines(text))
    return page, not is_whole


def _bare_lines(text: str) -> str:
    """A page of the text between tags, each stretch of it a paragraph."""
    lines, is_read, position = [], True, 0
    for tag in _ANY_TAG.finditer(text):
        if is_read:
            lines.append(text[position : tag.start()])
        position = tag.end()
        if (unread := _UNREAD.match(tag[0])) is not None:
            is_read = bool(unread[1])
    paragraphs = "".join(f"<p>{line}</p>" for line in lines if line.strip())
    return f"<html><body>{paragraphs}</body></html>"


def _parsed(text: str) -> tuple[Element, bool]:
    """libxml2 leaves out all that follows an element nested 2,048 deep, and only its log says so."""
    # As bytes of a known charset: of a str, an encoding declared inside would be an error.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
    data = text.encode("utf-8", "replace")
    try:
        page = etree.fromstring(data, parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        page = None
    if page is None:
        return etree.fromstring("<html><body/></html>"), True
    _end_head(page)
    return page, not any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)


def _end_head(page: Element) -> None:
    """Where a page leaves out the tags of head and body, libxml2 has elements newer than it in the head."""
    head = page.find("head")
    content = [] if head is None else list(head)
    first = next(
        (i for i, one in enumerate(content) if isinstance(one.tag, str) and one.tag not in HEAD_TAGS), None
    )
    if first is None:
        return
    body = page.find("body")
    if body is None:
        body = etree.SubElement(page, "body")
    moved = content[first:]
    if body.text and body.text.strip():
        moved[-1].tail = f"{moved[-1].tail or ''}{body.text}"
        body.text = None
    body[:0] = moved


def _xhtml(text: str) -> Element | None:
    """By the rules of XML, which close `<script/>` and `<div/>`; None when the page does not hold to them."""
    text = _XML_DECLARATION.sub("", text, count=1)
    text = _ENTITY.sub(_entity, text)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True, encoding=
            "utf-8",
    )  # fmt: skip
    try:
        page = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    for element in page.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return page


def _entity(match: re.Match[str]) -> str:
    """XML knows five names of characters, HTML two thousand."""
    if match[1] in ("amp", "lt", "gt", "quot", "apos"):
        return match[0]
    return html.entities.html5.get(f"{match[1]};", match[0])


def classes_of(element: Element) -> list[str]:
    return (element.get("class") or "").lower().split()


def style_of(element: Element) -> str:
    """The declarations of the style attribute, normalized."""
    style = element.get("style")
    return normalized(style) if style else ""


def text_within(element: Element, limit: int = 2000) -> str:
    """The characters in an element as they stand, up to a limit."""
    parts, size = [], 0
    for part in element.itertext(etree.Element):
        parts.append(part)
        size += len(part)
        if size > limit:
            break
    return "".join(parts)
