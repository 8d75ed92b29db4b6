"""Which parts of a page are notes, references or contents, and how far its footnote marks have come."""

from __future__ import annotations

import re
from itertools import islice

from tasks.pipeline.reading.html.tree import Element, classes_of, text_within

_NOTES_CLASS = re.compile(
    r"^(?:footnotes?|endnotes?|references|reflist|ref-list|refbegin|citation-list|bibliography"
    r"|footnote-definition|footnotes-list|footnote-list|wp-block-footnotes|article-footnotes"
    r"|mw-references-wrap|literature|works-cited)$"
)
_NOTE_ID = re.compile(
    r"^_?(?:fn|ftn|edn|footnote|endnote|cite_note|sdfootnote|sdendnote)[-_:]?\w{0,40}$", re.IGNORECASE
)
_NOTE_ROLES = frozenset(
    ("doc-footnote", "doc-endnote", "doc-endnotes", "doc-bibliography", "doc-biblioentry")
)
_NOTE_TYPES = frozenset(
    ("footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "bibliography")
)
_CONTENTS_CLASS = re.compile(
    r"^(?:toc|table-?of-?contents|toc-?list|toc-?container|page-toc|article-toc|toctree-wrapper|contents-list"
    r"|wp-block-table-of-contents|ez-toc-container|lwptoc|ez-toc-list|js-toc|markdown-toc"
    r"|sectlevel\d|doc-toc|toc_container)$"
)
_HEADINGS = frozenset((
    "references", "notes", "footnotes", "endnotes", "bibliography", "works cited", "sources",
    "notes and references", "citations", "literature", "literature cited", "references and notes",
    "einzelnachweise", "anmerkungen", "fußnoten", "quellen", "literatur", "literaturverzeichnis",
    "quellenverzeichnis", "références", "notes", "bibliographie", "sources", "notes et références",
    "notes de bas de page", "referencias", "notas", "fuentes", "bibliografía", "note", "riferimenti",
    "bibliografia", "fonti", "referências", "notas e referências", "fontes", "noten", "voetnoten",
    "bronnen", "referenties", "bronvermelding", "przypisy", "bibliografia", "źródła", "kilder",
    "referenser", "noter", "källor", "fotnoter", "viitteet", "lähteet", "poznámky", "reference",
    "zdroje", "literatura", "примечания", "литература", "источники", "ссылки", "сноски", "примітки",
    "джерела", "kaynakça", "dipnotlar", "脚注", "出典", "参考文献", "注釈", "注", "註",
    "参考资料", "注释", "參考資料", "註釋", "각주", "참고 문헌", "참고문헌",
    "المراجع", "مراجع", "الهوامش", "הערות שוליים", "מקורות", "παραπομπές",
    "σημειώσεις", "bibliografie", "jegyzetek",
))  # fmt: skip
_NUMBERED = re.compile(r"^(?:\[?\(?\d{1,3}[\]).:]|[*†‡§])\s?")


def is_notes(element: Element) -> bool:
    """By role, class or id."""
    kind = element.get("{http://www.idpf.org/2007/ops}type") or element.get("epub:type")
    if kind and not _NOTE_TYPES.isdisjoint(kind.split()):
        return True
    if element.get("role") in _NOTE_ROLES:
        return True
    if element.get("class") and any(_NOTES_CLASS.match(name) for name in classes_of(element)):
        return True
    identity = element.get("id")
    return (
        bool(identity) and element.tag in ("li", "p", "div", "aside", "dd") and bool(_NOTE_ID.match(identity))
    )


def is_notes_heading(text: str) -> bool:
    return len(text) < 40 and text.casefold().strip(" :.0123456789") in _HEADINGS


def is_numbered_note(text: str) -> bool:
    return bool(_NUMBERED.match(text))


def is_contents(element: Element) -> bool:
    """A table of contents by class, id or role."""
    if element.get("role") in ("doc-toc", "directory"):
        return True
    if element.get("class") and any(_CONTENTS_CLASS.match(name) for name in classes_of(element)):
        return True
    return bool(element.get("id")) and bool(_CONTENTS_CLASS.match(element.get("id").lower()))


def only_links_into_the_page(items: Element) -> bool:
    """Whether a list is a table of contents by what it holds."""
    links = size = 0
    for link in items.iter("a"):
        if not (link.get("href") or "").startswith("#"):
            return False
        links += 1
        size += len("".join(text_within(link).split()))
    return links >= 3 and size >= 0.85 * len("".join(text_within(items, 100_000).split()))


class FootnoteMarks:
    """The notes that a page has, and the number of the next mark that is due."""

    def __init__(self, page: Element) -> None:
        self.numbers = frozenset(self._numbered_notes(page))
        self.has_links = any(
            link.get("href", "").startswith("#") for raised in page.iter("sup") for link in raised.iter("a")
        )
        self._last = 0

    def passed(self, text: str) -> None:
        """Note that a mark was met."""
        for number in re.findall(r"\d{1,3}", text):
            self._last = int(number)

    def is_next(self, text: str) -> bool:
        return text.isdigit() and int(text) == self._last + 1 and self._last > 0 and text in self.numbers

    @staticmethod
    def _numbered_notes(page: Element) -> set[str]:
        """Numbers that stand raised at the start of a block, or count the items of a list of notes."""
        numbers = set()
        for raised in page.iter("sup"):
            parent, text = raised.getparent(), text_within(raised, 10).strip()
            if not text.isdigit() or parent is None or parent.tag not in ("p", "li", "div", "td"):
                continue
            if raised.getprevious() is None and not (parent.text or "").strip():
                numbers.add(text)
        lists = (element for element in page.iter("ol", "section", "div") if is_notes(element))
        for notes in islice(lists, 20):
            count = sum(1 for _ in islice(notes.iter("li"), 999))
            numbers.update(str(number) for number in range(1, count + 1))
        return numbers
