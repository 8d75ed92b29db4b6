"""What other libraries make of a document, each on its own, as its guide says."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import justext
import lxml.html
import pypdf
import pypdfium2
import trafilatura
from charset_normalizer import from_bytes


def by_trafilatura(data: bytes) -> list[str]:
    return _lines(trafilatura.extract(data, include_comments=False, include_tables=True) or "")


def by_justext(data: bytes) -> list[str]:
    """Without stop words, which are of one language: by the lengths and links of paragraphs alone."""
    paragraphs = justext.justext(data, frozenset(), stopwords_low=0, stopwords_high=0)
    return [paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate]


def by_plain_lxml(data: bytes) -> list[str]:
    page = lxml.html.document_fromstring(data)
    for element in page.xpath("//script | //style"):
        element.drop_tree()
    return _lines(page.text_content())


def by_pypdf(data: bytes) -> list[str]:
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return _paragraphs("\n".join(page.extract_text() for page in pages))


def by_pypdfium2(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return _paragraphs("\n".join(texts))


def by_charset_normalizer(data: bytes) -> list[str]:
    best = from_bytes(data).best()
    return _paragraphs(str(best)) if best else []


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _paragraphs(text: str) -> list[str]:
    """Lines of one paragraph joined, with the best that can be said for a reader that gives lines."""
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]


READERS: dict[str, tuple[frozenset[str], Callable[[bytes], list[str]]]] = {
    "trafilatura": (frozenset({"HTML"}), by_trafilatura),
    "justext": (frozenset({"HTML"}), by_justext),
    "lxml": (frozenset({"HTML"}), by_plain_lxml),
    "pypdf": (frozenset({"PDF"}), by_pypdf),
    "pypdfium2": (frozenset({"PDF"}), by_pypdfium2),
    "charset-normalizer": (frozenset({"charsets"}), by_charset_normalizer),
}
"""By name: the classes of documents that each is for, and how it reads one."""
