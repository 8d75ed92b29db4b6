"""What the vendors' protocols may carry, and how connections are shared, refused and cut."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import ssl
import time
import tracemalloc
from asyncio.sslproto import SSLProtocol
from typing import Any

import pytest
from yarl import URL

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers import Prose
from tasks.pipeline.providers.model_calls.model_chain import ModelChain
from tasks.pipeline.providers.model_servers.reply_reader import MAX_REPLY_CHARACTERS
from tasks.pipeline.providers.model_servers.retry_waits import retry_after_seconds
from tasks.pipeline.providers.model_servers.vendor_pool import Vendors, proxy_for
from tasks.pipeline.types import Critique, Role
from tests.model_server import ModelServer, Reply, access_to, critique_text, model_server
from tests.tasks.test_models_provider import TEXT, Books, answer, make_chain, write

__all__ = ["model_server"]

KEY = "sk-very-secret"


def events(*data: Any, newline: str = "\n") -> bytes:
    lines = (item if isinstance(item, str) else json.dumps(item) for item in data)
    return "".join(f"data: {line}{newline}{newline}" for line in lines).encode()


def chunk(content: Any = None, finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish_reason}]}


END = chunk(finish_reason="stop")


def failure_of(server: ModelServer, reply: Reply, model: str = "first") -> ProviderError:
    """The error of a chain whose only model answers so."""
    server.for_model(model.partition(":")[2] or model, reply)
    access = access_to(KEY, server.base_url, KEY, server.anthropic_base_url)
    with pytest.raises(ProviderError) as caught:
        asyncio.run(write(make_chain(server, Books(), model, access=access, longest_wait_seconds=0)))
    assert KEY not in str(caught.value)
    return caught.value


def text_of(server: ModelServer, body: bytes, model: str = "first", **options: Any) -> str:
    server.for_model(model.partition(":")[2] or model, Reply(body=body))
    return asyncio.run(write(make_chain(server, Books(), model, **options))).text


# --- OpenAI and those who imitate it ------------------------------------------------------------------


def test_the_request_is_what_openai_asks_for(model_server: ModelServer) -> None:
    asyncio.run(write(make_chain(model_server, Books(), "m")))

    assert model_server.requests[0].body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Write about bees."},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.7,
    }


@pytest.mark.parametrize(
    "deltas",
    [
        [chunk(reasoning_content="Hm."), chunk("Bees.")],
        [chunk(reasoning="Hm."), chunk("", reasoning="Hm."), chunk("Bees.")],
        [chunk("<think>"), chunk("Hm."), chunk("</think>"), chunk("Bees.")],
        [chunk([{"type": "thinking", "text": "Hm."}, {"type": "text", "text": "Bees."}])],
        [{"choices": []}, {"choices": None}, {"choices": [{"delta": None}]}, chunk("Be"), chunk("es.")],
    ],
    ids=["field", "other field", "tags", "parts", "empty chunks"],
)
def test_only_what_is_meant_for_the_reader_is_text(model_server: ModelServer, deltas: list[Any]) -> None:
    assert text_of(model_server, events(*deltas, END, "[DONE]")) == "Bees."


@pytest.mark.parametrize(
    "body",
    [
        events(chunk("Bees."), END),
        events(chunk("Bees."), END, "[DONE]", "and rubbish"),
        events(chunk("Bees."), END, "[DONE]", newline="\r\n"),
        b": waiting\n\n" + events(chunk("Bees."), END, "[DONE]"),
        json.dumps({"choices": [{"message": {"content": "Bees."}, "finish_reason": "stop"}]}).encode(),
    ],
    ids=["no DONE", "after DONE", "CRLF", "comment", "not streamed"],
)
def test_servers_differ_and_are_read_all_the_same(model_server: ModelServer, body: bytes) -> None:
    assert text_of(model_server, body) == "Bees."


def test_a_stream_that_ends_without_saying_so_broke_off(model_server: ModelServer) -> None:
    assert "broke off" in str(failure_of(model_server, Reply(body=events(chunk("Bees.")))))
    assert text_of(model_server, events(chunk("Bees."), "[DONE]")) == "Bees."


@pytest.mark.parametrize(
    ("status", "error", "is_temporary", "said"),
    [
        (401, {"message": f"Wrong key {KEY}"}, False, "refused the key (401): check OPENAI_API_KEY"),
        (403, {"message": "No."}, False, "refused the key (403): check OPENAI_API_KEY"),
        (403, {"message": "Rude.", "metadata": {"reasons": []}}, False, "refused the request (403): Rude."),
        (
            404,
            {"message": "No."},
            False,
            "does not exist there (404): check PIPELINE_MODELS and the base URL",
        ),
        (400, {"message": "No.", "code": "model_not_found"}, False, "does not exist there (400)"),
        (400, {"message": f"Bad {KEY}"}, False, "refused the request (400): Bad [the key]"),
        (413, "Too\nlarge", False, "refused the request (413): Too large"),
        (429, {"message": "Slow", "code": "rate_limit_exceeded"}, True, "is over its rate limit (429)"),
        (429, {"message": "Pay", "code": "insufficient_quota"}, False, "credit is used up (429)"),
        (429, {"message": "Pay", "type": "insufficient_quota"}, False, "credit is used up (429)"),
        (402, {"message": "Pay"}, False, "credit is used up (402)"),
        (
            500,
            {"message": "maximum context length is 8"},
            False,
            "refused the request (500): maximum context",
        ),
        (500, {"message": "Oops"}, True, "is unavailable (500): Oops"),
        (503, {"message": "Oops"}, True, "is unavailable (503): Oops"),
        (400, {"message": "Oops", "code": "overloaded"}, True, "is unavailable (400): Oops"),
        (409, {"message": "Oops"}, True, "is unavailable (409): Oops"),
    ],
)
def test_an_error_says_what_to_do_wherever_it_comes(
    model_server: ModelServer, status: int, error: Any, is_temporary: bool, said: str
) -> None:
    failure = failure_of(model_server, Reply(status=status, body=json.dumps({"error": error}).encode()))
    assert isinstance(failure, ProviderUnavailable) == is_temporary
    assert f"openai:first {said}" in str(failure) or f"openai:first: the account's {said}" in str(failure)

    if isinstance(error, dict):
        # Inside a stream there is no status; gateways send it as the code.
        failure = failure_of(
            model_server, Reply(body=events(chunk("Be"), {"error": {"code": status, **error}}))
        )
        assert isinstance(failure, ProviderUnavailable) == is_temporary or status == 400


@pytest.mark.parametrize("body", [b"<html>Bad\n gateway</html>", b"", b"[" * 100_000, b'{"detail": "No."}'])
def test_an_error_that_is_no_json_is_shown_in_one_line(model_server: ModelServer, body: bytes) -> None:
    failure = failure_of(model_server, Reply(status=502, body=body))

    assert isinstance(failure, ProviderUnavailable)
    assert "unavailable (502)" in str(failure)
    assert "\n" not in str(failure)
    assert len(str(failure)) < 300


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Hello</html>",
        b"",
        events("{not JSON"),
        events("[1, 2]"),
        events("null"),
        events({"choices": 7}),
        events({"choices": ["x"]}),
        events(chunk(finish_reason="an unknown reason")),
        events("[" * 100_000),
        b"data: \xff\xff\n\n",
        b"data: " + b"x" * 1_100_000,
        b'{"choices": [',
    ],
)
def test_rubbish_is_worth_trying_elsewhere(model_server: ModelServer, body: bytes) -> None:
    model_server.for_model("first", Reply(body=body))
    books = Books()

    assert asyncio.run(write(make_chain(model_server, books, "first", "second"))).model == "openai:second"
    assert books.records[0].error
    assert books.records[0].input_tokens > 0, "the model may have been at work"


def test_an_error_in_place_of_a_stream_is_read(model_server: ModelServer) -> None:
    body = json.dumps({"error": {"message": "Pay", "code": "insufficient_quota"}}).encode()

    assert "credit is used up" in str(failure_of(model_server, Reply(body=body)))


@pytest.mark.parametrize("ending", ["length", "content_filter"])
@pytest.mark.parametrize("model", ["openai:m", "anthropic:m"])
def test_an_answer_that_is_not_whole_is_an_error_and_paid_for(
    model_server: ModelServer, model: str, ending: str
) -> None:
    books = Books()
    model_server.for_model("m", *[Reply(TEXT, finish_reason=ending)] * 2)

    said = {"length": "length limit", "content_filter": "refused to write about this"}[ending]
    with pytest.raises(ProviderError, match=said):
        asyncio.run(write(make_chain(model_server, books, model)))

    assert (books.records[0].output_tokens, books.records[0].is_estimated) == (500, False)


def test_a_refusal_is_no_text(model_server: ModelServer) -> None:
    body = events(chunk(refusal="I would rather not."), chunk(finish_reason="stop"), "[DONE]")

    assert "refused to write" in str(failure_of(model_server, Reply(body=body)))


def test_an_answer_without_end_is_stopped(model_server: ModelServer) -> None:
    pieces = [chunk("x" * 500_000)] * (MAX_REPLY_CHARACTERS // 500_000 + 1)

    assert "was stopped" in str(failure_of(model_server, Reply(body=events(*pieces))))


# --- Anthropic ----------------------------------------------------------------------------------------


def test_anthropic_is_asked_and_read_in_its_own_protocol(model_server: ModelServer) -> None:
    books, shown = Books(), list[str]()
    model_server.for_model("claude-sonnet-5", TEXT)

    prose = asyncio.run(
        write(
            make_chain(
                model_server, books, "anthropic:claude-sonnet-5", on_text=lambda _, text: shown.append(text)
            )
        )
    )

    assert prose == Prose(TEXT, model="anthropic:claude-sonnet-5")
    assert shown[0] == "Bees "
    request = model_server.requests[0]
    assert request.body == {
        "model": "claude-sonnet-5",
        "max_tokens": 128_000,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Write about bees."}],
        "stream": True,
        "temperature": 0.7,
    }
    assert request.headers["x-api-key"] == "very-secret"
    assert "anthropic-version" in request.headers
    record = books.records[0]
    assert (record.provider, record.input_tokens, record.output_tokens) == ("anthropic", 1000, 500)
    assert not record.is_estimated


def test_anthropic_is_corrected_in_turns(model_server: ModelServer) -> None:
    model_server.for_model("m", critique_text(700), critique_text(70))

    assert asyncio.run(answer(make_chain(model_server, Books(), "anthropic:m"))).score == 70
    speakers = [message["role"] for message in model_server.requests[1].body["messages"]]
    assert speakers == ["user", "assistant", "user"]


@pytest.mark.parametrize("fault", ["drop", "truncate", "stall", "hang"])
def test_the_next_model_is_asked_when_anthropic_breaks_off(model_server: ModelServer, fault: Any) -> None:
    books = Books()
    model_server.for_model("m", Reply(TEXT, fault=fault))

    chain = make_chain(model_server, books, "anthropic:m", "second", read_timeout_seconds=0.5)
    assert asyncio.run(write(chain)).model == "openai:second"
    assert books.outcomes == [("m", "failed"), ("second", "ok")]


@pytest.mark.parametrize(
    ("status", "error", "is_temporary", "said"),
    [
        (401, {"type": "authentication_error", "message": "No"}, False, "check ANTHROPIC_API_KEY"),
        (403, {"type": "permission_error", "message": "No"}, False, "check ANTHROPIC_API_KEY"),
        (404, {"type": "not_found_error", "message": "model: m"}, False, "check PIPELINE_MODELS"),
        (400, {"type": "invalid_request_error", "message": "No"}, False, "refused the request (400): No"),
        (
            400,
            {"type": "invalid_request_error", "message": "Your credit balance is too low"},
            False,
            "used up",
        ),
        (402, {"type": "billing_error", "message": "No"}, False, "credit is used up (402)"),
        (429, {"type": "rate_limit_error", "message": "No"}, True, "over its rate limit (429)"),
        (500, {"type": "api_error", "message": "No"}, True, "unavailable (500): No"),
        (529, {"type": "overloaded_error", "message": "No"}, True, "unavailable (529): No"),
    ],
)
def test_anthropics_errors_say_what_to_do(
    model_server: ModelServer, status: int, error: Any, is_temporary: bool, said: str
) -> None:
    body = {"type": "error", "error": error}
    for reply in (Reply(status=status, body=json.dumps(body).encode()), Reply(body=events(body))):
        failure = failure_of(model_server, reply, "anthropic:m")
        assert isinstance(failure, ProviderUnavailable) == is_temporary
        assert said in str(failure)


def test_anthropics_missing_key_is_named(model_server: ModelServer) -> None:
    books = Books()
    access = access_to(openai_base_url=model_server.base_url)

    with pytest.raises(ProviderError, match="ANTHROPIC_API_KEY is not set"):
        asyncio.run(write(make_chain(model_server, books, "anthropic:m", access=access)))

    assert books.records == [], "no model was called"


# --- The connection -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_because_the_key_would_go_along(model_server: ModelServer, status: int) -> None:
    to = f"{model_server.base_url.replace('127.0.0.1', 'localhost')}/elsewhere?token=abc"
    failure = failure_of(model_server, Reply(status=status, body=b"", headers={"Location": to}))

    assert not isinstance(failure, ProviderUnavailable)
    assert f"redirects to localhost ({status}), which is not followed" in str(failure)
    assert "abc" not in str(failure)
    assert len(model_server.requests) == 1


def test_fifty_chains_share_one_pool_of_connections(model_server: ModelServer) -> None:
    books = Books()

    async def write_all() -> list[str]:
        async with Vendors(access_to(openai_base_url=model_server.base_url)) as vendors:
            chains = [
                ModelChain({Role.QA: (f"openai:model-{number}",)}, vendors, on_call=books.keep)
                for number in range(50)
            ]
            wrote = await asyncio.gather(
                *(chain.write("Be brief.", "Bees.", role=Role.QA, stage="qa") for chain in chains)
            )
            judged = await asyncio.gather(
                *(chain.answer("Judge.", "A.", Critique, role=Role.QA, stage="qa") for chain in chains)
            )
        assert {critique.score for critique in judged} == set(range(50))
        return [prose.text for prose in wrote]

    for number in range(50):
        model_server.for_model(f"model-{number}", f"Text {number}.", critique_text(number))

    assert asyncio.run(write_all()) == [f"Text {number}." for number in range(50)]
    assert len(books.records) == 100


def test_a_connection_that_was_read_to_its_end_is_used_again(model_server: ModelServer) -> None:
    opened: set[Any] = set()

    async def write_three() -> None:
        async with Vendors(access_to(openai_base_url=model_server.base_url)) as vendors:
            chain = ModelChain({Role.QA: ("openai:m",)}, vendors, on_call=Books().keep)
            for _ in range(3):
                await chain.write("Be brief.", "Bees.", role=Role.QA, stage="qa")
                opened.update(_open_connections(vendors))

    asyncio.run(write_three())

    assert len(opened) == 1


def _open_connections(vendors: Vendors) -> list[Any]:
    assert vendors._session is not None
    assert vendors._session.connector is not None
    idle = vendors._session.connector._conns.values()
    return [protocol for connections in idle for protocol, _ in connections]


@pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning")
def test_a_thousand_encrypted_connections_fit_into_a_worker() -> None:
    async def measure() -> int:
        async with Vendors(access_to()):
            loop, context = asyncio.get_running_loop(), ssl.create_default_context()
            tracemalloc.start()
            try:
                held = [
                    SSLProtocol(loop, asyncio.Protocol(), context, loop.create_future()) for _ in range(10)
                ]
                return tracemalloc.get_traced_memory()[0] // len(held)
            finally:
                tracemalloc.stop()

    assert asyncio.run(measure()) < 64_000, "bytes for each"
    gc.collect()  # here, where the warning is expected


def test_one_cancelled_call_leaves_the_others_alone(model_server: ModelServer) -> None:
    model_server.for_model("stalled", Reply(TEXT, fault="stall"))
    model_server.for_model("slow", Reply(TEXT, piece_delay_seconds=0.02))

    async def cancel_one() -> str:
        async with Vendors(access_to(openai_base_url=model_server.base_url)) as vendors:

            def start(model: str) -> asyncio.Task[Prose]:
                chain = ModelChain({Role.QA: (f"openai:{model}",)}, vendors, on_call=Books().keep)
                return asyncio.create_task(chain.write("Be brief.", "Bees.", role=Role.QA, stage="qa"))

            stalled = start("stalled")
            request = await asyncio.to_thread(model_server.wait_for, 1)
            await asyncio.to_thread(request.started.wait, 5)
            slow = start("slow")
            await asyncio.to_thread(model_server.wait_for, 2)
            cancelled_at = time.monotonic()
            stalled.cancel()
            assert await asyncio.to_thread(request.disconnected.wait, 1)
            assert request.disconnected_at is not None
            assert request.disconnected_at - cancelled_at < 0.5
            return (await slow).text

    assert asyncio.run(cancel_one()) == TEXT


def test_a_hook_that_fails_cuts_the_stream(model_server: ModelServer) -> None:
    def broken(stage: str, text: str) -> None:
        raise ZeroDivisionError

    books = Books()
    model_server.for_model("first", Reply(TEXT, fault="stall"))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(write(make_chain(model_server, books, on_text=broken)))

    assert model_server.requests[0].disconnected.wait(1)
    assert books.outcomes == [("first", "failed")]


def test_a_slow_but_steady_stream_is_not_a_silence(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply("a b c d e f", piece_delay_seconds=0.2))

    chain = make_chain(model_server, Books(), read_timeout_seconds=0.5)
    assert asyncio.run(write(chain)).text == "a b c d e f"


@pytest.mark.parametrize("fault", ["stall", "hang"])
def test_a_silence_is_said_to_be_one(model_server: ModelServer, fault: Any) -> None:
    model_server.for_model("first", Reply(TEXT, fault=fault))

    with pytest.raises(ProviderUnavailable, match="openai:first stopped sending"):
        asyncio.run(write(make_chain(model_server, Books(), read_timeout_seconds=0.3)))

    assert model_server.requests[0].disconnected.wait(1)


def test_a_connection_that_cannot_be_made_costs_nothing() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        access = access_to(openai_base_url=f"http://127.0.0.1:{unused.getsockname()[1]}/v1")

        async def ask() -> Books:
            books = Books()
            async with Vendors(access) as vendors:
                chain = ModelChain({Role.QA: ("openai:m",)}, vendors, on_call=books.keep)
                with pytest.raises(ProviderUnavailable, match="connection failed"):
                    await chain.write("Be brief.", "Bees.", role=Role.QA, stage="qa")
            return books

        books = asyncio.run(ask())
    assert books.records[0].input_tokens == 0


def test_a_connection_that_is_never_answered_is_given_up() -> None:
    # The system accepts the connection, and no TLS handshake follows.
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        access = access_to("", f"https://127.0.0.1:{deaf.getsockname()[1]}/v1")

        async def ask() -> None:
            async with Vendors(access) as vendors:
                chain = ModelChain(
                    {Role.QA: ("openai:m",)}, vendors, on_call=Books().keep, read_timeout_seconds=0.3
                )
                await chain.write("Be brief.", "Bees.", role=Role.QA, stage="qa")

        with pytest.raises(ProviderUnavailable, match="took too long to be made"):
            asyncio.run(ask())


@pytest.mark.parametrize("base_url", ["ftp://models.example/v1", "nowhere", "http://[::1", "http:///v1"])
def test_a_base_url_that_is_none_is_said_so(model_server: ModelServer, base_url: str) -> None:
    books = Books()

    with pytest.raises(ProviderError, match="cannot be called: check its key, its base URL") as caught:
        asyncio.run(write(make_chain(model_server, books, access=access_to("k", base_url))))

    assert not isinstance(caught.value, ProviderUnavailable)
    assert books.records[0].input_tokens == 0


def test_a_key_with_a_line_break_is_not_sent_and_not_shown(model_server: ModelServer) -> None:
    chain = make_chain(model_server, Books(), access=access_to("secret\r\nX-Evil: 1", model_server.base_url))

    with pytest.raises(ProviderError, match="check its key") as caught:
        asyncio.run(write(chain))

    assert "secret" not in str(caught.value)
    assert model_server.requests == []


class TestWithAProxy:
    @pytest.fixture(autouse=True)
    def no_proxy_of_this_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)

    def test_the_proxy_of_the_environment_is_used(
        self, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", model_server.base_url.replace("http://", "http://me:pass@"))
        model_server.for_model("first", TEXT)

        chain = make_chain(model_server, Books(), access=access_to("k", "http://models.invalid/v1"))
        assert asyncio.run(write(chain)).text == TEXT
        assert model_server.requests[0].headers["host"] == "models.invalid"
        assert model_server.requests[0].headers["authorization"] == "Bearer k"
        assert model_server.requests[0].headers["proxy-authorization"].startswith("Basic ")

    def test_a_proxy_that_is_not_there_is_named_without_its_password(
        self, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://me:pass@127.0.0.1:9")

        with pytest.raises(ProviderUnavailable, match="connection failed") as caught:
            asyncio.run(
                write(make_chain(model_server, Books(), access=access_to("k", "https://models.invalid")))
            )

        assert "pass@" not in str(caught.value)

    @pytest.mark.parametrize(
        ("environment", "url", "proxy"),
        [
            ({}, "https://models.example/v1", None),
            ({"HTTPS_PROXY": "http://proxy:3128"}, "https://models.example/v1", "http://proxy:3128"),
            ({"HTTPS_PROXY": "http://proxy:3128"}, "http://models.example/v1", None),
            ({"ALL_PROXY": "proxy:3128"}, "http://models.example/v1", "http://proxy:3128"),
            ({"HTTPS_PROXY": "http://p", "NO_PROXY": "models.example"}, "https://models.example/", None),
            ({"HTTPS_PROXY": "http://p", "NO_PROXY": ".example"}, "https://models.example/", None),
            ({"HTTP_PROXY": "http://p", "NO_PROXY": "127.0.0.1,::1"}, "http://[::1]:8000/v1", None),
            ({"HTTP_PROXY": "http://p", "NO_PROXY": "*"}, "http://models.example/v1", None),
        ],
    )
    def test_which_proxy_is_used(
        self, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, proxy: str | None
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        assert proxy_for(URL(url)) == (proxy and URL(proxy))


def test_a_netrc_does_not_take_the_place_of_the_key(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password pass\n")
    monkeypatch.setenv("NETRC", str(netrc))

    access = access_to(openai_base_url=model_server.base_url, openai_api_key=KEY)
    asyncio.run(write(make_chain(model_server, Books(), access=access)))

    assert model_server.requests[0].headers["authorization"] == f"Bearer {KEY}"


# --- What the engine relies on ------------------------------------------------------------------------


class Fenced(Exception):
    """What an engine may raise that has lost its task."""


def fence(allowed: int) -> Any:
    """A hook that lets this many requests through."""
    asked = iter(range(allowed))

    def before_call() -> None:
        if next(asked, None) is None:
            raise Fenced

    return before_call


def test_no_request_leaves_when_the_hook_forbids_it(model_server: ModelServer) -> None:
    books = Books()

    with pytest.raises(Fenced):
        asyncio.run(write(make_chain(model_server, books, "first", "second", before_call=fence(0))))

    assert model_server.requests == []
    assert books.records == [], "a call that was not made is not in the books"


def test_the_hook_is_asked_before_the_next_model(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply(status=500))

    with pytest.raises(Fenced):
        asyncio.run(write(make_chain(model_server, Books(), "first", "second", before_call=fence(1))))

    assert len(model_server.requests) == 1


def test_the_hook_is_asked_before_a_correction(model_server: ModelServer) -> None:
    model_server.for_model("first", "Fine.", critique_text(70))

    with pytest.raises(Fenced):
        asyncio.run(answer(make_chain(model_server, Books(), before_call=fence(1))))

    assert len(model_server.requests) == 1


def test_the_hook_is_asked_before_a_second_try(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply(status=429, headers={"Retry-After": "0"}), TEXT)

    with pytest.raises(Fenced):
        asyncio.run(write(make_chain(model_server, Books(), before_call=fence(1))))

    assert len(model_server.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"Retry-After-Ms": "1500", "Retry-After": "9"}, 1.5),
        ({"Retry-After-Ms": "x", "Retry-After": "9"}, 9.0),
    ],
)
def test_how_long_a_vendor_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds
