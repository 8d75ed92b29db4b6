"""What a page may weigh on its way to a reader. Measured with gzip, which is never smaller than Brotli."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

SITE = Path(settings.BASE_DIR) / "static" / "site"


def weight(data):
    return len(gzip.compress(data, 9))


def test_what_surrounds_an_article_weighs_at_most_8_kb():
    for number in range(3):
        make_post(f"Shade {number}")
    make_post("Street trees", slug="street-trees")
    assert weight(Client().get("/posts/street-trees/").content) <= 8_000


def test_a_page_of_results_is_compressed_and_weighs_at_most_8_kb():
    for number in range(12):
        make_post(f"Shade {number}")
    asked = {"q": "shade"}
    answer = Client().get("/search/", asked, headers={"Accept-Encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Vary"] == "Accept-Encoding"
    assert len(answer.content) <= 8_000
    assert b"12 articles for" in gzip.decompress(answer.content)
    assert "Content-Encoding" not in Client().get("/search/", asked)


def test_a_post_with_its_style_and_script_weighs_at_most_12_kb():
    make_post("Street trees", slug="street-trees")
    page = weight(Client().get("/posts/street-trees/").content)
    assert page + weight((SITE / "site.css").read_bytes()) + weight((SITE / "site.js").read_bytes()) <= 12_000


def test_all_styles_weigh_at_most_8_kb_and_a_script_1_3_kb():
    assert sum(weight(file.read_bytes()) for file in SITE.glob("*.css")) <= 8_000
    for file in SITE.glob("*.js"):
        assert weight(file.read_bytes()) <= 1_300, file.name


def test_the_fonts_weigh_at_most_60_kb():
    fonts = list(SITE.glob("fonts/*.woff2"))
    assert len(fonts) == 3
    assert sum(file.stat().st_size for file in fonts) <= 60_000


def test_a_post_takes_few_queries(django_assert_max_num_queries):
    for number in range(3):
        make_post(f"Shade {number}")
    make_post("Street trees", slug="street-trees")
    with django_assert_max_num_queries(5):
        Client().get("/posts/street-trees/")
    with django_assert_max_num_queries(2):
        Client().get("/")
