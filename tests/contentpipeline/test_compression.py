"""Every text is sent compressed from the first request on, whatever was requested before."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import zlib
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
from django.test import Client

from contentpipeline.webserver.content_encoding import encode, encode_pieces, is_compressible, plain_tags
from contentpipeline.webserver.wsgi_call import ResponseHead
from publishing.models import Post
from publishing.publish import publish
from tests.factories import approve, make_draft, make_user
from tests.live import Server

TEXT = b"Shade cools the pavement below. " * 100
BROWSER = "gzip, deflate, br, zstd"
READ = {"br": brotli.decompress, "gzip": gzip.decompress}


# --- The real server ---


@pytest.fixture
def post(transactional_db: None) -> Post:
    draft = make_draft(title="Street trees", body="Shade cools the pavement below.\n\n" * 60)
    approve(draft)
    return publish(draft, by=make_user("pia", "Publishers"))


def as_editor() -> dict[str, str]:
    client = Client()
    client.force_login(make_user("edith", "Editors"))
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def test_every_text_is_compressed_the_first_time(site: Server, post: Post) -> None:
    session = as_editor()
    publicly: list[tuple[str, dict[str, str]]] = [
        (path, {})
        for path in (
            "/", post.get_absolute_url(), "/feed/", "/feed/atom/", "/feed.json", "/about/",
            "/search/?q=shade", "/search/?q=nothing", "/opensearch.xml", "/posts/nowhere/", "/admin/login/",
            f"/api{post.get_absolute_url()}", "/api/schema/", "/api/docs/", f"/posts/{post.slug}.md",
        )
    ]  # fmt: skip
    at_the_desk = [
        (path, session)
        for path in (
            "/admin/", "/admin/desk/", "/api/tasks/", f"/api/drafts/{post.draft_id}/", "/",
            f"/admin/desk/drafts/{post.draft_id}/",
        )
    ]  # fmt: skip
    for path, headers in [*publicly, *at_the_desk]:
        first = site.ask("GET", path, headers={"Accept-Encoding": BROWSER} | headers)
        assert first.header("content-encoding") == "br", (path, first.status)
        assert "accept-encoding" in first.header("vary").lower(), path
        assert int(first.header("content-length")) == len(first.body), path
        plain = site.ask("GET", path, headers=headers)
        assert plain.header("content-encoding") == "", path
        assert "accept-encoding" in plain.header("vary").lower(), path
        whole = brotli.decompress(first.body)
        assert len(first.body) < len(whole), path
        if "login" not in path and "admin" not in path:  # whose CSRF token is masked differently each time
            assert whole == plain.body, path
        other = site.ask("GET", path, headers={"Accept-Encoding": "gzip"} | headers)
        assert other.header("content-encoding") == "gzip", path
        assert len(gzip.decompress(other.body)) == len(whole), path


def test_short_answers_and_pictures_stay_as_they_are(site: Server, post: Post) -> None:
    for path in ("/health/live/", "/robots.txt", "/static/site/card.png", "/search/suggest/?q=zzzz"):
        answer = site.ask("GET", path, headers={"Accept-Encoding": BROWSER})
        assert answer.status == 200, path
        assert answer.header("content-encoding") == "", path


def test_another_encoding_than_the_first_is_sent_at_once(site: Server, post: Post) -> None:
    page = post.get_absolute_url()
    for coding in ("identity", "gzip", "br", "gzip", "br"):
        reply = site.ask("GET", page, headers={"Accept-Encoding": coding})
        assert reply.header("content-encoding") == coding.replace("identity", "")
    tags = {site.ask("GET", page, headers={"Accept-Encoding": c}).header("etag") for c in ("", "br", "gzip")}
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["/feed/", "/search/suggest/?q=s", "/api/drafts/{draft}/"])
def test_a_tag_of_an_encoding_is_known_again(site: Server, post: Post, path: str) -> None:
    headers, path = as_editor() | {"Accept-Encoding": "br"}, path.format(draft=post.draft_id)
    tag = site.ask("GET", path, headers=headers).header("etag")
    assert tag
    for known in (tag, f"W/{tag}"):
        answer = site.ask("GET", path, headers=headers | {"If-None-Match": known})
        if answer.status == 304:
            assert (answer.body, answer.header("etag")) == (b"", tag)
        else:
            assert path.startswith("/api/"), "the API asks for conditions only where something is changed"


def test_a_draft_that_was_read_compressed_can_be_changed_with_its_tag(site: Server, post: Post) -> None:
    draft = make_draft(title="Another", body="Roots need room.\n\n" * 40)
    client = Client()
    client.force_login(make_user("edith", "Editors"))
    address = f"/api/drafts/{draft.pk}/"
    headers = {"Cookie": f"sessionid={client.cookies['sessionid'].value}", "Accept-Encoding": "br"}
    tag = site.ask("GET", address, headers=headers).header("etag")
    assert tag.endswith('-br"')
    token = "t" * 32
    changing = headers | {
        "Cookie": f"{headers['Cookie']}; csrftoken={token}", "X-CSRFToken": token,
        "Content-Type": "application/json", "If-Match": tag,
    }  # fmt: skip
    answer = site.ask("PATCH", address, b'{"title": "A better title"}', changing)
    assert answer.status == 200, answer.body
    assert site.ask("PATCH", address, b'{"title": "Too late"}', changing).status == 412


# --- How an answer is changed ---


def head(kind: bytes = b"text/html", status: int = 200, **headers: bytes) -> ResponseHead:
    named = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return ResponseHead(status, [(b"content-type", kind), *named])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(b"text/html; charset=utf-8", True), (b"text/csv", True), (b"text/markdown", True), (b"TEXT/HTML", True),
     (b"application/json", True), (b"application/problem+json", True), (b"application/rss+xml", True),
     (b"application/x-suggestions+json", True), (b"application/feed+json; charset=utf-8", True),
     (b"application/vnd.oai.openapi", True), (b"application/x-ndjson", True), (b"image/svg+xml", True),
     (b"text/event-stream", False), (b"image/webp", False), (b"application/zip", False), (b"", False),
     (b"application/octet-stream", False), (b"application/jsonfoo", False), (b"font/woff2", False)],
)  # fmt: skip
def test_texts_in_the_widest_sense_are_compressed(kind: bytes, expected: bool) -> None:
    assert is_compressible(kind) is expected


@pytest.mark.parametrize(
    "found",
    [head(content_encoding=b"gzip"), head(b"image/png"), head(status=206), head(status=204),
     head(cache_control=b"no-store, No-Transform")],
)  # fmt: skip
def test_what_may_not_be_changed_is_not(found: ResponseHead) -> None:
    before = list(found.headers)
    assert encode(found, TEXT, b"br") == TEXT
    assert encode_pieces(found, b"br") is None
    assert found.headers == before


def test_a_weak_tag_stays_and_a_strong_one_is_of_its_encoding() -> None:
    for tag, expected in ((b'"abc"', b'"abc-br"'), (b'W/"abc"', b'W/"abc"')):
        found = head(etag=tag, content_length=b"3200", vary=b"Cookie")
        body = encode(found, TEXT, b"br")
        headers = dict(found.headers)
        assert (headers[b"etag"], headers[b"vary"]) == (expected, b"Cookie, Accept-Encoding")
        assert int(headers[b"content-length"]) == len(body) < len(TEXT)
    assert plain_tags('"abc-br", W/"d-gz", "e-f"') == '"abc", W/"d", "e-f"'


def test_nothing_becomes_longer() -> None:
    noise = b"".join(zlib.crc32(b"%d" % number).to_bytes(4, "big") for number in range(500))
    found = head()
    assert encode(found, noise, b"gzip") == noise
    assert b"content-encoding" not in dict(found.headers)


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_what_comes_in_pieces_is_compressed_as_it_comes(coding: str) -> None:
    found = head(b"text/csv", content_length=b"3200")
    encoded = encode_pieces(found, coding.encode())
    assert encoded is not None
    whole = b"".join(encoded(iter([TEXT[:1000], b"", TEXT[1000:]])))
    assert READ[coding](whole) == TEXT
    assert b"content-length" not in dict(found.headers)
    endless: Iterator[bytes] = (b"%d\n" % number for number in itertools.count())
    assert next(encoded(endless)), "no piece waits for the end"


# --- The web server alone ---


def test_of_many_requests_for_an_encoding_one_thread_compresses_it_though_all_pages_are_slow() -> None:
    from contentpipeline.webserver import CacheRules, Handover, PageCache, WebServerApplication
    from contentpipeline.webserver.cached_response import CachedResponse

    cache = PageCache(CacheRules("X-Cacheable", "caches", "sessionid", frozenset(), lambda host: host))
    cache.is_live = True
    application = WebServerApplication(
        lambda environ, start: [], Handover("X-Take", "takes", None), threads=0, page_cache=cache
    )  # type: ignore[arg-type]
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        raise AssertionError("nothing is to be read")

    def scope(coding: bytes) -> dict[str, Any]:
        return {
            "type": "http", "method": "GET", "scheme": "http", "raw_path": b"/", "query_string": b"",
            "client": ("127.0.0.1", 1), "headers": [(b"host", b"a"), (b"accept-encoding", coding)],
        }  # fmt: skip

    async def go() -> None:
        request = cache.page_request(scope(b""))
        assert request is not None
        cache.begin(request).finish(
            CachedResponse(200, [(b"content-type", b"text/html"), (b"vary", b"Accept-Encoding")], TEXT, 60)
        )
        calls = [application(scope(coding), receive, send) for coding in (b"br", b"gzip", b"br", b"br")]
        async with asyncio.timeout(5):
            await asyncio.gather(*calls)

    asyncio.run(go())
    codings = sorted(
        dict(message["headers"])[b"content-encoding"] for message in sent if "headers" in message
    )
    assert codings == [b"br", b"br", b"br", b"gzip"]
