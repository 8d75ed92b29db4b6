"""Suggestions during typing."""

import pytest
from django.test import Client

from publishing.models import SearchList, SearchTerm, Tag
from publishing.publish import unpublish
from publishing.search import suggestions
from tests.factories import make_user
from tests.publishing.factories import make_post
from tests.publishing.test_search_page import hostile

pytestmark = pytest.mark.django_db

FILLER = "Something else entirely, about nothing in particular and of no great length."


def suggested(text, kind):
    return [one.text for one in suggestions(text) if one.kind == kind]


@pytest.fixture
def posts():
    make_post("Street trees cool", FILLER, slug="street-trees", category="City", tags=["urban shade", "soil"])
    make_post(
        "Where streets are cool", f"{FILLER} A canopy.", slug="where", category="Country", tags=["soil"]
    )


def test_titles_that_begin_so_come_before_titles_with_such_a_word(posts):
    assert suggested("STREET", "article") == ["Street trees cool", "Where streets are cool"]
    assert suggested("street tr", "article") == ["Street trees cool"]
    assert suggested("cool str", "article") == ["Where streets are cool", "Street trees cool"]
    assert suggested("w", "article") == ["Where streets are cool"]
    assert suggested("canopy", "article") == []


def test_categories_and_tags_by_the_beginning_of_any_of_their_words(posts):
    assert suggested("c", "category") == ["City", "Country"]
    assert suggested("sha", "tag") == ["urban shade"]
    assert suggested("hade", "tag") == []


def test_words_are_completed_as_texts_have_them_the_commonest_first(posts):
    make_post("Canoes", f"{FILLER} Cities and their canopies.")
    make_post("Two", f"{FILLER} Under the canopies.")
    assert suggested("can", "word")[0] in {"canopy", "canopies"}
    assert "canoes" in suggested("can", "word")
    assert suggested("under the canoe", "word") == ["under the canoes"]
    assert suggested("c", "word") == []


def test_a_common_word_is_shown_as_the_first_live_post_of_its_list_has_it(posts):
    term = SearchTerm.objects.get(lexeme="canopi")
    post = make_post("Listed", f"{FILLER} Canopies.")
    gone = make_post("Gone", f"{FILLER} Canopied.")
    unpublish(gone, by=make_user("publisher"))
    SearchList.objects.create(term=term, post_ids=[gone.pk, post.pk], impacts=[1, 0.5], cutoff=0)
    assert suggested("canop", "word") == ["canopies"]


def test_accents_and_scripts_are_no_obstacle():
    make_post("Cafés of the city", FILLER, slug="cafes")
    make_post("Bäume", FILLER, language="de", summary="", slug="baeume")
    make_post("街を涼しくする", "夏の午後", language="ja", slug="ja")
    assert suggested("the caf", "article") == suggested("Café", "article") == ["Cafés of the city"]
    assert suggested("bäu", "article") == ["Bäume"]
    assert suggested("街", "article") == ["街を涼しくする"]
    assert suggested("city’s caf", "word") == ["city’s cafés"]


def test_signs_are_literal(posts):
    make_post("100% shade", FILLER, slug="percent", tags=["c++"])
    assert suggested("100%", "article") == ["100% shade"]
    assert suggested("%", "article") == suggested("_", "article") == suggested("\\", "article") == []
    assert suggested("c+", "tag") == ["c++"]


def test_nothing_of_a_withdrawn_post_is_suggested():
    post = make_post(
        "Xylophone", "Xylograph.", slug="x", category="Xylem", tags=["xyster"], summary="Xylitol."
    )
    assert {one.kind for one in suggestions("xy")} == {"article", "category", "tag", "word"}
    unpublish(post, by=make_user("publisher"))
    assert suggestions("xy") == []
    assert Tag.objects.filter(name="xyster").exists()


def test_there_are_ten_suggestions_at_most():
    for number in range(12):
        tags = [f"sh{number}", f"shade {number}"]
        make_post(
            f"Shade {number}", f"Shine shaft share shallow {number}", category=f"Sh {number}", tags=tags
        )
    assert len(suggestions("sh")) == 10


def test_browsers_get_the_open_search_format(posts, settings, django_assert_num_queries):
    client = Client()
    # The languages and topics, then one statement between a savepoint and its release.
    with django_assert_num_queries(4):
        response = client.get("/search/suggest/", {"q": "street"})
    assert response["Content-Type"] == "application/x-suggestions+json"
    typed, texts, kinds, addresses = response.json()
    assert typed == "street"
    assert texts[:2] == ["Street trees cool", "Where streets are cool"]
    assert len(texts) == len(kinds) == len(addresses)
    assert addresses[0] == f"{settings.SITE_URL}/posts/street-trees/"
    for address in addresses:
        assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200
    assert not response.cookies
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    again = client.get("/search/suggest/", {"q": "street"}, HTTP_IF_NONE_MATCH=response["ETag"])
    assert again.status_code == 304
    assert client.post("/search/suggest/", {"q": "street"}).status_code == 405
    assert client.get("/search/suggest/").json() == ["", [], [], []]


@pytest.mark.slow
def test_any_string_gets_a_response(posts):
    client = Client()
    for text in hostile(500):
        response = client.get("/search/suggest/", {"q": text})
        assert response.status_code == 200, repr(text)
        assert len(response.json()) == 4
