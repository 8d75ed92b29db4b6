"""Cited addresses are looked up: a real server on loopback, and what its responses come to."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tasks.pipeline.link_state import LinkStatus, alive, dead, unknown
from tasks.pipeline.providers import Providers
from tasks.pipeline.providers.recording import recorded
from tasks.pipeline.providers.replay import Replay
from tasks.pipeline.providers.web.link_requests import LinkRequests
from tasks.pipeline.providers.web.links import MAX_LINKS, GuardedLinks
from tasks.pipeline.quality import CHECKS, assess
from tasks.pipeline.quality.site_facts import SiteFacts, published_addresses
from tests.tasks.test_quality import ARTICLE, BRIEF, RESEARCH, draft, result

ALIVE, DEAD, UNKNOWN = LinkStatus.ALIVE, LinkStatus.DEAD, LinkStatus.UNKNOWN
STALL = 30
URL = ARTICLE.citations[0].url
CHECK = tuple(check for check in CHECKS if check.name == "dead_links")


class Site:
    """Answers by the first part of a path, and records what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        kind, _, rest = request.path.strip("/").partition("/")
        if kind == "no-head":
            return web.Response(status=200 if request.method == "GET" else int(rest))
        if kind == "hangs-up-on-head" and request.method == "HEAD":
            assert request.transport is not None
            request.transport.close()
        if kind == "to":
            return web.Response(status=302, headers={"Location": "/" + rest})
        if kind == "loop":
            return web.Response(status=301, headers={"Location": "/loop"})
        if kind == "cookie" and "seen" not in request.cookies:
            return web.Response(status=302, headers={"Location": "/cookie", "Set-Cookie": "seen=1"})
        if kind == "elsewhere":
            return web.Response(status=302, headers={"Location": "ftp://files.example/"})
        if kind == "stalls":
            await asyncio.sleep(STALL)
        if kind == "endless":
            response = web.StreamResponse(headers={"Content-Length": str(10**12)})
            await response.prepare(request)
            return response
        return web.Response(status=int(kind) if kind.isdigit() else 200)

    @asynccontextmanager
    async def served(self, tls: ssl.SSLContext | None = None):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        try:
            yield f"{'https' if tls else 'http'}://localhost:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


PATHS = {
    "/page": ALIVE, "/204": ALIVE, "/no-head/405": ALIVE, "/no-head/404": ALIVE, "/no-head/501": ALIVE,
    "/hangs-up-on-head": ALIVE, "/endless": ALIVE, "/to/page": ALIVE, "/to/to/page": ALIVE, "/cookie": ALIVE,
    "/page#part": ALIVE,
    "/404": DEAD, "/410": DEAD, "/to/404": DEAD, "/loop": DEAD,
    "/403": UNKNOWN, "/401": UNKNOWN, "/429": UNKNOWN, "/500": UNKNOWN, "/503": UNKNOWN, "/999": UNKNOWN,
    "/stalls": UNKNOWN, "/elsewhere": UNKNOWN,
}  # fmt: skip


def test_only_what_is_certainly_gone_is_dead_and_only_what_answers_is_alive():
    site = Site()

    async def run():
        async with site.served() as root:
            links = GuardedLinks(allow_private_networks=True)
            await GuardedLinks(True, link_seconds=0.1, recent=links.recent).look_up([root + "/stalls"])
            urls = [root + path for path in PATHS]
            first = await links.look_up(urls)
            asked = len(site.asked)
            return root, first, asked, await links.look_up(urls)

    root, found, asked, again = asyncio.run(run())
    assert {one.url.removeprefix(root): one.status for one in found} == PATHS
    whys = {one.url.removeprefix(root): one.why for one in found}
    assert whys["/404"] == "404"
    assert whys["/stalls"] == "no answer within 0.1 seconds"
    assert (again, len(site.asked)) == (found, asked)
    assert (
        site.asked.count(("HEAD", "/page")) == 3
    )  # once with and without its fragment, and by two redirects


def test_a_certificate_that_browsers_refuse_is_dead(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", tmp_path / "key", "-out", tmp_path / "cert", "-subj", "/CN=localhost", "-days", "2"],
        check=True, capture_output=True,
    )  # fmt: skip
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert", tmp_path / "key")

    async def run():
        async with Site().served(tls) as root:
            return await LinkRequests(True, "", 3.0).state_of(root)

    found = asyncio.run(run())
    assert (found.status, found.why) == (DEAD, "its certificate is signed by itself")


