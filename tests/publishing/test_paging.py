from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import Http404, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from publishing.models import Post
from publishing.publish import unpublish
from publishing.site import paging
from publishing.site.paging import paginate
from publishing.site.queries import Listing, all_posts
from tests.factories import make_user
from tests.publishing.factories import edit_identity, make_post

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 5, tzinfo=UTC)


@pytest.fixture
def seven(monkeypatch):
    """Seven posts, two a page, and numbers for two pages only."""
    edit_identity(posts_per_page=2)
    monkeypatch.setattr(paging, "NUMBERED_PAGES", 2)
    return [make_post(f"Post {n}", published_at=START + timedelta(days=n // 2)) for n in range(7)]


def page(query=""):
    return paginate(Listing(all_posts), QueryDict(query.removeprefix("?")))


def test_following_the_links_shows_every_post_once_newest_first(seven):
    titles, query = [], ""
    while True:
        found = page(query)
        titles += [post.title for post in found.posts]
        assert found.here == query
        if not found.older:
            break
        query = found.older
    assert titles == [f"Post {n}" for n in (6, 5, 4, 3, 2, 1, 0)]


def test_after_the_numbered_pages_a_page_is_identified_by_a_post_and_stays_the_same(seven):
    query = page("?page=2").older
    assert query == f"?before={seven[3].pk}"
    before = [post.title for post in page(query).posts]
    make_post("News")
    unpublish(seven[3], by=make_user("publisher"))
    assert [post.title for post in page(query).posts] == before


NO_PAGES = [
    "page=0", "page=3", "page=-1", "page=x", "page=²", "before=", "before=x", "before=0",
    "before=99999999999999999999", "page=2&before=x",
]  # fmt: skip


def test_an_impossible_page_is_not_found(seven, subtests):
    for query in NO_PAGES:
        with subtests.test(query=query), pytest.raises(Http404):
            page(query)


def test_lists_use_no_count_and_no_large_offset(seven):
    for address in ("/", "/?page=2", f"/?before={seven[3].pk}", "/category/city/", "/tag/trees/"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert Client().get(address).status_code == 200
        sql = " ".join(query["sql"].upper() for query in queries)
        assert "COUNT(" not in sql
        assert "LIMIT 3" in sql


def test_distant_pages_and_neighbours_are_found_by_index(seven):
    posts = Post.objects.published()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    for found in (posts.older_than(seven[3]), posts.newer_than(seven[3])):
        assert "Index Cond: (published_at" in found[:3].explain()


def test_titles_and_addresses_of_pages_are_unique(seven):
    titles, canonicals = set(), set()
    for query in ("", "?page=2", f"?before={seven[3].pk}", f"?before={seven[1].pk}"):
        text = Client().get(f"/category/city/{query}").content.decode()
        titles.add(text.split("<title>")[1].split("</title>")[0])
        canonicals.add(text.split('rel="canonical" href="')[1].split('"')[0])
    assert len(titles) == len(canonicals) == 4
