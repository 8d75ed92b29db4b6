"""Title, author, date and language of a page, by one rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasks.pipeline.reading.html import read
from tasks.pipeline.reading.html.metadata import iso_date
from tasks.pipeline.reading.types import Declared
from tests.tasks.html_pages import FILLER, reading_of


def script(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Ships &amp; crates",
    "datePublished": "2024-04-12T08:30:00+02:00",
    "dateModified": "2025-01-01",
    "author": [{"@type": "Person", "name": "Ada Holm"}, {"@type": "Person", "name": "Bo Lund"}],
}


@pytest.mark.parametrize(
    ("head", "author", "published"),
    [
        (script(ARTICLE), "Ada Holm, Bo Lund", "2024-04-12T08:30:00+02:00"),
        (script([{"@type": "WebSite", "name": "x"}, ARTICLE]), "Ada Holm, Bo Lund",
            "2024-04-12T08:30:00+02:00"),
        (
            script(
                {
                    "@graph": [
                        {"@type": "WebPage", "datePublished": "2020-01-01"},
                        {"@type": ["Article", "TechArticle"], "author": {"@id": "#ada"},
                            "datePublished": "2024-04"},
                        {"@type": "Person", "@id": "#ada", "name": "Ada Holm"},
                    ]
                }
            ),
            "Ada Holm",
            "2024-04",
        ),
        (script({"@type": "http://schema.org/Article", "author": "By Ada Holm"}), "Ada Holm", ""),
        (
            '<meta name="author" content="Ada Holm"><meta property="article:published_time"'
            ' content="2024-04-12">',
            "Ada Holm",
            "2024-04-12",
        ),
        (
            '<meta name="citation_author" content="Holm, Ada"><meta name="citation_author"'
            ' content="Lund, Bo">'
            '<meta name="citation_publication_date" content="2024/04/12">',
            "Holm, Ada; Lund, Bo",
            "2024-04-12",
        ),
        ('<meta name="DC.creator" content="Ada Holm"><meta name="DC.date.issued"'
         ' content="2024">', "Ada Holm", "2024"),
        ('<meta property="article:author" content="https://example.org/ada">', "", ""),
        ('<meta property="article:modified_time" content="2024-04-12">', "", ""),
        ('<script type="application/ld+json">{broken</script><meta name=author content=Ada>', "Ada", ""),
        (f'<script type="application/ld+json">{"[" * 100_000}</script><meta name=author'
         f' content=Ada>', "Ada", ""),
        (script({"@type": "Article", "author": None, "datePublished": 2024, "headline": ["a"]}), "", ""),
    ],
)  # fmt: skip
def test_json_ld_comes_before_meta(head: str, author: str, published: str) -> None:
    reading = reading_of(f"<h1>Ships</h1>{FILLER}", head=head)
    assert (reading.author, reading.published) == (author, published)


@pytest.mark.parametrize(
    ("markup", "author", "published"),
    [
        ('<p>By <a rel="author" href="/ada">Ada Holm</a></p>', "Ada Holm", ""),
        ('<p><a rel="author" href="/1">admin</a></p>', "", ""),
        ('<p itemprop="author"><span itemprop="name">Ada Holm</span>, editor</p>', "Ada Holm", ""),
        (
            '<time itemprop="datePublished" datetime="2024-04-12T10:00Z">Friday</time>',
            "",
            "2024-04-12T10:00Z",
        ),
        ("<time pubdate>12 April 2024</time>", "", "2024-04-12"),
        ('<time datetime="2024-04-12">Friday</time>', "", ""),
    ],
)
def test_what_the_page_shows_comes_last(markup: str, author: str, published: str) -> None:
    reading = reading_of(f"<article><h1>Ships</h1>{markup}{FILLER}</article>")
    assert (reading.author, reading.published) == (author, published)


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("2024-04-12", "2024-04-12"), ("2024-4-2", "2024-04-02"), ("20240412",
            "2024-04-12"), ("2024", "2024"),
        ("2024-04", "2024-04"), ("2024/04/12", "2024-04-12"), ("2024-04-12 08:30", "2024-04-12T08:30"),
        ("2024-04-12T08:30:15.123Z", "2024-04-12T08:30:15Z"), ("2024-04-12T08:30:00+0200",
            "2024-04-12T08:30:00+02:00"),
        ("Fri, 12 Apr 2024 08:30:00 GMT", "2024-04-12T08:30:00+00:00"), ("April 12, 2024", "2024-04-12"),
        ("12 April 2024", "2024-04-12"), ("Apr. 2nd, 2024", "2024-04-02"), ("April 2024", "2024-04"),
        ("04/05/2024", ""), ("5.4.2024", ""), ("yesterday", ""), ("", ""), ("2024-13-01",
            ""), ("99999999", ""),
        ("2024-04-12T08:30:00 UTC", "2024-04-12T08:30:00Z"),
        ("1. Mai 2024", "2024-05-01"), ("1er août 2024", "2024-08-01"), ("3 de mayo de 2024", "2024-05-03"),
        ("2024年5月1日", "2024-05-01"), ("2024년 5월 1일", "2024-05-01"),
    ],
)  # fmt: skip
def test_a_date_is_as_precise_as_it_was_given(given: str, right: str) -> None:
    assert iso_date(given) == right


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (script(ARTICLE), "<h1>The <em>shown</em> headline</h1>", "The shown headline"),
        (script(ARTICLE), "", "Ships & crates"),
        (script({"@type": "Article", "headline": "<em>Ships</em> in May"}), "", "Ships in May"),
        (script({"@type": "BlogPosting", "name": "Ships in May"}), "", "Ships in May"),
        (script(ARTICLE).replace("}]", "},]"), "", "Ships & crates"),
        (
            '<meta property="og:site_name" content="Quay"><meta property="og:title" content="Ships | Quay">',
            "",
            "Ships",
        ),
        (script(ARTICLE), "<h1>The Daily Quay</h1><h1>Ships &amp; crates</h1>", "Ships & crates"),
        ('<meta property="og:title" content="Ships in spring">', "", "Ships in spring"),
        ("", "<h2>Only a section</h2>", "Harbour"),
        (script(ARTICLE), '<header><h1 class="logo">The Daily Quay</h1></header>', "Ships & crates"),
    ],
)
def test_the_title_is_the_headline_of_the_document(head: str, body: str, title: str) -> None:
    assert reading_of(f"{body}<article>{FILLER}</article>", head=head).title == title


@pytest.mark.parametrize(
    ("title", "right"),
    [
        ("Ships in spring | The Daily Quay", "Ships in spring"),
        ("The Daily Quay – Ships in spring", "Ships in spring"),
        ("Ships | Crates | The Daily Quay", "Ships | Crates"),
        ("Ships - in spring", "Ships - in spring"),
    ],
)
def test_the_name_of_the_site_is_no_part_of_the_title(title: str, right: str) -> None:

    site = '<meta property="og:site_name" content="The Daily Quay">'
    page = f"<html><head><title>{title}</title>{site}</head><body>{FILLER}</body></html>"
    assert read(page.encode(), Declared(charset="utf-8")).title == right


@pytest.mark.parametrize(
    ("markup", "language"),
    [
        ('<html lang="de-AT">', "de-AT"),
        ('<html xml:lang="fr">', "fr"),
        ('<html lang="pt_BR">', "pt-BR"),
        ('<html><head><meta http-equiv="Content-Language" content="pl"></head>', "pl"),
        ('<html><head><meta property="og:locale" content="nb_NO"></head>', "nb-NO"),
        ('<html lang="{{ lang }}">', ""),
        ("<html>", ""),
    ],
)
def test_the_language_is_what_the_page_declares(markup: str, language: str) -> None:

    assert read(f"{markup}<body>{FILLER}".encode(), Declared(charset="utf-8")).language == language
