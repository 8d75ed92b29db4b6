"""What a search found is not looked for again until the site changes, and then it is."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from publishing.cache_invalidation import site_generation
from publishing.publish import unpublish
from publishing.search import ResultSet, deadline, highlighted_hits, search
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Any:
    def change(name: str) -> None:
        monkeypatch.setattr(site_generation, "current", name)

    change("first")
    return change


def queries_of(path: str) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        assert Client().get(path).status_code == 200
    return [query["sql"] for query in found]


def test_a_repeated_search_is_computed_once(state: Any) -> None:
    for number in range(12):
        make_post(f"Asphalt {number}", category=f"Roads {number % 2}")
    first = queries_of("/search/?q=asphalt")
    assert sum("plain_lexeme" in sql for sql in first) == 1
    # The posts' cards are read each time: who is not live is not shown, whatever was found.
    again = queries_of("/search/?q=%20asphalt%20%20")
    assert len(again) == 1
    assert "is_live" in again[0]
    for other in ("&page=2", "&category=roads-1", "&sort=newest"):
        assert not any("publishing_searchterm" in sql for sql in queries_of(f"/search/?q=asphalt{other}"))


def test_corrected_and_uncorrected_results_are_cached_apart(state: Any) -> None:
    make_post("Asphalt")
    assert search("asphlat").post_ids
    assert not search("asphlat", as_typed=True).post_ids
    assert Client().get("/api/posts/?search=asphlat").json()["corrected_from"] == "asphlat"
    assert Client().get("/api/posts/?search=asphlat&as_typed=true").json()["results"] == []


def test_another_site_generation_searches_again(state: Any) -> None:
    first = make_post("Asphalt", category="Roads")
    assert search("asphalt").post_ids == [first.pk]
    second = make_post("Asphalt again", category="Streets")
    state("second")
    found = search("asphalt")
    assert set(found.post_ids) == {first.pk, second.pk}
    assert [facet.name for facet in ResultSet(found).facets] == ["category"]
    unpublish(first, by=make_user("pia", "Publishers"))
    assert [hit.post.pk for hit in highlighted_hits(found, found.post_ids)] == [second.pk], (
        "even before the notification arrives"
    )
    state("third")
    assert search("asphalt").post_ids == [second.pk]


def test_incomplete_results_are_not_cached(state: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    post = make_post("Asphalt")
    for text in ("asphalt", "asphlat"):
        with monkeypatch.context() as hurry, connection.cursor() as cursor:
            hurry.setattr(deadline, "TIMEOUT_MS", 50)
            cursor.execute("SAVEPOINT slow")
            # The query waits, as on a busy machine.
            cursor.execute(
                "CREATE FUNCTION slowly() RETURNS boolean LANGUAGE sql AS $$ SELECT true FROM pg_sleep(.2) $$"
            )
            cursor.execute("ALTER TABLE publishing_postsearch RENAME TO held")
            cursor.execute("CREATE VIEW publishing_postsearch AS SELECT * FROM held WHERE slowly()")
            assert search(text).post_ids == []
            cursor.execute("ROLLBACK TO slow")
        assert search(text).post_ids == [post.pk]


def test_the_end_of_a_very_long_text_is_not_searched_for_passages() -> None:
    post = make_post("Asphalt & heat", "Gravel. " * 15_000 + "Asphalt is hot.", summary="Roads.")
    found = search("asphalt")
    (hit,) = highlighted_hits(found, [post.pk])
    assert hit.title == "<mark>Asphalt</mark> &amp; heat"
    assert "Gravel" in hit.passage
    assert "<mark>" not in hit.passage


def test_without_notifications_nothing_is_cached() -> None:
    make_post("Asphalt")
    assert len(queries_of("/search/?q=asphalt")) == len(queries_of("/search/?q=asphalt")) > 4


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "'", '"', "a" * 1000, "-x", "ä" * 300])
def test_any_string_can_be_searched_twice(state: Any, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert search(text).post_ids == search(text).post_ids
    assert Client().get("/search/", {"q": text}).status_code == 200
    assert Client().get("/search/", {"q": text}).status_code == 200


def test_an_api_list_is_computed_once(state: Any) -> None:
    post = make_post("Asphalt", category="Roads", tags=["streets"])
    for path in ("/api/posts/", "/api/posts/?tag=streets", f"/api/posts/{post.slug}/"):
        first, again = queries_of(path), queries_of(path)
        assert first
        assert again == []
    make_post("More asphalt")
    state("second")
    assert [row["title"] for row in Client().get("/api/posts/").json()["results"]] == [
        "More asphalt",
        "Asphalt",
    ]
