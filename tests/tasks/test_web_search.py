"""Web searches speak real protocols; whatever their servers send becomes results or a clear failure."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tasks.pipeline.errors import ProviderError, ProviderQuotaExceeded, ProviderUnavailable
from tasks.pipeline.providers import FetchedPage, FoundPage
from tasks.pipeline.providers.memory_archive import MemoryArchive
from tasks.pipeline.providers.model_servers.vendor_protocol import Access
from tasks.pipeline.providers.web.search_client import MAX_REPLY_BYTES, SearchClient
from tasks.pipeline.reading.types import Reading
from tasks.pipeline.search_results import SearchResult, WebSearchResults, merged
from tasks.pipeline.stages.found_pages import add_found_pages
from tasks.pipeline.text.canonical_urls import canonical_url
from tasks.pipeline.types import Brief, GivenSource, Research, SourceText
from tasks.pipeline.web_search import known_engines
from tests.search_server import SearchServer, ServerReply, serving_searches
from tests.tasks.test_research import Pages

KEY = "secret-key-0123456789"
PAGE = "https://a.example/page"
FOUND = [{"url": PAGE, "title": "Page"}]


@pytest.fixture
def server() -> Iterator[SearchServer]:
    with serving_searches() as running:
        yield running


def ask(
    server: SearchServer, engine: str, query: str = "street trees", limit: int = 5, **options: str
) -> list[FoundPage]:
    settings = {
        "SEARXNG_URL": server.url,
        "BRAVE_API_KEY": KEY,
        "BRAVE_BASE_URL": server.url,
        "TAVILY_API_KEY": KEY,
        "TAVILY_BASE_URL": server.url,
    }
    client = SearchClient(known_engines()[engine], Access({**settings, **options}), total_seconds=5)
    return asyncio.run(client.search(query, limit=limit, language="de"))


def test_each_search_is_asked_by_its_protocol(server: SearchServer) -> None:
    server.results = FOUND
    for engine in known_engines():
        assert ask(server, engine) == [FoundPage(PAGE, "Page")], engine
    brave, searxng, tavily = server.asked
    assert (searxng.path, searxng.query["q"], searxng.query["format"]) == ("/search", "street trees", "json")
    assert searxng.query["language"] == "de"
    assert (brave.path, brave.query["q"], brave.query["search_lang"]) == (
        "/res/v1/web/search", "street trees", "de",
    )  # fmt: skip
    assert brave.headers["X-Subscription-Token"] == KEY
    assert (tavily.path, tavily.headers["Authorization"]) == ("/search", f"Bearer {KEY}")
    assert tavily.body == {"query": "street trees", "max_results": 5}


def test_a_searxng_may_be_below_a_path_and_its_commands_are_not_given_to_it(server: SearchServer) -> None:
    with pytest.raises(ProviderError, match="check SEARXNG_URL"):
        ask(server, "searxng", SEARXNG_URL=f"{server.url}/below/search/")
    ask(server, "searxng", "!!g :fr ?x a!b !important", SEARXNG_URL=f"{server.url}/search")
    assert server.asked[-1].query["q"] == "g fr x a!b important"


REFUSED = json.dumps(
    {"error": {"code": "SUBSCRIPTION_TOKEN_INVALID", "detail": f"Bad token {KEY}", "status": 422}}
)
RATE = {"X-RateLimit-Limit": "1, 2000", "X-RateLimit-Remaining": "0, 1500", "X-RateLimit-Reset": "9, 100000"}
MONTH = {**RATE, "X-RateLimit-Remaining": "0, 0"}
HTML = "<html><head><title>Welcome</title></head><body>Hello</body></html>"
FAILURES: list[tuple[str, ServerReply, type[ProviderError], tuple[str, ...]]] = [
    ("searxng", ServerReply(403, "<h1>Forbidden</h1>"), ProviderError, ("search.formats", "settings.yml")),
    ("searxng", ServerReply(429, "Too Many Requests"), ProviderUnavailable, ("limiter",)),
    ("searxng", ServerReply(401), ProviderError, ("login", "SEARXNG_URL")),
    ("searxng", ServerReply(200, HTML), ProviderError, ("web page", "Welcome", "SEARXNG_URL")),
    ("searxng", ServerReply(301, "", {"Location": "https://x.example/"}), ProviderError, ("x.example",)),
    ("searxng", ServerReply(200, ""), ProviderUnavailable, ("nothing",)),
    ("searxng", ServerReply(200, "[1, 2]"), ProviderError, ("no list of results",)),
    ("searxng", ServerReply(200, '{"results": {"a": 1}}'), ProviderError, ("no list",)),
    ("searxng", ServerReply(200, '{"error": "Index is down"}'), ProviderError, ("Index is down",)),
    ("searxng", ServerReply(200, " " * (MAX_REPLY_BYTES + 9)), ProviderError, ("larger",)),
    ("searxng", ServerReply(200, "[" * 100_000), ProviderUnavailable, ("no results",)),
    ("searxng", ServerReply(404, "not here"), ProviderError, ("SEARXNG_URL", "404")),
    ("brave", ServerReply(422, REFUSED), ProviderError, ("BRAVE_API_KEY",)),
    ("brave", ServerReply(401, REFUSED), ProviderError, ("BRAVE_API_KEY",)),
    ("brave", ServerReply(422, '{"error": {"detail": "q is too long"}}'), ProviderError, ("q is too long",)),
    ("brave", ServerReply(429, "{}", RATE), ProviderUnavailable, ("rate limit",)),
    ("brave", ServerReply(429, "{}", MONTH), ProviderQuotaExceeded, ("used up",)),
    ("brave", ServerReply(503, HTML), ProviderUnavailable, ("503",)),
    ("tavily", ServerReply(401, '{"detail": {"error": "Unauthorized"}}'), ProviderError, ("TAVILY_API_KEY",)),
    ("tavily", ServerReply(432, '{"detail": {"error": "limit"}}'), ProviderQuotaExceeded, ("used up",)),
    ("tavily", ServerReply(433, "{}"), ProviderQuotaExceeded, ("used up",)),
    ("tavily", ServerReply(429, "{}", {"Retry-After": "30"}), ProviderUnavailable, ("rate limit",)),
    ("tavily", ServerReply(500, f"oops {KEY}"), ProviderUnavailable, ("500", "oops")),
]


def test_every_refusal_has_its_kind_and_a_sentence_with_the_remedy_and_without_the_key(
    server: SearchServer,
) -> None:
    for engine, answer, kind, words in FAILURES:
        server.answers = [answer]
        with pytest.raises(ProviderError) as failure:
            ask(server, engine)
        case = (engine, answer.status, str(failure.value))
        assert type(failure.value) is kind, case
        assert all(word in str(failure.value) for word in words), case
        assert KEY not in str(failure.value), case
        server.answers = []


def test_how_long_a_server_asks_to_wait_is_known_and_a_short_wait_is_made_at_once(
    server: SearchServer,
) -> None:
    server.results = FOUND
    server.answers = [ServerReply(429, "{}", RATE)]
    with pytest.raises(ProviderUnavailable) as failure:
        ask(server, "brave")
    assert failure.value.retry_after_seconds == 9
    server.answers = [ServerReply(429, "{}", {"Retry-After": "0"})]
    assert ask(server, "brave") == [FoundPage(PAGE, "Page")]


def test_no_server_at_the_address_is_a_failure_that_names_the_setting(server: SearchServer) -> None:
    for url in ("http://127.0.0.1:9", "http://user:hidden@127.0.0.1:9"):
        with pytest.raises(ProviderUnavailable, match=r"cannot be reached .*SEARXNG_URL") as failure:
            ask(server, "searxng", SEARXNG_URL=url)
        assert "hidden" not in str(failure.value)


def test_odd_results_are_passed_over(server: SearchServer) -> None:
    server.results = [
        None, "text", [], {}, {"url": 7}, {"url": ""}, {"url": "magnet:?xt=1"}, {"url": "ftp://a.example/"},
        {"url": "javascript:alert(1)"}, {"url": "http://"}, {"url": "http://user:pw@a.example/"},
        {"url": "http://a.example/\ud800"}, {"url": "http://[::1"}, {"url": "http://a.example/" + "x" * 3000},
        {"url": "http://b.example/", "title": "Half \ud83d a\x00 pair\n of"}, {"url": PAGE, "title": None},
        {"url": " http://c.example/ ", "title": ["x"], "content": 3},
    ]  # fmt: skip
    found = ask(server, "searxng", limit=20)
    assert [page.url for page in found] == ["http://b.example/", PAGE, "http://c.example/"]
    assert found[0].title == "Half � a pair of"
    assert found[0].title.encode()


def test_a_language_is_asked_for_as_the_search_knows_it(server: SearchServer) -> None:
    access = Access({"SEARXNG_URL": server.url, "BRAVE_API_KEY": KEY})
    asked = {
        "en": ("en", "en"), "pt-BR": ("pt-BR", "pt-br"), "zh-Hans": ("zh", "zh-hans"), "ja": ("ja", "jp"),
        "de-CH-1996": ("de-CH", "de"), "no": ("no", "nb"), "xx": ("xx", None), "": (None, None),
        "klingon": (None, None),
    }  # fmt: skip
    for language, expected in asked.items():
        requests = [
            known_engines()[name].protocol(access).request("q", limit=5, language=language)
            for name in ("searxng", "brave")
        ]
        found = (requests[0].query.get("language"), requests[1].query.get("search_lang"))
        assert found == expected, language


def test_a_login_in_the_address_is_sent(server: SearchServer) -> None:
    ask(server, "searxng", SEARXNG_URL=server.url.replace("://", "://ada:se%3Acret@"))
    assert server.asked[-1].headers["Authorization"] == f"Basic {b64encode(b'ada:se:cret').decode()}"


@dataclass
class ArchiveWithSources(MemoryArchive):
    """It has some addresses as sources already."""

    numbers: dict[str, int] = field(default_factory=dict)

    async def add(self, number: int, result: SearchResult, page: FetchedPage, reading: Reading) -> int:
        return await super().add(self.numbers.get(result.url, number), result, page, reading)


def test_pages_that_were_added_before_an_interruption_have_their_numbers_again() -> None:
    found_before = GivenSource(number=4, url="https://a.example/", found_by="brave")
    brief = Brief(topic="T", web_pages=2, sources=(GivenSource(number=1, text="Given."), found_before))
    given = Research(sources=(SourceText(number=1, title="Given", text="Given."),))
    urls = ("https://b.example/", "https://a.example/", "https://c.example/", "https://b.example/same")
    results = tuple(
        SearchResult(url=url, engine="brave", query="q", rank=rank) for rank, url in enumerate(urls, 1)
    )
    pages = Pages({urls[0]: "", urls[1]: "Of A.", urls[2]: "Of C.", urls[3]: "Of B."})
    archive = ArchiveWithSources(numbers={found_before.url: 4})
    found = WebSearchResults(queries=("q",), results=results)
    research = asyncio.run(add_found_pages(brief, given, found, pages, archive))
    texts = [(source.number, source.text) for source in research.sources]
    assert texts == [(1, "Given."), (4, "Of A."), (5, "Of C.")]
    assert research.search_problem == ""


def test_a_search_that_finds_nothing_is_no_error(server: SearchServer) -> None:
    server.answers = [ServerReply(200, '{"type": "search", "query": {"original": "q"}}')]
    assert ask(server, "brave") == []
    assert ask(server, "searxng") == []


def test_results_are_taken_in_turn_each_address_once_and_few_of_a_site() -> None:
    found = [
        ("one", [FoundPage("https://a.example/1"), FoundPage("https://www.a.example/2?utm_source=x")]),
        ("two", [FoundPage("http://A.example/1/#top"), FoundPage("https://b.example/"), FoundPage("https://a.example/3")]),
    ]  # fmt: skip
    results = merged(found, "searxng", ["http://b.example/index.html"])
    assert [(one.url, one.query, one.rank) for one in results] == [
        ("https://a.example/1", "one", 1),
        ("https://www.a.example/2?utm_source=x", "one", 2),
    ]


def test_addresses_of_one_page_differ_from_those_of_two() -> None:
    same = [
        ("https://www.a.example/x/", "http://a.example/x"),
        ("https://a.example/x?b=2&a=1&utm_medium=m", "https://a.example:443/x?a=1&b=2#part"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://a.example/caf%C3%A9", "https://a.example/café"),
    ]
    for one, other in same:
        assert canonical_url(one) == canonical_url(other), one
    differ = [
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/?p=1", "https://a.example/?p=2"),
    ]
    for one, other in differ:
        assert canonical_url(one) != canonical_url(other), one
    assert canonical_url("http://[broken") == "http://[broken"
