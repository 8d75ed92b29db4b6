"""The public site's own words are in the language of its identity; the desk and the API are in English."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template.base import DebugLexer, TokenType
from django.test import Client
from django.utils import translation

from tasks import localized_dates
from tests.factories import make_user
from tests.publishing.factories import edit_identity, make_post
from tools import translations

SAME_EVERYWHERE = {"RSS", "JSON", "Feed", "Atom", "UTF", "DOCTYPE"}
READ_ALOUD = {"alt", "aria-label", "placeholder", "title"}
SPOKEN_META = {"description", "og:title", "og:description", "og:image:alt"}


def read(path: str, status: int = 200) -> str:
    response = Client().get(path)
    assert response.status_code == status
    return str(response.content.decode())


# --- The files ----------------------------------------------------------------------------------------


def test_every_text_is_translated_and_compiled() -> None:
    texts = translations.source()
    for language in translations.LANGUAGES:
        catalog = translations.renewed(language, texts)
        po = translations.po_file(language)
        assert list(translations.gaps(catalog)) == []
        assert translations.as_po(catalog) == po.read_bytes(), "run python -m tools.translations"
        assert translations.as_mo(catalog) == po.with_suffix(".mo").read_bytes()


def test_a_gap_of_each_kind_is_found() -> None:
    catalog = translations.Catalog(locale="de")
    catalog.add("Nothing yet")
    catalog.add("By %(name)s", "Von %(nmae)s")
    catalog.add("Guessed", "Geraten", flags=["fuzzy"])
    catalog.add("By {name}", "Von {name}")
    assert list(translations.gaps(catalog)) == [
        "no translation: Nothing yet",
        "other placeholders: Von %(nmae)s",
        "no translation: Guessed",
    ]


class Words(HTMLParser):
    """What a template says without asking for its translation."""

    def __init__(self, source: str, *, is_html: bool) -> None:
        super().__init__()
        self.found: list[str] = []
        literal = _literal(source)
        if is_html:
            self.feed(literal)
            self.close()
        else:
            self.handle_data(re.sub(r"<[^<>]*>|`[^`]*`", "", literal))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in READ_ALOUD & given.keys():
            self.handle_data(given[name] or "")
        if (given.get("name") or given.get("property")) in SPOKEN_META:
            self.handle_data(given.get("content") or "")

    def handle_data(self, data: str) -> None:
        self.found += [word for word in re.findall(r"[^\W\d_]{2,}", data) if word not in SAME_EVERYWHERE]


def _literal(source: str) -> str:
    """Without template tags, and what is in those that translate or comment."""
    parts, inside = [], ""
    for token in DebugLexer(source).tokenize():
        name, *rest = token.contents.split() if token.token_type == TokenType.BLOCK else ("",)
        if name in ("blocktranslate", "comment") or rest == ["main_class"]:  # which is a class
            inside = name
        elif name == f"end{inside}":
            inside = ""
        elif token.token_type == TokenType.TEXT and not inside:
            parts.append(token.contents)
        elif token.token_type == TokenType.VAR and "".join(parts[-1:]).endswith(("<", "</")):
            parts.append("x")  # the name of an element
    return "".join(parts)


def test_no_template_of_the_public_site_has_words_that_stay_english() -> None:
    for path in translations.templates():
        assert Words(path.read_text(), is_html=path.suffix == ".html").found == [], path.name


def test_words_that_would_stay_english_are_found() -> None:
    for template, found in (
        ("<p>{% if x %}Hello{% endif %}</p>", ["Hello"]),
        ('<nav aria-label="Site">{{ name }}</nav>', ["Site"]),
        ('<meta name="description" content="Of {{ name }}">', ["Of"]),
        ('<p class="facts">{% translate "Hello" %} RSS</p>', []),
        ("{% comment %}Needs post.{% endcomment %}{% blocktranslate %}Hello{% endblocktranslate %}", []),
    ):
        assert Words(template, is_html=True).found == found, template


# --- Dates --------------------------------------------------------------------------------------------


def test_dates_are_written_as_in_the_language() -> None:
    first = datetime(2026, 8, 1, 14, 5, tzinfo=UTC)
    last = datetime(2026, 11, 30, 9, tzinfo=UTC)
    for language, *expected in (
        ("en", "1 August 2026", "30 November 2026, 09:00 UTC", "August 2026", "August"),
        ("de", "1. August 2026", "30. November 2026, 09:00 UTC", "August 2026", "August"),
        ("fr", "1er août 2026", "30 novembre 2026, 09:00 UTC", "Août 2026", "Août"),
        ("es", "1 de agosto de 2026", "30 de noviembre de 2026, 09:00 UTC", "Agosto de 2026", "Agosto"),
        ("ja", "1 August 2026", "30 November 2026, 09:00 UTC", "August 2026", "August"),
    ):
        with translation.override(language):
            written = [localized_dates.day(first), localized_dates.minute(last), localized_dates.month(first)]
            assert [*written, localized_dates.month_name(first)] == expected


# --- What readers see ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_public_pages_speak_the_language_of_the_site() -> None:
    post = make_post("Shade in towns")
    assert "min read" in read("/")  # a card that is cached in English
    said = {
        "de": {
            "/": "Artikel durchsuchen|Min. Lesezeit",
            post.get_absolute_url(): "genau diesen Text freigegeben",
            "/about/": "Wie Artikel entstehen", "/archive/": "Archiv", "/corrections/": "Korrekturen",
            "/search/?q=shade": "1 Artikel zu „shade“", "/search/": "Suche",
            post.markdown_path: "## Quellen|Veröffentlicht", "/llms.txt": "## Neueste Artikel",
            "/opensearch.xml": "<Language>de</Language>", "/feed/": "<language>de</language>",
            "/feed.json": "jeder gibt an, wie",
        },
        "fr": {
            "/about/": "Comment les articles sont faits",
            "/search/?q=shade": "1 article pour «\xa0shade\xa0»",
        },
        "es": {"/about/": "Cómo se hacen los artículos", "/search/?q=shade": "1 artículo sobre «shade»"},
    }  # fmt: skip
    for language, pages in said.items():
        edit_identity(language=language)
        for path, words in pages.items():
            text = read(path)
            for word in words.split("|"):
                assert word in (json.loads(text)["description"] if "json" in path else text), (path, word)
            if "<!DOCTYPE" in text:
                assert f'<html lang="{language}">' in text
        assert f'<html lang="{language}">' in read("/none/", 404)
        assert translation.get_language() == "en"


@pytest.mark.django_db
def test_an_english_text_on_a_german_site_says_its_language() -> None:
    post = make_post("Shade in towns")
    edit_identity(language="de")
    page = read(post.get_absolute_url())
    assert '<h1 lang="en">' in page
    assert '<div class="text" lang="en">' in page
    assert '<h2 class="title" lang="en">' in read("/")
    assert '<div lang="en">' in json.loads(read("/feed.json"))["items"][0]["content_html"]
    edit_identity(language="en")
    assert ' lang="en"' not in read(post.get_absolute_url()).partition("<html")[2][20:]


@pytest.mark.django_db
def test_the_menu_as_shipped_is_translated_and_an_own_label_is_not() -> None:
    edit_identity(
        language="de",
        menu=[
            {"kind": "address", "address": "/archive/", "label": "Archive"},
            {"kind": "address", "address": "/about/", "label": "Archive"},
        ],
    )
    assert re.findall(r'<li><a href="/(?:archive|about)/">(\w+)</a></li>', read("/")) == ["Archiv", "Archive"]


@pytest.mark.django_db
def test_the_desk_and_the_api_stay_english(client: Client) -> None:
    make_post("Shade")
    edit_identity(language="de")
    client.force_login(make_user("publisher", "Publishers"))
    for path in ("/admin/", "/admin/none/"):
        page: Any = client.get(path)
        assert '<html lang="en' in page.content.decode(), path
    assert "No post has this address" in client.get("/api/posts/none/").json()["detail"]


@pytest.mark.django_db
def test_suggestions_name_their_kind_in_the_language_of_the_site() -> None:
    make_post("Shade in towns")
    edit_identity(language="fr")
    _, texts, kinds, _ = json.loads(read("/search/suggest/?q=sha"))
    assert texts[0] == "Shade in towns"
    assert kinds[0] == "article"
    edit_identity(language="es")
    assert json.loads(read("/search/suggest/?q=sha"))[2][0] == "artículo"
