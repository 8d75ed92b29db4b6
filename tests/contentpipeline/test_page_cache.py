"""Kept pages: which requests may be answered by one, by what bytes, and until when."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import brotli
import pytest

from contentpipeline.webserver.cached_response import Page, coding_of
from contentpipeline.webserver.page_cache import Asked, KeptPages, Rules
from contentpipeline.webserver.wsgi_call import Answer, Head

TEXT = b"<p>A row of street trees cools the pavement below it.</p>\n" * 50
HEADERS = [
    (b"content-type", b"text/html; charset=utf-8"), (b"etag", b'"abc"'), (b"vary", b"Accept-Encoding"),
    (b"cache-control", b"public, max-age=0"), (b"x-frame-options", b"DENY"),
    (b"last-modified", b"Wed, 25 Nov 2026 10:00:00 GMT"),
]  # fmt: skip
RULES = Rules(
    header="X-Keep", environ_key="keeps", session_cookie="sessionid", parameters=frozenset({"page"}),
    host_of=lambda host: {"example.org": "example.org", "example.org:80": "example.org"}.get(host, ""),
)  # fmt: skip


def pages(rules: Rules = RULES, **limits: Any) -> KeptPages:
    kept = KeptPages(rules, **limits)
    kept.is_live = True
    return kept


def scope(path: bytes = b"/", query: bytes = b"", method: str = "GET", **headers: bytes) -> dict[str, Any]:
    given = {"host": b"example.org", **headers}
    return {
        "method": method, "scheme": "http", "raw_path": path, "query_string": query,
        "headers": [(name.replace("_", "-").encode(), value) for name, value in given.items()],
    }  # fmt: skip


def asked(kept: KeptPages, *args: Any, **kwargs: Any) -> Asked:
    found = kept.asked(scope(*args, **kwargs))
    assert found is not None
    return found


def page(body: bytes = TEXT, *more: tuple[bytes, bytes], status: int = 200) -> Page:
    return Page(status, [*HEADERS, *more], body, 60)


def keep(kept: KeptPages, path: bytes, made: Page) -> None:
    kept.depart(asked(kept, path)).end(made)


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
def test_a_request_that_shows_a_login_or_asks_for_something_else_is_never_answered_by_a_kept_page(
    request_: dict[str, Any],
) -> None:
    assert pages().asked(request_) is None


def test_two_hosts_in_one_request_are_none() -> None:
    request = scope()
    request["headers"].append((b"host", b"example.org"))
    assert pages().asked(request) is None


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
    kept = pages()
    first, second = kept.asked(one), kept.asked(other)
    assert first is not None
    assert second is not None
    assert first.key == second.key


def test_other_pages_have_other_keys() -> None:
    kept = pages()
    keys = {
        asked(kept, *args).key
        for args in [(b"/",), (b"/a/",), (b"/", b"page=2"), (b"/", b"page=3"), (b"/a",)]
    }
    assert len(keys) == 5


def test_the_scheme_is_the_proxys_word_where_there_is_a_proxy() -> None:
    rules = Rules(
        "X", "x", "sessionid", frozenset(), lambda host: host, proxy_header=("X-Forwarded-Proto", "https")
    )
    kept = pages(rules)
    plain, secure = asked(kept).key, asked(kept, x_forwarded_proto=b"https, http").key
    assert (plain[1], secure[1]) == (b"http", b"https")
    assert asked(kept, x_forwarded_proto=b"http").key == plain


def test_the_scheme_is_not_a_strangers_word() -> None:
    rules = Rules(
        "X", "x", "sessionid", frozenset(), lambda host: host, proxy_header=("X-Forwarded-Proto", "https"),
        trusts=lambda peer: peer == "10.0.0.2",
    )  # fmt: skip
    kept = pages(rules)
    for peer, scheme in (("10.0.0.2", b"https"), ("10.0.0.3", b"http")):
        found = kept.asked(scope(x_forwarded_proto=b"https") | {"client": (peer, 4711)})
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
    status, headers, body = made.answer_to(coding, b"", b"")
    found = dict(headers)
    assert (status, read(body)) == (200, TEXT)
    assert len(body) < len(TEXT) / 5
    assert found[b"content-encoding"] == coding
    assert found[b"content-length"] == b"%d" % len(body)
    assert found[b"etag"] != b'"abc"'
    plain = dict(made.answer_to(b"", b"", b"")[1])
    assert plain[b"etag"] == b'"abc"'
    assert b"content-encoding" not in plain


def test_what_would_not_become_shorter_stays_as_it_is() -> None:
    assert not page(b"short").wants(b"br")
    picture = Page(200, [(b"content-type", b"image/webp")], TEXT, 60)
    assert not picture.wants(b"gzip")
    made = page()
    made.add(b"gzip", TEXT + b"longer")
    assert b"content-encoding" not in dict(made.answer_to(b"gzip", b"", b"")[1])


@pytest.mark.parametrize(
    ("tag", "since"),
    [
        (b'"abc"', b""), (b'W/"abc"', b""), (b'"x", "abc-br"', b""), (b'"abc-gz"', b""), (b"*", b""),
        (b"", b"Wed, 25 Nov 2026 10:00:00 GMT"), (b"", b"Thu, 26 Nov 2026 10:00:00 GMT"),
    ],
)  # fmt: skip
def test_who_has_the_page_gets_no_body(tag: bytes, since: bytes) -> None:
    status, headers, body = page().answer_to(b"", tag, since)
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
def test_who_has_another_page_gets_this_one(tag: bytes, since: bytes) -> None:
    assert page().answer_to(b"", tag, since)[0] == 200


def test_a_withdrawn_page_stays_410_whatever_the_client_has() -> None:
    assert page(status=410).answer_to(b"", b'"abc"', b"")[0] == 410


# --- What is kept, and until when ---


@pytest.mark.parametrize(
    "header", [(b"set-cookie", b"a=1"), (b"vary", b"Cookie"), (b"vary", b"Accept-Encoding, Accept-Language")]
)
def test_what_was_made_for_one_reader_is_not_kept(header: tuple[bytes, bytes]) -> None:
    kept = pages()
    keep(kept, b"/", page(TEXT, header))
    assert kept.find(asked(kept, b"/")) is None


def test_only_what_says_so_is_a_page_and_the_header_stays_inside() -> None:
    kept = pages()
    plain = Answer(Head(200, list(HEADERS)), TEXT, None, lambda: None)
    for_br = asked(kept, accept_encoding=b"br")
    assert kept.page_of(plain, for_br) is None
    said = Answer(Head(200, [*HEADERS, (b"x-keep", b"60")]), TEXT, None, lambda: None)
    made = kept.page_of(said, for_br)
    assert made is not None
    assert b"x-keep" not in dict(made.answer_to(b"br", b"", b"")[1])
    in_pieces = Answer(Head(200, [(b"x-keep", b"60")]), b"", iter([b"a"]), lambda: None)
    assert kept.page_of(in_pieces, for_br) is None


# --- Files ---


def test_each_encoding_of_a_file_is_kept_as_it_was_built_and_for_everybody() -> None:
    kept = pages()
    for_br = asked(kept, b"/static/site.css", accept_encoding=b"gzip, br", cookie=b"sessionid=x")
    plain = asked(kept, b"/static/site.css")
    assert for_br.key != plain.key
    built = [
        (b"content-type", b"text/css"), (b"content-encoding", b"br"), (b"etag", b'"1"'),
        (b"vary", b"Accept-Encoding"), (b"cache-control", b"max-age=315360000, public, immutable"),
    ]  # fmt: skip
    made = kept.page_of(Answer(Head(200, built), b"packed" * 200, None, lambda: None), for_br)
    kept.depart(for_br).end(made)
    found = kept.find(for_br)
    assert found is not None
    assert not found.wants(b"gzip")
    status, headers, body = found.answer_to(b"br", b"", b"")
    assert (status, dict(headers)[b"content-encoding"], body) == (200, b"br", b"packed" * 200)
    assert found.answer_to(b"br", b'"1"', b"")[0] == 304
    assert kept.find(plain) is None


def test_a_part_of_a_file_and_a_file_with_a_query_are_left_to_the_application() -> None:
    kept = pages()
    assert kept.asked(scope(b"/static/site.css", range=b"bytes=0-9")) is None
    assert kept.asked(scope(b"/static/site.css", b"page=2")) is None


@pytest.mark.parametrize("status", [304, 404, 206])
def test_only_a_whole_file_is_kept(status: int) -> None:
    kept = pages()
    wanted = asked(kept, b"/static/site.css")
    assert kept.page_of(Answer(Head(status, list(HEADERS)), b"x", None, lambda: None), wanted) is None


def test_a_change_of_the_site_forgets_every_page() -> None:
    kept = pages()
    keep(kept, b"/", page())
    assert kept.find(asked(kept, b"/")) is not None
    kept.purge()
    assert kept.find(asked(kept, b"/")) is None
    assert (len(kept), kept.bytes) == (0, 0)


def test_a_page_made_before_a_change_is_not_kept_after_it() -> None:
    kept = pages()
    departure = kept.depart(asked(kept, b"/"))
    kept.purge()
    departure.end(page())
    assert kept.find(asked(kept, b"/")) is None


def test_while_a_change_would_not_be_heard_nothing_is_kept_or_sent() -> None:
    kept = pages()
    departure = kept.depart(asked(kept, b"/"))
    kept.is_live = False
    departure.end(page())
    assert kept.asked(scope()) is None
    assert len(kept) == 0


def test_a_page_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = pages()
    keep(kept, b"/", Page(200, HEADERS, TEXT, -1))
    assert kept.find(asked(kept, b"/")) is None
    assert kept.bytes == 0


def test_the_pages_asked_for_least_lately_make_room() -> None:
    kept = pages(max_pages=3)
    for path in (b"/a", b"/b", b"/c"):
        keep(kept, path, page())
    assert kept.find(asked(kept, b"/a")) is not None
    keep(kept, b"/d", page())
    assert [path for path in (b"/a", b"/b", b"/c", b"/d") if kept.find(asked(kept, path))] == [
        b"/a", b"/c", b"/d",
    ]  # fmt: skip


def test_memory_is_bounded_with_every_encoding_counted() -> None:
    one = page().bytes
    kept = pages(max_bytes=one * 10)
    for number in range(100):
        path = b"/%d" % number
        keep(kept, path, page())
        for coding in (b"br", b"gzip"):
            found = kept.find(asked(kept, path, accept_encoding=coding))
            assert found is not None
            kept.add(asked(kept, path, accept_encoding=coding), found, found.compressed(coding))
        assert kept.bytes <= one * 10
    assert kept.bytes == sum(found.bytes for found in kept._pages.values())
    keep(kept, b"/huge", page(TEXT * 10))
    assert kept.find(asked(kept, b"/huge")) is None, "no page takes an eighth of all room"


# --- Flights ---


def test_of_many_that_ask_for_a_missing_page_one_makes_it() -> None:
    async def go() -> None:
        kept = pages()
        departure = kept.depart(asked(kept, b"/"))
        flight = kept.flight_of(asked(kept, b"/"))
        assert flight is not None
        waiting = [asyncio.create_task(kept.join(flight)) for _ in range(5)]
        await asyncio.sleep(0)
        made = page()
        departure.end(made)
        assert await asyncio.gather(*waiting) == [made] * 5
        assert kept.flight_of(asked(kept, b"/")) is None

    asyncio.run(go())


def test_who_asks_after_a_change_does_not_join_a_flight_from_before_it() -> None:
    async def go() -> None:
        kept = pages()
        kept.depart(asked(kept, b"/"))
        kept.purge()
        assert kept.flight_of(asked(kept, b"/")) is None

    asyncio.run(go())


@pytest.mark.parametrize("made", [None, page(TEXT, (b"set-cookie", b"a=1"))])
def test_who_waited_for_what_may_not_be_kept_asks_alone_and_waits_no_second_time(made: Page | None) -> None:
    async def go() -> None:
        kept = pages()
        departure = kept.depart(asked(kept, b"/"))
        flight = kept.flight_of(asked(kept, b"/"))
        assert flight is not None
        waiting = asyncio.create_task(kept.join(flight))
        await asyncio.sleep(0)
        departure.end(made)
        assert await waiting is None
        kept.depart(asked(kept, b"/"))
        assert kept.flight_of(asked(kept, b"/")) is None

    asyncio.run(go())


def test_a_flight_that_takes_long_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contentpipeline.webserver.page_cache.FLIGHT_SECONDS", 0.01)

    async def go() -> None:
        kept = pages()
        departure = kept.depart(asked(kept, b"/"))
        flight = kept.flight_of(asked(kept, b"/"))
        assert flight is not None
        assert await kept.join(flight) is None
        departure.end(page())
        assert kept.find(asked(kept, b"/")) is not None, "and its page is kept all the same"

    asyncio.run(go())
