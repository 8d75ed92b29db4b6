"""One small call of a model, to see whether it answers, how fast and at what price.

It takes the way of every call: within the budget, with a deadline, and booked, however it ends.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from tasks.engine import spending
from tasks.model_overview import access, chains, configured_models
from tasks.models import ModelCall
from tasks.pipeline.errors import KINDS, BudgetExceeded, StageFailed
from tasks.signals import model_tested

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_calls.calls import CallRecord

STAGE = "test"
DEADLINE_SECONDS = 20.0
MOST_USD = Decimal("0.05")
INSTRUCTIONS = "You are asked whether you can be reached. Answer with one short sentence."
PROMPT = "Reply with one sentence that says you are ready."
MAX_SHOWN = 500
REMEDIES = {
    "provider_error": "Compare the model's name and the vendor's key with those in the vendor's account, and "
    "restart the desk after a change of the environment.",
    "provider_quota": "Add credit in the vendor's account, or raise the limit that is set there.",
    "provider_unavailable": "Try again in a minute. If it stays so, look at the vendor's status page, at the "
    "address in the environment and at the firewall.",
    "length_limit": "It thinks or writes too much for a short question: use another model for this role.",
    "budget": "Raise DAILY_BUDGET_USD, or wait until midnight UTC.",
}
"""By the kind of a failure, what an administrator can do."""


@dataclass
class ModelTest:
    """What came of a test. `kind` and `remedy` are empty unless it failed."""

    model: str
    answer: str = ""
    error: str = ""
    kind: str = ""
    remedy: str = ""
    seconds: float = 0.0
    calls: list[CallRecord] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Features of requests that the server turned out not to know."""

    @property
    def is_ok(self) -> bool:
        return not self.error

    @property
    def tokens(self) -> int:
        return sum(call.input_tokens + call.output_tokens for call in self.calls)

    @property
    def cost_usd(self) -> Decimal | None:
        """None when a call has no known price, or none was made."""
        costs = [call.cost_usd for call in self.calls]
        return None if not costs or None in costs else sum((cost for cost in costs if cost), Decimal(0))


def run_test(name: str, *, by: User) -> ModelTest:
    """Ask this model. Raises ValidationError for one that is not configured."""
    if name not in configured_models():
        raise ValidationError({"model": "This model is not in PIPELINE_MODELS or MODEL_FOR_…."})
    test, started = ModelTest(name), time.monotonic()
    try:
        asyncio.run(_ask(test, _budget_usd()))
    except StageFailed as error:
        test.error, test.kind = str(error), KINDS.get(error.kind, error.kind)
        test.remedy = REMEDIES.get(error.kind, "")
    test.seconds = time.monotonic() - started
    with transaction.atomic():
        ModelCall.objects.bulk_create(ModelCall(run=0, **asdict(call)) for call in test.calls)
        model_tested.send(ModelCall, test=test, by=by)
    return test


def _budget_usd() -> Decimal:
    """At most what the day has left. Two tests at once may exceed that by the price of one."""
    day = spending.today()
    if day.budget_usd is None:
        return MOST_USD
    left = day.budget_usd - day.spent_usd - day.reserved_usd
    if left <= 0:
        raise BudgetExceeded(f"The day's budget of ${day.budget_usd} is spent or reserved.")
    return min(MOST_USD, left)


async def _ask(test: ModelTest, budget_usd: Decimal) -> None:
    from tasks.pipeline.providers.model_calls.model_chain import ModelChain  # loads aiohttp, as do vendors
    from tasks.pipeline.providers.model_servers.vendor_pool import Vendors
    from tasks.pipeline.types import Role

    async def book(record: CallRecord) -> None:
        test.calls.append(record)

    role = next(Role(chain.role) for chain in chains() if test.model in chain.models)
    async with Vendors(access()) as vendors:
        chain = ModelChain(
            {role: (test.model,)},
            vendors,
            on_call=book,
            budget_usd=budget_usd,
            read_timeout_seconds=DEADLINE_SECONDS,
            call_timeout_seconds=DEADLINE_SECONDS,
            longest_wait_seconds=0,
        )
        try:
            prose = await chain.write(INSTRUCTIONS, PROMPT, role=role, stage=STAGE)
        finally:
            test.refused = sorted(vendors.capabilities.missing(test.model))
        test.answer = " ".join(prose.text.split())[:MAX_SHOWN]
