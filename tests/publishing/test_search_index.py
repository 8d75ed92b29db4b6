"""What is stored of a post for search, and how rows of earlier versions become present ones."""

from __future__ import annotations

import pytest
from django.db import connection

from publishing.models import PostSearch, SearchForm, SearchTerm
from publishing.search import search
from publishing.search.index import DIVISION, index_again, index_outdated
from publishing.search.normalization import clean
from publishing.search.words import compounds, divide
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

DIVIDED = {
    "e-mail": [("e", "email"), ("mail", "email")],
    "node.js": [("node", "nodejs"), ("js", "nodejs")],
    "C++11": [("c++", "cpp", "cplusplus", "c++11"), ("11", "c++11")],
    "U.S.": [("u", "us"), ("s", "us")],
    "O’Brien's": [("o", "obrien"), ("brien", "obrien")],
    "we'll": [("we",)],
    "don't": [("don", "dont")],
    "l'arbre": [("l",), ("arbre",)],
    "L'Oréal": [("l", "loréal"), ("oréal", "loréal")],
    "$1,299.99": [("1299.99", "1299")],
    "1.299,99 €": [("1299.99", "1299")],
    "-5.5%": [("5.5",)],
    "737-800": [("737",), ("800",)],
    "COVID-19": [("covid", "covid19"), ("19", "covid19")],
    "30.11.2024": [("30.11.2024", "30.11", "30", "11", "2024")],
    ".NET": [(".net", "net", "dotnet")],
    "Straße": [("strasse",)],
    "שָׁלוֹם": [("שלום",)],
    "ΟΔΌΣ": [("οδόσ",)],
    "Ёлка": [("елка",)],
    "４２ ﬁne": [("42",), ("fine",)],
    "北京天气": [("北京",), ("京天",), ("天气",), ("气",)],
    "猫": [("猫",)],
    "iPhone手机": [("iphone",), ("手机",), ("机",)],
    "heat—stress": [("heat",), ("stress",)],
    "😀 …": [],
}


def test_words_are_divided_the_same_in_every_script(subtests):
    for text, expected in DIVIDED.items():
        with subtests.test(text):
            assert [(word.text, *word.forms) for word in divide(clean(text))] == expected


def test_offsets_are_into_the_text():
    text = "The wi-fi of Node.js, 1,299.99 and 北京"
    words = divide(text)
    assert [text[word.start : word.end] for word in words if not word.text.isascii()] == ["北京", "京"]
    assert all(text[word.start : word.end].lower() in {word.text, "1,299.99"} for word in words)
    assert [compound.joined for _, compound in compounds(text) if compound.joined] == [("wifi",), ("nodejs",)]


def test_a_text_of_every_size_and_script_fits_into_the_index(subtests):
    texts = {
        "long": "word " * 100_000,
        "many words": " ".join(f"w{number}x" for number in range(60_000)),
        "many characters": "".join(chr(0x4E00 + number % 20_000) for number in range(150_000)),
        "one word": "ä" * 100_000,
        "marks": "\u0301 \u064b \u05b8 a\u0301 \u0941 x " * 20,
        "quotes": "it's \\ 'quoted' '' \\' " * 100,
    }
    for name, text in texts.items():
        with subtests.test(name):
            post = make_post(name, text)
            assert PostSearch.objects.get(post=post).division == DIVISION
            assert post.pk in search(name).post_ids


def test_the_forms_of_words_are_stored_as_texts_have_them():
    make_post("Wi-Fi in cafés", "The cafés have 1,000 cups. 猫の café", language="en")
    forms = {form.form: form for form in SearchForm.objects.all()}
    assert {"wifi", "wi", "fi", "cafés", "café", "cups"} <= forms.keys()
    assert forms["wifi"].is_compound
    assert not forms["wi"].is_compound
    assert forms["cafés"].lexeme == forms["café"].lexeme == "cafe"
    assert not {"1000", "猫の", "the"} & forms.keys()
    make_post("Wifi", "Without a hyphen.")
    assert SearchForm.objects.get(form="wifi").is_compound, "a text still has it in parts"


def test_stop_words_are_indexed_for_titles_only():
    make_post("The Who", "About it and the others.")
    assert set(SearchTerm.objects.filter(lexeme__startswith="=").values_list("lexeme", flat=True)) == {
        "=the", "=who",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_posts_that_earlier_rules_divided_are_indexed_again():
    posts = [make_post(f"北京天气 {number}", "很好", language="zh") for number in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE publishing_postsearch SET division = 0, tsv = to_tsvector('simple', 'old')")
        cursor.execute("DELETE FROM publishing_searchterm")
    assert search("北京").post_ids == []
    assert index_outdated() == 3
    assert set(search("北京").post_ids) == {post.pk for post in posts}
    assert index_outdated() == 0


def test_many_posts_at_once_are_indexed_as_one_by_one():
    posts = [make_post(title, "Rows of trees, e-mail and 北京天气") for title in ("It", "Cafés", "C++")]
    one_by_one = list(PostSearch.objects.order_by("pk").values_list("config", "tsv", "text", "division"))
    index_again(posts)
    assert (
        list(PostSearch.objects.order_by("pk").values_list("config", "tsv", "text", "division")) == one_by_one
    )
