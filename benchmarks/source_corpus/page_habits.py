"""Pages in the habits of real systems: each changes what it does in its own way."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape

from benchmarks.source_corpus.article import (
    Line,
    MadeArticle,
    MadeTable,
    Mark,
    TextPiece,
)
from benchmarks.source_corpus.pages import Markup


class Semantic(Markup):
    """HTML as the standard means it."""


class Wrapped(Markup):
    """Lines of the file wrapped at 70 characters, in the middle of sentences, as documentation tools do."""

    width = 70


class Encyclopaedia(Markup):
    """Marks of notes in brackets, sections that can be edited, a contents box and an infobox."""

    def piece(self, piece: TextPiece) -> str:
        if piece.mark is Mark.NOTE:
            number = escape(piece.text)
            return (
                f'<sup id="cite_ref-{number}" class="reference"><a href="#cite_note-{number}">'
                f'<span class="cite-bracket">[</span>{number}<span class="cite-bracket">]</span></a></sup>'
            )
        return super().piece(piece)

    def heading(self, text: str, level: int) -> str:
        return (
            f'<div class="mw-heading mw-heading{level}"><h{level} id="s{len(text)}">{escape(text)}</h{level}>'
            '<span class="mw-editsection"><span>[</span><a href="/edit">edit</a><span>]</span></span></div>'
        )

    def table(self, table: MadeTable) -> str:
        head = "".join(f'<th scope="col">{escape(cell)}\n</th>' for cell in table.columns)
        rows = "\n".join(
            f'<tr>\n<th scope="row">{escape(row[0])}\n</th>'
            + "".join(f"\n<td>{escape(cell)}\n</td>" for cell in row[1:])
            + "</tr>"
            for row in table.rows
        )
        return (
            f'<table class="wikitable"><caption>{escape(table.caption)}\n</caption>\n<tbody><tr>{head}</tr>\n'
            f"{rows}</tbody></table>"
        )

    def notes(self, lines: Sequence[Line]) -> str:
        items = "\n".join(
            f'<li id="cite_note-{number}"><span class="mw-cite-backlink"><b><a '
            f'href="#cite_ref-{number}">^</a>'
            f'</b></span> <span class="reference-text">{self.line(line)}</span></li>'
            for number, line in enumerate(lines, 1)
        )
        return f'<div class="mw-references-wrap"><ol class="references">\n{items}\n</ol></div>'

    def page(self, article: MadeArticle) -> str:
        menu = "".join(
            f'<li><a href="/{n}"><span>{escape(one)}</span></a></li>' for n, one in enumerate(article.foreign)
        )
        return (
            f'<!DOCTYPE html>\n<html class="client-nojs" lang="{article.language.code}"><head>'
            f'<meta charset="UTF-8"><title>{escape(article.title)}</title></head><body class="mediawiki">\n'
            f'<div id="mw-navigation"><ul>{menu}</ul></div>\n<div id="content" class="mw-body" role="main">'
            f'<h1 id="firstHeading" class="firstHeading">{escape(article.title)}</h1>\n'
            '<div id="bodyContent"><div class="mw-body-content"><div class="mw-parser-output">\n'
            f"{self.body(article)}\n</div></div></div></div>\n"
            f'<div id="footer" role="contentinfo"><ul><li>{escape(article.foreign[-1])}</li></ul>'
            "</div></body></html>"
        )


class BlogPlatform(Markup):
    """A theme with widgets, sharing buttons and a comment form around the text; curly class names."""

    def paragraph(self, line: Line) -> str:
        return f'<p class="wp-block-paragraph">{self.line(line)}</p>\n'

    def table(self, table: MadeTable) -> str:
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
        )
        head = "".join(f"<th>{escape(cell)}</th>" for cell in table.columns)
        return (
            f'<figure class="wp-block-table"><table class="has-fixed-layout"><thead><tr>{head}</tr></thead>'
            f'<tbody>{rows}</tbody></table><figcaption class="wp-element-caption">{escape(table.caption)}'
            "</figcaption></figure>"
        )

    def page(self, article: MadeArticle) -> str:
        menu = "".join(
            f'<li class="menu-item"><a href="/{n}">{escape(one)}</a></li>'
            for n, one in enumerate(article.foreign)
        )
        return (
            f'<!doctype html><html lang="{article.language.code}"><head><meta charset="UTF-8"/>'
            f'<meta property="og:title" content="{escape(article.title)}"/><meta name="author" content='
            f'"{article.author}"/><meta property="article:published_time" content="{article.published}"/>'
            f"<title>{escape(article.title)} – Harbour Times</title></head><body class='single'>"
            f'<div id="page"><header class="site-header"><ul id="menu">{menu}</ul></header>'
            '<div id="content" class="site-content"><main><article class="post hentry"><header '
            'class="entry-header">'
            f'<h1 class="entry-title">{escape(article.title)}</h1></header><div class="entry-content">'
            f'{self.body(article)}<div class="sharedaddy"><a href="/share">Share</a></div></div></article>'
            '<div id="comments"><form><textarea name="comment"></textarea><button>Post</button></form></div>'
            f'</main><aside class="widget-area"><section class="widget"><ul>{menu}</ul></section>'
            "</aside></div>"
            f'<footer class="site-footer">{escape(article.foreign[-1])}</footer></div></body></html>'
        )


class Newspaper(Markup):
    """Paragraphs as blocks of their own `div`, data for search engines, an overlay for cookies."""

    def paragraph(self, line: Line) -> str:
        return f'<div class="article__block"><p class="css-1x2y3z">{self.line(line)}</p></div>'

    def page(self, article: MadeArticle) -> str:
        data = {
            "@context": "https://schema.org",
            "@graph": [
                {"@type": "WebSite", "name": "Harbour Times"},
                {
                    "@type": "NewsArticle",
                    "headline": article.title,
                    "datePublished": article.published,
                    "author": [{"@type": "Person", "name": article.author}],
                },
            ],
        }
        menu = "".join(
            f"<a class='nav' href='/{n}'>{escape(one)}</a>" for n, one in enumerate(article.foreign)
        )
        return (
            f'<!DOCTYPE html><html lang="{article.language.code}"><head><meta charset="utf-8">'
            f"<title>{escape(article.title)}</title>"
            f'<script type="application/ld+json">{json.dumps(data)}</script></head><body>'
            f'<div class="cookie-banner" role="dialog"><p>{escape(article.foreign[2])}</p></div>'
            f'<div role="navigation">{menu}</div><div class="story"><h1>{escape(article.title)}</h1>'
            f'<div class="story-body">{self.body(article)}</div></div>'
            f'<div class="footer" role="contentinfo">{escape(article.foreign[-1])}</div></body></html>'
        )


class OldTables(Markup):
    """A page laid out with a table, fonts for headings and two line breaks between paragraphs."""

    def paragraph(self, line: Line) -> str:
        return f"{self.line(line)}<br><br>"

    def heading(self, text: str, level: int) -> str:
        return f"<h{level}><font face=arial>{escape(text)}</font></h{level}>"

    def table(self, table: MadeTable) -> str:
        rows = [table.columns, *table.rows]
        lines = "\n".join(
            "<tr>" + "".join(f"<td>{'<b>' * (not n)}{escape(cell)}{'</b>' * (not n)}" for cell in row)
            for n, row in enumerate(rows)
        )
        return f"<p><i>{escape(table.caption)}</i><table border=1 cellpadding=2>\n{lines}\n</table><br>"

    def notes(self, lines: Sequence[Line]) -> str:
        items = "".join(
            f'<a name="note{number}"></a>{number}. {self.line(line)}<br>'
            for number, line in enumerate(lines, 1)
        )
        return f"<hr><small>{items}</small>"

    def page(self, article: MadeArticle) -> str:
        menu = "<br>".join(f'<a href="{n}.htm">{escape(one)}</a>' for n, one in enumerate(article.foreign))
        return (
            f"<HTML><HEAD><META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=utf-8'><TITLE>"
            f"{escape(article.title)}</TITLE></HEAD><BODY bgcolor=white><TABLE width=760><TR><TD "
            "width=140 valign=top>"
            f"{menu}</TD><TD width=620><h1>{escape(article.title)}</h1>{self.body(article)}</TD>"
            "</TR></TABLE></BODY></HTML>"
        )


class InsideForm(Markup):
    """The whole page in one form, as a server framework writes it."""

    def page(self, article: MadeArticle) -> str:
        return (
            f'<!DOCTYPE html><html lang="{article.language.code}"><head><meta charset="utf-8">'
            f"<title>{escape(article.title)}"
            '</title></head><body><form method="post" action="./page.aspx" id="form1"><input type="hidden" '
            'name="__VIEWSTATE" value="dDwtMTU2"><div class="content">'
            f'<h1>{escape(article.title)}</h1>{self.body(article)}</div><input type="text" name="q">'
            '<select name="s"><option>One</option><option>Two</option></select><button>Go</button>'
            "</form></body></html>"
        )


class Responsive(Markup):
    """Utility classes that hide a block at some widths only."""

    def paragraph(self, line: Line) -> str:
        return f'<p class="hidden md:block mt-4 text-gray-700">{self.line(line)}</p>'

    def items(self, lines: Sequence[Line]) -> str:
        items = "".join(f'<li class="d-none d-sm-list-item">{self.line(line)}</li>' for line in lines)
        return f'<ul class="list-disc">{items}</ul>'


class WordProcessor(Markup):
    """Saved as a page from a word processor: spans, classes and styles of its own, wrapped lines."""

    width = 76

    def piece(self, piece: TextPiece) -> str:
        if piece.mark is Mark.NOTE:
            return (
                f'<a href="#_ftn{piece.text}" name="_ftnref{piece.text}"><span '
                "class=MsoFootnoteReference><span "
                f"style='vertical-align:super'>[{piece.text}]</span></span></a>"
            )
        text = super().piece(piece)
        return f"<span style='font-size:11.0pt'>{text}</span>" if piece.mark is Mark.PLAIN else text

    def paragraph(self, line: Line) -> str:
        return f"<p class=MsoNormal style='text-align:justify'>{self.line(line)}<o:p></o:p></p>"

    def notes(self, lines: Sequence[Line]) -> str:
        items = "\n".join(
            f'<div id="ftn{number}"><p class=MsoFootnoteText><a href="#_ftnref{number}" name="_ftn{number}">'
            f"<span class=MsoFootnoteReference>[{number}]</span></a> {self.line(line)}</p></div>"
            for number, line in enumerate(lines, 1)
        )
        return f"<div><br clear=all><hr align=left size=1 width=33%>{items}</div>"


class Documentation(Markup):
    """A documentation site: a contents list, permanent links of headings, the article in nested `div`."""

    width = 80

    def heading(self, text: str, level: int) -> str:
        link = f'<a class="headerlink" href="#h{len(text)}" title="Link">¶</a>'
        return f"<h{level}>{escape(text)}{link}</h{level}>"

    def page(self, article: MadeArticle) -> str:
        contents = "".join(
            f'<li><a class="reference internal" href="#c{n}">{escape(one)}</a></li>'
            for n, one in enumerate(article.language.headings)
        )
        return (
            f'<!DOCTYPE html><html lang="{article.language.code}"><head><meta charset="utf-8"/><title>'
            f"{escape(article.title)} &#8212; Docs</title></head><body><div class='related' "
            "role='navigation'><ul><li>"
            f"{escape(article.foreign[0])}</li></ul></div><div class='document'><div class='documentwrapper'>"
            f"<div class='bodywrapper'><div class='body' role='main'><section><h1>{escape(article.title)}"
            f'<a class="headerlink" href="#top">¶</a></h1>{self.body(article)}</section></div></div></div>'
            f"<div class='sphinxsidebar' role='navigation'><h3>Contents</h3><ul>{contents}</ul>"
            "</div></div></body></html>"
        )


class Compact(Markup):
    """One line, end tags left out, entities for what is not ASCII."""

    def paragraph(self, line: Line) -> str:
        return f"<p>{self.line(line)}"

    def items(self, lines: Sequence[Line]) -> str:
        return "<ul>" + "".join(f"<li>{self.line(line)}" for line in lines) + "</ul>"

    def page(self, article: MadeArticle) -> str:
        title = escape(article.title)
        page = f"<!doctype html><title>{title}</title><h1>{title}</h1>{self.body(article)}"
        return page.encode("ascii", "xmlcharrefreplace").decode().replace("\n", "")


HABITS: dict[str, Callable[[], Markup]] = {
    "semantic": Semantic,
    "wrapped": Wrapped,
    "encyclopaedia": Encyclopaedia,
    "blog": BlogPlatform,
    "newspaper": Newspaper,
    "old tables": OldTables,
    "form": InsideForm,
    "responsive": Responsive,
    "word processor": WordProcessor,
    "documentation": Documentation,
    "compact": Compact,
}
