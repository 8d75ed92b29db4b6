"""The chain of language models, against a real server on the loopback interface."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from decimal import Decimal
from typing import Any, Self

import pytest

from tasks.pipeline.errors import BudgetExceeded, LengthLimitReached, ProviderError, ProviderUnavailable
from tasks.pipeline.providers import Prose
from tasks.pipeline.providers.model_calls.calls import CallRecord, Usage, list_price_usd
from tasks.pipeline.providers.model_calls.model_chain import ModelChain
from tasks.pipeline.providers.model_servers.vendor_pool import Access, Vendors
from tasks.pipeline.types import Critique, Role
from tests.model_server import ModelServer, Reply, access_to, critique_text, model_server

__all__ = ["model_server"]

TEXT = "Bees dance to tell each other where the flowers are, and how far."
CENT_A_CALL = Decimal("0.01")


class Books:
    """Keeps the records of a chain's calls."""

    def __init__(self) -> None:
        self.records: list[CallRecord] = []

    async def keep(self, record: CallRecord) -> None:
        self.records.append(record)

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return [(record.model, record.outcome) for record in self.records]


class OwnChain(ModelChain):
    """A chain with vendors of its own, open while it is used."""

    def __init__(self, chain_for: dict[Role, tuple[str, ...]], access: Access, **options: Any) -> None:
        self.vendors = Vendors(access)
        super().__init__(chain_for, self.vendors, **options)

    async def __aenter__(self) -> Self:
        await self.vendors.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.vendors.__aexit__(*error)


def make_chain(server: ModelServer, books: Books, *models: str, **options: Any) -> OwnChain:
    names = tuple(model if ":" in model else f"openai:{model}" for model in models or ("first",))
    access = options.pop("access", None) or access_to(
        openai_base_url=server.base_url,
        anthropic_api_key="very-secret",
        anthropic_base_url=server.anthropic_base_url,
    )
    return OwnChain(dict.fromkeys(Role, names), access, on_call=books.keep, **options)


async def write(chain: OwnChain) -> Prose:
    async with chain:
        return await chain.write("Be brief.", "Write about bees.", role=Role.CREATIVE, stage="draft")


async def answer(chain: OwnChain) -> Critique:
    async with chain:
        return await chain.answer("Judge.", "A text.", Critique, role=Role.QA, stage="critique")


