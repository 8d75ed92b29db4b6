"""Budgets hold, whatever a model does: real streams, and what they cost in truth."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tasks.pipeline.errors import BudgetExceeded, LengthLimitReached, ProviderError, ProviderQuotaExceeded
from tasks.pipeline.providers.model_calls.budget import BudgetRequest
from tasks.pipeline.providers.model_calls.calls import Usage, list_price_usd
from tasks.pipeline.providers.model_calls.model_chain import ModelChain
from tasks.pipeline.providers.model_calls.tokens import TokenCount, fewest_tokens, most_tokens
from tasks.pipeline.types import Critique, Role
from tests.model_server import ModelServer, Received, Reply, critique_text, model_server
from tests.tasks.test_models_provider import Books, OwnChain, answer, make_chain, write
from tests.tasks.test_vendors import KEY, chunk, events
from tests.varied_text import varied

__all__ = ["model_server"]

MODELS = ("openai:gpt-4o-mini", "anthropic:claude-haiku-4-5")
CENT = Decimal("0.01")
WORD, CHINESE, THAI = "word ", "语言模型", "ภาษาไทย"


def spend(
    server: ModelServer, reply: Reply, budget: Decimal, *models: str, calls: int = 6, **options: Any
) -> tuple[Books, BaseException | None]:
    """Have a chain write again and again until its budget ends; return the books and what ended it."""
    books, names = Books(), models or MODELS[:1]
    for name in names:
        server.for_model(name.partition(":")[2], *[reply] * (3 * calls))
    chain = make_chain(
        server, books, *names, budget_usd=budget, read_timeout_seconds=0.5, longest_wait_seconds=0, **options
    )

    async def run() -> BaseException | None:
        async with chain:
            for _ in range(calls):
                try:
                    await chain.write("Be brief.", "Write about bees.", role=Role.CREATIVE, stage="draft")
                except BudgetExceeded as error:
                    return error
                except ProviderError:
                    continue
        return None

    return books, asyncio.run(run())


def booked_usd(books: Books) -> Decimal:
    return sum((record.cost_usd or Decimal(0) for record in books.records), Decimal(0))


def true_usd(server: ModelServer, vendor: str = "openai") -> Decimal:
    """What the models really read and wrote, at list prices."""
    total = Decimal(0)
    for request in server.requests:
        if not request.sent_tokens:
            continue  # refused: no model read it
        vendor = "anthropic" if "x-api-key" in request.headers else "openai"
        read = (len(request.prompt) + len(request.instructions) + len(_schema_of(request))) // 4
        price = list_price_usd(vendor, request.model, Usage(read, request.sent_tokens))
        assert price is not None
        total += price
    return total


def _schema_of(request: Received) -> str:
    """What a server puts into the prompt of a structured answer, and bills."""
    fields = [request.body.get(name) for name in ("response_format", "tools")]
    return "".join(json.dumps(field) for field in fields if field)


# --- Before: what a request asks for --------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_a_request_asks_for_no_more_than_the_rest_of_the_budget_pays(
    model_server: ModelServer, model: str
) -> None:
    budget = Decimal("0.001")
    books, _ = spend(model_server, Reply("Bees. " * 100, usage=None), budget, model, calls=2)

    vendor, _, name = model.partition(":")
    spent = Decimal(0)
    for request, record in zip(model_server.requests, books.records, strict=True):
        assert request.requested_tokens
        asked = list_price_usd(vendor, name, Usage(record.input_tokens, request.requested_tokens))
        assert asked is not None
        assert asked <= budget - spent
        assert asked > (budget - spent) * Decimal("0.9"), "the whole rest may be used"
        spent += record.cost_usd or 0


@pytest.mark.parametrize(
    ("model", "field", "most"),
    [
        ("openai:gpt-4o-mini", "max_tokens", 16_384),
        ("openai:gpt-4.1", "max_tokens", 32_768),
        ("openai:o3", "max_completion_tokens", 100_000),
        ("openai:gpt-5-mini", "max_completion_tokens", 128_000),
        ("anthropic:claude-haiku-4-5", "max_tokens", 64_000),
    ],
)
def test_a_request_asks_for_no_more_than_the_model_allows(
    model_server: ModelServer, model: str, field: str, most: int
) -> None:
    asyncio.run(write(make_chain(model_server, Books(), model, budget_usd=Decimal(1000))))

    assert model_server.requests[0].body[field] == most
    assert len({"max_tokens", "max_completion_tokens"} & model_server.requests[0].body.keys()) == 1


def test_a_call_that_the_rest_does_not_pay_is_not_made(model_server: ModelServer) -> None:
    chain = make_chain(model_server, Books(), "gpt-4o", budget_usd=Decimal("0.0001"))

    with pytest.raises(BudgetExceeded, match=r"\$0\.0001 of the budget of \$0\.0001 is left.*budget_usd"):
        asyncio.run(write(chain))
    assert not model_server.requests


def test_the_prompt_is_paid_for_too(model_server: ModelServer) -> None:
    async def write_long() -> None:
        chain = make_chain(model_server, Books(), "gpt-4o", budget_usd=CENT)
        async with chain:
            await chain.write("Be brief.", "Bees dance. " * 5_000, role=Role.CREATIVE, stage="draft")

    with pytest.raises(BudgetExceeded):
        asyncio.run(write_long())
    assert not model_server.requests, "15,000 tokens of input cost more than a cent"


def test_a_schema_that_is_sent_is_paid_for_too(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("gpt-4o-mini", Reply(critique_text(80), usage=None))
    asyncio.run(answer(make_chain(model_server, books, "gpt-4o-mini")))

    (request,) = model_server.requests
    assert _schema_of(request)
    schema = json.dumps(Critique.model_json_schema())
    assert books.records[0].input_tokens >= most_tokens(request.instructions + request.prompt + schema)


def test_a_report_that_cannot_be_true_says_nothing_of_the_next_prompt(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("gpt-4o-mini", *[Reply("Bees.", usage=(1, 1))] * 2)

    async def write_twice() -> None:
        chain = make_chain(model_server, books, "gpt-4o-mini", budget_usd=CENT)
        async with chain:
            for _ in range(2):
                await chain.write("Be brief.", "Bees dance. " * 100, role=Role.CREATIVE, stage="draft")

    asyncio.run(write_twice())
    first, second = (record.input_tokens for record in books.records)
    assert first == second


def test_without_a_price_nothing_is_limited(model_server: ModelServer) -> None:
    asyncio.run(write(make_chain(model_server, Books(), "openai:llama3.1:8b", budget_usd=CENT)))

    assert model_server.requests[0].requested_tokens is None


# --- While it writes ------------------------------------------------------------------------------------

PACE = 0.0005
"""Seconds between pieces: what a server sends ahead into its socket nobody has read."""
MISBEHAVING = {
    "for ever": Reply(endless=WORD),
    "for ever in Chinese": Reply(endless=CHINESE, tokens_a_piece=6),
    "for ever in Thai": Reply(endless=THAI, tokens_a_piece=12),
    "for ever in large pieces": Reply(endless=WORD * 20, tokens_a_piece=20),
    "thinking long": Reply("Bees.", thinking=varied("Hmm, let me see. " * 3_000), usage=(30, 2)),
    "too long": Reply(varied(WORD * 2_000)),
    "too long, without usage": Reply(varied(WORD * 2_000), usage=None),
    "false usage, too low": Reply(varied(WORD * 800), usage=(1, 1)),
    "false usage, too high": Reply(varied(WORD * 50), usage=(10**9, 10**9)),
    "half of the truth": Reply(varied(WORD * 300), usage=(10, 150)),
    "obedient": Reply(varied(WORD * 2_000), obeys=True),
    "obedient, without usage": Reply(varied(WORD * 2_000), obeys=True, usage=None),
    "breaks off": Reply(varied(WORD * 600), fault="drop"),
    "ends early": Reply(varied(WORD * 600), fault="truncate"),
    "stalls": Reply(varied(WORD * 100), fault="stall"),
    "rate limit": Reply(status=429, headers={"Retry-After": "0"}),
    "out of order": Reply(status=500),
}


@pytest.mark.parametrize("models", [MODELS[:1], MODELS[1:], MODELS], ids=["openai", "anthropic", "chain"])
@pytest.mark.parametrize("behaviour", MISBEHAVING)
def test_no_model_spends_more_than_the_budget(
    model_server: ModelServer, behaviour: str, models: tuple[str, ...]
) -> None:
    budget = Decimal("0.0003") if models == MODELS[:1] else Decimal("0.002")
    reply = replace(MISBEHAVING[behaviour], piece_delay_seconds=PACE)
    books, _ = spend(model_server, reply, budget, *models, calls=2)

    assert booked_usd(books) <= budget * Decimal("1.05")
    assert true_usd(model_server) <= budget * Decimal("1.05")
    assert len(books.records) == len(model_server.requests), "every call is booked"


@pytest.mark.slow
def test_any_mixture_of_misbehaviour_stays_within_any_budget(model_server: ModelServer) -> None:
    choose = random.Random(11)
    quick = [reply for name, reply in MISBEHAVING.items() if name != "stalls"]
    for _ in range(8):
        model_server.requests.clear()
        books, budget = Books(), Decimal(choose.randint(2, 30)) / 10_000
        replies = [replace(choose.choice(quick), piece_delay_seconds=PACE) for _ in range(24)]
        for model in MODELS:
            model_server.for_model(model.partition(":")[2], *replies)
        chain = make_chain(model_server, books, *MODELS, budget_usd=budget, longest_wait_seconds=0)
        asyncio.run(_until_it_ends(chain))

        for spent in (booked_usd(books), true_usd(model_server)):
            assert spent <= budget * Decimal("1.05"), (budget, replies)


async def _until_it_ends(chain: OwnChain) -> None:
    async with chain:
        for number in itertools.count():
            try:
                if number % 2:
                    await chain.write("Be brief.", "Bees.", role=Role.CREATIVE, stage="draft")
                else:
                    await chain.answer("Judge.", "A text.", Critique, role=Role.QA, stage="critique")
            except BudgetExceeded:
                return
            except ProviderError:
                if number > 12:
                    return


def test_the_stream_is_closed_when_the_budget_is_spent_and_the_text_so_far_was_seen(
    model_server: ModelServer,
) -> None:
    seen: list[str] = []
    reply = Reply(endless=WORD)
    books, error = spend(
        model_server, reply, Decimal("0.0003"), on_text=lambda _, text: seen.append(text), calls=1
    )

    assert model_server.requests[0].disconnected.wait(2)
    assert isinstance(error, BudgetExceeded)
    assert "ended while openai:gpt-4o-mini was writing" in str(error)
    assert "budget_usd" in str(error)
    assert len(seen[-1]) > 1_000, "nearly all of it could be paid"
    assert books.records[0].is_estimated
    assert Decimal("0.00027") < booked_usd(books) <= Decimal("0.000315")


def test_an_answer_is_not_cut_where_there_is_room_for_it(model_server: ModelServer) -> None:
    """Chinese is counted at several times its tokens: that must not end a text that the model may write."""
    text = varied(CHINESE * 3_000)
    books = Books()
    model_server.for_model("gpt-4o-mini", Reply(text, usage=(20, 8_000)))

    prose = asyncio.run(write(make_chain(model_server, books, "gpt-4o-mini", budget_usd=Decimal(1))))

    assert prose.text == text
    assert (books.records[0].output_tokens, books.records[0].is_estimated) == (8_000, False)


def test_a_model_that_ignores_its_own_limit_is_stopped_although_there_is_money(
    model_server: ModelServer,
) -> None:
    model_server.for_model("gpt-4o-mini", Reply(endless=WORD * 500, tokens_a_piece=500))

    with pytest.raises(LengthLimitReached, match=r"far more than the 16,384 tokens"):
        asyncio.run(write(make_chain(model_server, Books(), "gpt-4o-mini", budget_usd=Decimal(100))))


# --- Afterwards: what is booked, and what is said -------------------------------------------------------


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -5, "completion_tokens": -7},
        {"prompt_tokens": "many", "completion_tokens": None},
        {"prompt_tokens": 10**30, "completion_tokens": 10**30},
        {"prompt_tokens": True, "completion_tokens": 2.5},
        [1, 2],
        "none",
    ],
)
def test_a_report_that_is_no_number_counts_as_none(model_server: ModelServer, usage: Any) -> None:
    books = Books()
    end = {**chunk(finish_reason="stop"), "usage": usage}
    model_server.for_model("m", Reply(body=events(chunk("Bees dance."), end, "[DONE]")))

    assert asyncio.run(write(make_chain(model_server, books, "m"))).text == "Bees dance."
    record = books.records[0]
    assert record.is_estimated
    assert (record.input_tokens, record.output_tokens) == (most_tokens("Be brief.\nWrite about bees."), 3)


def test_a_report_that_comes_after_the_end_of_the_text_is_believed(model_server: ModelServer) -> None:
    books = Books()
    usage = {"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": 9}}
    body = events(chunk("Bees dance."), chunk(finish_reason="stop"), usage, "[DONE]")
    model_server.for_model("m", Reply(body=body))

    asyncio.run(write(make_chain(model_server, books, "m")))
    record = books.records[0]
    assert (record.input_tokens, record.output_tokens, record.is_estimated) == (40, 9, False)


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": varied("x. " * 400)},
        {"reasoning": varied("x. " * 400)},
        {"thoughts": [{"text": varied("x. " * 400)}]},
        {"tool_calls": [{"id": "1", "function": {"name": "f", "arguments": varied("x. " * 400)}}]},
    ],
)
def test_what_no_reader_sees_is_counted_in_whichever_field_it_comes(
    model_server: ModelServer, delta: dict[str, Any]
) -> None:
    books = Books()
    body = events(chunk(None, **delta), chunk("Bees."), chunk(finish_reason="stop"), "[DONE]")
    model_server.for_model("m", Reply(body=body))

    asyncio.run(write(make_chain(model_server, books, "m")))
    assert books.records[0].output_tokens > 250


def test_thinking_that_is_not_reported_is_booked_as_it_was_counted(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model(
        "gpt-4o-mini", Reply("Bees.", thinking=varied("Hmm, let me see. " * 400), usage=(30, 2))
    )

    asyncio.run(write(make_chain(model_server, books, "gpt-4o-mini", budget_usd=Decimal(1))))
    assert books.records[0].output_tokens >= 1_600
    assert books.records[0].is_estimated


def test_what_was_reported_before_counts_for_the_next_call(model_server: ModelServer) -> None:
    """A gateway that puts 2,000 tokens before each prompt: the second call takes them into account."""
    books, _ = spend(model_server, Reply("Bees.", usage=(2_000, 10)), Decimal("0.0004"), calls=3)

    assert [record.input_tokens for record in books.records] == [2_000]
    assert len(model_server.requests) == 1, "another would cost more than is left"


def test_a_language_that_is_counted_too_high_is_so_once_only(model_server: ModelServer) -> None:
    """A Chinese prompt has a third of the tokens that its bytes allow: the first report says so."""
    books, prompt = Books(), "语言模型写文章。" * 500
    model_server.for_model("gpt-4o-mini", *[Reply("好。", usage=(3_600, 2))] * 2)

    async def write_twice() -> None:
        async with make_chain(model_server, books, "gpt-4o-mini", budget_usd=Decimal("0.003")) as chain:
            for _ in range(2):
                await chain.write("Be brief.", prompt, role=Role.CREATIVE, stage="draft")

    asyncio.run(write_twice())
    first, second = (request.requested_tokens or 0 for request in model_server.requests)
    spent = books.records[0].cost_usd or Decimal(0)
    assert spent == list_price_usd("openai", "gpt-4o-mini", Usage(3_600, 2))
    assert second > first + 1_000, "what the input does not cost can be written"


def test_the_models_own_limit_is_distinguished_from_the_budget(model_server: ModelServer) -> None:
    cut_off = [Reply(varied(WORD * 50, part), finish_reason="length", usage=(20, 55)) for part in range(5)]
    model_server.for_model("gpt-4o-mini", *cut_off)
    with pytest.raises(LengthLimitReached, match="length limit") as caught:
        asyncio.run(write(make_chain(model_server, Books(), "gpt-4o-mini", budget_usd=Decimal("0.001"))))
    assert caught.value.kind == "length_limit"

    model_server.for_model("gpt-4o-mini", Reply(varied(WORD * 2_000), obeys=True))
    with pytest.raises(BudgetExceeded, match=r"budget of \$0\.001 ended while") as ours:
        asyncio.run(write(make_chain(model_server, Books(), "gpt-4o-mini", budget_usd=Decimal("0.001"))))
    assert ours.value.kind == "budget"


@pytest.mark.parametrize("model", MODELS)
def test_credit_used_up_at_the_provider_is_distinguished_from_the_budget(
    model_server: ModelServer, model: str
) -> None:
    error = {"error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "Pay."}}
    model_server.for_model(model.partition(":")[2], Reply(status=429, body=json.dumps(error).encode()))

    with pytest.raises(
        ProviderQuotaExceeded, match=r"credit is used up.*not a budget of this desk"
    ) as caught:
        asyncio.run(write(make_chain(model_server, Books(), model, budget_usd=Decimal(1))))
    assert caught.value.kind == "provider_quota"
    assert KEY not in str(caught.value)


# --- Shared with others ---------------------------------------------------------------------------------


def test_no_more_is_asked_for_than_was_put_aside(model_server: ModelServer) -> None:
    wanted: list[BudgetRequest] = []

    async def reserve(wish: BudgetRequest) -> Decimal:
        wanted.append(wish)
        return Decimal("0.0002")

    books = Books()
    model_server.for_model("gpt-4o-mini", Reply(endless=WORD))
    chain = make_chain(model_server, books, "gpt-4o-mini", budget_usd=Decimal(1), reserve=reserve)
    with pytest.raises(BudgetExceeded, match="DAILY_BUDGET_USD"):
        asyncio.run(write(chain))

    assert model_server.requests[0].requested_tokens == pytest.approx(332, abs=5)
    assert booked_usd(books) <= Decimal("0.00021")
    assert wanted[0].least_usd < Decimal("0.0002") < wanted[0].usd <= 1
    assert wanted[0].expected.outcome == "lost"
    assert wanted[0].expected.input_tokens == books.records[0].input_tokens


def test_what_was_put_aside_is_given_back_when_the_call_is_forbidden(model_server: ModelServer) -> None:
    given_back: list[bool] = []

    async def reserve(wanted: BudgetRequest) -> Decimal:
        return wanted.usd

    async def release() -> None:
        given_back.append(True)

    def forbid() -> None:
        raise RuntimeError("fenced")

    chain = make_chain(
        model_server, Books(), "gpt-4o-mini", budget_usd=Decimal(1),
        reserve=reserve, release=release, before_call=forbid,
    )  # fmt: skip
    with pytest.raises(RuntimeError):
        asyncio.run(write(chain))
    assert given_back == [True]
    assert not model_server.requests


def test_a_call_in_progress_can_be_priced_at_any_moment(model_server: ModelServer) -> None:
    async def reserve(wanted: BudgetRequest) -> Decimal:
        return wanted.usd

    async def look() -> tuple[Any, Any]:
        model_server.for_model("gpt-4o-mini", Reply(varied(WORD * 200), fault="stall"))
        async with make_chain(model_server, Books(), "gpt-4o-mini", reserve=reserve) as chain:
            writing = asyncio.create_task(
                chain.write("Be brief.", "Bees.", role=Role.CREATIVE, stage="draft")
            )
            await asyncio.to_thread(model_server.wait_for, 1)
            await asyncio.sleep(0.3)
            in_progress = ModelChain.call_in_progress(chain)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            return in_progress, chain.call_in_progress()

    in_progress, afterwards = asyncio.run(look())
    assert in_progress.output_tokens >= 100
    assert in_progress.cost_usd == list_price_usd(
        "openai", "gpt-4o-mini", Usage(in_progress.input_tokens, in_progress.output_tokens)
    )
    assert afterwards is None


# --- Counting -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "true_tokens"),
    [
        ("The quick brown fox jumps over the lazy dog.", 10),  # as OpenAI's tokenizers count these
        ("私は毎朝コーヒーを飲みます。", 13),
        ("Пожалуйста, напишите об этом статью.", 11),
        ("1234567890", 4),
    ],
)
def test_a_count_errs_upwards_and_the_least_is_less(text: str, true_tokens: int) -> None:
    assert fewest_tokens(text) <= true_tokens <= most_tokens(text)


def test_pieces_count_at_least_a_token_each() -> None:
    count = TokenCount()
    for letter in "incomprehensible":
        count.add(letter)
    assert count.tokens == 16
    whole = TokenCount()
    whole.add("incomprehensible " * 100)
    assert whole.tokens == most_tokens("incomprehensible " * 100)


def test_typed_answers_are_paid_for_at_each_try(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("gpt-4o-mini", "Fine.", critique_text(70))
    chain = make_chain(model_server, books, "gpt-4o-mini", budget_usd=CENT)

    assert asyncio.run(answer(chain)).score == 70
    first, second = (request.requested_tokens or 0 for request in model_server.requests)
    assert second < first
