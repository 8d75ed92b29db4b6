"""Language models in a chain: when one fails, the next is called; every call is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import TypeVar

from tasks.pipeline.errors import LengthLimitReached, ProviderError, ProviderUnavailable
from tasks.pipeline.providers import LanguageModel, Prose, StructuredOutput
from tasks.pipeline.providers.model_calls.budget import Ledger, Release, Reserve
from tasks.pipeline.providers.model_calls.calls import (
    BeforeCall,
    CallPurpose,
    CallRecord,
    OnCall,
    OnText,
    Price,
    list_price_usd,
)
from tasks.pipeline.providers.model_calls.continuations import MAX_CONTINUATIONS, REQUEST, is_finished, joined
from tasks.pipeline.providers.model_calls.families import others_first
from tasks.pipeline.providers.model_calls.metered_calls import Conversation, MeteredCalls
from tasks.pipeline.providers.model_calls.structured_answers import AnswerAttempts
from tasks.pipeline.providers.model_replies.reply_checks import EmptyReply, NothingButThoughts
from tasks.pipeline.providers.model_servers.vendor_pool import Vendors
from tasks.pipeline.types import Role

Produced = TypeVar("Produced")


class ModelChain(LanguageModel):
    """Calls the models of a role in order until one replies. One object serves one run.

    `vendors` is shared with other chains, and its owner closes it. `on_call` gets a record of every call,
    also of failed and cancelled ones. `on_text` gets the stage and the text so far with every piece that a
    model sends; the text starts over when the next model takes over, or when what was sent turns out to be
    thinking. `before_call` is called right before each request, also before corrections, continuations and
    second tries; an exception of it prevents that request, which is then not recorded, and ends the chain,
    unless it is a ProviderError: then the next model is tried. `reserve` and `release` share a budget with
    other runs.
    """

    def __init__(
        self,
        chain_for: Mapping[Role, tuple[str, ...]],
        vendors: Vendors,
        *,
        on_call: OnCall,
        on_text: OnText | None = None,
        before_call: BeforeCall | None = None,
        budget_usd: Decimal | None = None,
        spent_usd: Decimal = Decimal(0),
        read_timeout_seconds: float = 60,
        call_timeout_seconds: float = 300,
        longest_wait_seconds: float = 20,
        price: Price = list_price_usd,
        reserve: Reserve | None = None,
        release: Release | None = None,
    ) -> None:
        self._chain_for = chain_for
        ledger = Ledger(
            on_call, budget_usd=budget_usd, spent_usd=spent_usd, price=price, reserve=reserve, release=release
        )
        self._calls = MeteredCalls(
            vendors,
            ledger,
            on_text=on_text,
            before_call=before_call,
            read_timeout_seconds=read_timeout_seconds,
            call_timeout_seconds=call_timeout_seconds,
        )
        self._longest_wait_seconds = longest_wait_seconds

    async def write(
        self, instructions: str, prompt: str, *, role: Role, stage: str, prompt_version: str = ""
    ) -> Prose:
        purpose = CallPurpose(role, stage, prompt_version)
        asked = Conversation.of(instructions, prompt)

        async def call(name: str) -> Prose:
            return Prose(await self._whole_text(name, asked, purpose), model=name)

        return await self._first_reply(self._chain_for.get(role, ()), role, call)

    async def answer(
        self,
        instructions: str,
        prompt: str,
        output: type[StructuredOutput],
        *,
        role: Role,
        stage: str,
        prompt_version: str = "",
        unlike: str = "",
    ) -> StructuredOutput:
        purpose = CallPurpose(role, stage, prompt_version)
        asked = Conversation.of(instructions, prompt)

        async def call(name: str) -> StructuredOutput:
            return await AnswerAttempts(self._calls, name, output).run(asked, purpose)

        return await self._first_reply(others_first(self._chain_for.get(role, ()), unlike), role, call)

    async def _whole_text(self, name: str, asked: Conversation, purpose: CallPurpose) -> str:
        """Have the model go on where it reached its length limit."""
        text, asks_for_most = "", False
        for _ in range(1 + MAX_CONTINUATIONS):
            prompt = asked.followed_by(text, REQUEST) if text else asked
            asks_for_most = asks_for_most or bool(text)
            try:
                reply = await self._calls.call(
                    name, prompt, purpose, asks_for_most=asks_for_most, text_before=text
                )
            except NothingButThoughts:
                if asks_for_most:
                    raise
                asks_for_most = True
                continue
            except EmptyReply:
                if text:
                    break  # it has nothing to add, although it was cut off
                raise
            if reply.ending not in ("length", "pause"):
                return text if text and is_finished(reply.text) else joined(text, reply.text, asked.text)
            longer = joined(text, reply.text, asked.text)
            if len(longer) <= len(text):
                break
            text = longer
        raise LengthLimitReached(
            f"{name} stopped at its length limit, also when it was asked to go on: ask for fewer words or "
            "use another model."
        )

    async def _first_reply(
        self, names: tuple[str, ...], role: Role, call: Callable[[str], Awaitable[Produced]]
    ) -> Produced:
        """Go down the chain; when no model replied, wait once for one that asked for a short wait."""
        errors: dict[str, ProviderError] = {}
        for name in names:
            try:
                return await call(name)
            except ProviderError as error:
                errors[name] = error
        waits = {name: wait for name, error in errors.items() if (wait := _requested_wait(error)) is not None}
        if waits and min(waits.values()) <= self._longest_wait_seconds:
            name = min(waits, key=waits.__getitem__)
            await asyncio.sleep(waits[name])
            try:
                return await call(name)
            except ProviderError as error:
                errors[name] = error
        raise _no_reply(role, errors)

    def call_in_progress(self) -> CallRecord | None:
        """The call in progress that has a reservation, as it would be booked if it ended now."""
        return self._calls.in_progress()


def _requested_wait(error: ProviderError) -> float | None:
    return error.retry_after_seconds if isinstance(error, ProviderUnavailable) else None


def _no_reply(role: Role, errors: Mapping[str, ProviderError]) -> ProviderError:
    """One error for the whole chain: temporary when at least one model was only unavailable."""
    if not errors:
        return ProviderError(f"No language model is configured for {role}: add one to PIPELINE_MODELS.")
    message = " ".join(str(error) for error in errors.values())
    if len(errors) > 1:
        message = f"No language model replied. {message}"
    temporary = [error for error in errors.values() if isinstance(error, ProviderUnavailable)]
    if not temporary:
        kinds = {type(error) for error in errors.values()}
        return kinds.pop()(message) if len(kinds) == 1 else ProviderError(message)
    waits = [wait for error in temporary if (wait := _requested_wait(error)) is not None]
    return ProviderUnavailable(message, retry_after_seconds=min(waits, default=None))
