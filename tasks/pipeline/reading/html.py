"""The visible text of a web page.

What a page hides is removed before its text is taken: hidden text is where instructions to
language models are planted, and no editor would see them.
"""

from __future__ import annotations

import re

import lxml.html
import trafilatura
from lxml import etree

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.types import Block, Declared, Reading
from tasks.pipeline.types import BlockKind

READER = "html 1"

# The extraction's time grows with the elements; of a page with more, all blocks are used instead.
MAX_ELEMENTS = 50_000
_NEVER_TEXT = frozenset(
    ("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "canvas", "audio")
    + ("video", "form", "button", "select", "textarea", "dialog")
)
_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:(hidden|collapse)|opacity:0?(\.0+)?(;|$|!)|font-size:0?(\.\d+)?(px|pt|em|rem|%)?(;|$|!)"
    r"|(left|right|top|bottom|text-indent|margin-left|margin-top):-\d{3,}|clip:rect\((0|1px)|clip-path:inset\((50|100)%"
    r"|(^|;)(max-)?(height|width):[01]?(px)?(;|$|!)|transform:scale\(0\)|(^|;)color:transparent"
)
_WHITE_TEXT = re.compile(r"(^|;)color:(white|#fff(fff)?|rgba?\(255,255,255)")
_HIDDEN_CLASSES = frozenset(
    ("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only")
    + ("hidden", "d-none", "hide")
)


def read(data: bytes, declared: Declared) -> Reading:
    """The blocks may be none. Raises UnreadableText when the bytes are no text."""
    if b"\x00" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableText("The document is not text; give HTML, Markdown, PDF or plain text.")
    title, paragraphs = _title_and_paragraphs(data, declared.charset)
    return Reading(
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs),
        media_type="text/html",
        reader=READER,
        title=title,
        charset=declared.charset,
        charset_from="header" if declared.charset else "",
    )


def _title_and_paragraphs(data: bytes, charset: str) -> tuple[str, list[str]]:
    try:
        page = lxml.html.document_fromstring(data, parser=_parser(charset))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return "", []
    title = _title(page)
    remove_hidden(page)
    fallback = _every_block(page)
    paragraphs = _main_text(page)
    # On very short pages the extraction fails; all their visible text is used then.
    if sum(map(len, paragraphs)) < 250:
        paragraphs = max(paragraphs, fallback, key=lambda blocks: sum(map(len, blocks)))
    return title, paragraphs


def _main_text(page: lxml.html.HtmlElement) -> list[str]:
    """The article of a page, without its menus and notices."""
    if sum(1 for _ in page.iter()) > MAX_ELEMENTS:
        return []
    html = lxml.html.tostring(page, encoding="unicode")
    text = trafilatura.extract(html, include_comments=False, include_tables=False) or ""
    return [re.sub(r"^[-•*]\s+", "", line) for line in text.split("\n") if line.strip()]


def remove_hidden(page: lxml.html.HtmlElement) -> None:
    """Remove comments and every element that a reader of the page does not see."""
    for element in list(page.iter()):
        if element.getparent() is None or element.tag in ("head", "body"):
            continue
        if not isinstance(element.tag, str) or _is_hidden(element):
            element.drop_tree()


def _is_hidden(element: lxml.html.HtmlElement) -> bool:
    if element.tag in _NEVER_TEXT or "hidden" in element.attrib:
        return True
    if _HIDDEN_CLASSES.intersection(element.get("class", "").lower().split()):
        return True
    style = re.sub(r"\s+", "", element.get("style", "").lower())
    is_white = _WHITE_TEXT.search(style) and "background" not in style
    return bool(style and (is_white or _HIDDEN_STYLE.search(style)))


def _parser(charset: str) -> lxml.html.HTMLParser:
    try:
        return lxml.html.HTMLParser(encoding=charset or None, no_network=True)
    except LookupError:
        return lxml.html.HTMLParser(no_network=True)


def _title(page: lxml.html.HtmlElement) -> str:
    """The page's own headline, else the title of its window."""
    for path in ("//h1", "//title"):
        for element in page.xpath(path)[:1]:
            words = " ".join(element.text_content().split())
            if words:
                return words[:300]
    return ""


def _every_block(page: lxml.html.HtmlElement) -> list[str]:
    blocks = [
        " ".join(element.text_content().split())
        for element in page.xpath(
            "//body//*[self::p or self::li or self::h1 or self::h2 or self::h3 or self::blockquote]"
        )
        if not element.xpath("ancestor::nav or ancestor::footer or .//p")
    ]
    if not any(blocks):
        body = page.find("body")
        blocks = [] if body is None else [" ".join(line.split()) for line in body.text_content().split("\n")]
    return [block for block in blocks if block]
