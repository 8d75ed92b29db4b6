"""The web server: what an application sees and sends is what it would through any WSGI server."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client

from contentpipeline.webserver.request_body import IN_MEMORY_BYTES, MAX_BYTES
from tests.factories import approve, make_draft, make_user
from tests.live import HttpReply, Server, serving
from tests.webserver_site import HEADER

BY_THE_SERVER = {"date", "server", "transfer-encoding", "connection", "content-length", "x-request-id",
                 "ratelimit"}  # fmt: skip
GRANIAN = ("-m", "granian", "--interface", "asgi", "--log-level", "error", "--workers-kill-timeout", "3")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application of tests/webserver_site.py: two threads for pages."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(log, *GRANIAN, "tests.webserver_site:app", "--port") as server:
        yield server


def state(server: Server) -> dict[str, int]:
    return json.loads(server.ask("GET", "/state/").body)


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def open_request(server: Server, path: str) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield connection


# --- What the application sees ---


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("/echo/caf%C3%A9/", "/echo/caf\xc3\xa9/"),
        ("/echo/%FF%FE", "/echo/\xff\xfe"),
        ("/echo/a%2Fb%00//c;d", "/echo/a/b\x00//c;d"),
        ("/echo/%zz%", "/echo/%zz%"),
    ],
)
def test_a_path_is_decoded_byte_by_byte(server: Server, sent: str, seen: str) -> None:
    environ = json.loads(server.ask("GET", f"{sent}?q=%20&r=%ff+").body)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", seen)
    assert environ["QUERY_STRING"] == "q=%20&r=%ff+"


def test_the_environ_has_what_wsgi_asks_for(server: Server) -> None:
    environ = json.loads(server.ask("GET", "/echo/", headers={"X-Forwarded-For": "10.0.0.1"}).body)
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["HTTP_HOST"] == f"127.0.0.1:{server.port}"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", str(server.port))
    assert (environ["SERVER_PROTOCOL"], environ["wsgi.url_scheme"]) == ("HTTP/1.1", "http")
    assert "PATH" not in environ, "the process's own environment is nobody's business"


def test_repeated_headers_are_joined_and_bytes_preserved(server: Server) -> None:
    answer = server.raw(
        b"GET /echo/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-A: 1\r\nX-A: 2\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\nX-Latin: caf\xe9\r\n\r\n"
    )
    environ = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (environ["HTTP_X_A"], environ["HTTP_COOKIE"]) == ("1,2", "a=1;b=2")
    assert environ["HTTP_X_LATIN"] == "caf\xe9"
    assert b"set-cookie: a=1\r\nset-cookie: b=2\r\n" in answer
    assert b"x-latin: caf\xe9\r\n" in answer


def test_a_header_with_an_underscore_cannot_pass_for_one_of_a_proxy(server: Server) -> None:
    environ = json.loads(server.ask("GET", "/echo/", headers={"X_Forwarded_Proto": "https"}).body)
    assert "HTTP_X_FORWARDED_PROTO" not in environ


@pytest.mark.parametrize("size", [0, 10, IN_MEMORY_BYTES + 1])
def test_a_body_arrives_whole(server: Server, size: int) -> None:
    body = os.urandom(size)
    assert server.ask("POST", "/digest/", body).body.decode() == hashlib.sha256(body).hexdigest()


def test_a_body_in_chunks_arrives_whole(server: Server) -> None:
    pieces = [os.urandom(70_000) for _ in range(5)]
    answer = server.ask("POST", "/digest/", iter(pieces))
    assert answer.body.decode() == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_a_client_that_expects_100_continue_gets_it(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(
            b"POST /digest/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"abc")
        assert b"200 OK" in connection.recv(1000)


def test_a_body_that_says_it_is_too_large_is_refused_unread(server: Server) -> None:
    answer = server.raw(
        b"POST /digest/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n" % (MAX_BYTES + 1)
    )
    assert b" 413 " in answer.split(b"\r\n")[0]


MALFORMED_CHUNKS = [
    b"ZZ\r\n{}\r\n0\r\n\r\n", b"2\r\n{}XX\r\n0\r\n\r\n", b"-1\r\n{}\r\n", b"f" * 20 + b"\r\n{}\r\n",
    b"\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("chunks", MALFORMED_CHUNKS)
@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_a_malformed_chunk_is_the_clients_mistake(server: Server, method: bytes, chunks: bytes) -> None:
    head = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 400 " in server.raw(method + b" /digest/" + head + chunks).split(b"\r\n")[0]
    status, _, rest = server.raw(method + b" /api/tasks/" + head + chunks).partition(b"\r\n")
    assert b" 400 " in status
    assert b"content-type: application/problem+json" in rest
    assert json.loads(rest.partition(b"\r\n\r\n")[2])["status"] == 400
    assert server.ask("GET", "/echo/").status == 200


def test_what_the_server_itself_refuses_below_api_is_a_problem(server: Server) -> None:
    failed = server.ask("GET", "/api/")
    large = server.ask("POST", "/api", b"", {"Content-Length": str(MAX_BYTES + 1)})
    for answer, status in ((failed, 500), (large, 413)):
        assert (answer.status, json.loads(answer.body)["status"]) == (status, status)
        assert answer.header("content-type") == "application/problem+json"
    assert server.ask("GET", "/broken/").header("content-type") == "text/plain"


def test_slow_senders_hold_no_thread(server: Server) -> None:
    senders = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
    for sender in senders:
        sender.sendall(b"POST /digest/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf")
    assert server.ask("GET", "/echo/").status == 200
    for sender in senders:
        sender.close()


# --- What the client gets ---


def test_an_answer_to_head_has_no_body(server: Server) -> None:
    got, head = server.ask("GET", "/file/"), server.ask("HEAD", "/file/")
    assert (head.status, head.body) == (got.status, b"")
    assert head.header("content-length") == got.header("content-length") == str(len(got.body))


def test_an_unchanged_page_has_no_body(server: Server) -> None:
    answer = server.ask("GET", "/unchanged/")
    assert (answer.status, answer.body, answer.header("etag")) == (304, b"", '"1"')


def test_a_file_arrives_whole(server: Server) -> None:
    answer = server.ask("GET", "/file/")
    assert answer.body == b"0123456789" * 100_000


def test_an_answer_in_pieces_arrives_whole_and_is_closed(server: Server) -> None:
    closed = state(server)["closed"]
    assert server.ask("GET", "/pieces/").body == b"".join(b"%d\n" % number for number in range(1000))
    assert eventually(lambda: state(server)["closed"] == closed + 1)


def test_a_response_whose_client_is_gone_is_closed(server: Server) -> None:
    closed = state(server)["closed"]
    with open_request(server, "/endless/") as connection:
        connection.recv(1000)
    assert eventually(lambda: state(server)["closed"] == closed + 1)


def test_an_exception_of_the_application_is_a_500_and_no_more(server: Server) -> None:
    assert server.ask("GET", "/broken/").status == 500
    assert server.ask("GET", "/echo/").status == 200


# --- Streams ---


def test_a_page_hands_over_to_a_stream_and_its_header_stays_inside(server: Server) -> None:
    with open_request(server, "/stream/") as connection:
        got = b""
        while b"tick 2\n" not in got:
            got += connection.recv(1000)
    head = got.partition(b"\r\n\r\n")[0].lower()
    assert b"content-type: text/plain" in head
    assert HEADER.lower().encode() not in head
    assert b"content-length" not in head
    assert eventually(lambda: state(server)["streams"] == 0), "it ends when its client is gone"


@pytest.mark.parametrize("status", ["404 Not Found", "500 Internal Server Error"])
def test_a_refusal_is_never_taken_over(server: Server, status: str) -> None:
    answer = server.ask("GET", f"/stream/?{status}".replace(" ", "%20"))
    assert (answer.body, answer.header(HEADER)) == (b"", "")


def test_a_client_cannot_ask_for_a_stream_itself(server: Server) -> None:
    answer = server.ask("GET", "/echo/", headers={HEADER: "tick", "test.streams": "1"})
    assert json.loads(answer.body)["test.streams"] is True, "it says the server's own word"
    assert "tick 0" not in answer.body.decode()


def test_asking_for_the_head_of_a_stream_opens_none(server: Server) -> None:
    answer = server.ask("HEAD", "/stream/")
    assert (answer.status, answer.header(HEADER), state(server)["streams"]) == (200, "", 0)


def test_a_client_that_takes_nothing_is_cut_off(server: Server) -> None:
    with open_request(server, "/flood/"):
        assert eventually(lambda: state(server)["streams"] == 1)
        assert eventually(lambda: state(server)["streams"] == 0)
    closed = state(server)["closed"]
    with open_request(server, "/endless/?1000000"):
        assert eventually(lambda: state(server)["closed"] == closed + 1), "and its thread is free"


def test_while_all_threads_are_busy_pages_wait_and_streams_go_on(server: Server) -> None:
    with open_request(server, "/stream/") as stream, ThreadPoolExecutor(6) as pool:
        stream.recv(1000)
        began_at = time.monotonic()
        pages = [pool.submit(server.ask, "GET", "/slow/?0.3") for _ in range(6)]
        ticks = 0
        while not all(page.done() for page in pages):
            ticks += stream.recv(1000).count(b"tick")
        assert time.monotonic() - began_at > 0.8, "two threads take three turns"
        assert [page.result().body for page in pages] == [b"slow"] * 6
        assert ticks > 10


def test_open_streams_do_not_hold_up_a_stop(tmp_path: Path) -> None:
    command = (*GRANIAN, "tests.webserver_site:app", "--port")
    with serving(tmp_path / "log", *command) as server, open_request(server, "/stream/") as stream:
        stream.recv(1000)
        began_at = time.monotonic()
        server.process.terminate()
        assert server.process.wait(10) == 0
        assert time.monotonic() - began_at < 2
        while stream.recv(65536):
            pass


# --- The site itself ---


def same(
    site: Server, client: Client, method: str, path: str, body: bytes = b"", **headers: str
) -> HttpReply:
    """The server's reply, once it is shown to be the same as without a server."""
    direct = client.generic(
        method, path, body, headers.pop("content_type", "application/octet-stream"),
        headers={"Host": f"127.0.0.1:{site.port}", **headers},
    )  # fmt: skip
    cookies = {"Cookie": client.cookies.output(header="", sep=";")} if client.cookies else {}
    sent = {"Content-Type": "application/octet-stream"} if body else {}
    served = site.ask(method, path, body or None, headers | sent | cookies)
    assert served.status == direct.status_code
    # A cached page has its tag for HEAD too, as it should; Django computes one for GET alone.
    # That of the API's posts is by the site's generation, of which only the server is notified here.
    left_out = {"etag"} if method == "HEAD" or path == "/api/posts/" else set()
    assert _ours(served.headers, left_out) == _ours(list(direct.items()), left_out)
    if served.status != 304 and method != "HEAD":
        assert served.header("content-length") == str(len(served.body))
    if not direct.streaming:
        assert served.body == direct.content
    return served


