"""The page cache on the real server, invalidated by the real database."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client

from contentpipeline.processes import lifetime
from publishing import cache_invalidation
from publishing.cache_invalidation import CHANNEL, NOTIFY, notify_site_changed, site_generation
from publishing.models import Category, Post
from publishing.publish import publish, unpublish, update_live
from tasks.database_connections import connect_async, connection_parameters
from tests.factories import approve, make_draft, make_user, without_triggers
from tests.live import HttpReply, Server, database_url, serving
from tests.publishing.factories import approved_update

PROCESSES = 3
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site in several processes, each of which has a page cache of its own."""
    log = tmp_path_factory.mktemp("cached") / "log"
    environment = {"DATABASE_URL": database_url(), "PROCESSES": str(PROCESSES)}
    with serving(log, "-m", "tests.live", **environment) as server:
        yield server


@pytest.fixture
def post() -> Post:
    draft = make_draft(title="Street trees", body="Shade cools the pavement below.\n\n" * 60)
    approve(draft)
    return publish(draft, by=make_user("pia", "Publishers"))


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def everywhere(server: Server, path: str, **headers: str) -> list[HttpReply]:
    """Enough requests, each on a connection of its own, for every process to have had several."""
    return [server.ask("GET", path, headers=headers) for _ in range(8 * PROCESSES)]


@contextmanager
def posts_locked() -> Iterator[None]:
    """Meanwhile, a query for a post waits."""
    with psycopg.connect(database_url()) as blocker:
        blocker.execute("LOCK TABLE publishing_post IN ACCESS EXCLUSIVE MODE")
        yield
        blocker.rollback()


def _ask(browser: http.client.HTTPConnection, method: str, path: str) -> HttpReply:
    browser.request(method, path)
    answer = browser.getresponse()
    return HttpReply(answer.status, answer.getheaders(), answer.read())


@contextmanager
def readers(server: Server, path: str, amount: int = 6) -> Iterator[Callable[[], list[int]]]:
    """Connections, each to one process for as long as it lives, which has the page by now."""
    browsers = [server.connect() for _ in range(amount)]

    def read() -> list[int]:
        return [_ask(browser, "GET", path).status for browser in browsers]

    def is_cached() -> bool:
        before = hits(server)
        assert read() == [200] * amount
        return hits(server) - before == amount

    try:
        # A process that receives no notifications yet, or for a moment, caches nothing.
        assert eventually(is_cached, 20)
        yield read
    finally:
        for browser in browsers:
            browser.close()


def hits(server: Server) -> float:
    """How many requests all processes have answered from the page cache."""
    found = re.search(
        r'desk_cache_requests_total{cache="pages",result="hit"} ([\d.e+]+)',
        server.ask("GET", "/metrics").body.decode(),
    )
    return float(found[1]) if found else 0


def waits(server: Server, path: str, **headers: str) -> bool:
    asking = server.connect(timeout=0.7)
    try:
        asking.request("GET", path, headers=headers)
        asking.getresponse()
    except TimeoutError:
        return True
    finally:
        asking.close()
    return False


def test_a_cached_page_costs_no_query(server: Server, post: Post) -> None:
    page = post.get_absolute_url()
    with readers(server, page) as read, posts_locked():
        assert read() == [200] * 6
        assert waits(server, page + "?unknown=1")


def test_publishing_and_withdrawing_show_at_once_in_every_process(server: Server, post: Post) -> None:
    page, feed = post.get_absolute_url(), "/feed/"
    assert {reply.status for reply in everywhere(server, page)} == {200}
    assert all(b"Street trees" in reply.body for reply in everywhere(server, feed))
    unpublish(post, by=make_user("paul", "Publishers"), reason="It is wrong.")
    time.sleep(0.05)
    assert {reply.status for reply in everywhere(server, page)} == {410}
    assert not any(
        b"Street trees" in reply.body for path in (feed, "/") for reply in everywhere(server, path)
    )
    publish(post.draft, by=make_user("peter", "Publishers"))
    time.sleep(0.05)
    assert {reply.status for reply in everywhere(server, page)} == {200}


