"""All documents of the corpus: each format and habit, in each language that it can hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.source_corpus import (
    books,
    opendocument,
    pages,
    pdf_by_hand,
    pdf_libraries,
    slides,
    texts,
    word_files,
)
from benchmarks.source_corpus.article import MadeArticle, made
from benchmarks.source_corpus.harbour_texts import MadeLanguage
from benchmarks.source_corpus.languages import LANGUAGES
from benchmarks.source_corpus.page_habits import HABITS


@dataclass(frozen=True)
class MadeDocument:
    name: str
    group: str
    """The class that its figures are added to."""
    data: bytes
    article: MadeArticle
    content_type: str = ""
    file_name: str = ""
    may_be_refused: bool = False
    """Its characters are not declared, and to ask for another file is a right answer."""

    @property
    def split(self) -> str:
        """`dev` is for looking at, `test` for figures alone."""
        return "dev" if hashlib.sha256(self.name.encode()).digest()[0] % 2 else "test"


def documents() -> Iterator[MadeDocument]:
    """The same bytes on every machine."""
    yield from _pages()
    yield from _files()
    yield from _pdfs()
    yield from _charsets()


def _pages() -> Iterator[MadeDocument]:
    for habit, markup in HABITS.items():
        for code in LANGUAGES:
            name = f"page, {habit}, {code}"
            article = made(LANGUAGES[code], name, pages.PAGE_ABILITIES)
            html = markup().page(article)
            yield MadeDocument(name, "HTML", html.encode(), article, "text/html", "page.html")


def _files() -> Iterator[MadeDocument]:
    makers = (
        ("docx", word_files.docx, word_files.OFFICE),
        ("odt", opendocument.odt, word_files.OFFICE),
        ("epub", books.epub, pages.PAGE_ABILITIES),
        ("pptx", slides.pptx, slides.SLIDES),
        ("rtf", texts.rtf, texts.RTF),
        ("eml", texts.mail, texts.PLAIN),
        ("md", lambda article: texts.markdown(article).encode(), texts.MARKDOWN),
        ("txt", lambda article: texts.plain(article, width=68).encode(), texts.PLAIN),
    )
    for suffix, make, abilities in makers:
        for code in LANGUAGES:
            name = f"file, {suffix}, {code}"
            article = made(LANGUAGES[code], name, abilities)
            yield MadeDocument(name, suffix, make(article), article, file_name=f"source.{suffix}")


def _pdfs() -> Iterator[MadeDocument]:
    for producer, (make, abilities) in pdf_libraries.PRODUCERS.items():
        for code in pdf_by_hand.LANGUAGES:
            for size in (5, 14):
                name = f"pdf, {producer}, {code}, {size}"
                article = made(LANGUAGES[code], name, abilities, size)
                yield MadeDocument(name, "PDF", make(article), article, "application/pdf", "paper.pdf")


def _charsets() -> Iterator[MadeDocument]:
    """Declared in the header, or nowhere."""
    for charset, code in texts.CHARSETS:
        for is_declared in (True, False):
            name = f"text, {charset}, {code}, {'declared' if is_declared else 'undeclared'}"
            article = made(_written_in(charset, LANGUAGES[code]), name, texts.PLAIN)
            data = texts.plain(article).encode(charset)
            content_type = f"text/plain; charset={charset}" if is_declared else "text/plain"
            yield MadeDocument(
                name, "charsets", data, article, content_type, "notes.txt", may_be_refused=not is_declared
            )


def _written_in(charset: str, language: MadeLanguage) -> MadeLanguage:
    """The language as it is written in this character set: raised figures and some quotation "
    "marks are not."""
    sentences = tuple(sentence for sentence in language.sentences if "^" not in sentence)
    is_able = "".join(language.quotes).encode(charset, "ignore").decode(charset) == "".join(language.quotes)
    return replace(language, sentences=sentences, quotes=language.quotes if is_able else ('"', '"'))