def test_prose_comes_with_the_model_that_wrote_it_and_is_recorded(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("first", TEXT)

    prose = asyncio.run(write(make_chain(model_server, books)))

    assert prose == Prose(TEXT, model="openai:first")
    record = books.records[0]
    assert (record.provider, record.model, record.outcome) == ("openai", "first", "ok")
    assert (record.input_tokens, record.output_tokens, record.is_estimated) == (1000, 500, False)
    assert (record.stage, record.role) == ("draft", Role.CREATIVE)
    assert model_server.requests[0].body["stream"] is True


@pytest.mark.parametrize(
    "failure",
    [
        Reply(status=500),
        Reply(status=503),
        Reply(status=429, headers={"Retry-After": "3600"}),
        Reply(TEXT, fault="drop"),
        Reply(TEXT, fault="truncate"),
        Reply(TEXT, fault="stall"),
        Reply(fault="hang"),
        Reply(""),
        Reply(status=401),
    ],
    ids=["500", "503", "429", "drop", "truncate", "stall", "hang", "empty", "401"],
)
def test_the_next_model_is_asked_when_one_fails(model_server: ModelServer, failure: Reply) -> None:
    books = Books()
    model_server.for_model("first", failure)
    model_server.for_model("second", TEXT)

    prose = asyncio.run(write(make_chain(model_server, books, "first", "second", read_timeout_seconds=0.5)))

    assert prose == Prose(TEXT, model="openai:second")
    assert books.outcomes == [("first", "failed"), ("second", "ok")]
    assert books.records[0].error
    assert len(model_server.requests) == 2, "nothing may be tried again by itself"


def test_a_trickling_stream_ends_at_the_total_timeout(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("first", Reply(TEXT * 50, piece_delay_seconds=0.05))
    chain = make_chain(model_server, books, call_timeout_seconds=0.5)

    with pytest.raises(ProviderUnavailable, match=r"not done after 0\.5 seconds"):
        asyncio.run(write(chain))

    assert model_server.requests[0].disconnected.wait(1)
    assert books.records[0].is_estimated


def test_a_short_retry_after_is_waited_for_when_nobody_else_answers(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("first", Reply(status=429, headers={"Retry-After": "1"}), TEXT)
    model_server.for_model("second", Reply(status=500))

    prose = asyncio.run(write(make_chain(model_server, books, "first", "second")))

    assert prose.model == "openai:first"
    assert books.outcomes == [("first", "failed"), ("second", "failed"), ("first", "ok")]
    assert model_server.requests[2].received_at - model_server.requests[0].received_at >= 1


def test_a_long_retry_after_is_left_to_the_caller(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply(status=429, headers={"Retry-After": "90"}))

    with pytest.raises(ProviderUnavailable) as caught:
        asyncio.run(write(make_chain(model_server, Books())))

    assert caught.value.retry_after_seconds == 90
    assert len(model_server.requests) == 1


def test_models_that_are_out_for_now_are_worth_trying_again(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply(status=500))
    model_server.for_model("second", Reply(status=401))

    with pytest.raises(ProviderUnavailable, match=r"first is unavailable.*second refused the key"):
        asyncio.run(write(make_chain(model_server, Books(), "first", "second")))


def test_refused_by_all_is_for_good(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("first", Reply(status=401))
    model_server.for_model("second", Reply(status=404))

    with pytest.raises(ProviderError) as caught:
        asyncio.run(write(make_chain(model_server, books, "first", "second")))

    assert not isinstance(caught.value, ProviderUnavailable)
    assert "OPENAI_API_KEY" in str(caught.value)
    assert "PIPELINE_MODELS" in str(caught.value)
    assert [record.input_tokens for record in books.records] == [0, 0], "nothing was used"


def test_a_server_that_is_not_there_is_unavailable(model_server: ModelServer) -> None:
    model_server.stop()

    with pytest.raises(ProviderUnavailable, match="connection"):
        asyncio.run(write(make_chain(model_server, Books())))


def test_a_missing_key_is_named(model_server: ModelServer) -> None:
    with pytest.raises(ProviderError, match="OPENAI_API_KEY is not set"):
        asyncio.run(write(make_chain(model_server, Books(), access=access_to())))


def test_a_role_without_models_is_named(model_server: ModelServer) -> None:
    chain = OwnChain({}, access_to(openai_base_url=model_server.base_url), on_call=Books().keep)

    with pytest.raises(ProviderError, match="PIPELINE_MODELS"):
        asyncio.run(write(chain))


@pytest.mark.parametrize("text", ["{}", "```json\n{}\n```", "Here it is:\n\n{}\n\nI hope it helps."])
def test_typed_answers_are_read_from_what_models_send(model_server: ModelServer, text: str) -> None:
    model_server.for_model("first", text.replace("{}", critique_text(70)))

    assert asyncio.run(answer(make_chain(model_server, Books()))).score == 70
    asked = model_server.requests[0].body["response_format"]
    assert (asked["type"], asked["json_schema"]["strict"]) == ("json_schema", True)
    assert "tools" not in model_server.requests[0].body


def test_an_invalid_answer_is_sent_back_with_its_faults(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("first", critique_text(700), critique_text(70))

    assert asyncio.run(answer(make_chain(model_server, books))).score == 70
    assert "score" in model_server.requests[1].prompt.split("not valid")[1]
    assert books.outcomes == [("first", "ok"), ("first", "ok")], "both were paid for"


def test_a_model_that_cannot_give_the_type_is_left_for_the_next(model_server: ModelServer) -> None:
    model_server.for_model("first", *["Fine."] * 6)
    model_server.for_model("second", critique_text(70))

    assert asyncio.run(answer(make_chain(model_server, Books(), "first", "second"))).score == 70
    forms = 4  # by schema, as a tool, as any JSON object, and three times in words
    assert [request.model for request in model_server.requests] == ["first"] * (forms + 2) + ["second"]


def test_a_spent_budget_stops_the_next_call(model_server: ModelServer) -> None:
    books = Books()
    chain = make_chain(
        model_server, books, budget_usd=Decimal("0.02"), spent_usd=CENT_A_CALL, price=lambda *_: CENT_A_CALL
    )

    async def write_twice() -> None:
        async with chain:
            for _ in range(2):
                await chain.write("Be brief.", "Bees.", role=Role.CREATIVE, stage="draft")

    with pytest.raises(BudgetExceeded, match=r"\$0\.02 is spent \(\$0\.0200\).*budget_usd"):
        asyncio.run(write_twice())

    assert len(model_server.requests) == 1


def test_a_failed_call_counts_towards_the_budget_of_the_next_model(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply(TEXT, fault="drop"))
    chain = make_chain(
        model_server, Books(), "first", "second", budget_usd=CENT_A_CALL, price=lambda *_: CENT_A_CALL
    )

    with pytest.raises(BudgetExceeded):
        asyncio.run(write(chain))

    assert len(model_server.requests) == 1


def test_a_model_without_a_price_costs_none_not_zero(model_server: ModelServer) -> None:
    books = Books()
    asyncio.run(write(make_chain(model_server, books, "our-own-model")))

    assert books.records[0].cost_usd is None


def test_list_prices_are_known_for_vendors_models() -> None:
    price = list_price_usd("openai", "gpt-4o-mini", Usage(1_000_000, 0))

    assert price is not None
    assert price > 0
    assert list_price_usd("openai", "llama3.1:8b", Usage(1_000_000, 0)) is None


def test_usage_is_estimated_when_the_server_says_nothing(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("first", Reply(TEXT, usage=None))

    asyncio.run(write(make_chain(model_server, books)))

    assert books.records[0].is_estimated
    assert books.records[0].output_tokens == -(-len(TEXT) // 4)


@pytest.mark.parametrize("fault", ["stall", "hang"])
def test_cancelling_closes_the_connection_at_once(model_server: ModelServer, fault: Any) -> None:
    books = Books()
    model_server.for_model("first", Reply(TEXT * 20, fault=fault))

    async def cancel_while_it_writes() -> float:
        chain = make_chain(model_server, books, "first", "second")
        writing = asyncio.create_task(write(chain))
        request = await asyncio.to_thread(model_server.wait_for, 1)
        await asyncio.to_thread(request.started.wait, 5)
        await asyncio.sleep(0.1)
        cancelled_at = asyncio.get_running_loop().time()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        return cancelled_at

    cancelled_at = asyncio.run(cancel_while_it_writes())

    request = model_server.requests[0]
    assert request.disconnected.wait(1)
    assert request.disconnected_at is not None
    assert request.disconnected_at - cancelled_at < 1
    assert len(model_server.requests) == 1, "no other model may be called"
    assert books.outcomes == [("first", "cancelled")]
    assert books.records[0].is_estimated
    assert books.records[0].input_tokens > 0
    assert (books.records[0].output_tokens > 0) == (fault == "stall")


def test_a_record_that_cannot_be_saved_does_not_undo_a_cancellation(model_server: ModelServer) -> None:
    async def broken(record: CallRecord) -> None:
        raise RuntimeError("the database is gone")

    async def cancel_it() -> None:
        access = access_to(openai_base_url=model_server.base_url)
        writing = asyncio.create_task(
            write(OwnChain({Role.CREATIVE: ("openai:first",)}, access, on_call=broken))
        )
        await asyncio.to_thread(model_server.wait_for, 1)
        writing.cancel()
        await writing

    model_server.for_model("first", Reply(fault="hang"))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel_it())


def test_every_piece_of_text_is_passed_on_with_its_stage(model_server: ModelServer) -> None:
    shown: list[tuple[str, str]] = []
    model_server.for_model("first", Reply(TEXT, fault="truncate"))
    model_server.for_model("second", TEXT)

    chain = make_chain(
        model_server, Books(), "first", "second", on_text=lambda stage, text: shown.append((stage, text))
    )
    asyncio.run(write(chain))

    words = TEXT.split(" ")
    so_far = [" ".join(words[: count + 1]) + " " * (count + 1 < len(words)) for count in range(len(words))]
    of_second = shown[-len(words) :]
    assert of_second == [("draft", text) for text in so_far]
    assert [text for _, text in shown[: -len(words)]] == so_far[: len(words) // 2], "the first broke off"


def test_keys_are_sent_but_never_shown(model_server: ModelServer) -> None:
    access = access_to(openai_base_url=model_server.base_url, openai_api_key="very-secret")
    asyncio.run(write(make_chain(model_server, Books(), access=access)))

    assert model_server.requests[0].headers["authorization"] == "Bearer very-secret"
    assert "very-secret" not in repr(access)


def test_the_environment_is_not_read(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from the environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    asyncio.run(write(make_chain(model_server, Books())))

    assert "environment" not in model_server.requests[0].headers["authorization"]


def test_importing_the_chain_stays_light() -> None:
    check = "import sys, tasks.pipeline.providers.model_calls.model_chain; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    # The price list, the vendors' own packages should they come back, and what other parts need.
    heavy = {"genai_prices", "openai", "anthropic", "pydantic_ai", "httpx", "django", "pypdfium2", "lxml"}
    assert not heavy & set(imported.stdout.split())


def test_a_model_that_thinks_up_to_its_limit_is_asked_once_more_with_a_higher_one(
    model_server: ModelServer,
) -> None:
    thoughts = Reply("", thinking="Let me think.", finish_reason="length")
    model_server.for_model("first", thoughts, TEXT)
    assert asyncio.run(write(make_chain(model_server, Books()))).text == TEXT
    model_server.for_model("first", thoughts, critique_text(70))
    assert asyncio.run(answer(make_chain(model_server, Books()))).score == 70
    limits = [request.requested_tokens or 0 for request in model_server.requests]
    assert limits[3] > limits[2]
    model_server.for_model("first", *[thoughts] * 9)
    with pytest.raises(LengthLimitReached, match="thinking all the time"):
        asyncio.run(write(make_chain(model_server, Books())))
    assert len(model_server.requests) == 6