def _ours(headers: list[tuple[str, str]], left_out: set[str]) -> list[tuple[str, str]]:
    """Those that the site sets; a policy's directives come in no order."""
    return sorted(
        (name.lower(), "; ".join(sorted(value.split("; "))))
        for name, value in headers
        if name.lower() not in BY_THE_SERVER | {"expires"} | left_out
    )


@pytest.mark.django_db(transaction=True)
def test_the_site_answers_the_same_as_without_a_server(site: Server) -> None:
    from publishing.publish import publish

    draft = make_draft(title="Straßenbäume im Café")
    approve(draft)
    post = publish(draft, by=make_user("pia", "Publishers"))
    client = Client(enforce_csrf_checks=True)
    page = post.get_absolute_url()
    for method, path in [
        ("GET", "/"), ("HEAD", "/"), ("GET", page), ("HEAD", page), ("GET", page.rstrip("/")),
        ("GET", "/posts/caf%C3%A9"), ("GET", "/posts/%FF%FE/"), ("GET", "/posts/a%2Fb/"), ("GET", "/a//b"),
        ("GET", "/search/?q=stra%C3%9Fe&page=1"), ("GET", "/search/?q=%FF%00"), ("GET", "/feed/"),
        ("GET", "/robots.txt"), ("POST", "/"), ("OPTIONS", "/api/posts/"), ("GET", "/api/posts/"),
        ("GET", "/api/tasks/"), ("GET", "/admin/"), ("PUT", "/api/tasks/"), ("GET", "/health/live/"),
    ]:  # fmt: skip
        same(site, client, method, path)
    tag = same(site, client, "GET", "/feed/").header("etag")
    assert same(site, client, "GET", "/feed/", **{"If-None-Match": tag}).status == 304
    assert same(site, client, "GET", "/", Host="evil.example").status == 400


