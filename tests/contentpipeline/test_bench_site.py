"""What the site's benchmark stands on: posts that are like any other, and load that is counted right."""

from __future__ import annotations

import shutil

import pytest
from django.test import Client

from benchmarks import site_rig
from publishing.models import Post
from tests.live import Server

pytestmark = pytest.mark.django_db(transaction=True)


def test_copied_posts_are_listed_found_and_read_like_any_other(client: Client) -> None:
    site_rig.have_posts(45, site_rig.first_post())
    site_rig.have_posts(30, Post.objects.order_by("pk")[0])
    posts = Post.objects.published()
    assert posts.count() == 45
    last = posts.last()
    assert last is not None
    for path in (last.get_absolute_url(), "/?page=3", "/tag/trees/?page=3"):
        assert client.get(path).status_code == 200
    assert client.get("/search/?q=pavement").content.count(b'<article class="card"') == 10
    assert client.get("/feed/").content.count(b"<item>") == 20


@pytest.mark.parametrize("way", [site_rig._own, *([site_rig._wrk] if shutil.which("wrk") else [])])
def test_load_is_counted_and_wrong_answers_are_no_load(site: Server, way: object) -> None:
    assert way(site.port, "/health/live/", 1, {}) > 10  # type: ignore[operator]
    with pytest.raises(RuntimeError, match="/nowhere/"):
        way(site.port, "/nowhere/", 1, {})  # type: ignore[operator]


def test_cpu_time_is_that_of_the_whole_tree(site: Server) -> None:
    target = site_rig.Target(site.port, site.process.pid)
    cost = site_rig.one_by_one(target, "/?fresh=1", 0.5)
    assert cost.cpu_ms > 0.1
    assert cost.a_second > 1
