"""Language models in a chain: when one fails, the next is called; every call is recorded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TypeVar

from pydantic import ValidationError

from tasks.pipeline.errors import BudgetExceeded, LengthLimitReached, ProviderError, ProviderUnavailable
from tasks.pipeline.providers import LanguageModel, Prose, StructuredOutput
from tasks.pipeline.providers.budget import Allowance, Ledger, Release, Reserve
from tasks.pipeline.providers.calls import (
    BeforeCall,
    CallOutcome,
    CallPurpose,
    CallRecord,
    OnCall,
    OnText,
    Price,
    list_price_usd,
)
from tasks.pipeline.providers.structured_output import correction_request, parse, schema_request
from tasks.pipeline.providers.vendor_pool import Vendors
from tasks.pipeline.providers.vendor_protocol import (
    AllowanceUsed,
    ModelReply,
    RequestOptions,
    Turn,
    prompt_text,
)
from tasks.pipeline.types import Role

Produced = TypeVar("Produced")

FULL_LENGTH_SHARE = 0.8
"""A reply with this share of the requested tokens ended because no more were requested."""
STRUCTURED_ATTEMPTS = 3
"""How often one model may try to return a valid structured output."""


class ModelChain(LanguageModel):
    """Calls the models of a role in order until one replies. One object serves one run.

    `vendors` is shared with other chains, and its owner closes it. `on_call` gets a record of every call,
    also of failed and cancelled ones. `on_text` gets the stage and the text so far with every piece that a
    model sends; the text starts over when the next model takes over. `before_call` is called right before
    each request, also before corrections and second tries; an exception of it prevents that request, which
    is then not recorded, and ends the chain, unless it is a ProviderError: then the next model is tried.
    `reserve` and `release` share a budget with other runs.
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
        self._vendors = vendors
        self._ledger = Ledger(
            on_call, budget_usd=budget_usd, spent_usd=spent_usd, price=price, reserve=reserve, release=release
        )
        self._in_progress: Callable[[], CallRecord] | None = None
        self._on_text = on_text
        self._before_call = before_call
        self._read_timeout_seconds = read_timeout_seconds
        self._call_timeout_seconds = call_timeout_seconds
        self._longest_wait_seconds = longest_wait_seconds

    async def write(
        self, instructions: str, prompt: str, *, role: Role, stage: str, prompt_version: str = ""
    ) -> Prose:
        purpose = CallPurpose(role, stage, prompt_version)

        async def call(name: str) -> Prose:
            reply = await self._call(name, instructions, [Turn("user", prompt)], purpose)
            return Prose(reply.text, model=name)

        return await self._first_reply(role, call)

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
        instructions = f"{instructions}\n\n{schema_request(output)}"

        async def call(name: str) -> StructuredOutput:
            turns = [Turn("user", prompt)]
            for _ in range(STRUCTURED_ATTEMPTS):
                reply = await self._call(name, instructions, turns, purpose)
                try:
                    return parse(output, reply.text)
                except ValidationError as error:
                    turns += [Turn("assistant", reply.text), Turn("user", correction_request(error))]
            raise ProviderUnavailable(
                f"{name} returned no valid {output.__name__} in {STRUCTURED_ATTEMPTS} attempts."
            )

        return await self._first_reply(role, call)

    async def _first_reply(self, role: Role, call: Callable[[str], Awaitable[Produced]]) -> Produced:
        """Go down the chain; when no model replied, wait once for one that asked for a short wait."""
        errors: dict[str, ProviderError] = {}
        for name in self._chain_for.get(role, ()):
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
        return self._in_progress() if self._in_progress is not None else None

    async def _call(
        self, name: str, instructions: str, turns: Sequence[Turn], purpose: CallPurpose
    ) -> ModelReply:
        """Make one call and record it, however it ends."""
        prompt, most_output = prompt_text(instructions, turns), self._vendors.most_output_tokens(name)
        allowance = await self._ledger.allow(name, prompt, most_output, purpose)
        try:
            if self._before_call is not None:
                self._before_call()
        except BaseException:
            await self._ledger.give_up(allowance)
            raise
        reply, started = ModelReply(), time.monotonic()
        if allowance.is_reserved:
            self._in_progress = partial(self._ledger.call_so_far, name, reply, allowance, purpose)
        record = partial(self._ledger.record, name, reply, allowance, prompt, purpose, started=started)
        try:
            await self._stream(name, instructions, turns, reply, allowance, purpose.stage)
        except BaseException as error:
            outcome: CallOutcome = "cancelled" if isinstance(error, asyncio.CancelledError) else "failed"
            try:
                await record(outcome=outcome, error=str(error))
            finally:
                # The error that ended the call is raised even if recording it fails.
                raise error
        finally:
            self._in_progress = None
        await record(outcome="ok")
        return reply

    async def _stream(
        self,
        name: str,
        instructions: str,
        turns: Sequence[Turn],
        reply: ModelReply,
        allowance: Allowance,
        stage: str,
    ) -> None:
        try:
            # The read timeout restarts with every byte: a slow trickle would never end.
            async with asyncio.timeout(self._call_timeout_seconds) as limit:
                await self._vendors.stream(
                    name,
                    instructions,
                    turns,
                    reply,
                    read_timeout_seconds=self._read_timeout_seconds,
                    options=RequestOptions(allowance.requested_tokens),
                    most_tokens=allowance.output_tokens,
                    on_text=None if self._on_text is None else partial(self._on_text, stage),
                )
        except TimeoutError as error:
            if not limit.expired():
                raise
            seconds = self._call_timeout_seconds
            raise ProviderUnavailable(f"{name} was not done after {seconds:g} seconds.") from error
        except AllowanceUsed:
            raise self._too_long_error(name, allowance) from None
        except LengthLimitReached:
            if _has_requested_length(reply, allowance):
                raise self._ledger.ended(name, allowance) from None
            raise

    def _too_long_error(self, name: str, allowance: Allowance) -> BudgetExceeded | ProviderError:
        if allowance.is_bound_by_budget:
            return self._ledger.ended(name, allowance)
        return LengthLimitReached(
            f"{name} wrote far more than the {allowance.requested_tokens:,} tokens requested, "
            "and was stopped: use another model."
        )


def _has_requested_length(reply: ModelReply, allowance: Allowance) -> bool:
    """Whether a reply that ended at a limit ended at the budget's limit, not at the model's own."""
    if not allowance.is_shortened:
        return False
    written = reply.usage.output_tokens if reply.usage else 0
    return not written or written >= FULL_LENGTH_SHARE * (allowance.requested_tokens or 0)


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
