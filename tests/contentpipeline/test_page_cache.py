"""The page cache: which requests a cached response answers, with what bytes, and until when."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import brotli
import pytest

from contentpipeline.webserver.cached_response import CachedResponse, coding_of
from contentpipeline.webserver.page_cache import CacheRules, PageCache, PageRequest
from contentpipeline.webserver.wsgi_call import ResponseHead, WsgiResponse

TEXT = b"<p>A row of street trees cools the pavement below it.</p>\n" * 50
HEADERS = [
    (b"content-type", b"text/html; charset=utf-8"), (b"etag", b'"abc"'), (b"vary", b"Accept-Encoding"),
    (b"cache-control", b"public, max-age=0"), (b"x-frame-options", b"DENY"),
    (b"last-modified", b"Wed, 25 Nov 2026 10:00:00 GMT"),
]  # fmt: skip
RULES = CacheRules(
    header="X-Cacheable", environ_key="caches", session_cookie="sessionid", parameters=frozenset({"page"}),
    host_of=lambda host: {"example.org": "example.org", "example.org:80": "example.org"}.get(host, ""),
)  # fmt: skip


def page_cache(rules: CacheRules = RULES, **limits: Any) -> PageCache:
    cache = PageCache(rules, **limits)
    cache.is_live = True
    return cache


def scope(path: bytes = b"/", query: bytes = b"", method: str = "GET", **headers: bytes) -> dict[str, Any]:
    given = {"host": b"example.org", **headers}
    return {
        "method": method, "scheme": "http", "raw_path": path, "query_string": query,
        "headers": [(name.replace("_", "-").encode(), value) for name, value in given.items()],
    }  # fmt: skip


def request(cache: PageCache, *args: Any, **kwargs: Any) -> PageRequest:
    found = cache.page_request(scope(*args, **kwargs))
    assert found is not None
    return found


def page(body: bytes = TEXT, *more: tuple[bytes, bytes], status: int = 200) -> CachedResponse:
    return CachedResponse(status, [*HEADERS, *more], body, 60)


def store(cache: PageCache, path: bytes, made: CachedResponse) -> None:
    cache.begin(request(cache, path)).finish(made)


# --- Which requests ---


@pytest.mark.parametrize(
    "request_",
    [
        scope(method="POST"), scope(cookie=b"a=1; sessionid=xyz"), scope(cookie=b"sessionid=xyz"),
        scope(authorization=b"Token abc"), scope(host=b"evil.example"), scope(query=b"q=heat"),
        scope(query=b"page=0"), scope(query=b"page=1&page=2"), scope(query=b"page=x"), scope(query=b"page"),
        scope(query=b"unknown=1"),
    ],
)  # fmt: skip
def test_a_request_with_credentials_or_for_something_else_bypasses_the_cache(
    request_: dict[str, Any],
) -> None:
    assert page_cache().page_request(request_) is None


def test_a_request_with_two_hosts_bypasses_the_cache() -> None:
    request = scope()
    request["headers"].append((b"host", b"example.org"))
    assert page_cache().page_request(request) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (scope(), scope(query=b"utm_source=x&utm_medium=y&fbclid=z")),
        (scope(query=b"page=2"), scope(query=b"utm_source=x&page=2&")),
        (scope(path=b"/caf%C3%A9/"), scope(path=b"/c%61f%c3%a9/")),
        (scope(), scope(host=b"example.org:80")),
        (scope(), scope(cookie=b"theme=dark; notsessionid=1")),
        (scope(), scope(x_forwarded_host=b"evil.example", x_forwarded_proto=b"https")),
        (scope(), scope(method="HEAD")),
    ],
)
def test_addresses_of_one_page_are_one(one: dict[str, Any], other: dict[str, Any]) -> None:
    cache = page_cache()
    first, second = cache.page_request(one), cache.page_request(other)
    assert first is not None
    assert second is not None
    assert first.key == second.key


def test_other_pages_have_other_keys() -> None:
    cache = page_cache()
    keys = {
        request(cache, *args).key
        for args in [(b"/",), (b"/a/",), (b"/", b"page=2"), (b"/", b"page=3"), (b"/a",)]
    }
    assert len(keys) == 5


def test_the_scheme_is_what_the_proxy_says_where_there_is_one() -> None:
    rules = CacheRules(
        "X", "x", "sessionid", frozenset(), lambda host: host, proxy_header=("X-Forwarded-Proto", "https")
    )
    cache = page_cache(rules)
    plain, secure = request(cache).key, request(cache, x_forwarded_proto=b"https, http").key
    assert (plain[1], secure[1]) == (b"http", b"https")
    assert request(cache, x_forwarded_proto=b"http").key == plain


def test_the_scheme_is_not_taken_from_an_untrusted_peer() -> None:
    rules = CacheRules(
        "X", "x", "sessionid", frozenset(), lambda host: host, proxy_header=("X-Forwarded-Proto", "https"),
        trusts=lambda peer: peer == "10.0.0.2",
    )  # fmt: skip
    cache = page_cache(rules)
    for peer, scheme in (("10.0.0.2", b"https"), ("10.0.0.3", b"http")):
        found = cache.page_request(scope(x_forwarded_proto=b"https") | {"client": (peer, 4711)})
        assert found is not None
        assert found.key[1] == scheme


# --- Which bytes ---


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (b"gzip, deflate, br", b"br"), (b"gzip", b"gzip"), (b"", b""), (b"identity", b""), (b"*", b"br"),
        (b"br;q=0, gzip;q=0.5", b"gzip"), (b"BR", b"br"), (b"br;q=x", b""), (b"*, br;q=0", b"gzip"),
        (b"\xff;;;,,", b""),
    ],
)  # fmt: skip
def test_the_encoding_is_one_that_the_client_takes(accepted: bytes, coding: bytes) -> None:
    assert coding_of(accepted) == coding


@pytest.mark.parametrize(("coding", "read"), [(b"br", brotli.decompress), (b"gzip", gzip.decompress)])
def test_each_encoding_is_the_same_page_with_a_tag_of_its_own(coding: bytes, read: Any) -> None:
    made = page()
    assert made.wants(coding)
    made.add(coding, made.compressed(coding))
    status, headers, body = made.response_for(coding, b"", b"")
    found = dict(headers)
    assert (status, read(body)) == (200, TEXT)
    assert len(body) < len(TEXT) / 5
    assert found[b"content-encoding"] == coding
    assert found[b"content-length"] == b"%d" % len(body)
    assert found[b"etag"] != b'"abc"'
    plain = dict(made.response_for(b"", b"", b"")[1])
    assert plain[b"etag"] == b'"abc"'
    assert b"content-encoding" not in plain


def test_what_would_not_become_shorter_stays_as_it_is() -> None:
    assert not page(b"short").wants(b"br")
    picture = CachedResponse(200, [(b"content-type", b"image/webp")], TEXT, 60)
    assert not picture.wants(b"gzip")
    made = page()
    made.add(b"gzip", TEXT + b"longer")
    assert b"content-encoding" not in dict(made.response_for(b"gzip", b"", b"")[1])


@pytest.mark.parametrize(
    ("tag", "since"),
    [
        (b'"abc"', b""), (b'W/"abc"', b""), (b'"x", "abc-br"', b""), (b'"abc-gz"', b""), (b"*", b""),
        (b"", b"Wed, 25 Nov 2026 10:00:00 GMT"), (b"", b"Thu, 26 Nov 2026 10:00:00 GMT"),
    ],
)  # fmt: skip
def test_a_client_that_has_the_page_gets_no_body(tag: bytes, since: bytes) -> None:
    status, headers, body = page().response_for(b"", tag, since)
    assert (status, body) == (304, b"")
    assert [name for name, _ in headers] == [
        b"vary", b"cache-control", b"x-frame-options", b"last-modified", b"etag",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "since"),
    [
        (b"", b""), (b'"abcd"', b""), (b"abc-br-br", b""), (b"", b"Wed, 25 Nov 2026 09:59:59 GMT"),
        (b"", b"yesterday"), (b'"other"', b"Thu, 26 Nov 2026 10:00:00 GMT"),
    ],
)  # fmt: skip
def test_a_client_that_has_another_page_gets_this_one(tag: bytes, since: bytes) -> None:
    assert page().response_for(b"", tag, since)[0] == 200


def test_a_withdrawn_page_stays_410_whatever_the_client_has() -> None:
    assert page(status=410).response_for(b"", b'"abc"', b"")[0] == 410


# --- What is cached, and until when ---


@pytest.mark.parametrize(
    "header", [(b"set-cookie", b"a=1"), (b"vary", b"Cookie"), (b"vary", b"Accept-Encoding, Accept-Language")]
)
def test_a_response_made_for_one_reader_is_not_cached(header: tuple[bytes, bytes]) -> None:
    cache = page_cache()
    store(cache, b"/", page(TEXT, header))
    assert cache.get(request(cache, b"/")) is None


def test_only_a_marked_response_is_cached_and_the_mark_is_not_sent() -> None:
    cache = page_cache()
    plain = WsgiResponse(ResponseHead(200, list(HEADERS)), TEXT, None, lambda: None)
    for_br = request(cache, accept_encoding=b"br")
    assert cache.response_to_cache(plain, for_br) is None
    marked = WsgiResponse(ResponseHead(200, [*HEADERS, (b"x-cacheable", b"60")]), TEXT, None, lambda: None)
    made = cache.response_to_cache(marked, for_br)
    assert made is not None
    assert b"x-cacheable" not in dict(made.response_for(b"br", b"", b"")[1])
    in_pieces = WsgiResponse(ResponseHead(200, [(b"x-cacheable", b"60")]), b"", iter([b"a"]), lambda: None)
    assert cache.response_to_cache(in_pieces, for_br) is None


# --- Files ---


def test_each_encoding_of_a_file_is_cached_as_it_was_built_and_for_all_users() -> None:
    cache = page_cache()
    for_br = request(cache, b"/static/site.css", accept_encoding=b"gzip, br", cookie=b"sessionid=x")
    plain = request(cache, b"/static/site.css")
    assert for_br.key != plain.key
    built = [
        (b"content-type", b"text/css"), (b"content-encoding", b"br"), (b"etag", b'"1"'),
        (b"vary", b"Accept-Encoding"), (b"cache-control", b"max-age=315360000, public, immutable"),
    ]  # fmt: skip
    made = cache.response_to_cache(
        WsgiResponse(ResponseHead(200, built), b"packed" * 200, None, lambda: None), for_br
    )
    cache.begin(for_br).finish(made)
    found = cache.get(for_br)
    assert found is not None
    assert not found.wants(b"gzip")
    status, headers, body = found.response_for(b"br", b"", b"")
    assert (status, dict(headers)[b"content-encoding"], body) == (200, b"br", b"packed" * 200)
    assert found.response_for(b"br", b'"1"', b"")[0] == 304
    assert cache.get(plain) is None


def test_a_part_of_a_file_and_a_file_with_a_query_are_left_to_the_application() -> None:
    cache = page_cache()
    assert cache.page_request(scope(b"/static/site.css", range=b"bytes=0-9")) is None
    assert cache.page_request(scope(b"/static/site.css", b"page=2")) is None


@pytest.mark.parametrize("status", [304, 404, 206])
def test_only_a_whole_file_is_cached(status: int) -> None:
    cache = page_cache()
    wanted = request(cache, b"/static/site.css")
    assert (
        cache.response_to_cache(
            WsgiResponse(ResponseHead(status, list(HEADERS)), b"x", None, lambda: None), wanted
        )
        is None
    )


def test_a_change_of_the_site_invalidates_every_page() -> None:
    cache = page_cache()
    store(cache, b"/", page())
    assert cache.get(request(cache, b"/")) is not None
    cache.invalidate()
    assert cache.get(request(cache, b"/")) is None
    assert (len(cache), cache.bytes) == (0, 0)


def test_a_page_rendered_before_a_change_is_not_cached_after_it() -> None:
    cache = page_cache()
    render = cache.begin(request(cache, b"/"))
    cache.invalidate()
    render.finish(page())
    assert cache.get(request(cache, b"/")) is None


def test_while_invalidations_would_not_arrive_nothing_is_cached_or_sent() -> None:
    cache = page_cache()
    render = cache.begin(request(cache, b"/"))
    cache.is_live = False
    render.finish(page())
    assert cache.page_request(scope()) is None
    assert len(cache) == 0


def test_a_page_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = page_cache()
    store(cache, b"/", CachedResponse(200, HEADERS, TEXT, -1))
    assert cache.get(request(cache, b"/")) is None
    assert cache.bytes == 0


def test_the_least_recently_used_pages_are_evicted() -> None:
    cache = page_cache(max_pages=3)
    for path in (b"/a", b"/b", b"/c"):
        store(cache, path, page())
    assert cache.get(request(cache, b"/a")) is not None
    store(cache, b"/d", page())
    assert [path for path in (b"/a", b"/b", b"/c", b"/d") if cache.get(request(cache, path))] == [
        b"/a", b"/c", b"/d",
    ]  # fmt: skip


def test_memory_is_bounded_with_every_encoding_counted() -> None:
    one = page().bytes
    cache = page_cache(max_bytes=one * 10)
    for number in range(100):
        path = b"/%d" % number
        store(cache, path, page())
        for coding in (b"br", b"gzip"):
            found = cache.get(request(cache, path, accept_encoding=coding))
            assert found is not None
            cache.add(request(cache, path, accept_encoding=coding), found, found.compressed(coding))
        assert cache.bytes <= one * 10
    assert cache.bytes == sum(found.bytes for found in cache._pages.values())
    store(cache, b"/huge", page(TEXT * 10))
    assert cache.get(request(cache, b"/huge")) is None, "no page takes an eighth of all room"


# --- Single flight ---


def test_of_many_requests_for_a_missing_page_one_renders_it() -> None:
    async def go() -> None:
        cache = page_cache()
        render = cache.begin(request(cache, b"/"))
        in_flight = cache.in_flight(request(cache, b"/"))
        assert in_flight is not None
        waiting = [asyncio.create_task(cache.wait(in_flight)) for _ in range(5)]
        await asyncio.sleep(0)
        made = page()
        render.finish(made)
        assert await asyncio.gather(*waiting) == [made] * 5
        assert cache.in_flight(request(cache, b"/")) is None

    asyncio.run(go())


def test_a_request_after_a_change_does_not_wait_for_a_render_from_before_it() -> None:
    async def go() -> None:
        cache = page_cache()
        cache.begin(request(cache, b"/"))
        cache.invalidate()
        assert cache.in_flight(request(cache, b"/")) is None

    asyncio.run(go())


@pytest.mark.parametrize("made", [None, page(TEXT, (b"set-cookie", b"a=1"))])
def test_a_request_that_waited_for_an_uncacheable_page_renders_it_itself(
    made: CachedResponse | None,
) -> None:
    async def go() -> None:
        cache = page_cache()
        render = cache.begin(request(cache, b"/"))
        in_flight = cache.in_flight(request(cache, b"/"))
        assert in_flight is not None
        waiting = asyncio.create_task(cache.wait(in_flight))
        await asyncio.sleep(0)
        render.finish(made)
        assert await waiting is None
        cache.begin(request(cache, b"/"))
        assert cache.in_flight(request(cache, b"/")) is None

    asyncio.run(go())


def test_a_slow_render_does_not_delay_other_requests_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contentpipeline.webserver.page_cache.WAIT_SECONDS", 0.01)

    async def go() -> None:
        cache = page_cache()
        render = cache.begin(request(cache, b"/"))
        in_flight = cache.in_flight(request(cache, b"/"))
        assert in_flight is not None
        assert await cache.wait(in_flight) is None
        render.finish(page())
        assert cache.get(request(cache, b"/")) is not None, "and its page is cached all the same"

    asyncio.run(go())
