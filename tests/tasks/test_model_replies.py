"""What a chain makes of replies that are none: thinking, cut off, loops, refusals, answers in other forms."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from tasks.pipeline.errors import BudgetExceeded, LengthLimitReached, ModelRepeatsItself, ProviderError
from tasks.pipeline.providers.model_calls.families import family, others_first
from tasks.pipeline.types import Critique, Role
from tests.conftest import BASE_DIR
from tests.model_server import ModelServer, Reply, critique_text, model_server
from tests.tasks.test_models_provider import TEXT, Books, OwnChain, answer, make_chain, write
from tests.tasks.test_vendors import END, chunk, events
from tests.varied_text import varied

__all__ = ["model_server"]

CUT_OFF = "Bees dance to tell each other where the flow"


def failure_of_first(server: ModelServer, reply: Reply) -> str:
    """Why the first model of two was left for the second."""
    server.for_model("first", reply)
    server.for_model("second", TEXT)
    books = Books()
    assert asyncio.run(write(make_chain(server, books, "first", "second"))).text == TEXT
    assert books.outcomes == [("first", "failed"), ("second", "ok")]
    return books.records[0].error


# --- Thinking, and what is not seen -----------------------------------------------------------------------


def test_thinking_in_the_text_is_neither_live_nor_in_the_draft_but_is_paid_for(
    model_server: ModelServer,
) -> None:
    shown: list[str] = []
    books = Books()
    pieces = ("<thi", "nk>Hm, {bees}?</th", "ink>Bees", " dance.")
    body = events(*(chunk(piece) for piece in pieces), END, "[DONE]")
    model_server.for_model("first", Reply(body=body))

    prose = asyncio.run(write(make_chain(model_server, books, on_text=lambda _, text: shown.append(text))))

    assert prose.text == "Bees dance."
    assert [text for text in shown if text] == ["Bees", "Bees dance."]
    assert books.records[0].output_tokens > len("Bees dance.") // 4 + 3, "the thinking was counted"


def test_live_text_that_turns_out_to_be_thinking_is_taken_back(model_server: ModelServer) -> None:
    shown: list[str] = []
    body = events(*(chunk(piece) for piece in ("Hm, bees.", "</think>", "\n\nBees dance.")), END, "[DONE]")
    model_server.for_model("first", Reply(body=body))

    prose = asyncio.run(write(make_chain(model_server, Books(), on_text=lambda _, text: shown.append(text))))

    assert prose.text.strip() == "Bees dance."
    assert [text.strip() for text in shown] == ["Hm, bees.", "", "Bees dance."]


@pytest.mark.parametrize(
    "text", ["<think>Hm.", "\u200b\ufeff\u2060 \n", "\0"], ids=["thinking", "invisible", "NUL"]
)
def test_a_reply_that_nobody_can_read_is_empty(model_server: ModelServer, text: str) -> None:
    assert "empty reply" in failure_of_first(model_server, Reply(body=events(chunk(text), END, "[DONE]")))


def test_a_brace_in_a_thought_is_not_the_answer(model_server: ModelServer) -> None:
    thought = f"<think>Maybe {critique_text(20)}, or {{}}?</think>\n"
    model_server.for_model("first", thought + critique_text(70))

    assert asyncio.run(answer(make_chain(model_server, Books()))).score == 70


# --- The length limit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["openai:first", "anthropic:first"])
def test_a_text_that_was_cut_off_goes_on_where_it_ends(model_server: ModelServer, model: str) -> None:
    shown: list[str] = []
    books = Books()
    model_server.for_model("first", Reply(CUT_OFF, finish_reason="length"), "ers are, and how far.")

    prose = asyncio.run(
        write(make_chain(model_server, books, model, on_text=lambda _, text: shown.append(text)))
    )

    assert prose.text == TEXT
    assert shown[-1] == TEXT, "the live text goes on as well"
    assert books.outcomes == [("first", "ok"), ("first", "ok")]
    turns = [turn for turn in model_server.requests[1].body["messages"] if turn["role"] != "system"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[1]["content"] == CUT_OFF


def test_a_text_goes_on_only_so_often(model_server: ModelServer) -> None:
    books = Books()
    parts = [Reply(varied("lorem ipsum dolor. " * 5, part), finish_reason="length") for part in range(9)]
    model_server.for_model("first", *parts)

    with pytest.raises(LengthLimitReached, match="length limit"):
        asyncio.run(write(make_chain(model_server, books)))
    assert len(model_server.requests) == 5


def test_a_model_that_only_says_it_again_is_left(model_server: ModelServer) -> None:
    model_server.for_model("first", *[Reply(CUT_OFF, finish_reason="length")] * 9)

    with pytest.raises(LengthLimitReached):
        asyncio.run(write(make_chain(model_server, Books())))
    assert len(model_server.requests) == 2


def test_going_on_is_paid_for_from_the_same_budget(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply(CUT_OFF, finish_reason="length"))
    chain = make_chain(model_server, Books(), budget_usd=Decimal("0.01"), price=lambda *_: Decimal("0.01"))

    with pytest.raises(BudgetExceeded):
        asyncio.run(write(chain))
    assert len(model_server.requests) == 1


def test_an_answer_that_was_cut_off_is_asked_for_with_a_larger_limit(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply(critique_text(70)[:40], finish_reason="length"), critique_text(70))

    assert asyncio.run(answer(make_chain(model_server, Books()))).score == 70
    first, second = (request.requested_tokens or 0 for request in model_server.requests)
    assert second > first


# --- Loops and refusals ------------------------------------------------------------------------------------


def test_a_model_that_repeats_itself_is_stopped_at_once(model_server: ModelServer) -> None:
    error = failure_of_first(
        model_server, Reply("The bees dance in the dark.\n" * 5_000, piece_delay_seconds=0.0002)
    )

    assert "repeats itself" in error
    assert model_server.requests[0].disconnected.wait(2)
    assert model_server.requests[0].sent_tokens < 10_000


def test_thinking_in_circles_is_stopped_as_well(model_server: ModelServer) -> None:
    model_server.for_model("first", Reply("Bees.", thinking="Wait, let me reconsider. " * 2_000))

    with pytest.raises(ProviderError, match="repeats itself") as caught:
        asyncio.run(write(make_chain(model_server, Books())))
    assert caught.value.kind == ModelRepeatsItself.kind


def test_a_refusal_in_prose_is_a_refusal(model_server: ModelServer) -> None:
    error = failure_of_first(model_server, Reply("I’m sorry, but I can’t help with that."))
    assert "refused to write about this: “I’m sorry" in error


def test_a_refusal_instead_of_an_answer_is_not_asked_to_be_corrected(model_server: ModelServer) -> None:
    model_server.for_model("first", "I'm sorry, but I can't help with that.")
    model_server.for_model("second", critique_text(70))

    assert asyncio.run(answer(make_chain(model_server, Books(), "first", "second"))).score == 70
    assert len(model_server.requests) == 2


# --- Which model, and what is asked of it -----------------------------------------------------------------


def test_a_model_of_another_family_is_asked_first_where_there_is_one(model_server: ModelServer) -> None:
    async def model_of(*names: str, unlike: str) -> str:
        async with make_chain(model_server, Books(), *names) as chain:
            model_server.requests.clear()
            for name in names:
                model_server.for_model(name.partition(":")[2], critique_text(70))
            await chain.answer("Judge.", "A text.", Critique, role=Role.QA, stage="critique", unlike=unlike)
        return model_server.requests[0].model

    names = ("openai:gpt-5", "openai:gpt-5-mini", "anthropic:claude-sonnet-5")
    assert asyncio.run(model_of(*names, unlike="openai:gpt-4o")) == "claude-sonnet-5"
    assert asyncio.run(model_of(*names, unlike="openai:llama3.1:8b")) == "gpt-5"
    assert asyncio.run(model_of(*names[:2], unlike="openai:gpt-4o")) == "gpt-5", "there is no other"


def test_the_family_of_a_model_is_in_its_name() -> None:
    families = {
        "openai:gpt-4o": "openai", "openai:o3-mini": "openai", "openai:openai/gpt-oss-120b": "openai",
        "anthropic:claude-sonnet-5": "anthropic", "openai:anthropic/claude-3-haiku": "anthropic",
        "google:gemini-2.5-pro": "google", "openai:gemma3:27b": "google", "openai:llama3.1:8b": "llama",
        "openai:meta-llama/Llama-3.3-70B": "llama", "openai:qwen2.5:7b": "qwen", "openai:qwq": "qwen",
        "openai:mistral-small": "mistral", "openai:mixtral": "mistral", "openai:deepseek-chat": "deepseek",
        "openai:deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": "deepseek", "openai:moonshotai/Kimi-K2": "moonshot",
        "openai:zai-org/GLM-4.5": "zhipu", "openai:phi4": "microsoft", "openai:grok-3": "xai",
        "openai:command-r-plus": "cohere", "openai:ibm-granite/granite-3.3": "ibm",
        "openai:our-own": "openai:our-own",
    }  # fmt: skip
    assert {name: family(name) for name in families} == families
    assert others_first(("a:gpt-5", "a:x", "a:gpt-4"), "a:gpt-4o") == ("a:x", "a:gpt-5", "a:gpt-4")
    assert others_first(("a:gpt-5", "a:x"), "") == ("a:gpt-5", "a:x")


def test_the_price_list_is_loaded_in_a_thread() -> None:
    code = """
