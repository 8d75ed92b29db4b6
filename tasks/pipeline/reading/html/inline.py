"""What markup inside a paragraph means for its words."""

from __future__ import annotations

import re

from tasks.pipeline.reading.html.tree import Element, classes_of, style_of, text_within
from tasks.pipeline.reading.lines import unwrapped
from tasks.pipeline.reading.raised import without_joins
from tasks.pipeline.text.scripts import CHINESE_AND_JAPANESE

BREAK = "\x02"
"""A `<br>`: a blank, and two in a row are the end of a paragraph."""

MARK = "\x03"
"""Where a footnote mark was left out."""

_MARK_BEFORE_STOP = re.compile(rf"\s?{MARK}(?=[.,;:!?…)\]])")
_BREAK_AFTER_STOP = re.compile(rf"(?<=[、。！？；：，．」』）】])\s?{BREAK}\s?(?=[{CHINESE_AND_JAPANESE}])")
_PARAGRAPHS = re.compile(rf"{BREAK}(?:\s?{BREAK})+")

_LANGUAGES_BY_QUOTES = {
    "“”‘’": "en pt lv tr zh ko hi vi af",
    "„“‚‘": "de at cs sk sl hr is lt",
    "« » “ ”": "fr",
    "«»“”": "it es ca el pt-pt eu gl",
    "‘’“”": "nl",
    "„”«»": "pl ro",
    "„”’’": "sr",
    "„“’’": "bg",
    "«»„“": "ru uk be hy",
    "„”»«": "hu",
    "””’’": "sv fi he",
    "«»‘’": "nb no nn",
    "”“’‘": "da ar",
    "„“«»": "et",
    "「」『』": "zh-tw zh-hk zh-hant ja",
    "«»‹›": "fa de-ch fr-ch it-ch",
    "„““”": "ka",
}
QUOTES = {
    language: marks for marks, languages in _LANGUAGES_BY_QUOTES.items() for language in languages.split()
}
"""Outer and inner quotation marks of languages, as browsers set them for `<q>`."""
_ANY_QUOTE = frozenset("“”„‟‘’‚«»‹›「」『』\"'＂")

_NOTE_CLASS = re.compile(
    r"^(?:reference|references|footnote|footnotes|footnote-?refs?|footnote-?reference|footnote-?link"
    r"|noteref|note-ref|fn|fnref|fn-ref|fn-link|endnote|endnote-?ref|citation|cite-ref|cite|xref"
    r"|easy-footnote|footnote_tooltip.{0,9}|modern-footnotes-footnote|simple-footnote|sdfootnoteanc"
    r"|msofootnotereference|footnotecall|footnote-anchor)$"
)
_NOTE_FRAGMENT = re.compile(
    r"^(?:_?(?:fn|ftn|edn|foot|end|cite|note|ref|sd(?:foot|end)note|easy-footnote|bib|fußnote|nota?|cit"
    r"|sources?)[\w:.%-]{0,80}|r\d{1,3}|[bn]\d{1,3}|\d{1,3}|cr\d{1,3})$",
    re.IGNORECASE,
)
_MARK = re.compile(r"^[\[(（]?\s?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5}|[*†‡§¶#]{1,3})\s?[\])）]?$")
_BRACKETED_MARK = re.compile(r"^\[\s?(?:\d{1,3}|[a-z]|note \d{1,3})\s?\]$", re.IGNORECASE)
_MARK_CLASSES = frozenset(("footnote-ref", "footnote-reference", "footnoteref", "fnref", "noteref"))

