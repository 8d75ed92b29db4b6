from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client

from publishing.models import POSTS_A_SITEMAP, Post
from publishing.publish import unpublish
from publishing.site import sitemaps
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"
PREFIX = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
JANUARY = datetime(2026, 1, 2, tzinfo=UTC)


def entries(path="/sitemap.xml"):
    response = Client().get(path)
    assert response.status_code == 200, path
    assert response["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(response.content)
    return {entry.find(f"{PREFIX}loc").text: entry.findtext(f"{PREFIX}lastmod") for entry in root}


def everything():
    """Whatever a search engine finds that follows the index."""
    return {page: at for address in entries() for page, at in entries(address.removeprefix(SITE)).items()}


def move(post, pk):
    """Give it another id, as if many had been published before."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE publishing_post SET id = %s WHERE id = %s", [pk, post.pk])


def test_the_sitemaps_list_every_page_with_the_moment_it_changed():
    make_post(slug="street-trees", category="City", tags=["trees"])
    make_post(slug="night-bus", category="Traffic", tags=[], published_at=datetime(2026, 11, 5, tzinfo=UTC))
    Post.objects.filter(slug="street-trees").update(updated_at=JANUARY, published_at=JANUARY)
    found = everything()
    assert set(found) == {
        f"{SITE}/",
        f"{SITE}/about/",
        f"{SITE}/archive/",
        f"{SITE}/archive/2026/1/",
        f"{SITE}/archive/2026/11/",
        f"{SITE}/posts/street-trees/",
        f"{SITE}/posts/night-bus/",
        f"{SITE}/category/city/",
        f"{SITE}/category/traffic/",
        f"{SITE}/tag/trees/",
    }
    assert found[f"{SITE}/posts/street-trees/"] == found[f"{SITE}/category/city/"] == JANUARY.isoformat()
    assert found[f"{SITE}/"] == found[f"{SITE}/posts/night-bus/"] > JANUARY.isoformat()
    assert found[f"{SITE}/tag/trees/"] is None


def test_posts_are_divided_into_sitemaps_each_with_its_latest_change():
    old = make_post(slug="old")
    Post.objects.update(updated_at=JANUARY)
    with connection.cursor() as cursor:
        for table in ("post_tags", "postsearch", "postterms", "posttitle", "searchkeywords"):
            cursor.execute(f"DELETE FROM publishing_{table}")
    move(old, 5 * POSTS_A_SITEMAP - 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('publishing_post_id_seq', %s)", [5 * POSTS_A_SITEMAP - 1])
    make_post(slug="new")
    index = entries()
    assert index[f"{SITE}/sitemap-posts-4.xml"] == JANUARY.isoformat()
    assert index[f"{SITE}/sitemap-posts-5.xml"] > JANUARY.isoformat()
    assert list(entries("/sitemap-posts-4.xml")) == [f"{SITE}/posts/old/"]
    assert list(entries("/sitemap-posts-5.xml")) == [f"{SITE}/posts/new/"]
    for empty in (0, 3, 6, 10**12, 10**30):
        assert Client().get(f"/sitemap-posts-{empty}.xml").status_code == 404


def test_withdrawn_posts_and_empty_groups_are_not_listed():
    unpublish(make_post(), by=make_user("publisher"))
    assert set(everything()) == {f"{SITE}/", f"{SITE}/about/"}


def test_a_withdrawal_is_a_change_of_its_sitemap():
    make_post()
    gone = make_post()
    Post.objects.update(updated_at=JANUARY)
    unpublish(gone, by=make_user("publisher"))
    [changed_at] = [at for page, at in entries().items() if "-posts-" in page]
    assert changed_at > JANUARY.isoformat()


def test_the_latest_change_of_a_range_is_found_in_an_index():
    make_post()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("EXPLAIN " + sitemaps.RANGES_OF_POSTS)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "publishing_sitemaps" in plan
    assert "Sort" not in plan


def test_a_sitemap_takes_one_query_for_any_number_of_posts(django_assert_num_queries):
    first = make_post()
    for _ in range(3):
        make_post()
    with django_assert_num_queries(1):
        Client().get(f"/sitemap-posts-{first.pk // POSTS_A_SITEMAP}.xml")
    with django_assert_num_queries(3):
        Client().get("/sitemap.xml")
