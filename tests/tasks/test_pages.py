"""The guarded page reader: a real server on loopback, and a table of addresses that are refused."""

import asyncio
import gzip
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers.web.addresses import is_public
from tasks.pipeline.providers.web.pages import GuardedPages
from tasks.pipeline.reading.formats import READERS, declared_type, format_names

PAGE = "<html><head><title>Trees</title></head><body><article>" + "<p>Trees give shade to streets.</p>" * 20
STALL = 30


class Site:
    """A site whose responses a test chooses by path; records the requested paths."""

    def __init__(self, **answers):
        self.answers, self.asked, self.headers = answers, [], {}

    async def handle(self, request):
        self.asked.append(request.path)
        self.headers = dict(request.headers)
        answer = self.answers.get(request.path.strip("/").replace(".", "_") or "root")
        if answer is None:
            return web.Response(status=404)
        return await answer(request) if callable(answer) else answer

    @asynccontextmanager
    async def served(self):
        app = web.Application()
        app.router.add_get("/{path:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        server = web.TCPSite(runner, "127.0.0.1", 0)
        await server.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


def fetch(site, path="/page", **options):
    options = {"allow_private_networks": True, "total_seconds": 5.0} | options

    async def run():
        async with site.served() as root:
            return await GuardedPages(**options).fetch(root + path)

    return asyncio.run(run())


def html(text=PAGE, **options):
    return lambda request: _answer(text, **options)


async def _answer(text, status=200, content_type="text/html", headers=None):
    return web.Response(text=text, status=status, content_type=content_type, headers=headers)


def to(place):
    return lambda request: _answer("", status=302, headers={"Location": place})


def test_a_page_is_fetched_as_it_is_served():
    site = Site(page=html())
    before = datetime.now(UTC)
    page = fetch(site, site_url="https://desk.example")
    assert (page.body, page.status, page.name) == (PAGE.encode(), 200, "page")
    assert page.content_type == "text/html; charset=utf-8"
    assert page.requested_url == page.final_url
    assert before <= page.fetched_at <= datetime.now(UTC)
    assert site.headers["User-Agent"] == "EditorialDesk/1.0 (+https://desk.example)"
    assert "Cookie" not in site.headers


def test_redirects_are_followed_up_to_a_limit():
    page = fetch(Site(page=to("/next"), next=html()))
    assert page.requested_url.endswith("/page")
    assert page.final_url.endswith("/next")
    assert page.body == PAGE.encode()
    with pytest.raises(ProviderError, match="redirects more than 5 times"):
        fetch(Site(page=to("/page")))


def test_robots_txt_is_obeyed_and_asked_once():
    rules = html("User-agent: EditorialDesk\nDisallow: /closed", content_type="text/plain")
    site = Site(robots_txt=rules, page=html(), closed=html())

    async def run():
        async with site.served() as root:
            pages = GuardedPages(allow_private_networks=True)
            await pages.fetch(root + "/page")
            with pytest.raises(ProviderError, match=r"robots\.txt"):
                await pages.fetch(root + "/closed")

    asyncio.run(run())
    assert site.asked == ["/robots.txt", "/page"]


def test_a_site_whose_robots_txt_is_broken_is_asked_later():
    with pytest.raises(ProviderUnavailable, match="503"):
        fetch(Site(robots_txt=html(status=503), page=html()))


@pytest.mark.parametrize(
    ("status", "error"), [(404, False), (403, False), (500, True), (503, True), (429, True)]
)
def test_answers_that_are_no_page(status, error):
    with pytest.raises(ProviderError, match=str(status)) as caught:
        fetch(Site(page=html(status=status)))
    assert isinstance(caught.value, ProviderUnavailable) is error


def test_other_content_types_are_refused():
    with pytest.raises(ProviderError, match="image/png"):
        fetch(Site(page=html(content_type="image/png")))


def test_every_format_that_can_be_read_is_asked_for_and_fetched():
    site = Site(page=html())
    fetch(site)
    asked_for = {part.partition(";")[0].strip() for part in site.headers["Accept"].split(",")}
    assert set(READERS) <= asked_for
    for media_type in sorted(READERS):
        assert fetch(Site(page=html("Words.", content_type=media_type))).body == b"Words."


def test_a_refusal_names_every_format_that_can_be_read():
    with pytest.raises(ProviderError) as caught:
        fetch(Site(page=html(content_type="image/png")))
    assert all(name in str(caught.value) for name in format_names())


@pytest.mark.parametrize("served", ["", "application/octet-stream", "application/x-download"])
def test_a_document_of_no_declared_type_is_fetched(served):
    async def send(request):
        return web.Response(body=PAGE.encode(), headers={"Content-Type": served})

    page = fetch(Site(page=send))
    assert page.body == PAGE.encode()
    assert declared_type(page.content_type) == ""


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="Report 2024.pdf"', "Report 2024.pdf"),
        ("attachment; filename*=UTF-8''B%C3%A4ume.pdf", "Bäume.pdf"),
        (r'attachment; filename="..\\..\\boot.pdf"', "boot.pdf"),
        ("attachment; filename*=UTF-8''a%0D%0AX-Evil%3A%20yes%E2%80%AEcod.html", "a X-Evil: yescod.html"),
        (f'attachment; filename="{"n" * 300}.docx"', "n" * 250 + ".docx"),
        ("attachment", "page"),
        ('attachment; filename=""', "page"),
    ],
)
def test_a_document_has_the_name_under_which_it_is_offered(disposition, name):
    page = fetch(Site(page=html(headers={"Content-Disposition": disposition})))
    assert page.name == name