@pytest.mark.django_db(transaction=True)
def test_the_site_reads_cookies_and_bodies_the_same(site: Server) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("walter", "Writers", is_staff=True))
    assert same(site, client, "GET", "/api/tasks/").status == 200
    assert same(site, client, "POST", "/api/tasks/", b'{"topic": "x"}').status == 403, "no CSRF token"
    # Nobody's page: counts next to the navigation are cached, in each process for itself.
    nobody = Client(enforce_csrf_checks=True)
    assert same(site, nobody, "POST", "/admin/login/", b"x" * 3_000_000).status in {400, 403, 413}


@pytest.mark.django_db(transaction=True)
def test_static_files_are_served_with_ranges(site: Server) -> None:
    whole = site.ask("GET", "/static/desk/desk.css")
    assert whole.body == Path("static/desk/desk.css").read_bytes()
    assert whole.header("content-security-policy")
    again = site.ask("GET", "/static/desk/desk.css")
    assert (again.body, again.header("content-type")) == (whole.body, whole.header("content-type"))
    known = {"If-Modified-Since": whole.header("last-modified")}
    assert site.ask("GET", "/static/desk/desk.css", headers=known).status == 304
    part = site.ask("GET", "/static/desk/desk.css", headers={"Range": "bytes=10-19"})
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert site.ask("HEAD", "/static/desk/desk.css").header("content-length") == str(len(whole.body))
