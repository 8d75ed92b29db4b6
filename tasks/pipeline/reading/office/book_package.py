"""What an electronic book says of itself: its pages in their order, its title, author, date and language."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.office.archive import OfficeArchive, resolve
from tasks.pipeline.reading.office.properties import iso_date

_OPF = "{http://www.idpf.org/2007/opf}"
_PAGES = ("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document", "")


@dataclass(frozen=True)
class BookItem:
    name: str
    is_page: bool = True
    is_contents: bool = False


class BookPackage:
    """Raises UnreadableText when the archive has no package document."""

    def __init__(self, archive: OfficeArchive) -> None:
        self._name = _package_name(archive)
        self._root = archive.xml(self._name)
        self._folder = self._name.rpartition("/")[0]
        self._archive = archive
        self.spine = self._spine()

    @property
    def title(self) -> str:
        titles = self._all("title")
        main = [each for each in titles if self._refined(each, "title-type") == "main"]
        return _words((main or titles)[0]) if titles else ""

    @property
    def author(self) -> str:
        """All who have the role of an author, or none."""
        creators = []
        for creator in self._all("creator"):
            role = creator.get(f"{_OPF}role") or self._refined(creator, "role")
            if role in ("", "aut"):
                creators.append(_words(creator))
        return ", ".join(dict.fromkeys(each for each in creators if each))[:300]

    @property
    def published(self) -> str:
        dates = {each.get(f"{_OPF}event", ""): _words(each) for each in reversed(self._all("date"))}
        for event in ("publication", "", "original-publication", "creation"):
            if date := iso_date(dates.get(event, "")):
                return date
        return ""

    @property
    def language(self) -> str:
        languages = self._all("language")
        return _words(languages[0]) if languages else ""

    def _spine(self) -> list[BookItem]:
        """Pages in the order in which they are read, each once; what is outside of that order comes last."""
        items = {each.get("id", ""): each for each in self._root.iter("{*}item")}
        contents = {
            resolve(self._folder, each.get("href", ""))
            for each in self._root.iter("{*}reference")
            if each.get("type", "").lower() in ("toc", "index", "loi", "lot")
        }
        linear: dict[str, BookItem] = {}
        others: dict[str, BookItem] = {}
        for reference in self._root.iter("{*}itemref"):
            item = items.get(reference.get("idref", ""))
            if item is None:
                continue
            name = resolve(self._folder, item.get("href", ""))
            is_contents = name in contents or "nav" in item.get("properties", "").split()
            is_page = item.get("media-type", "") in _PAGES
            group = others if reference.get("linear") == "no" else linear
            if name in self._archive:
                group.setdefault(name, BookItem(name, is_page, is_contents))
        return [*linear.values(), *(item for name, item in others.items() if name not in linear)]

    def _all(self, name: str) -> list[etree._Element]:
        return list(self._root.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}"))

    def _refined(self, element: etree._Element, name: str) -> str:
        """What a meta element of version 3 adds to another element."""
        target = f"#{element.get('id', '')}"
        for meta in self._root.iter(f"{_OPF}meta"):
            if meta.get("property") == name and meta.get("refines") == target:
                return _words(meta)
        return ""


def _package_name(archive: OfficeArchive) -> str:
    if "META-INF/container.xml" in archive:
        for root_file in archive.xml("META-INF/container.xml").iter("{*}rootfile"):
            path = root_file.get("full-path", "")
            for name in (path, resolve("", path)):
                if name and name in archive:
                    return name
    for name in archive.names:
        if name.endswith(".opf"):
            return name
    raise UnreadableText("The book is damaged and cannot be read; save it again, or paste its text.")


def _words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())[:300]
