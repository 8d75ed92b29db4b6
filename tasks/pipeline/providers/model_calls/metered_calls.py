"""One call of a language model: within the budget, within its time, and on record however it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from tasks.pipeline.errors import (
    BudgetExceeded,
    LengthLimitReached,
    ModelRepeatsItself,
    ProviderError,
    ProviderUnavailable,
)
from tasks.pipeline.providers.model_calls.budget import Allowance, Ledger
from tasks.pipeline.providers.model_calls.calls import (
    BeforeCall,
    CallOutcome,
    CallPurpose,
    CallRecord,
    OnText,
    load_price_list,
)
from tasks.pipeline.providers.model_calls.role_settings import ROLE_SETTINGS
from tasks.pipeline.providers.model_replies.repetition import RepetitionFound
from tasks.pipeline.providers.model_replies.reply_checks import check
from tasks.pipeline.providers.model_servers.vendor_pool import Vendors
from tasks.pipeline.providers.model_servers.vendor_protocol import (
    AllowanceUsed,
    ModelReply,
    ReplyFormat,
    RequestOptions,
    Turn,
    prompt_text,
)

FULL_LENGTH_SHARE = 0.8
"""A reply with this share of the requested tokens ended because no more were requested."""


@dataclass(frozen=True)
class Conversation:
    instructions: str
    turns: tuple[Turn, ...]

    @classmethod
    def of(cls, instructions: str, prompt: str) -> Self:
        return cls(instructions, (Turn("user", prompt),))

    def followed_by(self, reply: str, request: str) -> Conversation:
        """The prompt, what the model replied to it, and what it is asked next."""
        return Conversation(self.instructions, (*self.turns, Turn("assistant", reply), Turn("user", request)))

    @property
    def text(self) -> str:
        return prompt_text(self.instructions, self.turns)


@dataclass
class MeteredCalls:
    """Makes the calls of one run, one at a time."""

    vendors: Vendors
    _ledger: Ledger
    on_text: OnText | None
    before_call: BeforeCall | None
    read_timeout_seconds: float
    call_timeout_seconds: float
    _in_progress: Callable[[], CallRecord] | None = None

    def in_progress(self) -> CallRecord | None:
        """The call in progress that has a reservation, as it would be booked if it ended now."""
        return self._in_progress() if self._in_progress is not None else None

    async def call(
        self,
        name: str,
        prompt: Conversation,
        purpose: CallPurpose,
        *,
        reply_format: ReplyFormat | None = None,
        asks_for_most: bool = False,
        text_before: str = "",
    ) -> ModelReply:
        """Make one call and record it, however it ends. Raises ProviderError or BudgetExceeded.

        A reply that reached a limit of tokens, other than the budget's, is returned: its `ending` says so.
        With `asks_for_most` the longest reply is requested that model and budget allow, not what the role or
        the server finds enough. `text_before` is what the reply goes on.
        """
        await load_price_list()
        most_output = self.vendors.most_output_tokens(name)
        sent = prompt.text + self.vendors.schema_text(name, reply_format)
        allowance = await self._ledger.allow(name, sent, most_output, purpose)
        try:
            if self.before_call is not None:
                self.before_call()
        except BaseException:
            await self._ledger.give_up(allowance)
            raise
        options = _options(purpose, allowance, most_output, reply_format, asks_for_most=asks_for_most)
        reply, started = ModelReply(), time.monotonic()
        if allowance.is_reserved:
            self._in_progress = partial(self._ledger.call_so_far, name, reply, allowance, purpose)
        record = partial(self._ledger.record, name, reply, allowance, sent, purpose, started=started)
        try:
            await self._stream(name, prompt, reply, allowance, options, purpose.stage, text_before)
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
        prompt: Conversation,
        reply: ModelReply,
        allowance: Allowance,
        options: RequestOptions,
        stage: str,
        text_before: str,
    ) -> None:
        on_text = self.on_text
        try:
            # The read timeout restarts with every byte: a slow trickle would never end.
            async with asyncio.timeout(self.call_timeout_seconds) as limit:
                await self.vendors.stream(
                    name,
                    prompt.instructions,
                    prompt.turns,
                    reply,
                    read_timeout_seconds=self.read_timeout_seconds,
                    options=options,
                    most_tokens=allowance.output_tokens,
                    on_text=None if on_text is None else lambda text: on_text(stage, text_before + text),
                )
        except TimeoutError as error:
            if not limit.expired():
                raise
            seconds = self.call_timeout_seconds
            raise ProviderUnavailable(f"{name} was not done after {seconds:g} seconds.") from error
        except AllowanceUsed:
            raise self._too_long_error(name, allowance) from None
        except RepetitionFound:
            raise ModelRepeatsItself(
                f"{name} repeats itself: it wrote the same again and again, and was stopped."
            ) from None
        if reply.ending == "length" and _has_requested_length(reply, allowance, options):
            raise self._ledger.ended(name, allowance)
        check(reply, name, continues=bool(text_before))

    def _too_long_error(self, name: str, allowance: Allowance) -> BudgetExceeded | ProviderError:
        if allowance.is_bound_by_budget:
            return self._ledger.ended(name, allowance)
        return LengthLimitReached(
            f"{name} wrote far more than the {allowance.requested_tokens:,} tokens requested, "
            "and was stopped: use another model."
        )


def _options(
    purpose: CallPurpose,
    allowance: Allowance,
    most_output: int,
    reply_format: ReplyFormat | None,
    *,
    asks_for_most: bool,
) -> RequestOptions:
    role = ROLE_SETTINGS[purpose.role]
    limits = [allowance.requested_tokens, most_output if asks_for_most else role.most_output_tokens]
    requested = min((limit for limit in limits if limit is not None), default=None)
    return RequestOptions(
        None if requested is None else min(requested, most_output), role.temperature, role.stop, reply_format
    )


def _has_requested_length(reply: ModelReply, allowance: Allowance, options: RequestOptions) -> bool:
    """Whether a reply that ended at a limit ended at the budget's limit, not at the model's or the role's."""
    if not allowance.is_shortened or options.requested_tokens != allowance.requested_tokens:
        return False
    written = reply.usage.output_tokens if reply.usage else 0
    return not written or written >= FULL_LENGTH_SHARE * (allowance.requested_tokens or 0)
