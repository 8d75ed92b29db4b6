"""Redirects from earlier addresses of posts."""

import threading

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from approvals.models import AuditEntry
from publishing.errors import SlugTaken
from publishing.models import Announcement, Post, Redirect
from publishing.publish import publish, unpublish
from publishing.schedule import schedule
from tasks.actions import edit_draft
from tests.callers import problem
from tests.factories import ago, approve, make_draft, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


def paula():
    return make_user("paula", "Publishers")


def rename(post, slug):
    """Withdrawn, edited, approved and published again: the only way to another address."""
    unpublish(post, by=paula())
    draft = post.draft
    draft.refresh_from_db()
    draft.task.refresh_from_db()
    edit_draft(draft, {"slug": slug}, by=make_user("wim", "Writers"))
    approve(draft)
    return publish(draft, by=paula())


def get(slug, end="/"):
    return Client().get(f"/posts/{slug}{end}")


def leads(slug, end="/"):
    answer = get(slug, end)
    assert answer.status_code == 301, answer.status_code
    return answer["Location"]


def ask_api(slug):
    return APIClient().get(f"/api/posts/{slug}/")


def test_the_api_redirects_an_old_slug_to_the_current_one():
    rename(rename(make_post(slug="old"), "newer"), "neu-日本")
    for slug in ("old", "newer"):
        answer = ask_api(slug)
        assert (answer.status_code, answer.content) == (301, b"")
        followed = APIClient().get(answer["Location"])
        assert (followed.status_code, followed.json()["slug"]) == (200, "neu-日本")


def test_the_api_says_of_a_withdrawn_post_that_it_is_gone_at_each_of_its_addresses():
    post = rename(make_post(slug="old"), "new")
    unpublish(post, by=paula())
    for slug in ("old", "new"):
        found = problem(ask_api(slug), 410)
        assert found["type"] == "urn:problem:withdrawn"
        assert "withdrawn" in found["detail"]
    problem(ask_api("never"), 404)


def test_the_old_address_redirects_to_the_new_one():
    post = rename(make_post(slug="old"), "new")
    assert leads("old") == "/posts/new/"
    assert leads("old", ".md") == "/posts/new.md"
    assert get("new").status_code == 200
    assert AuditEntry.objects.get(action="redirect.created").data == {"from": "old", "to": "new"}
    assert list(post.redirects.values_list("slug", flat=True)) == ["old"]


@pytest.mark.parametrize(
    "query", ["?utm_source=mail", "?page=2", "?page=2&utm_source=a", "?q=%C3%A9&x=1&x=2"]
)
def test_a_redirect_keeps_the_query(query):
    rename(make_post(slug="old"), "new")
    for asked, target in (
        ("/posts/old/", "/posts/new/"), ("/posts/old.md", "/posts/new.md"), ("/posts/new", "/posts/new/"),
        ("/feed", "/feed/"), ("/category/city/feed", "/category/city/feed/"), ("/search", "/search/"),
    ):  # fmt: skip
        for method in ("get", "head"):
            answer = getattr(Client(), method)(asked + query)
            assert (answer.status_code, answer["Location"]) == (301, target + query), method


def test_a_redirect_of_the_api_keeps_known_parameters():
    rename(make_post(slug="old"), "new")
    answer = APIClient().get("/api/posts/old/?format=json")
    assert (answer.status_code, answer["Location"]) == (301, "/api/posts/new/?format=json")
    assert APIClient().get("/api/posts/old/?utm_source=mail").status_code == 400, "it knows no such parameter"


@pytest.mark.django_db(transaction=True)
def test_a_cached_redirect_keeps_the_query_of_each_reader(site):
    rename(make_post(slug="old"), "new")
    for query in (
        "?utm_source=mail",
        "",
        "?page=2&fbclid=1",
        "?page=2",
        "?utm_source=feed&page=2",
        "?q=1&q=2",
    ):
        for asked, target in (
            ("/posts/old/", "/posts/new/"), ("/posts/old.md", "/posts/new.md"), ("/posts/new", "/posts/new/"),
        ):  # fmt: skip
            for _ in range(2):
                for method in ("HEAD", "GET"):
                    answer = site.ask(method, asked + query)
                    assert (answer.status, answer.header("location")) == (301, target + query)
    raw = site.raw(b"GET /posts/old/?utm_x=\xe9 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 400 "), "no header is made of what is no ASCII"
    login = site.ask("GET", "/admin/?utm_source=mail")
    assert login.header("location") == "/admin/login/?next=/admin/%3Futm_source%3Dmail"


def test_every_earlier_address_redirects_directly_to_the_current_one():
    post = make_post(slug="first")
    for slug in ("second", "third"):
        rename(post, slug)
    assert leads("first") == leads("second") == "/posts/third/"


def test_a_post_that_takes_an_old_address_back_makes_no_loop():
    post = make_post(slug="first")
    for slug in ("second", "first"):
        rename(post, slug)
    assert get("first").status_code == 200
    assert leads("second") == "/posts/first/"
    assert Redirect.objects.count() == 1
    for slug in ("second", "first"):
        rename(post, slug)
    assert Redirect.objects.count() == 1


def test_addresses_in_every_script_redirect():
    rename(make_post(slug="straße"), "bäume")
    assert leads("straße") == "/posts/b%C3%A4ume/"


def test_an_address_that_another_post_had_is_refused():
    rename(make_post(slug="old"), "new")
    draft = make_draft(slug="old")
    approve(draft)
    with pytest.raises(SlugTaken, match="has or had"):
        publish(draft, by=paula())
    with pytest.raises(SlugTaken):
        schedule(draft, ago(hours=-1), zone="UTC", by=paula())
    assert leads("old") == "/posts/new/"


def test_the_old_address_of_a_withdrawn_post_is_gone_too():
    unpublish(rename(make_post(slug="old"), "new"), by=paula())
    assert get("old").status_code == get("new").status_code == get("old", ".md").status_code == 410
    assert get("never").status_code == 404


def test_publishing_again_at_the_same_address_leaves_no_redirect():
    post = make_post(slug="same")
    unpublish(post, by=paula())
    post.draft.task.refresh_from_db()
    publish(post.draft, by=paula())
    assert not Redirect.objects.exists()


def test_search_engines_are_notified_of_both_addresses(settings):
    settings.INDEXNOW_KEY = "0123456789abcdef"
    post = make_post(slug="old")
    Announcement.objects.all().delete()
    rename(post, "new")
    assert set(Announcement.objects.values_list("path", flat=True)) == {"/posts/old/", "/posts/new/"}


def test_a_live_post_is_shown_without_looking_for_redirects(django_assert_max_num_queries):
    make_post(slug="here")
    with django_assert_max_num_queries(8) as queries:
        assert get("here").status_code == 200
    assert not any("publishing_redirect" in query["sql"] for query in queries)


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_publications_at_one_address_one_wins():
    for number in range(4):
        old, new = f"old-{number}", f"new-{number}"
        post = make_post(slug=old)
        unpublish(post, by=paula())
        mine, other = post.draft, make_draft(slug=old)
        mine.task.refresh_from_db()
        edit_draft(mine, {"slug": new}, by=make_user("wim", "Writers"))
        for draft in (mine, other):
            approve(draft)
        barrier = threading.Barrier(2)

        def act(draft, barrier=barrier):
            barrier.wait()
            try:
                publish(draft, by=make_user("paula"))
            except SlugTaken:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=act, args=[draft]) for draft in (mine, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Post.objects.get(draft=mine).slug == new
        assert Redirect.objects.get(slug=old).post.draft == mine
        assert not Post.objects.filter(slug=old).exists()