def test_an_update_shows_at_once_in_every_process_and_the_old_text_never_again(
    server: Server, post: Post
) -> None:
    page, paths = post.get_absolute_url(), ("/feed/", "/corrections/")
    publisher = make_user("pia", "Publishers")
    for old, new in (("Shade cools", "Planes cool"), ("Planes cool", "Limes cool")):
        assert all(old.encode() in reply.body for reply in everywhere(server, page))
        draft = approved_update(post, body=f"{new} the pavement below.")
        assert all(old.encode() in reply.body for reply in everywhere(server, page))
        update_live(draft, by=publisher, kind="correction", note=f"{new} it, not what was said.")
        time.sleep(0.05)
        for _ in range(3):
            for path in (page, *paths):
                replies = everywhere(server, path)
                assert all(new.encode() in reply.body for reply in replies), path
                assert path == "/corrections/" or not any(
                    f"{old} the pavement".encode() in reply.body for reply in replies
                )
        found = server.ask("GET", f"/search/?q={new.split()[0].lower()}+pavement").body
        assert page.encode() in found


def test_a_change_that_is_rolled_back_invalidates_nothing(server: Server, post: Post) -> None:
    with readers(server, post.get_absolute_url()) as read:
        with transaction.atomic():
            unpublish(Post.objects.get(), by=make_user("paul", "Publishers"))
            transaction.set_rollback(True)
        time.sleep(0.1)
        with posts_locked():
            assert read() == [200] * 6


def test_renaming_a_category_shows_on_the_posts_that_have_it(server: Server, post: Post) -> None:
    category = Category.objects.create(name="Streets", slug="streets")
    Post.objects.get().category = category
    Post.objects.update(category=category)
    notify_site_changed()
    time.sleep(0.05)
    assert all(b"Streets" in reply.body for reply in everywhere(server, post.get_absolute_url()))
    category.name = "Roads"
    category.save()
    time.sleep(0.05)
    assert all(b"Roads" in reply.body for reply in everywhere(server, post.get_absolute_url()))


def test_a_page_goes_out_compressed_and_whole(server: Server, post: Post) -> None:
    page = post.get_absolute_url()
    plain = server.ask("GET", page)
    for coding, read in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        replies = everywhere(server, page, **{"Accept-Encoding": coding})
        assert {reply.header("content-encoding") for reply in replies} == {coding}
        assert all(read(reply.body) == plain.body for reply in replies)
        assert {reply.header("vary") for reply in replies} == {"Accept-Encoding"}