def test_the_guard_holds_for_links_and_a_missing_network_is_no_dead_link():
    def resolving(error=None):
        async def resolve(host, port):
            if error:
                raise error
            return ["10.0.0.1"] if host == "inside.example" else ["93.184.215.14"]

        return resolve

    gone = socket.gaierror(socket.EAI_NONAME, "not known")
    later = socket.gaierror(socket.EAI_AGAIN, "try again")
    for url, error, why in (
        ("http://inside.example/", None, "it points to a private network"),
        ("http://trees.example:8080/", None, "only ports 80 and 443 are looked up, not 8080"),
        ("http://trees.example/", OSError(24, "too many files"), "its name could not be looked up now"),
        ("http://trees.example/", later, "its name could not be looked up now"),
        ("http://me:secret@trees.example/", None, "it is no address of a web page"),
        ("http://", None, "it is no address of a web page"),
    ):
        requests = LinkRequests(False, "", 1.0, resolve=resolving(error))
        assert asyncio.run(requests.state_of(url)) == unknown(url, why)
    requests = LinkRequests(False, "", 1.0, resolve=resolving(gone))
    url = "http://trees.example/"

    class Links(GuardedLinks):
        def _load(self):
            return requests

    (offline,) = asyncio.run(Links().look_up([url]))
    (online,) = asyncio.run(Links().look_up([url], is_online=True))
    assert (offline.status, online.status) == (UNKNOWN, DEAD)
    assert online.why == "there is no host trees.example"


def test_all_links_together_have_a_limit_of_number_and_time():
    async def run():
        async with Site().served() as root:
            links = GuardedLinks(allow_private_networks=True, total_seconds=0.3)
            few = await links.look_up([f"{root}/stalls/{number}" for number in range(5)])
            many = await GuardedLinks().look_up(
                [f"ftp://x.example/{number}" for number in range(MAX_LINKS + 1)]
            )
            return few, many

    few, many = asyncio.run(run())
    assert {one.why for one in few} == {"its turn did not come within 0.3 seconds"}
    assert many[-1].why == f"only {MAX_LINKS} are looked up"


def inspected(*links, article=ARTICLE):
    return assess(BRIEF, RESEARCH, article, CHECK, SiteFacts(links=links)).results[0]


def test_dead_links_fail_with_their_reason_and_what_is_not_known_is_skipped():
    urls = published_addresses(RESEARCH, ARTICLE)
    fine = [alive(url) for url in urls[1:]]
    assert inspected(alive(urls[0]), *fine).status == "passed"
    failed = inspected(dead(urls[0], "404"), *fine)
    assert (failed.status, failed.severity, failed.evidence) == ("failed", "advisory", (f"{urls[0]}: 404",))
    for links in ((unknown(urls[0], "503"), *fine), fine):
        skipped = inspected(*links)
        assert (skipped.status, skipped.applies) == ("skipped", True)
        assert urls[0] in skipped.message
    assert result("dead_links").applies is False  # nobody has looked


def test_an_address_that_is_no_source_is_never_requested():
    article = draft("See [this](https://stranger.example/?told=secret) and https://trees.example/b too.")
    assert "https://stranger.example/?told=secret" not in published_addresses(RESEARCH, article)


@pytest.mark.parametrize("branch", ["", "seo"])
def test_a_replay_has_the_recorded_findings(branch):
    exchanges = {}

    async def save(exchange):
        exchanges[exchange.key] = exchange

    class Links:
        def __init__(self):
            self.asked = []

        async def look_up(self, urls, *, is_online=False):
            self.asked += urls
            return tuple(dead(url, "404") for url in urls)

    async def run():
        first, second = Links(), Links()
        found = await recorded(Providers(pages=None, links=first), save).links.look_up(["http://a.example/"])
        replayed = Replay(exchanges, branch).in_place_of(Providers(pages=None, links=second)).links
        return (
            found,
            await replayed.look_up(["http://a.example/"]),
            second.asked,
            await replayed.look_up(["http://b.example/"]),
        )

    found, again, asked, new = asyncio.run(run())
    assert (again, asked) == (found, ["http://b.example/"] if branch else [])
    assert new[0].status == (DEAD if branch else UNKNOWN)


ANCHORS = (
    "[there](#section-bees)", "[there](#bees)", "[there](#Bees)", "[2](#source-2)", "[up](#top)",
    "[note](#fn1) of it.[^1]\n\n[^1]: A note.", "[note](#footnote-1) of it.[^1]\n\n[^1]: A note.",
)  # fmt: skip


def test_a_link_to_a_part_of_the_text_is_right_if_the_part_is_there():
    assert [one for one in ANCHORS if result("anchors", draft(one)).status != "passed"] == []
    for wrong in ("[there](#nowhere)", "[9](#source-9)", "[note](#fn1)"):
        found = result("anchors", draft(wrong))
        assert (found.status, found.severity) == ("failed", "advisory"), wrong


def test_links_to_contacts_that_a_source_publishes_and_to_parts_of_sources_pass():
    text = "Write to desk@trees.org or call +49 30 1234567."
    sources = (
        RESEARCH.sources[0].model_copy(update={"text": text, "final_url": "https://trees.example/A2"}),
    )
    research = RESEARCH.model_copy(update={"sources": (*sources, *RESEARCH.sources[1:])})
    for good in (
        "mailto:desk@trees.org",
        "tel:+49301234567",
        "HTTPS://Trees.example/a#roots",
        "https://trees.example/A2",
    ):
        assert result("links_known", draft(f"Read [it]({good})."), research=research).status == "passed", good
    for wrong in (
        "mailto:me@gmail.com",
        "tel:+1999",
        "page.html",
        "../other/",
        "//trees.example.org/a",
        "www.x.org",
    ):
        found = result("links_known", draft(f"Read [it]({wrong})."), research=research)
        assert found.status == "failed", wrong
        assert wrong in found.evidence[0]