import asyncio, sys, threading
from tasks.pipeline.providers.model_calls.calls import load_price_list

class Finder:
    def find_spec(self, name, *_):
        if name == "genai_prices":
            print(threading.current_thread() is threading.main_thread())

sys.meta_path.insert(0, Finder())
asyncio.run(load_price_list())
print("genai_prices" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]


# --- Forms and parameters that a server does not know ------------------------------------------------------


def refused(status: int, message: str, **fields: Any) -> Reply:
    return Reply(status=status, body=json.dumps({"error": {"message": message, **fields}}).encode())


async def answer_twice(chain: OwnChain) -> None:
    async with chain:
        for _ in range(2):
            await chain.answer("Judge.", "A text.", Critique, role=Role.QA, stage="critique")


def form_of(body: dict[str, Any]) -> str:
    if "tools" in body:
        return "tool"
    return str(body.get("response_format", {}).get("type", "words"))


REFUSED_FORMS = (
    refused(400, "response_format json_schema is not supported", param="response_format"),
    refused(400, "this model does not support tools"),
    refused(422, "extra fields not permitted: response_format"),
)


def test_an_answer_is_asked_for_in_the_best_form_that_the_server_takes(model_server: ModelServer) -> None:
    books = Books()
    model_server.for_model("first", *REFUSED_FORMS, critique_text(70), critique_text(71))

    asyncio.run(answer_twice(make_chain(model_server, books)))

    forms = [form_of(request.body) for request in model_server.requests]
    assert forms == ["json_schema", "tool", "json_object", "words", "words"], "and it is remembered"
    assert all("JSON schema" in request.instructions for request in model_server.requests)
    assert books.outcomes == [("first", "ok")] * 2, "nothing failed"