def test_every_way_to_ask_gets_the_same_headers(server: Server, post: Post) -> None:
    page = post.get_absolute_url()
    browser = (
        server.connect()
    )  # one process, which renders the page for the first and caches it for the others
    first, again, head = (_ask(browser, method, page) for method in ("GET", "GET", "HEAD"))
    browser.close()
    names = {name.lower() for name, _ in first.headers} - {"date"}

    def as_read(reply: HttpReply) -> dict[str, list[str]]:
        return {name: sorted(reply.header(name).split("; ")) for name in names}

    assert as_read(first) == as_read(again) == as_read(head)
    assert head.body == b""
    assert first.header("content-security-policy")
    assert first.header("x-desk-keep") == ""
    assert first.header("cache-control") == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize("path", ["/", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", "/robots.txt"])
def test_a_client_that_has_the_current_page_gets_304(server: Server, post: Post, path: str) -> None:
    tag = server.ask("GET", path).header("etag")
    replies = everywhere(server, path, **{"If-None-Match": tag})
    assert {(reply.status, reply.body, reply.header("etag")) for reply in replies} == {(304, b"", tag)}
    unpublish(post, by=make_user("paul", "Publishers"))
    time.sleep(0.05)
    if path not in {"/robots.txt"}:
        assert {reply.status for reply in everywhere(server, path, **{"If-None-Match": tag})} == {200}


def test_no_public_page_sets_a_cookie_or_differs_by_one(server: Server, post: Post) -> None:
    paths = [
        "/", post.get_absolute_url(), "/feed/", "/feed.json", "/sitemap.xml", "/robots.txt", "/search/?q=a",
        "/nowhere/", "/search/", "/posts/nowhere/",
    ]  # fmt: skip
    for path in paths:
        for reply in (server.ask("GET", path), server.ask("GET", path, headers={"Cookie": "theme=dark"})):
            assert reply.header("set-cookie") == ""
            assert "cookie" not in reply.header("vary").lower()


def test_a_logged_in_user_is_answered_by_the_application(server: Server, post: Post) -> None:
    client = Client()
    client.force_login(make_user("walter", "Writers", is_staff=True))
    cookies = {"Cookie": client.cookies.output(header="", sep=";")}
    with readers(server, "/") as read, posts_locked():
        assert read() == [200] * 6
        assert waits(server, "/", **cookies)
    assert server.ask("GET", "/admin/", headers=cookies).status == 200
    assert server.ask("GET", "/admin/").status == 302


def test_a_foreign_host_is_refused_and_spoils_nothing(server: Server, post: Post) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        reply = server.ask("GET", "/", headers=headers)
        assert reply.status == (400 if "Host" in headers else 200)
        assert b"evil.example" not in reply.body
    assert all(b"evil.example" not in reply.body for reply in everywhere(server, "/"))


def test_a_missing_page_is_not_cached(server: Server) -> None:
    assert {reply.status for reply in everywhere(server, "/posts/street-trees/")} == {404}
    draft = make_draft(title="Street trees", slug="street-trees")
    approve(draft)
    publish(draft, by=make_user("pia", "Publishers"))
    time.sleep(0.05)
    assert {reply.status for reply in everywhere(server, "/posts/street-trees/")} == {200}


def test_readers_under_constant_change_never_see_an_older_page_than_before(
    server: Server, post: Post
) -> None:
    """Each reader's connection stays with one process: what it has seen once, it must not lose again."""
    path = post.get_absolute_url()
    stop = time.monotonic() + 3

    def read(_: int) -> list[int]:
        seen = []
        browser = server.connect()
        while time.monotonic() < stop:
            browser.request("GET", path)
            body = browser.getresponse().read()
            found = re.search(rb"Version (\d+)", body)
            seen.append(int(found[1]) if found else 0)
        browser.close()
        return seen

    with ThreadPoolExecutor(4) as pool:
        reading = pool.map(read, range(4))
        number = 0
        while time.monotonic() < stop:
            number += 1
            changed = Post.objects.get()
            changed.title = f"Version {number}"
            with without_triggers():  # no user approves at this pace
                changed.save()
            time.sleep(0.01)
        results = list(reading)
    for seen in results:
        assert seen == sorted(seen)
        assert len(set(seen)) > 5
    time.sleep(0.05)
    assert all(b"Version %d" % number in reply.body for reply in everywhere(server, path))


def test_when_the_listener_is_cut_off_pages_come_from_the_application_and_are_cached_again(
    server: Server, post: Post
) -> None:
    path = post.get_absolute_url()
    everywhere(server, path)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            f" AND (query = 'SELECT 1' OR query LIKE '%{CHANNEL}%')"
        )
        assert cursor.fetchone()[0] >= PROCESSES
    with without_triggers():
        Post.objects.update(title="Changed unnoticed")  # sends no notification by itself
    assert eventually(lambda: all(b"Changed unnoticed" in reply.body for reply in everywhere(server, path)))


def test_hits_of_all_processes_are_in_the_metrics(server: Server, post: Post) -> None:
    before = hits(server)
    with readers(server, post.get_absolute_url(), 6):  # waits until six requests count six
        assert hits(server) - before >= 6


# --- The listener alone ---


class RecordingCache:
    def __init__(self) -> None:
        self.invalidations: list[float] = []
        self.is_live = False

    def invalidate(self) -> None:
        self.invalidations.append(time.monotonic())


async def until(holds: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)


def test_a_change_invalidates_within_milliseconds_of_its_commit() -> None:
    async def go() -> None:
        cache = RecordingCache()
        following = asyncio.create_task(cache_invalidation.follow_changes(cache))
        await until(lambda: cache.is_live)
        speaker = await connect_async()
        lateness = []
        for _ in range(20):
            before = len(cache.invalidations)
            await speaker.execute("SELECT pg_notify(%s, '')", [CHANNEL])
            committed_at = time.monotonic()
            await until(lambda before=before: len(cache.invalidations) > before)
            lateness.append(cache.invalidations[-1] - committed_at)
        assert sorted(lateness)[10] < 0.02
        await speaker.close()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    asyncio.run(go())


LISTEN = """
import asyncio, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "contentpipeline.settings"
import django
django.setup()
from publishing import cache_invalidation
from contentpipeline.processes import lifetime
from publishing.cache_invalidation import site_generation

class Cache:
    is_live = False
    def invalidate(self): pass

async def main():
    asyncio.create_task(cache_invalidation.follow_changes(Cache()))
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(site_generation.current, flush=True)

asyncio.run(main())
"""


@contextmanager
def listening() -> Iterator[Callable[[], str]]:
    """A process that follows changes, and prints the site generation on request."""
    environment = os.environ | {"DATABASE_URL": database_url()}
    command = [sys.executable, "-c", LISTEN]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lifetime.die_with_parent,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        requests, replies = process.stdin, process.stdout

        def generation() -> str:
            requests.write("?\n")
            requests.flush()
            return replies.readline().strip()

        assert eventually(lambda: generation() != "", 20)
        yield generation
        process.terminate()


def test_all_processes_know_the_same_site_generation() -> None:
    with listening() as first, listening() as second:
        assert eventually(lambda: first() == second() != "")
        names = [first()]
        for _ in range(5):
            notify_site_changed()
            assert eventually(lambda: first() == second() not in names)
            names.append(first())
        with transaction.atomic():
            notify_site_changed()
            transaction.set_rollback(True)
        with listening() as third:  # it knows no older one, so all take the one of its own notification
            assert eventually(lambda: first() == second() == third() not in names)
        with transaction.atomic():
            notify_site_changed()
            notify_site_changed()
        assert eventually(lambda: first() == second() not in names)


def test_of_concurrent_changes_all_processes_receive_the_same_one_last() -> None:
    def change(_: int) -> None:
        with psycopg.connect(database_url()) as speaker:
            for _ in range(20):
                speaker.execute(NOTIFY, [CHANNEL])
                speaker.commit()

    with listening() as first, listening() as second, ThreadPoolExecutor(4) as changing:
        list(changing.map(change, range(4)))
        assert eventually(lambda: first() == second())
        time.sleep(0.1)
        assert first() == second()


def test_when_the_database_falls_silent_cached_pages_are_no_longer_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache_invalidation, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(cache_invalidation, "ANSWER_SECONDS", 0.3)

    async def go() -> None:
        async with Silenced() as between:
            cache = RecordingCache()
            following = asyncio.create_task(cache_invalidation.follow_changes(cache, between.connect))
            await until(lambda: cache.is_live)
            between.is_silent = True
            assert site_generation.current
            await until(lambda: not cache.is_live, 3)
            assert not site_generation.current
            between.is_silent = False
            count = len(cache.invalidations)
            await until(lambda: cache.is_live, 15)
            assert len(cache.invalidations) > count, (
                "what was sent meanwhile is lost, so everything is invalidated"
            )
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    asyncio.run(go())


class Silenced:
    """A way to the database that can swallow every byte without closing anything."""

    is_silent = False

    async def __aenter__(self) -> Silenced:
        given = connection.get_connection_params()
        self._writers: list[asyncio.StreamWriter] = []
        self._to = Path(given["host"]) / f".s.PGSQL.{given.get('port') or 5432}"
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def connect(self) -> psycopg.AsyncConnection[Any]:
        known = connection_parameters()
        del known["host"], known["port"]
        port = self._server.sockets[0].getsockname()[1]
        return await psycopg.AsyncConnection.connect(
            **known, host="127.0.0.1", port=port, sslmode="disable", autocommit=True
        )

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_unix_connection(str(self._to))
        self._writers += [writer, forth]
        await asyncio.gather(self._copy(reader, forth), self._copy(back, writer), return_exceptions=True)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not self.is_silent:
                writer.write(data)
        writer.close()


def test_behind_a_pool_that_shares_connections_no_page_is_cached(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Such a pool runs LISTEN on one connection, and the next statement on another."""
    monkeypatch.setattr(cache_invalidation, "ANSWER_SECONDS", 0.3)

    async def through_a_pool() -> psycopg.AsyncConnection[Any]:
        found = await connect_async()
        execute = found.execute

        async def execute_and_unlisten(statement: Any, *args: Any, **kwargs: Any) -> Any:
            answer = await execute(statement, *args, **kwargs)
            await execute("UNLISTEN *")
            return answer

        found.execute = execute_and_unlisten  # type: ignore[method-assign]
        return found

    async def go() -> None:
        cache = RecordingCache()
        following = asyncio.create_task(cache_invalidation.follow_changes(cache, through_a_pool))
        await asyncio.sleep(0.6)
        assert (cache.is_live, cache.invalidations) == (False, [])
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    asyncio.run(go())
    assert "LISTEN needs one of its own" in caplog.text


def test_the_web_server_tells_the_application_that_it_caches_pages(client: Client, post: Post) -> None:
    from publishing.site import public_pages

    direct = client.get("/")
    assert public_pages.HEADER not in direct
    cacheable = client.get("/", **{public_pages.ENVIRON_KEY: True}, headers={"If-None-Match": direct["ETag"]})
    assert (cacheable.status_code, cacheable[public_pages.HEADER]) == (200, str(public_pages.CACHE_SECONDS))
    assert client.get("/", headers={"If-None-Match": direct["ETag"]}).status_code == 304
    faked = client.get("/", headers={public_pages.ENVIRON_KEY: "True", "X-Desk-Cache-Seconds": "60"})
    assert public_pages.HEADER not in faked