_PAGE_CLASSES = frozenset(("pagenum", "page-number", "pageno", "pagenumber", "pagebreak", "page-break"))
_PAGE_NUMBER = re.compile(
    r"^[\[({]?\s?(?:pg?\.?|page|s\.|seite)?\s?(?:\d{1,5}|[ivxlc]{1,8})\s?[\])}]?$", re.IGNORECASE
)
_STRUCK_OUT = frozenset((
    "line-through", "text-decoration-line-through", "strikethrough", "strike-through", "strike", "struck",
    "has-text-strikethrough", "tw-line-through", "text-strike", "text-strikethrough",
))  # fmt: skip
_BACKLINK_CLASS = re.compile(
    r"^(?:footnote-?back(?:ref|link)?|reversefootnote|mw-cite-backlink|fn-?back(?:ref|link)?"
    r"|data-footnote-backref|backlink|fn-return|easy-footnote-to-top|footnote-return|noteback)$"
)
_BACKLINK_TEXT = re.compile(
    r"^[\s\[\]()↩↑⤴↵⏎^⬆︎️\ufe0e]{1,9}$|^\[?(?:back|return|zurück|retour)\]?$", re.IGNORECASE
)
_PERMALINK_CLASS = frozenset((
    "headerlink", "hash-link", "anchor", "anchorjs-link", "header-anchor", "heading-anchor",
    "permalink", "doc-anchor", "mw-editsection", "anchor-link", "heading-link", "direct-link",
    "self-link", "selflink", "plink",
))  # fmt: skip
_PERMALINK_TEXT = frozenset(
    ("¶", "#", "§", "🔗", "", "\u200b", "link", "[edit]", "⚓", "☍", "∞", "edit", "[source]")
)


def joined(text: str) -> str:
    """The characters of a paragraph on one line: lines were wrapped, or broken with `<br>`."""
    text = " ".join(_without_marks(text).split())
    if BREAK in text:
        text = _BREAK_AFTER_STOP.sub("", text).replace(BREAK, " ")
        text = " ".join(text.split())
    return without_joins(text)


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text in which two breaks in a row stand for the end of one."""
    if text.count(BREAK) < 2:
        return [joined(text)]
    # Blanks are made single first: the pattern then takes linear time.
    return [joined(part) for part in _PARAGRAPHS.split(" ".join(_without_marks(text).split()))]


def _without_marks(text: str) -> str:
    """Unwrapped, and without blanks between a mark that was left out and a full stop."""
    if MARK in text:
        text = _MARK_BEFORE_STOP.sub("", text).replace(MARK, "")
    return unwrapped(text)


def quotation_marks(language: str, depth: int) -> tuple[str, str]:
    """Of the page's language, or of English, for a quotation inside `depth` others."""
    language = language.lower().replace("_", "-")
    marks = QUOTES.get(language) or QUOTES.get("-".join(language.split("-")[:2])) or QUOTES.get(language[:2])
    marks = marks or QUOTES["en"]
    if " " in marks:  # French sets them apart with narrow no-break blanks.
        outer, inner = ("«\u202f", "\u202f»"), ("“", "”")
        return inner if depth % 2 else outer
    return (marks[2], marks[3]) if depth % 2 else (marks[0], marks[1])


def has_own_marks(quotation: Element) -> bool:
    return text_within(quotation, 40).strip()[:1] in _ANY_QUOTE


def is_struck_out(element: Element) -> bool:
    if element.tag in ("del", "s", "strike"):
        return True
    if element.get("class") and not _STRUCK_OUT.isdisjoint(classes_of(element)):
        return True
    return element.get("style") is not None and "line-through" in style_of(element)


def raised_or_lowered(element: Element) -> str:
    """ "sup", "sub" or nothing, by tag, style or class."""
    if element.tag in ("sup", "sub"):
        return str(element.tag)
    if element.tag not in ("span", "font", "a", "small", "b", "i", "em"):
        return ""
    if (style := element.get("style")) and "vertical-align" in style:
        style = style_of(element)
        if "vertical-align:super" in style:
            return "sup"
        return "sub" if "vertical-align:sub" in style else ""
    classes = classes_of(element) if element.get("class") else ()
    return "sup" if "superscript" in classes or "sup" in classes else "sub" if "subscript" in classes else ""