def test_a_form_that_the_server_only_seems_to_know_is_given_up(model_server: ModelServer) -> None:
    model_server.for_model(
        "first", "Fine.", Reply(""), "Fine, too.", critique_text(700), critique_text(70), critique_text(70)
    )

    asyncio.run(answer_twice(make_chain(model_server, Books())))
    forms = [form_of(request.body) for request in model_server.requests]
    assert forms == ["json_schema", "tool", "json_object", "words", "words", "words"]


def test_a_model_that_refuses_a_temperature_is_asked_without_from_then_on(model_server: ModelServer) -> None:
    model_server.for_model(
        "first",
        refused(
            400, "Unsupported value: 'temperature' does not support 0.0 with this model.", param="temperature"
        ),
        critique_text(70),
        critique_text(70),
    )

    asyncio.run(answer_twice(make_chain(model_server, Books())))
    bodies = [request.body for request in model_server.requests]
    assert ["temperature" in body for body in bodies] == [True, False, False]
    assert [form_of(body) for body in bodies] == ["json_schema"] * 3


def test_a_server_that_ignores_what_it_does_not_know_costs_no_second_call(model_server: ModelServer) -> None:
    model_server.for_model("first", f"Here it is:\n\n{critique_text(70)}", critique_text(70))

    asyncio.run(answer_twice(make_chain(model_server, Books())))
    assert len(model_server.requests) == 2


def test_a_continuation_may_begin_in_the_middle_of_a_quotation(model_server: ModelServer) -> None:
    said = "I'm sorry, but I can't help with that, it said."
    model_server.for_model("first", Reply("The bot was asked to dance: ", finish_reason="length"), said)

    assert asyncio.run(write(make_chain(model_server, Books()))).text == f"The bot was asked to dance: {said}"