def test_a_name_in_an_address_is_one_line_without_what_nobody_sees():
    site = Site(**{'a\tb"\u202efdp_html': html()})
    page = fetch(site, path="/a%09b%22%E2%80%AEfdp.html")
    assert page.name == 'a b"fdp.html'


def test_large_pages_are_refused():
    with pytest.raises(ProviderError, match="larger than"):
        fetch(Site(page=html("x" * 300_000)), max_bytes=100_000)


def test_a_gzip_bomb_is_stopped_at_the_limit():
    bomb = gzip.compress(b"\0" * 300_000_000, compresslevel=1)
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/html"}

    async def send(request):
        return web.Response(body=bomb, headers=headers)

    with pytest.raises(ProviderError, match="larger than 5 MB"):
        fetch(Site(page=send), total_seconds=20)


def test_a_server_that_stalls_is_given_up():
    async def stall(request):
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        await response.write(b"<html>")
        await asyncio.sleep(STALL)

    async def never(request):
        await asyncio.sleep(STALL)

    for behaviour in (stall, never):
        with pytest.raises(ProviderUnavailable, match="was not read within"):
            fetch(Site(page=behaviour), total_seconds=0.4)


def test_a_closed_port_is_worth_another_try():
    pages = GuardedPages(allow_private_networks=True, total_seconds=5)
    with pytest.raises(ProviderUnavailable):
        asyncio.run(pages.fetch("http://127.0.0.1:9/"))


def test_cancelling_returns_at_once():
    async def never(request):
        await asyncio.sleep(STALL)

    async def run():
        async with Site(page=never).served() as root:
            task = asyncio.create_task(GuardedPages(allow_private_networks=True).fetch(root + "/page"))
            await asyncio.sleep(0.2)
            started = asyncio.get_running_loop().time()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return asyncio.get_running_loop().time() - started

    assert asyncio.run(run()) < 0.2


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://10.0.0.8/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://localhost/",
    ],
)
def test_private_addresses_are_refused(url):
    with pytest.raises(ProviderError, match="private network"):
        asyncio.run(GuardedPages().fetch(url))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "not an http"),
        ("ftp://a.example/x", "not an http"),
        ("gopher://a.example/", "not an http"),
        ("/relative", "not an http"),
        ("http://user:secret@a.example/", "user name or password"),
        ("http://a.example:22/", "port 22"),
        ("http://a.example:5432/", "port 5432"),
        ("http:///nowhere", "not a usable"),
        ("http://[::1", "not a usable"),
    ],
)
def test_addresses_no_page_has_are_refused(url, message):
    with pytest.raises(ProviderError, match=message) as caught:
        asyncio.run(GuardedPages(resolve=answers(["93.184.215.14"])).fetch(url))
    assert not isinstance(caught.value, ProviderUnavailable)
    assert "secret" not in str(caught.value)


def answers(*addresses):
    """A resolver that gives each list of addresses once, then the last one again."""
    left = list(addresses)

    async def resolve(host, port):
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def test_a_name_with_one_private_address_among_public_ones_is_refused():
    pages = GuardedPages(resolve=answers(["93.184.215.14", "10.0.0.1"]))
    with pytest.raises(ProviderError, match="private network"):
        asyncio.run(pages.fetch("http://mixed.example/"))


def test_a_redirect_into_the_private_network_is_refused():
    """Only the first hop may be private here; from the second on the rules are the usual ones."""
    site = Site(page=to("http://169.254.169.254/latest/"))

    async def run():
        async with site.served() as root:
            pages = GuardedPages(allow_private_networks=True)
            fetch_one = pages._fetch

            async def then_guarded(url, limit):
                answer = await fetch_one(url, limit)
                pages.allow_private_networks = url.name != "page"
                return answer

            pages._fetch = then_guarded
            await pages.fetch(root + "/page")

    with pytest.raises(ProviderError, match=r"169\.254\.169\.254.*private network"):
        asyncio.run(run())


@pytest.mark.parametrize("name", ["rebind.invalid", "bücher.invalid"])
def test_the_connection_goes_to_the_address_that_was_checked(name):
    """A name that resolves to another address the second time is still reached where it was checked."""
    site = Site(page=html())

    async def run():
        async with site.served() as root:
            port = root.rpartition(":")[2]
            asked = []

            async def resolve(host, port):
                asked.append(host)
                return ["127.0.0.1"]

            pages = GuardedPages(allow_private_networks=True, resolve=resolve)
            # The name exists nowhere: only the checked address can have been used.
            page = await pages.fetch(f"http://{name}:{port}/page")
            return page, asked

    page, asked = asyncio.run(run())
    assert page.body == PAGE.encode()
    # Once for robots.txt and once for the page, each checked for itself.
    in_ascii = name.encode("idna").decode()
    assert asked == [in_ascii, in_ascii]


def test_a_name_that_turns_private_between_two_requests_is_refused():
    site = Site(page=html())

    async def run():
        async with site.served():
            pages = GuardedPages(resolve=answers(["93.184.215.14"], ["127.0.0.1"]))

            async def no_robots(url):
                await pages._checked_addresses(url)

            pages._respect_robots = no_robots
            await pages.fetch("http://rebind.invalid/page")

    with pytest.raises(ProviderError, match="private network"):
        asyncio.run(run())
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    ["224.0.0.1", "192.0.0.8", "192.88.99.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fec0::1", "::127.0.0.1"]
    + [
        "0.0.0.0",
        "255.255.255.255",
        "::",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "198.18.0.1",
        "203.0.113.5",
        "junk",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_that_are_public(address):
    assert is_public(address)
