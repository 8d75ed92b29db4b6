"""The search over HTTP: what it says in addition to its results, its limit and its ETags."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from publishing.cache_invalidation import site_generation
from tests.callers import caller, problem
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return APIClient()


def titles(answer):
    assert answer.status_code == 200, answer.content
    return [post["title"] for post in answer.json()["results"]]


def test_a_search_says_what_it_found_and_how_it_was_corrected(reader):
    make_post("The elm", body="An elm, and another elm.", category="City", tags=["shade"])
    make_post("Bridges", body="A bridge next to one elm tree.", category="Roads")
    found = reader.get("/api/posts/?search=elm").json()
    assert (found["count"], found["count_is_about"], found["has_all_words"]) == (2, False, True)
    assert (found["query"], found["corrected_from"], found["did_you_mean"]) == ("elm", "", "")
    [category] = [facet for facet in found["facets"] if facet["name"] == "category"]
    assert category == {
        "name": "category",
        "is_about": False,
        "values": [
            {"value": "city", "name": "City", "posts": 1},
            {"value": "roads", "name": "Roads", "posts": 1},
        ],
    }
    corrected = reader.get("/api/posts/?search=brigdes").json()
    assert (corrected["query"], corrected["corrected_from"]) == ("bridges", "brigdes")
    assert [post["title"] for post in corrected["results"]] == ["Bridges"]
    literal = reader.get("/api/posts/?search=brigdes&as_typed=true").json()
    assert (literal["results"], literal["count"], literal["corrected_from"]) == ([], 0, "")
    assert "count" not in reader.get("/api/posts/?search=").json()


def test_a_search_can_be_sorted_and_filtered_by_every_facet(reader):
    for year in (2021, 2023, 2022):
        make_post(
            f"Elm {year}",
            body="elm " * (year - 2020),
            category=f"C{year}",
            published_at=datetime(year, 5, 1, tzinfo=UTC),
        )
    newest = titles(reader.get("/api/posts/?search=elm&sort=newest"))
    assert newest == ["Elm 2023", "Elm 2022", "Elm 2021"]
    assert titles(reader.get("/api/posts/?search=elm&year=2022")) == ["Elm 2022"]
    assert titles(reader.get("/api/posts/?year=2022")) == ["Elm 2022"]
    assert titles(reader.get("/api/posts/?search=elm&category=c2021&year=2022")) == []
    assert titles(reader.get("/api/posts/?search=elm&author=nobody")) == []


def test_wrong_parameters_of_a_search_are_refused_by_name(reader, subtests):
    make_post("Elm")
    for query, name in {
        "search=elm&sort=worst": "sort",
        "search=elm&as_typed=perhaps": "as_typed",
        "search=elm&year=x": "year",
        "search=elm&year=0": "year",
        "search=elm&year=20000": "year",
        "search=elm&sort=": "sort",
        "search=elm&page_size=0": "page_size",
        "search=elm&find=elm": "find",
    }.items():
        with subtests.test(query=query):
            assert list(problem(reader.get(f"/api/posts/?{query}"), 400)["errors"]) == [name]
    for cursor in ("x", "bj0tMQ==", "bj14", "bj05OTk5OTk5OTk5", "%F0%9F%8C%B3"):
        with subtests.test(cursor=cursor):
            problem(reader.get(f"/api/posts/?search=elm&cursor={cursor}"), 404)


def test_what_only_a_search_has_changes_nothing_about_a_list(reader):
    make_post("Elm")
    make_post("Ash")
    for query in ("sort=newest", "sort=best", "as_typed=true"):
        assert titles(reader.get(f"/api/posts/?{query}")) == titles(reader.get("/api/posts/"))


def test_a_client_that_has_the_current_response_gets_304(reader, monkeypatch):
    make_post("Elm")
    for generation in ("", "first"):
        monkeypatch.setattr(site_generation, "current", generation)
        for path in ("/api/posts/", "/api/posts/?search=elm", "/api/posts/elm/"):
            answer = reader.get(path)
            assert answer.status_code == 200
            again = reader.get(path, HTTP_IF_NONE_MATCH=answer["ETag"])
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
            assert reader.get(path, HTTP_IF_NONE_MATCH='W/"other"').status_code == 200
    monkeypatch.setattr(site_generation, "current", "second")
    assert reader.get("/api/posts/?search=elm", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 200


def test_searches_have_a_limit_of_their_own(reader, monkeypatch):
    make_post("Elm")
    rates = {"anon": "2/min", "user": "2/min", "search": "4/min"}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
    assert [reader.get("/api/posts/?search=elm").status_code for _ in range(5)] == [200] * 4 + [429]
    assert [reader.get("/api/posts/").status_code for _ in range(3)] == [200] * 2 + [429]
    account = caller("Writers")
    assert [account.get("/api/posts/?search=elm").status_code for _ in range(5)] == [200] * 4 + [429]


def test_only_the_posts_of_one_page_are_read(reader):
    for number in range(3):
        make_post(f"Elm {number}")
    with CaptureQueriesContext(connection) as captured:
        answer = reader.get("/api/posts/?search=elm&page_size=1")
    assert len(titles(answer)) == 1
    [read] = [query["sql"] for query in captured if 'FROM "publishing_post" LEFT OUTER' in query["sql"]]
    assert '"publishing_post"."id" IN (' in read
    assert "," not in read.partition('"publishing_post"."id" IN (')[2].partition(")")[0]
