"""A web page becomes typed blocks: what each element is, what is hidden, what belongs to the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.reading.html import blocks_of_markup, read
from tasks.pipeline.reading.types import Declared
from tests.tasks.html_pages import FILLER, kinds, reading_of, texts


@pytest.mark.parametrize(
    ("markup", "right"),
    [
        ("<p>One line of a\nparagraph with <code>code</code>\nthat goes on.</p>",
         [("paragraph", "One line of a paragraph with code that goes on.")]),
        ("<h2>A heading</h2><p>Text.</p>", [("heading", "A heading"), ("paragraph", "Text.")]),
        ("<div role=heading aria-level=3>A heading</div><p>Text.</p>", [("heading",
            "A heading"), ("paragraph", "Text.")]),
        ("<ul><li>One<li>Two <b>items</b></ul>", [("list_item", "One"), ("list_item", "Two items")]),
        ("<ol><li>One<ul><li>Inner</li></ul>after</li></ol>",
         [("list_item", "One"), ("list_item", "Inner"), ("list_item", "after")]),
        ("<ul><li><p>One.</p><p>More.</p></li></ul>", [("list_item", "One."), ("list_item", "More.")]),
        ("<blockquote><p>We close.</p><footer>The master</footer></blockquote>",
         [("quotation", "We close."), ("quotation", "The master")]),
        ("<p>Text.</p><figure><img src=x alt=no><figcaption>The <i>north</i> mouth</figcaption></figure>",
         [("paragraph", "Text."), ("caption", "The north mouth")]),
        ("<p>Text.</p><pre>run()\n  stop()</pre>", [("paragraph", "Text."), ("code", "run() stop()")]),
        ("<dl><dt>Port</dt><dd>A place for ships.</dd><dt>Pilot</dt><dt>Guide</dt><dd>One who"
         " leads.</dd></dl>",
         [("list_item", "Port: A place for ships."), ("list_item", "Pilot, Guide: One who leads.")]),
        ("<dl><dt>Port:</dt><dd>A place.</dd><dd>A wine.</dd></dl>",
         [("list_item", "Port: A place."), ("list_item", "Port: A wine.")]),
        ("<dl><div><dt>When does it open?</dt><dd><p>At ten.</p><p>Not on Sunday.</p></dd></div></dl>",
         [("list_item", "When does it open? At ten."), ("list_item", "Not on Sunday.")]),
        ("<dl><dt>A<dd>x<dl><dt>B<dd>y</dl><dd>z</dl>",
         [("list_item", "A: x"), ("list_item", "B: y"), ("list_item", "A: z")]),
        ("<dl><dt>Alone</dt></dl><p>Text.</p>", [("list_item", "Alone"), ("paragraph", "Text.")]),
        ("<p>Text.</p>loose words<p>More.</p>tail",
         [("paragraph", "Text."), ("paragraph", "loose words"), ("paragraph", "More."), (
             "paragraph", "tail")]),
        ("<details><summary>Why?</summary><p>Because.</p></details>", [("paragraph",
            "Why?"), ("paragraph", "Because.")]),
        ("<h3><button aria-expanded=false>Why?</button></h3><div><p>Because.</p></div>",
         [("heading", "Why?"), ("paragraph", "Because.")]),
        ("<p>one<p>two<div>three<p>four</div>five",
         [("paragraph", word) for word in ("one", "two", "three", "four", "five")]),
        ("<font size=2>one<p>two</font>", [("paragraph", "one"), ("paragraph", "two")]),
        ("<span class=block>one</span><span class='d-block'>two</span>", [("paragraph",
            "one"), ("paragraph", "two")]),
        ("<address>Harbour office<br>1 Quay Street<br>Bergen</address>",
         [("paragraph", "Harbour office 1 Quay Street Bergen")]),
        ("<h2 id=a>Ships<a class=headerlink href='#a' title=Permalink>¶</a></h2><p>Text.</p>",
         [("heading", "Ships"), ("paragraph", "Text.")]),
        ("<h2><span class=mw-headline>Ships</span><span class=mw-editsection>[<a"
         " href=x>edit</a>]</span></h2><p>Text.</p>",
         [("heading", "Ships"), ("paragraph", "Text.")]),
    ],
)  # fmt: skip
def test_each_element_is_a_block_of_its_kind(markup: str, right: list[tuple[str, str]]) -> None:
    assert kinds(markup) == right


@pytest.mark.parametrize(
    "notes",
    [
        '<section class="footnotes" role="doc-endnotes"><ol><li id="fn1">Letter of 1904. <a'
        ' href="#fnref1" class="footnote-back">↩︎</a></li></ol></section>',
        '<h2>References</h2><ol class="references"><li id="cite_note-1"><span'
        ' class="mw-cite-backlink"><a href="#cite_ref-1">↑</a></span> <span'
        ' class="reference-text">Letter of 1904.</span></li></ol>',
        "<h2>Einzelnachweise</h2><ol><li>Letter of 1904.</li></ol>",
        "<h2>参考文献</h2><ul><li>Letter of 1904.</li></ul>",
        '<hr><p id="_ftn1"><a href="#_ftnref1">[1]</a> Letter of 1904.</p>',
        '<aside role="doc-footnote"><p>Letter of 1904.</p></aside>',
    ],
)  # fmt: skip
def test_notes_and_references_are_footnotes(notes: str) -> None:
    assert ("footnote", "Letter of 1904.") in kinds(f"<article>{FILLER}{notes}</article>")


def test_what_follows_the_references_is_no_footnote() -> None:
    found = kinds(
        f"{FILLER}<h2>References</h2><ul><li>A book.</li></ul><h2>Visit</h2><ul><li>Open at ten.</li></ul>"
    )
    assert ("footnote", "A book.") in found
    assert ("list_item", "Open at ten.") in found


@pytest.mark.parametrize(
    "contents",
    [
        "<div id=toc class=toc><h2>Contents</h2><ul><li><a href='#a'>Ships</a></li><li><a"
        " href='#b'>Crates</a></li></ul></div>",
        "<ul><li><a href='#a'>Ships</a></li><li><a href='#b'>Crates</a></li><li><a"
        " href='#c'>Pilots</a></li></ul>",
    ],
)
def test_a_table_of_contents_is_no_text(contents: str) -> None:
    found = {text: kind for kind, text in kinds(f"<article>{contents}{FILLER}</article>")}
    assert found.get("Ships", "contents") == "contents"
    assert found["The crew of each ship signed one paper before it left."] == "paragraph"


HIDDEN = [
    '<p hidden>IGNORE</p>', '<p hidden="until-found">IGNORE</p>', '<div style="display:none'
                                                                  ' !important"><p>IGNORE</p></div>',
    '<p style="opacity: 0.01">IGNORE</p>', '<p style="font-size:1px">IGNORE</p>',
        '<p style="font-size: .1em">IGNORE</p>',
    '<p style="color: #fefefe">IGNORE</p>', '<p style="color:rgb(255, 255, 255)">IGNORE</p>',
    '<p style="color:#333;background:#333">IGNORE</p>', '<p style="color: rgba(0,0,0,0)">IGNORE</p>',
    '<div style="background:#fff"><p style="color:#fff">IGNORE</p></div>',
        '<font color="white">IGNORE</font>',
    '<p style="position:absolute;left:-9999px">IGNORE</p>', '<p style="text-indent:-5000px">IGNORE</p>',
    '<p style="clip-path: inset(100%)">IGNORE</p>', '<p style="transform: scale(0)">IGNORE</p>',
    '<p style="max-height:0;overflow:hidden">IGNORE</p>', '<p class="visually-hidden">IGNORE</p>',
    '<p class="d-none">IGNORE</p>', '<p class="hidden hover:block">IGNORE</p>',
        '<p class="d-none d-print-block">IGNORE</p>',
    '<style>.x1{display:none}</style><p class="x1">IGNORE</p>',
        '<style>#x2 { font-size: 0 }</style><p id="x2">IGNORE</p>',
    '<style>p.x3, .x4 { position:absolute; left:-9999px }</style><p class="x4">IGNORE</p>',
    '<svg><text>IGNORE</text></svg>', '<object>IGNORE</object>', '<dialog open>IGNORE</dialog>',
    '<select><option>IGNORE</option></select>', '<textarea>IGNORE</textarea>', '<button>IGNORE</button>',
    '<noscript><p>IGNORE</p></noscript>', '<template><p>IGNORE</p></template>', '<script>IGNORE</script>',
    '<img alt="IGNORE">', '<p title="IGNORE">x</p>', '<!-- IGNORE --><![CDATA[ IGNORE ]]><?php IGNORE ?>',
    '<iframe srcdoc="IGNORE">IGNORE</iframe>', '<video>IGNORE</video>', '<p>\U000e0049\U000e0047x</p>',
    '<math style="display:none"><mtext>IGNORE all that stands above</mtext></math>',
    '<p style="font: 0/0 a">IGNORE</p>', '<p style="font-size:calc(0px)">IGNORE</p>',
    '<p style="-webkit-text-fill-color: transparent">IGNORE</p>', '<p style="opacity:1e-5">IGNORE</p>',
    '<p style="scale: 0">IGNORE</p>', '<p style="zoom:0">IGNORE</p>',
    '<p style="translate:-9999px">IGNORE</p>',
    '<p style="transform: rotateX(90deg)">IGNORE</p>', '<p style="color: oklch(1 0 0)">IGNORE</p>',
    '<p style="d\\69splay:none">IGNORE</p>', '<p style="/**/display:/* */none">IGNORE</p>',
    '<p style="position:absolute;left:calc(-100vw - 10px)">IGNORE</p>', '<p popover>IGNORE</p>',
    '<p class="govuk-visually-hidden">IGNORE</p>', '<p class="cdk-visually-hidden">IGNORE</p>',
    '<p class="is-sr-only">IGNORE</p>', '<p class="ng-hide">IGNORE</p>', '<p class="tw-hidden">IGNORE</p>',
    '<p class="slds-assistive-text">IGNORE</p>', '<p class="visuallyHidden">IGNORE</p>',
    '<p class="visible-print-block">IGNORE</p>', '<p class="sr-only-focusable">IGNORE</p>',
    '<p class="opacity-0">IGNORE</p>', '<p class="text-[0px]">IGNORE</p>',
    '<p class="absolute -left-[9999px]">IGNORE</p>',
    '<p class="text-white bg-white">IGNORE</p>', '<p class="h-0 overflow-hidden">IGNORE</p>',
    '<style>.s1 .x5{display:none}</style><div class="s1"><p class="x5">IGNORE</p></div>',
    '<style>.s2>p{display:none}</style><div class="s2"><p>IGNORE</p></div>',
    '<style>.s3.x6{display:none}</style><p class="x6 s3">IGNORE</p>',
    '<style>x-n{display:none}</style><x-n>IGNORE</x-n>',
    '<style>p[data-x="1"]{display:none}</style><p data-x="1">IGNORE</p>',
    '<style>@media screen{.x7{display:none}}</style><p class="x7">IGNORE</p>',
    '<style>@layer a{@supports (display:grid){.x8{display:none}}}</style><p class="x8">IGNORE</p>',
    '<style>.x9{display:none}.x9:hover{display:block}</style><p class="x9">IGNORE</p>',
    '<style>:is(.x10,.y){font-size:1px}</style><p class="x10">IGNORE</p>',
    '<style>.x11{height:0;overflow:hidden}</style><p class="x11">IGNORE</p>',
    '<style>.x12{color:#fff}</style><p class="x12">IGNORE</p>',
    '<style>.x13{clip:rect(0 0 0 0);position:absolute}</style><p class="x13">IGNORE</p>',
]  # fmt: skip


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(
    "frame", ["<article>{}</article>", "<form>{}</form>", "<table><tr><td>{}</td></tr></table>"]
)
def test_what_a_page_hides_is_not_read(hidden: str, frame: str) -> None:
    text = " ".join(texts(frame.format(FILLER + hidden + FILLER)))
    assert "IGNORE" not in text
    assert text.count("A storm in April closed the harbour") == 2


SHOWN = [
    '<p class="hidden md:block">VISIBLE</p>', '<p class="d-none d-md-block">VISIBLE</p>',
        '<p class="hidden sm:flex">VISIBLE</p>',
    '<p class="hide-on-mobile">VISIBLE</p>', '<p class="hidden-xs">VISIBLE</p>',
        '<p class="hidden lg:!inline">VISIBLE</p>',
    '<p class="is-hidden-mobile">VISIBLE</p>', '<p class="md:hidden">VISIBLE</p>',
        '<p class="d-none d-xl-table-cell">VISIBLE</p>',
    '<div class="hidden min-[480px]:block"><p>VISIBLE</p></div>', '<p class="invisible'
                                                                  ' md:visible">VISIBLE</p>',
    '<p class="hide show-for-large">VISIBLE</p>', '<p hidden="false">VISIBLE</p>',
    '<div style="background:#036"><p style="color:#fff">VISIBLE</p></div>',
        '<p style="color:white;background:navy">VISIBLE</p>',
    '<table bgcolor="#003366"><tr><td><font color="white">VISIBLE</font></td></tr></table>',
    '<style>.tab{display:none}.tab.active{display:block}</style><p class="tab active">VISIBLE</p>',
    '<style>@media print{.np{display:none}}</style><p class="np">VISIBLE</p>',
    '<style>.w{display:none}@media (min-width:600px){.w{display:block}}</style><p class="w">VISIBLE</p>',
    '<p style="font-size:11px;opacity:0.9">VISIBLE</p>', '<p style="margin-top:-10px">VISIBLE</p>',
    '<details><summary>More</summary><p>VISIBLE</p></details>',
    '<div style="margin-bottom:-554px"><p>VISIBLE</p></div>',
    '<div style="margin-top:-120px"><p>VISIBLE</p></div>',
    '<p class="hidden @md:block">VISIBLE</p>',
    '<p class="hidden [@media(min-width:600px)]:block">VISIBLE</p>',
    '<p class="tw-hidden md:tw-block">VISIBLE</p>', '<p class="hidden data-[state=open]:block">VISIBLE</p>',
    '<p class="text-transparent bg-clip-text">VISIBLE</p>', '<p class="opacity-0 animate-in">VISIBLE</p>',
    '<style>.no-js .y1{display:none}</style><div class="no-js"><p class="y1">VISIBLE</p></div>',
    '<style>.y2{opacity:0}.y2.in{opacity:1}</style><p class="y2 in">VISIBLE</p>',
    '<style>.y3{opacity:0;animation:fade 1s forwards}</style><p class="y3">VISIBLE</p>',
    '<style>.dark{background:#123}.dark p{color:#fff}</style><div class="dark"><p>VISIBLE</p></div>',
    '<style>.s4 .y4{display:none}</style><p class="y4">VISIBLE</p>',
    '<style>.y5+p{display:none}</style><p class="y5">VISIBLE</p>',
    '<button role="tab" aria-controls="y6">Ships</button><div role="tabpanel" id="y6" hidden>'
    '<p>VISIBLE</p></div>',
    '<h3><button aria-controls="y7">Ships?</button></h3><div id="y7" style="display:none">'
    '<p>VISIBLE</p></div>',
    '<x-card><template shadowrootmode="open"><p>VISIBLE</p></template></x-card>',
]  # fmt: skip


@pytest.mark.parametrize("shown", SHOWN)
def test_what_is_seen_at_some_widths_is_read(shown: str) -> None:
    assert "VISIBLE" in " ".join(texts(f"<article>{FILLER}{shown}{FILLER}</article>"))


def test_a_page_that_hides_more_than_it_shows_says_so() -> None:
    reading = reading_of(f'<article>{FILLER}</article><div style="display:none">{FILLER * 9}</div>')
    assert reading.text.count("A storm in April") == 1
    assert reading.warnings == ("The page hides about 297 words from its readers; they were left out.",)


SITE_PARTS = [
    '<nav><ul><li><a href="/">SITE</a></li></ul></nav>', '<div id="nav"><a href="/">SITE</a></div>',
    '<div class="cookie-banner"><p>SITE uses cookies so that each visit is counted and remembered'
    ' for a whole year.</p></div>',
    '<footer><p>SITE, all rights reserved, 1 Quay Street, Bergen, Norway, and a long line of words'
    ' after it.</p></footer>',
    '<div class="share-buttons"><a href="/a">SITE</a> <a href="/b">Share</a></div>',
    '<section id="comments"><h3>2 comments</h3><p>SITE is the best harbour that I have ever seen in'
    ' my whole life, says Bob.</p></section>',
    '<aside class="sidebar"><h3>More</h3><ul><li><a href="/x">SITE</a></li></ul></aside>',
    '<div class="related-posts"><h3>Related</h3><p><a href="/x">SITE opens a new quay</a></p></div>',
    '<ul class="breadcrumb"><li><a href="/">SITE</a></li></ul>', '<div role="navigation"><a'
                                                                 ' href="/">SITE</a></div>',
    '<header class="site-header"><a href="/">SITE</a><p>All the news from the quay</p></header>',
    '<form action="/news"><label for=m>SITE newsletter</label><input id=m'
    ' type=email><button>Go</button></form>',
]  # fmt: skip


@pytest.mark.parametrize("part", SITE_PARTS)
@pytest.mark.parametrize("page", ["{part}<article><h1>Ships</h1>{text}</article>",
    "<div><h1>Ships</h1>{text}</div>{part}", "<main><h1>Ships</h1>{text}{part}</main>"])  # fmt: skip
def test_parts_of_the_site_are_no_text_of_the_document(part: str, page: str) -> None:
    found = texts(page.format(part=part, text=FILLER * 3))
    assert "SITE" not in " ".join(found)
    assert found[0] == "Ships"
    assert len(found) == 10


@pytest.mark.parametrize(
    "page",
    [
        '<form id="aspnetForm" method="post"><div id="nav"><a href="/">Home</a></div><div'
        ' id="content">{}</div></form>',
        '<form id="aspnetForm"><input type=hidden value=x><table><tr><td>{}</td></tr></table></form>',
        '<div class="hidden md:block">{}</div>',
        '<div class="content no-sidebar has-comments">{}</div>',
        '<div class="page-with-menu"><div class="main-banner-container">{}</div></div>',
        "<center><font face=Arial>{}</font></center>",
        "<app-root><app-article>{}</app-article></app-root>",
        '<div class="sidebar">{}</div>',
        '<body class="comments">{}',
        "<ul><li>{}</li></ul>",
        "<!doctype html><html lang=en><title>Ships</title><article>{}</article></html>",
        "<!doctype html><title>Ships</title><link rel=icon href=x><main>{}</main><script>1</script>",
        "<!doctype html><title>Ships</title><ships-page>{}</ships-page>",
        "<style>.page{{opacity:0}}</style><div class=page>{}</div>",
        '<div class="entry share">{}</div>',
        '<div class="post category-newsletter tag-social elementor-widget-text">{}</div>',
    ],
)
def test_a_page_in_an_odd_frame_is_read_in_full(page: str) -> None:
    reading = reading_of(
        page.format("<h1>Ships</h1>" + FILLER * 2 + "<p>It counted 412 ships in the spring of 2024.</p>")
    )
    assert reading.blocks[0].text == "Ships"
    assert len(reading.blocks) == 8
    assert reading.share_taken == 1.0
    assert reading.warnings == ()


def test_a_text_for_narrow_screens_and_its_copy_for_wide_ones_are_read_once() -> None:
    copies = "".join(
        f'<div class="{name}"><p>412 ships.</p></div>' for name in ("md:hidden", "hidden md:block")
    )
    assert texts(f"<main><h1>Ships</h1>{FILLER}{copies}</main>").count("412 ships.") == 1
    assert (
        texts(f"<main><h1>Ships</h1>{FILLER}{FILLER}</main>").count(
            "A storm in April closed the harbour for six days."
        )
        == 2
    )


def test_a_headline_above_the_main_content_belongs_to_it() -> None:
    assert texts(f"<h1>Figures</h1><article>{FILLER}</article>")[0] == "Figures"


def test_what_was_left_out_is_named_by_its_beginning() -> None:
    teasers = "".join(
        f"<div class=card><h4>Card number {number} of the harbour</h4><span>{number} Nice offer"
        f" words here now</span></div>"
        for number in range(60)
    )
    long = (
        "<p>The office kept these papers for ten years and then burned all of them in the yard by night.</p>"
    )
    reading = reading_of(f"<article>{long * 3}</article><div>{teasers}</div>")
    assert reading.share_taken is not None
    assert reading.share_taken < 0.5
    assert "% of the page's words were left out, beginning with “Card number 0 of" in reading.warnings[0]


def test_a_page_whose_main_part_is_not_found_is_read_in_full() -> None:
    long = "<p>The office kept paper number {} for ten years and then burned all of them in the yard.</p>"
    parts = "".join(f"<div><div><div>{long.format(number)}</div></div></div>" for number in range(20))
    reading = reading_of(f"<article>{long.format('one')}</article><section>{parts}</section>")
    assert reading.text.count("paper number") >= 20


@pytest.mark.parametrize("tag", ["div", "font", "b", "span", "table><tr><td", "ul><li", "blockquote"])
def test_a_page_nested_very_deeply_is_not_cut_off(tag: str) -> None:
    reading = reading_of(f"<p>First words.</p>{f'<{tag}>' * 3000}<p>Deep words.</p>" + "<p>Last words.</p>")
    assert [block.text for block in reading.blocks] == ["First words.", "Deep words.", "Last words."]


@pytest.mark.parametrize(
    "markup",
    [
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0'
        ' Strict//EN" "x.dtd">'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="de"><head><title/><script src="x.js"/></head>'
        "<body><p>Häfen&nbsp;und Schiffe</p><div/><p>Ende</p></body></html>",
        '<html xmlns="http://www.w3.org/1999/xhtml" lang="de"><body><p>Häfen&nbsp;und'
        " Schiffe</p><p>Ende</body>",
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" lang="de"><body><p>Häfen'
        " und Schiffe<p>Ende</body>",
    ],
)
def test_xhtml_is_read_whether_it_is_well_formed_or_not(markup: str) -> None:
    reading = read_bytes(markup.encode(), content_type="application/xhtml+xml; charset=utf-8")
    assert [block.text for block in reading.blocks] == ["Häfen und Schiffe", "Ende"]
    assert reading.language == "de"


def test_a_page_of_frames_says_what_to_give_instead() -> None:
    with pytest.raises(UnreadableText, match=r"frames; give the address of one: left\.html, main\.html"):
        read(
            b'<html><frameset cols="20,80"><frame src="left.html"><frame src="main.html"></frameset></html>',
            Declared(),
        )


def test_a_book_chapter_is_read_without_looking_for_a_site() -> None:
    blocks = blocks_of_markup("<html><body><nav><p>One.</p></nav><p>Two.</p></body></html>")
    assert [block.text for block in blocks] == ["One.", "Two."]


def test_a_reading_says_how_it_was_come_by() -> None:
    reading = reading_of(f"<h1>Ships</h1>{FILLER}", lang="en-GB")
    assert reading.title == "Ships"
    assert reading.language == "en-GB"
    assert reading.media_type == "text/html"
    assert reading.reader.startswith("html 2 (lxml ")
    assert reading.share_taken == 1.0
    assert reading.charset.lower() == "utf-8"


HOSTILE = {
    "elements": "<p>x <b>y</b></p>" * 6_250,
    "comments": "<p>" + "a<!-- x -->" * 12_500 + "</p>",
    "hidden": "<p>" + "a<i hidden>b</i>" * 12_500 + "</p>",
    "raised": "<p>" + "a<sup>2</sup>" * 6_250 + "</p>",
    "breaks": "<p>" + "a<br> \n<br>" * 6_250 + "</p>",
    "cells": "<table>" + "<tr>" + "<td colspan=1000 rowspan=1000>x</td>" * 5_000 + "</tr>" * 5 + "</table>",
    "rows": "<table>" + "<tr><td>a<td>1</tr>" * 3_750 + "</table>",
    "tables": "<table><tr><td>" * 2_000 + "x" + "<p>y</p>" * 5_000,
    "roles": "<div role=table><div role=row><div role=cell>a</div><div role=cell>" * 250 + "x",
    "lists": "<ul><li>" * 900 + "x" + "<a href='#a'>y</a>" * 5_000,
    "blanks": "<p>港" + " " * 50_000 + "x" + "\n " * 25_000 + "</p>",
    "classes": '<div class="' + "a-" * 50_000 + '">x</div>',
    "quotes": "<q>" * 1_000 + "x" + "<q lang=fr>y</q>" * 2_500,
    "styles": "<style>" + "/*" * 15_000 + "{" * 15_000 + "</style><p>x</p>",
    "terms": "<dl>" + "<dt>a" * 7_500 + "<dd>b</dl>",
    "notes": '<div class="footnotes">' * 900 + "<li>x</li>" * 7_500,
    "text": "x" * 2_000_000,
    "tags": "<" * 125_000,
    "entities": "&amp;" * 75_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_no_faster_than_the_page(name: str) -> None:
    reading_of(HOSTILE[name])


CASES = Path(__file__).parents[2] / "tasks" / "sample"


def test_the_sample_page_is_read_as_it_stands() -> None:
    reading = read_bytes(
        (CASES / "heat-health-and-canopy.html").read_bytes(), name="heat-health-and-canopy.html"
    )
    assert reading.share_taken == 1.0
    assert sum(block.kind == "heading" for block in reading.blocks) == 6
    assert all(
        block.text.endswith(".")
        for block in reading.blocks
        if block.kind == "paragraph" and len(block.text) > 50
    )


LONG = "The harbour office in Bergen counted 412 ships in the spring, which was more than in any year before."
OTHER = "A storm closed the harbour for six days in April, and three ferries had to stay in Stavanger."
CARDS = "".join(
    f"<div class=card><h3><a href=/{number}>Ferry number {number} is late</a></h3>"
    f"<p>The ferry number {number} came late to the port of Oslo on Monday, says the mayor.</p></div>"
    for number in range(3)
)


@pytest.mark.parametrize(
    ("body", "right"),
    [
        (f"<main><div><p>{LONG} {LONG}</p></div><div><p>{OTHER}</p></div></main>", [f"{LONG} {LONG}", OTHER]),
        (f"<div class=w><div><p>{LONG}</p></div><div><p>It rained.</p></div></div>", [LONG, "It rained."]),
        (f"<main><p>{LONG}</p></main><main><p>{OTHER}</p></main>", [LONG, OTHER]),
        (
            f"<div><p>{LONG}</p><span style='display:block'>It rained.</span></div>",
            [LONG, "It rained."],
        ),
        (
            f"<main><section><h2>One</h2><p>{LONG}</p><p>{OTHER}</p></section><section><h2>Two</h2><p>It"
            " rained.</p></section></main>",
            ["One", LONG, OTHER, "Two", "It rained."],
        ),
        (
            f"<main><div><p>{LONG}</p><p>{OTHER}</p><p>{LONG} {OTHER}</p></div>{CARDS}</main>",
            [LONG, OTHER, f"{LONG} {OTHER}"],
        ),
        (
            f"<main><section><h2><a href='#a'>One</a></h2><p>{LONG}</p></section><section>"
            f"<h2><a href='#b'>Two</a></h2><p>{OTHER}</p></section></main>",
            ["One", LONG, "Two", OTHER],
        ),
        (
            f"<main><h1>News</h1>{CARDS}</main>",
            [
                "News",
                *(
                    text
                    for number in range(3)
                    for text in (
                        f"Ferry number {number} is late",
                        f"The ferry number {number} came late to the port of Oslo on Monday, says the mayor.",
                    )
                ),
            ],
        ),
        (
            f"<article><p>{LONG}</p><p><b>Read also:</b> <a href=/x>The ferries stay.</a></p>"
            f"<p>{OTHER}</p></article>",
            [LONG, OTHER],
        ),
        (
            "<main><h2 class='accordion-header'><button>How many?</button></h2>"
            f"<div class='accordion-body'>{LONG}</div></main>",
            ["How many?", LONG],
        ),
        (
            f"<main><div class='mw-heading'><h2>Ships</h2>"
            f"<span class='mw-editsection'>[<a href=e>edit</a>]</span></div><p>{LONG}</p></main>",
            ["Ships", LONG],
        ),
        (f"<blockquote><div><cite>Ada wrote:</cite>{LONG}</div></blockquote>", ["Ada wrote:", LONG]),
        (
            f"<table><tr><td><a href=1>Home</a><br><a href=2>News</a></td><td>"
            f"<h1>H</h1>{LONG}<br><br>{OTHER}</td></tr></table>",
            ["H", LONG, OTHER],
        ),
        (
            "<table class=waffle><thead><tr><th class=row-header></th><th "
            "class=column-headers-background>A</th><th class=column-headers-background>B</th></tr></thead>"
            "<tbody><tr><th class=row-headers-background>1</th><td>Port</td><td>Ships</td>"
            "</tr><tr><th class=row-headers-background>2</th><td>Bergen</td>"
            "<td>412</td></tr></tbody></table>",
            ["Port: Ships", "Bergen: 412"],
        ),
    ],
)
def test_no_part_of_the_document_is_left_out(body: str, right: list[str]) -> None:
    reading = reading_of(body)
    assert [block.text for block in reading.blocks] == right
    assert reading.warnings == ()


def test_a_headline_above_the_body_and_its_first_section_belongs_to_the_document() -> None:
    body = (
        "<main><article><header class=post-header><h1>Ships</h1></header><ul><li><a href=#a>One</a></li>"
        f"</ul><div class=post-content><h2>One</h2><p>{LONG}</p><p>{OTHER}</p></div></article></main>"
    )
    assert texts(body)[0] == "Ships"
    site = f"<div><h1>The Quay</h1><p>All news</p></div><article><h2>Ships</h2><p>{LONG}</p></article>"
    assert texts(site)[0] == "Ships"


def test_what_asks_for_consent_is_no_text_that_is_missing() -> None:
    consent = "<div id=onetrust-consent-sdk><p>We and our 412 partners store what we read.</p></div>"
    reading = reading_of(f"<main><p>{LONG}</p><p>{OTHER}</p></main>{consent}")
    assert [block.text for block in reading.blocks] == [LONG, OTHER]
    assert reading.warnings == ()


def test_prose_next_to_the_document_that_is_left_out_is_named() -> None:
    body = f"<article><h1>Ships</h1><p>{LONG}</p></article><section><p>{OTHER}</p></section>"
    reading = reading_of(body)
    assert OTHER not in reading.text
    assert "beginning with “A storm closed the harbour" in reading.warnings[0]