def is_note_reference(element: Element) -> bool:
    """Whether markup says that a raised mark refers to a note: a class, a role, or a link to it."""
    if _is_marked_as_note(element):
        return True
    for link in element.iter("a"):
        if _links_to_note(link) or _is_marked_as_note(link):
            return True
    for _ in range(2):
        element = element.getparent()
        if element is None or element.tag not in ("a", "span", "sup", "cite", "small"):
            return False
        if _is_marked_as_note(element) or (element.tag == "a" and _links_to_note(element)):
            return True
    return False


def is_mark_without_raising(link: Element) -> bool:
    """A footnote mark or a citation that is a link on the line: `<a href="#fn1">[1]</a>`."""
    if link.tag not in ("a", "span"):
        return False
    if link.tag == "span":
        text = text_within(link, 30).strip()
        names = classes_of(link) if link.get("class") else ()
        if "pagebreak" in (link.get("role") or "") or not _PAGE_CLASSES.isdisjoint(names):
            return bool(_PAGE_NUMBER.match(text))
        return not _MARK_CLASSES.isdisjoint(names) and bool(_MARK.match(text))
    href = link.get("href") or ""
    if "#" not in href or href.endswith("#"):
        return False
    text = text_within(link, 30).strip()
    if not text or len(text) > 12 or not (_MARK.match(text) or _BRACKETED_MARK.match(text)):
        return False
    if _is_marked_as_note(link):
        return True
    fragment = href.rpartition("#")[2]
    if _BRACKETED_MARK.match(text):
        return href.startswith("#") or bool(_NOTE_FRAGMENT.match(fragment))
    # "see section 3" and "table 2" are links into the page as well.
    return bool(re.match(r"^_?(fn|ftn|edn|footnote|endnote|cite_note|sdfootnote)", fragment, re.IGNORECASE))


def is_backlink(element: Element) -> bool:
    """The arrow that leads from a note back to its place."""
    if element.get("role") == "doc-backlink" or any(
        _BACKLINK_CLASS.match(name) for name in classes_of(element)
    ):
        return True
    is_inside = element.tag == "a" and (element.get("href") or "").startswith("#")
    return is_inside and bool(_BACKLINK_TEXT.match(text_within(element, 20).strip() or "-"))


def names_author_above(cite: Element) -> bool:
    """ "Ada wrote:" on a line of its own above what is quoted, without a blank in between."""
    parent = cite.getparent()
    is_first = cite.getprevious() is None and not (parent.text or "").strip()
    quotes = (parent, parent.getparent())
    return (
        is_first
        and bool((cite.tail or "").strip())
        and any(each is not None and each.tag == "blockquote" for each in quotes)
    )


def is_permalink(element: Element, *, is_in_heading: bool) -> bool:
    """The sign next to a heading that links to it, or lets one edit it."""
    if element.tag not in ("a", "span", "button") or not element.get("class"):
        return False
    if not is_in_heading:
        return "mw-editsection" in classes_of(element)
    if _PERMALINK_CLASS.isdisjoint(classes_of(element)):
        return False
    text = text_within(element, 40).strip(" \n\t\u200b[]")
    return text.lower() in _PERMALINK_TEXT or "mw-editsection" in classes_of(element)


def _is_marked_as_note(element: Element) -> bool:
    kind = element.get("{http://www.idpf.org/2007/ops}type") or element.get("epub:type") or ""
    if element.get("role") == "doc-noteref" or kind in ("noteref", "annoref"):
        return True
    if element.get("data-footnote-ref") is not None or element.get("data-footnote") is not None:
        return True
    return bool(element.get("class")) and any(_NOTE_CLASS.match(name) for name in classes_of(element))


def _links_to_note(link: Element) -> bool:
    href = link.get("href") or ""
    if href.startswith("#"):
        return len(href) > 1
    return "#" in href and bool(_NOTE_FRAGMENT.match(href.rpartition("#")[2]))
