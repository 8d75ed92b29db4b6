"""What web processes cache of the site besides whole pages: shared in Redis, or each for itself.

The test, which publishes here, knows of no Redis at all: nothing may depend on an invalidation there.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from publishing.models import Post
from publishing.publish import publish, unpublish, update_live
from tests.factories import approve, make_draft, make_user
from tests.live import HttpReply, Server, database_url, serving
from tests.publishing.factories import approved_update

PROCESSES = 2
PATHS = ("/api/posts/", "/api/posts/?search=asphalt", "/search/?q=asphalt")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", params=["in Redis", "in each process", "while Redis is silent"])
def tiers(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(
    tiers: str,
    request: pytest.FixtureRequest,
    django_db_setup: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    environment = {"DATABASE_URL": database_url(), "PROCESSES": str(PROCESSES)}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        if tiers == "in Redis":
            environment["REDIS_URL"] = request.getfixturevalue("_redis_server")
        elif tiers == "while Redis is silent":
            environment["REDIS_URL"] = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        log = tmp_path_factory.mktemp("tiers") / "log"
        with serving(Path(log), "-m", "tests.live", **environment) as server:
            yield server


@pytest.fixture
def post() -> Post:
    draft = make_draft(title="Street trees", body="Shade cools the asphalt below.\n\n" * 20)
    approve(draft)
    return publish(draft, by=make_user("pia", "Publishers"))


def everywhere(server: Server, path: str) -> list[HttpReply]:
    """Enough requests, each on a connection of its own, for every process to have had several."""
    replies = [server.ask("GET", path) for _ in range(4 * PROCESSES)]  # the API allows 120 a minute
    assert {reply.status for reply in replies} == {200}, path
    return replies


def hits(server: Server, tier: str) -> float:
    found = re.search(
        rf'desk_cache_requests_total{{cache="{tier}",result="hit"}} ([\d.e+]+)',
        server.ask("GET", "/metrics").body.decode(),
    )
    return float(found[1]) if found else 0


@pytest.mark.slow
def test_what_was_withdrawn_or_updated_is_at_once_found_in_no_process(
    server: Server, tiers: str, post: Post
) -> None:
    before = {tier: hits(server, tier) for tier in ("content", "query")}
    for path in PATHS:
        assert all(b"Street trees" in reply.body for reply in everywhere(server, path)), path
    for tier, count in before.items():
        assert (hits(server, tier) > count) is (tiers != "while Redis is silent"), tier
    draft = approved_update(post, title="Street planes", body="Planes cool the asphalt below.")
    update_live(draft, by=make_user("pia", "Publishers"), kind="correction", note="They are planes, not any.")
    time.sleep(0.05)
    for path in PATHS:
        bodies = [reply.body for reply in everywhere(server, path)]
        assert all(b"Street planes" in body and b"Street trees" not in body for body in bodies), path
    unpublish(Post.objects.get(), by=make_user("paul", "Publishers"), reason="It is wrong.")
    time.sleep(0.05)
    for path in PATHS:
        assert not any(b"Street" in reply.body for reply in everywhere(server, path)), path


def test_what_was_published_is_at_once_found_in_every_process(server: Server, post: Post) -> None:
    for path in PATHS:
        everywhere(server, path)
    draft = make_draft(title="Night buses", body="They run on asphalt.")
    approve(draft)
    publish(draft, by=make_user("pia", "Publishers"))
    time.sleep(0.05)
    for path in PATHS:
        assert all(b"Night buses" in reply.body for reply in everywhere(server, path)), path


def test_a_request_that_is_refused_gets_no_cached_response(server: Server, post: Post) -> None:
    everywhere(server, "/api/posts/")
    refused = server.ask("GET", "/api/posts/", headers={"Authorization": "Token wrong"})
    assert (refused.status, b"Street trees" in refused.body) == (401, False)
