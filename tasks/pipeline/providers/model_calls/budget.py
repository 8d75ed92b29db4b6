"""Enforces budgets before, during and after each call.

Before: the request asks for no more output than the rest of the budget pays, its input included.
During: the text is counted as it comes, and stopped at that amount, whatever the model was asked for.
After: what the provider reports is booked if it is plausible; otherwise what was counted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tasks.pipeline.errors import BudgetExceeded
from tasks.pipeline.providers.model_calls.calls import (
    CallOutcome,
    CallPurpose,
    CallRecord,
    OnCall,
    Price,
    Usage,
)
from tasks.pipeline.providers.model_calls.tokens import TokenCount, fewest_tokens, most_tokens

MIN_OUTPUT_TOKENS = 16
"""A call with fewer would pay for its input and return nothing useful."""
COUNTED_TOO_HIGH = 3
"""By what factor a text's tokens may be overestimated: where the budget allows, it is not cut for that."""
UNSEEN_INPUT_TOKENS = 5_000
"""What a gateway may add to a prompt, with the chat template: reports of so much more are plausible."""
HIDDEN_BYTES_PER_TOKEN = 6
"""The most bytes of hidden output, such as thinking, that can be one token."""
INPUT_BYTES_PER_TOKEN = 40
"""No prompt of a length has fewer tokens than this makes: ten times less than any vocabulary."""
REPORT_MARGIN = 1.2
"""By how much the next prompt may have more tokens per character than earlier ones."""
PROBE_TOKENS = 1_000


class PartialReply(Protocol):
    """What is known of a reply, finished or not."""

    text: str
    usage: Usage | None
    counted: TokenCount
    hidden_bytes: int
    is_refused: bool
    is_whole: bool


@dataclass(frozen=True)
class BudgetRequest:
    """What a call may cost: a request to a budget that many tasks share."""

    usd: Decimal
    least_usd: Decimal
    """Less than this is useless."""
    expected: CallRecord
    """The call as it would be booked if it ended now: its input alone."""


Reserve = Callable[[BudgetRequest], Awaitable[Decimal]]
"""Reserves an amount until the call is booked or given up; returns it. Raises BudgetExceeded."""
Release = Callable[[], Awaitable[None]]
"""Releases the reservation of a call that was not made."""


@dataclass(frozen=True)
class Tariff:
    """What a model costs for a given input, with any number of tokens of output."""

    input_usd: Decimal
    usd_per_input_token: Decimal
    usd_per_token: Decimal

    @classmethod
    def of(cls, price: Price, name: str, input_tokens: int) -> Tariff | None:
        """None for a model without a known price. Prices may rise with the input: it is taken as it is."""
        provider, _, model = name.partition(":")
        input_usd = price(provider, model, Usage(input_tokens, 0))
        if input_usd is None:
            return None
        more_input = price(provider, model, Usage(input_tokens + PROBE_TOKENS, 0)) or input_usd
        with_output = price(provider, model, Usage(input_tokens, PROBE_TOKENS)) or input_usd
        return cls(
            input_usd, (more_input - input_usd) / PROBE_TOKENS, (with_output - input_usd) / PROBE_TOKENS
        )

    def usd(self, output_tokens: int) -> Decimal:
        return self.input_usd + output_tokens * self.usd_per_token

    def affordable(self, usd: Decimal) -> int | None:
        """How many tokens of output the amount pays in addition to the input; None for any number."""
        if self.usd_per_token <= 0:
            return None
        return max(0, int((usd - self.input_usd) / self.usd_per_token))


@dataclass(frozen=True)
class Allowance:
    """What one call may use. Limits are None where nothing limits it: no budget, or no known price."""

    input_tokens: int
    usd: Decimal | None = None
    """What it may cost altogether."""
    output_tokens: int | None = None
    """The reply is stopped when it is counted at more than this."""
    requested_tokens: int | None = None
    """The maximum that the request asks for."""
    tariff: Tariff | None = None
    model_tokens: int = 0
    """The longest reply that the model itself allows."""
    is_daily_limit: bool = False
    """Whether the day's budget, not the task's, is the limit."""
    is_reserved: bool = False

    def most_input(self, output_tokens: int) -> int:
        """The largest plausible input with this output: it may not cost more than the budget has."""
        unseen = UNSEEN_INPUT_TOKENS
        if self.usd is not None and self.tariff is not None and self.tariff.usd_per_input_token > 0:
            left_usd = self.usd - self.tariff.usd(output_tokens)
            unseen = min(unseen, max(0, int(left_usd / self.tariff.usd_per_input_token)))
        return self.input_tokens + unseen

    @property
    def is_shortened(self) -> bool:
        """Whether the request asks for less than the model could write, because the budget pays for less."""
        return self.requested_tokens is not None and self.requested_tokens < self.model_tokens

    @property
    def is_bound_by_budget(self) -> bool:
        """Whether a reply that is stopped has used up the budget."""
        return self.output_tokens is not None and self.output_tokens < COUNTED_TOO_HIGH * self.model_tokens


