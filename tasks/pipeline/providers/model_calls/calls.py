"""What a call of a language model used and cost, whether it ended well or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from threading import Event
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tasks.pipeline.types import Role

CallOutcome = Literal["ok", "failed", "cancelled", "lost"]
"""`lost` is a call whose worker ended during it; what it had cost until then is estimated."""

MAX_TOKENS = 100_000_000
"""Beyond this a count is a mistake, and no column would hold it."""


@dataclass(frozen=True)
class Usage:
    input_tokens: int = 0
    output_tokens: int = 0
    is_estimated: bool = False


@dataclass(frozen=True)
class CallPurpose:
    """What a call is for."""

    role: Role
    stage: str
    prompt_version: str = ""
    """Which instructions are sent, such as "draft 3"."""


@dataclass(frozen=True)
class CallRecord:
    """One call, to be booked. `cost_usd` is None when the model has no known price, never 0."""

    stage: str
    role: Role
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    is_estimated: bool
    duration_ms: int
    outcome: CallOutcome
    error: str = ""
    prompt_version: str = ""
    """Which instructions were sent, such as "draft 3"."""


OnCall = Callable[[CallRecord], Awaitable[None]]
OnText = Callable[[str, str], None]
"""Gets the stage and the text so far. Called for every piece: it must be fast."""
BeforeCall = Callable[[], None]
Price = Callable[[str, str, Usage], Decimal | None]
_price_list_is_loaded = Event()


def list_price_usd(provider: str, model: str, usage: Usage) -> Decimal | None:
    """The provider's list price; None for a model that is not on its list, such as a local one."""
    from genai_prices import Usage as PricedUsage  # its price list takes a while to load
    from genai_prices import calc_price

    from tasks.pipeline.vendors import known_vendors

    vendor = known_vendors().get(provider)
    provider = vendor.price_list or provider if vendor else provider
    _price_list_is_loaded.set()
    tokens = PricedUsage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    try:
        return calc_price(tokens, model, provider_id=provider).total_price
    except (LookupError, ValueError):
        return None


async def load_price_list() -> None:
    """Load the price list without blocking the event loop; workers have it from their parent process."""
    if not _price_list_is_loaded.is_set():
        await asyncio.to_thread(list_price_usd, "openai", "none", Usage())


def token_count(reported: object) -> int:
    """A number of tokens as a server reports it; 0 for what cannot be one, which counts as not reported."""
    if isinstance(reported, float) and reported.is_integer():
        reported = int(reported)
    if isinstance(reported, bool) or not isinstance(reported, int):
        return 0
    return reported if 0 < reported <= MAX_TOKENS else 0
