"""What a call of a language model used and cost, whether it ended well or not."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tasks.errors import BudgetExceeded
from tasks.types import Role

Outcome = Literal["ok", "failed", "cancelled"]

CHARACTERS_PER_TOKEN = 4
"""About right for English; other languages use more tokens, so an estimate is a lower bound."""


@dataclass(frozen=True)
class Usage:
    input_tokens: int = 0
    output_tokens: int = 0
    is_estimated: bool = False


@dataclass(frozen=True)
class CallRecord:
    """One call, for the books. `cost_usd` is None when the model has no known price, never 0."""

    stage: str
    role: Role
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    is_estimated: bool
    duration_ms: int
    outcome: Outcome
    error: str = ""


OnCall = Callable[[CallRecord], Awaitable[None]]
OnText = Callable[[str, str], None]
"""Gets the stage and the text so far. Called for every piece: it must be quick."""
BeforeCall = Callable[[], None]
Price = Callable[[str, str, Usage], Decimal | None]


def estimated_usage(prompt: str, text: str) -> Usage:
    """What a call probably used whose provider did not say: it was cancelled, broke off, or is terse."""
    return Usage(
        -(-len(prompt) // CHARACTERS_PER_TOKEN), -(-len(text) // CHARACTERS_PER_TOKEN), is_estimated=True
    )


def list_price_usd(provider: str, model: str, usage: Usage) -> Decimal | None:
    """The provider's list price; None for a model that is not on its list, such as a local one."""
    from genai_prices import Usage as PricedUsage  # its price list takes a while to load
    from genai_prices import calc_price

    tokens = PricedUsage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    try:
        return calc_price(tokens, model, provider_id=provider).total_price
    except (LookupError, ValueError):
        return None


class Ledger:
    """Records each call of a run, and knows whether the next one can still be paid."""

    def __init__(
        self, on_call: OnCall, *, budget_usd: Decimal | None, spent_usd: Decimal, price: Price
    ) -> None:
        self._on_call = on_call
        self._budget_usd = budget_usd
        self._spent_usd = spent_usd
        self._price = price

    def refuse_over_budget(self) -> None:
        """Raises BudgetExceeded. Calls without a known price are not counted."""
        if self._budget_usd is not None and self._spent_usd >= self._budget_usd:
            raise BudgetExceeded(
                f"The budget of ${self._budget_usd} is spent (${self._spent_usd:.4f}): "
                "raise the task's budget_usd and retry; finished stages are kept."
            )

    async def record(
        self,
        name: str,
        usage: Usage,
        *,
        role: Role,
        stage: str,
        outcome: Outcome,
        error: str = "",
        started: float,
    ) -> None:
        """Book a call of the model `name`, which began at the monotonic time `started`."""
        provider, _, model = name.partition(":")
        cost_usd = self._price(provider, model, usage)
        self._spent_usd += cost_usd or 0
        await self._on_call(
            CallRecord(
                stage=stage,
                role=role,
                provider=provider,
                model=model,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                cost_usd=cost_usd,
                is_estimated=usage.is_estimated,
                duration_ms=round(1000 * (time.monotonic() - started)),
                outcome=outcome,
                error=error,
            )
        )
