"""Electronic books (.epub)."""

from __future__ import annotations

from html import escape

from benchmarks.source_corpus.archives import archive
from benchmarks.source_corpus.article import (
    MadeArticle,
)
from benchmarks.source_corpus.page_habits import Semantic


def epub(article: MadeArticle) -> bytes:
    """Two chapters, in the order that the spine gives and the names of the files do not."""
    middle = len(article.elements) // 2
    first = MadeArticle(
        article.language, article.title, article.author, article.published, article.elements[:middle]
    )
    rest = MadeArticle(article.language, "", article.author, article.published, article.elements[middle:])

    def chapter(part: MadeArticle) -> str:
        heading = f"<h1>{escape(part.title)}</h1>" if part.title else ""
        body = _as_xml(Semantic().body(part))
        return (
            '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
            f'xml:lang="{part.language.code}"><head><title>{escape(article.title)}</title></head>'
            f"<body>{heading}{body}</body></html>"
        )

    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x</dc:identifier>'
        f"<dc:title>{escape(article.title)}</dc:title><dc:language>{article.language.code}</dc:language>"
        f"<dc:creator>{article.author}</dc:creator><dc:date>{article.published}</dc:date></metadata><manifest>"
        '<item id="z" href="z%20one.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="a" href="a-two.xhtml" media-type="application/xhtml+xml"/>'
        '</manifest><spine><itemref idref="z"/><itemref idref="a"/></spine></package>'
    )
    container = (
        '<?xml version="1.0"?><container version="1.0" '
        'xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/book.opf" '
        'media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>"
    )
    return archive(
        {
            "META-INF/container.xml": container,
            "OEBPS/book.opf": package,
            "OEBPS/a-two.xhtml": chapter(rest),
            "OEBPS/z one.xhtml": chapter(first),
        },
        first=("mimetype", "application/epub+zip"),
    )


def _as_xml(html: str) -> str:
    return html.replace("<br>", "<br/>").replace("&nbsp;", "&#160;")
