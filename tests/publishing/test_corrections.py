"""What readers, search engines and API clients see of a change of a live text."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from publishing.models import Announcement, Correction
from publishing.publish import publish, unpublish, update_live
from tests.factories import make_user
from tests.publishing.factories import approved_update, make_post

pytestmark = pytest.mark.django_db

WRONG = "The figure in the second paragraph was wrong."
NEW = "A third measurement was added <since>."


@pytest.fixture
def publisher():
    return make_user("publisher", "Publishers")


@pytest.fixture
def post(publisher):
    """Corrected, updated and polished."""
    post = make_post("Street trees", slug="street-trees")
    for number, (kind, note) in enumerate([("correction", WRONG), ("update", NEW), ("minor", "")]):
        update_live(approved_update(post, summary=f"{number}."), by=publisher, kind=kind, note=note)
    post.refresh_from_db()
    return post


def read(path, status=200):
    answer = Client().get(path)
    assert answer.status_code == status
    return answer.content.decode()


def posting(page):
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(data)["@graph"][0]


def test_the_article_says_what_was_changed_and_when(post):
    page = read("/posts/street-trees/")
    section = page[page.index('aria-labelledby="corrections"') :]
    section = section[: section.index("</section>")]
    assert section.index("Minor change") < section.index("Update") < section.index("Correction</span>")
    assert WRONG in section
    assert "A third measurement was added &lt;since&gt;." in section
    for entry in post.corrections.all():
        assert entry.at.isoformat(timespec="seconds") in section
    assert " UTC</time>" in section
    assert page.index('class="text"') < page.index('id="corrections"')


def test_the_date_at_the_top_is_that_of_the_last_change_that_is_more_than_minor(post):
    _, update, correction = post.corrections.all()
    shown = re.search(r'Updated</a> <time datetime="([^"]+)"', read("/posts/street-trees/")).group(1)
    assert shown == post.revised_at.isoformat(timespec="seconds")
    assert correction.at < update.at
    assert post.revised_at < post.updated_at


def test_a_minor_change_alone_is_not_called_an_update(publisher):
    post = make_post(slug="street-trees")
    update_live(approved_update(post), by=publisher, kind="minor", note="Two commas.")
    page = read("/posts/street-trees/")
    assert ">Updated<" not in page
    assert "Two commas." in page
    assert "Corrections and updates" not in page


def test_an_unchanged_article_says_nothing_and_costs_no_query(publisher):
    changed, unchanged = make_post("One"), make_post("Two")
    update_live(approved_update(changed), by=publisher, kind="minor")
    queries = {}
    for post in (changed, unchanged):
        read(post.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            page = read(post.get_absolute_url())
        queries[post.pk] = [query["sql"] for query in asked if "publishing_correction" in query["sql"]]
        assert ('id="corrections"' in page) == (post == changed)
    assert (len(queries[changed.pk]), len(queries[unchanged.pk])) == (1, 0)


def test_structured_data_has_the_corrections(post, settings):
    found = posting(read("/posts/street-trees/"))
    assert [entry["text"] for entry in found["correction"]] == [WRONG]
    assert found["dateModified"] == post.updated_at.isoformat()
    assert "correction" not in posting(read(make_post().get_absolute_url()))


def test_structured_data_counts_words_where_there_are_words():
    assert posting(read(make_post(body="Shade cools streets.").get_absolute_url()))["wordCount"] == 3
    japanese = make_post("木陰", body="木陰は通りを涼しくする。" * 100, language="ja")
    found = posting(read(japanese.get_absolute_url()))
    assert "wordCount" not in found
    # 1,100 characters at 500 a minute.
    assert found["timeRequired"] == "PT2M"


def test_the_markdown_page_and_the_api_have_them(post):
    twin = read("/posts/street-trees.md")
    assert f": {WRONG}" in twin
    assert f"updated {post.revised_at.isoformat(timespec='seconds')}" in twin
    assert "Corrections" not in read(make_post("Plain", slug="plain").markdown_path)
    logged = json.loads(read("/api/posts/street-trees/"))["corrections"]
    assert [(entry["kind"], entry["note"], entry["to_version"]) for entry in logged] == [
        ("minor", "", 4),
        ("update", NEW, 3),
        ("correction", WRONG, 2),
    ]
    assert "corrections" not in json.loads(read("/api/posts/"))["results"][0]


def test_the_log_of_the_site_has_corrections_and_updates_newest_first(post, django_assert_num_queries):
    with django_assert_num_queries(1):
        page = read("/corrections/")
    assert page.index("A third measurement") < page.index(WRONG)
    assert page.count('href="/posts/street-trees/#corrections"') == 2
    assert "Minor change" not in page
    assert 'href="/corrections/"' in read("/")


def test_the_log_is_paginated(post, settings, monkeypatch):
    monkeypatch.setattr("publishing.site.corrections.ENTRIES_A_PAGE", 1)
    first = read("/corrections/")
    assert NEW.split("<")[0] in first
    assert WRONG not in first
    older = re.search(r'rel="next" href="([^"]+)"', first).group(1)
    second = read(f"/corrections/{older}")
    assert WRONG in second
    assert 'rel="next"' not in second
    assert 'rel="prev" href="/corrections/"' in second
    assert f'rel="canonical" href="{settings.SITE_URL}/corrections/{older}"' in second


def test_a_missing_page_of_the_log_is_404(post, subtests):
    for before in ("0", "1x", "-1", "", "9" * 30, "%00"):
        with subtests.test(before=before):
            read(f"/corrections/?before={before}", 404)


def test_an_empty_log_says_so_and_is_in_no_sitemap():
    assert "There are no corrections yet." in read("/corrections/")
    assert "/corrections/" not in read("/sitemap-pages.xml")


def test_the_sitemap_has_the_log_and_the_article_with_their_dates(post):
    newest = post.corrections.exclude(kind="minor").first()
    pages = read("/sitemap-pages.xml")
    at = newest.at.isoformat(timespec="seconds")
    assert re.search(rf"/corrections/</loc>\s*<lastmod>{re.escape(at)}", pages)
    (posts,) = re.findall(r"<loc>[^<]*(/sitemap-posts-[^<]+)</loc>", read("/sitemap.xml"))
    assert post.updated_at.isoformat(timespec="seconds") in read(posts)
    assert post.updated_at.isoformat() in read("/feed/atom/")


def test_search_engines_are_notified_of_the_log(settings, publisher):
    settings.INDEXNOW_KEY = "key"
    post = make_post()
    update_live(approved_update(post), by=publisher, kind="minor")
    assert not Announcement.objects.filter(path="/corrections/").exists()
    update_live(approved_update(post, summary="Other."), by=publisher, kind="update", note=NEW)
    assert Announcement.objects.filter(path="/corrections/").exists()


def test_withdrawn_posts_are_not_in_the_public_log(post, publisher):
    unpublish(post, by=publisher)
    assert "There are no corrections yet." in read("/corrections/")
    publish(post.draft, by=publisher)
    assert WRONG in read("/corrections/")
    assert Correction.objects.count() == 3