@dataclass(frozen=True)
class InputReports:
    """How a model has counted its input in earlier reports: the next one is expected to be like them."""

    share: float = 0.0
    """The largest part of our count that was reported; 0 before the first report."""
    unseen: int = 0
    """How much more than our count was reported: what was added to the prompt on the way."""

    def expected(self, counted: int) -> int:
        share = max(self.share * REPORT_MARGIN, 1 / COUNTED_TOO_HIGH) if self.share else 1.0
        return math.ceil(counted * min(share, 1.0)) + self.unseen

    def after(self, reported: int, counted: int) -> InputReports:
        if reported <= 0 or counted <= 0:
            return self
        unseen = min(max(self.unseen, reported - counted), UNSEEN_INPUT_TOKENS)
        return InputReports(max(self.share, reported / counted), max(unseen, 0))


class Ledger:
    """The budget of one run: allows each call, and records it."""

    def __init__(
        self,
        on_call: OnCall,
        *,
        budget_usd: Decimal | None,
        spent_usd: Decimal,
        price: Price,
        reserve: Reserve | None = None,
        release: Release | None = None,
    ) -> None:
        self._on_call = on_call
        self._budget_usd = budget_usd if budget_usd is not None and budget_usd.is_finite() else None
        self._spent_usd = spent_usd
        self._price = price
        self._reserve = reserve
        self._release = release
        self._inputs: dict[str, InputReports] = {}
        """What each model has reported so far."""

    def refuse_over_budget(self) -> None:
        """Raises BudgetExceeded. Calls without a known price are not counted."""
        if self._budget_usd is not None and self._spent_usd >= self._budget_usd:
            raise BudgetExceeded(
                f"The budget of ${self._budget_usd} is spent (${self._spent_usd:.4f}): "
                "raise the task's budget_usd and retry; finished stages are kept."
            )

    async def allow(self, name: str, prompt: str, most_output: int, purpose: CallPurpose) -> Allowance:
        """Return what a call of the model `name` may use. Raises BudgetExceeded.

        `most_output` is the longest reply that the model itself allows.
        """
        self.refuse_over_budget()
        input_tokens = self._inputs.get(name, InputReports()).expected(most_tokens(prompt))
        tariff = Tariff.of(self._price, name, input_tokens)
        if tariff is None or (self._budget_usd is None and self._reserve is None):
            return Allowance(input_tokens)
        least_usd = tariff.usd(MIN_OUTPUT_TOKENS)
        slack_usd = UNSEEN_INPUT_TOKENS * tariff.usd_per_input_token
        usd = tariff.usd(COUNTED_TOO_HIGH * most_output) + slack_usd
        if self._budget_usd is not None:
            # A price for each call, whatever it uses, may take the last of the budget.
            usd = min(usd, self._budget_usd - self._spent_usd)
            if usd < least_usd:
                raise self._too_little_is_left(name, least_usd)
        is_daily_limit = False
        if self._reserve is not None:
            expected = self._record(name, Usage(input_tokens, 0, True), purpose, "lost")
            requested_usd, usd = usd, await self._reserve(BudgetRequest(usd, least_usd, expected))
            is_daily_limit = usd < requested_usd
        return self._allowance(tariff, usd, input_tokens, most_output, is_daily_limit)

    def _allowance(
        self, tariff: Tariff, usd: Decimal, input_tokens: int, most_output: int, is_daily_limit: bool
    ) -> Allowance:
        ceiling = COUNTED_TOO_HIGH * most_output
        affordable = tariff.affordable(usd)
        output_tokens = ceiling if affordable is None else min(affordable, ceiling)
        return Allowance(
            input_tokens,
            usd,
            output_tokens,
            min(output_tokens, most_output),
            tariff,
            most_output,
            is_daily_limit,
            is_reserved=self._reserve is not None,
        )

    async def give_up(self, allowance: Allowance) -> None:
        """The call that was allowed is not made."""
        if allowance.is_reserved and self._release is not None:
            await self._release()

    def ended(self, name: str, allowance: Allowance) -> BudgetExceeded:
        """The error for a reply that is incomplete because the budget pays for no more of it."""
        if allowance.is_daily_limit:
            return BudgetExceeded(
                f"The day's budget (DAILY_BUDGET_USD) ended while {name} was writing, so its reply was "
                "stopped: retry after midnight UTC, or raise it; what was written is kept."
            )
        return BudgetExceeded(
            f"The budget of ${self._budget_usd} ended while {name} was writing, so its reply was stopped: "
            "raise the task's budget_usd and retry; what was written is kept."
        )

    def _too_little_is_left(self, name: str, least_usd: Decimal) -> BudgetExceeded:
        left = (self._budget_usd or Decimal(0)) - self._spent_usd
        return BudgetExceeded(
            f"${left:.4f} of the budget of ${self._budget_usd} is left, and a call of {name} costs at least "
            f"${least_usd:.4f}: raise the task's budget_usd and retry; finished stages are kept."
        )

    async def record(
        self,
        name: str,
        reply: PartialReply,
        allowance: Allowance,
        prompt: str,
        purpose: CallPurpose,
        *,
        outcome: CallOutcome,
        error: str = "",
        started: float,
    ) -> None:
        """Book a call of the model `name`, which began at the monotonic time `started`."""
        used = usage_of(reply, allowance, prompt)
        if reply.usage is not None and not reply.is_refused and _may_be_input(reply.usage, prompt):
            known = self._inputs.get(name, InputReports())
            self._inputs[name] = known.after(reply.usage.input_tokens, most_tokens(prompt))
        duration_ms = round(1000 * (time.monotonic() - started))
        call = self._record(name, used, purpose, outcome, error=error, duration_ms=duration_ms)
        self._spent_usd += call.cost_usd or 0
        await self._on_call(call)

    def call_so_far(
        self, name: str, reply: PartialReply, allowance: Allowance, purpose: CallPurpose
    ) -> CallRecord:
        """What is to be booked of a call in progress, in case its worker dies before it ends."""
        used = Usage(allowance.input_tokens, reply.counted.tokens, is_estimated=True)
        cost_usd = allowance.tariff.usd(used.output_tokens) if allowance.tariff else None
        return self._record(name, used, purpose, "lost", cost_usd=cost_usd)

    def _record(
        self,
        name: str,
        usage: Usage,
        purpose: CallPurpose,
        outcome: CallOutcome,
        *,
        error: str = "",
        duration_ms: int = 0,
        cost_usd: Decimal | None = None,
    ) -> CallRecord:
        provider, _, model = name.partition(":")
        return CallRecord(
            stage=purpose.stage,
            role=purpose.role,
            provider=provider,
            model=model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=self._price(provider, model, usage) if cost_usd is None else cost_usd,
            is_estimated=usage.is_estimated,
            duration_ms=duration_ms,
            outcome=outcome,
            error=error,
            prompt_version=purpose.prompt_version,
        )


def usage_of(reply: PartialReply, allowance: Allowance, prompt: str) -> Usage:
    """What a call used: as reported if plausible, else as counted, which is an upper estimate."""
    if reply.is_refused:
        return Usage()
    reported = reply.usage or Usage()
    counted = reply.counted.tokens
    read, written = reported.input_tokens, reported.output_tokens
    fewest = fewest_tokens(reply.text) + reply.hidden_bytes // HIDDEN_BYTES_PER_TOKEN
    if written < fewest or not written:
        written = counted
    elif not reply.is_whole:
        # A report before the end, such as Anthropic's first, covers only what was written until then.
        written = max(written, counted)
    if allowance.output_tokens is not None:
        written = min(written, max(allowance.requested_tokens or 0, counted))
    if not _may_be_input(reported, prompt):
        read = allowance.input_tokens
    read = min(read, allowance.most_input(written))
    is_reported = (read, written) == (reported.input_tokens, reported.output_tokens)
    return Usage(read, written, is_estimated=not is_reported)


def _may_be_input(reported: Usage, prompt: str) -> bool:
    """Whether a prompt can have as few tokens as reported. What cannot be says nothing of the next one."""
    return reported.input_tokens * INPUT_BYTES_PER_TOKEN >= len(prompt)
