"""Counts, filters and the newest are of all posts that have the words, not only of those ranked."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from publishing.models import Post
from publishing.publish import unpublish
from publishing.search import ResultSet, SearchFilters, Sort, matching, ranking, result_set, search
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

FILLER = "Something else entirely, about nothing in particular and of no great length."


@pytest.fixture
def seven(monkeypatch):
    """Seven posts with both words, two of them in a category of their own; only three are ranked."""
    for module in (ranking, result_set):
        monkeypatch.setattr(module, "MAX_RESULTS", 3)
    for number in range(7):
        make_post(
            f"Elm {number}",
            "elm " * (8 - number) + f"shade. {FILLER}",
            category="Rare" if number in (5, 6) else "Usual",
            published_at=datetime(2020 + number, 5, 1, tzinfo=UTC),
        )
    make_post("Shade", f"{FILLER} Only one word.", published_at=datetime(2027, 1, 1, tzinfo=UTC))


def listed(text, sort=Sort.BEST, **filters):
    page = ResultSet(search(text), SearchFilters(**filters)).page(sort, 0, 20)
    titles = dict(Post.objects.filter(pk__in=page.post_ids).values_list("pk", "title"))
    return page, [titles[pk] for pk in page.post_ids]


def test_newest_first_is_the_newest_of_all_that_have_all_words(seven):
    page, titles = listed("elm shade", Sort.NEWEST)
    assert titles == [f"Elm {number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert (page.count, page.is_about, page.has_all_words, page.listed) == (7, False, True, 7)


def test_those_that_were_not_ranked_follow(seven):
    found = search("elm shade")
    page, titles = listed("elm shade")
    assert len(found.post_ids) == 3
    assert page.post_ids[:3] == found.post_ids
    assert sorted(titles) == [f"Elm {number}" for number in range(7)]
    pages = [ResultSet(found).page(Sort.BEST, start, start + 2) for start in range(0, 8, 2)]
    assert [pk for one in pages for pk in one.post_ids] == page.post_ids
    assert [one.has_more for one in pages] == [True, True, True, False]


def test_a_chosen_facet_shows_as_many_results_as_it_said(seven):
    for filters in ({}, {"year": "2025"}, {"category": "rare"}, {"category": "Rare", "year": "2020"}):
        facets = ResultSet(search("elm shade"), SearchFilters(**filters)).facets
        assert facets
        for facet in facets:
            for value in facet.values:
                page, _ = listed("elm shade", **(filters | {facet.name: value.value}))
                assert (page.count, len(page.post_ids)) == (value.posts, value.posts), (filters, value)


def test_filtered_posts_are_ranked_although_none_of_them_is_among_the_best(seven):
    assert listed("elm shade", category="rare")[1] == ["Elm 5", "Elm 6"]
    assert listed("elm shade", Sort.NEWEST, category="rare")[1] == ["Elm 6", "Elm 5"]


def test_where_no_post_has_all_words_those_with_some_are_counted():
    make_post("Elm", FILLER)
    make_post("Oak", FILLER)
    make_post("Bridge", FILLER)
    page, titles = listed("elm oak", Sort.NEWEST)
    assert (titles, page.count, page.has_all_words) == (["Oak", "Elm"], 2, False)
    text = Client().get("/search/?q=elm+oak").content.decode()
    assert "2 articles for “elm oak”. No article has all the words." in " ".join(text.split())


def test_a_sample_and_the_walk_by_date_find_the_same_as_the_index(seven):
    unpublish(Post.objects.get(title="Elm 3"), by=make_user("pia", "Publishers"))
    given = matching.having_all_words(search("elm shade").queries)
    for filters in (SearchFilters(), SearchFilters(category="rare"), SearchFilters(year="2021")):
        counted, sampled = matching.counted(given, filters), matching.estimated(given, filters)
        assert (sampled.count, sampled.unfiltered) == (counted.count, counted.unfiltered)
        newest = matching.newest(given, filters)
        assert len(newest) == counted.count
        assert matching.walk(given, filters, matching.NEWEST_OF_ALL) == (newest, None)


def test_very_many_posts_are_found_by_date_in_steps(seven, monkeypatch):
    monkeypatch.setattr(matching, "FIRST_STEP", 2)
    monkeypatch.setattr(matching, "STEP", 2)
    found = ResultSet(search("elm shade"))
    assert found._walked(2).post_ids[:2] == found._newest(2).post_ids[:2]
    assert found._walked(20) == result_set._Listed(found._newest(20).post_ids, True)
    monkeypatch.setattr(result_set, "WALK_SECONDS", -1)
    assert found._walked(2) == result_set._Listed([], False, is_incomplete=True)


def test_an_empty_page_offers_near_words_and_topics_in_the_readers_language():
    make_post("Sycamore", FILLER, category="City", tags=["shade"])
    make_post("Деревья", "Тень деревьев.", language="ru", category="Город", summary="", slug="trees")
    text = Client().get("/search/?q=sycamoxyz").content.decode()
    assert '<a href="?q=sycamore">sycamore</a>' in text
    assert "City" in text
    assert "Город" not in text
    assert "Newest articles" not in text
    russian = Client().get("/search/?q=яблоко").content.decode()
    assert "Город" in russian
    assert re.search(r"No article matches “яблоко”", russian)


def test_an_empty_page_does_not_disclose_words_of_withdrawn_posts():
    unpublish(make_post("Sycamore", FILLER), by=make_user("pia", "Publishers"))
    assert "?q=sycamore" not in Client().get("/search/?q=sycamoxyz").content.decode()
