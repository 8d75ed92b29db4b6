"""Gets one structured answer out of one model: another form, a larger limit or a correction if need be."""

from __future__ import annotations

from dataclasses import replace
from typing import Generic

from pydantic import ValidationError

from tasks.pipeline.errors import LengthLimitReached, ProviderUnavailable
from tasks.pipeline.providers import StructuredOutput
from tasks.pipeline.providers.model_calls.calls import CallPurpose
from tasks.pipeline.providers.model_calls.metered_calls import Conversation, MeteredCalls
from tasks.pipeline.providers.model_calls.structured_output import (
    NoAnswerFound,
    correction_request,
    parse,
    reply_format,
    schema_request,
)
from tasks.pipeline.providers.model_replies.reply_checks import EmptyReply, NothingButThoughts
from tasks.pipeline.providers.model_servers.vendor_protocol import ModelReply, ReplyForm

ATTEMPTS = 3
"""How often one model may try to return a valid answer in a form that it knows."""


class AnswerAttempts(Generic[StructuredOutput]):
    """The attempts of the model `name`. A form that its server only seems to know costs none of them."""

    def __init__(self, calls: MeteredCalls, name: str, output: type[StructuredOutput]) -> None:
        self._calls = calls
        self._name = name
        self._output = output
        self._asks_for_most = False

    async def run(self, asked: Conversation, purpose: CallPurpose) -> StructuredOutput:
        """Return the answer. Raises ProviderError, ProviderUnavailable or BudgetExceeded."""
        instructions = f"{asked.instructions}\n\n{schema_request(self._output)}"
        prompt, left = replace(asked, instructions=instructions), ATTEMPTS
        while left:
            try:
                reply = await self._calls.call(
                    self._name,
                    prompt,
                    purpose,
                    reply_format=reply_format(self._output),
                    asks_for_most=self._asks_for_most,
                )
            except NothingButThoughts:
                if self._asks_for_most:
                    raise
                self._asks_for_most = True
                continue
            except EmptyReply as error:
                if not self._gives_up(error.form):
                    raise
                continue
            invalid: ValidationError | None = None
            try:
                return parse(self._output, reply.text, is_whole=reply.ending not in ("length", "pause"))
            except ValidationError as error:
                invalid = error
            except NoAnswerFound:
                pass
            if reply.ending in ("length", "pause"):
                self._lengthen(reply)
                continue
            if invalid is None and self._gives_up(reply.form):
                continue
            prompt = prompt.followed_by(reply.text, correction_request(invalid))
            left -= 1
        raise ProviderUnavailable(
            f"{self._name} returned no valid {self._output.__name__} in {ATTEMPTS} attempts: it may be "
            "too small for answers in JSON; use another model."
        )

    def _gives_up(self, form: ReplyForm) -> bool:
        """Ask this model in another form from now on, if there is one."""
        if form == "words":
            return False
        self._calls.vendors.capabilities.remember_missing(self._name, {form})
        return True

    def _lengthen(self, reply: ModelReply) -> None:
        """Ask for a longer answer, then in another form. Raises LengthLimitReached."""
        if not self._asks_for_most:
            self._asks_for_most = True
        elif not self._gives_up(reply.form):
            raise LengthLimitReached(
                f"{self._name} reached its length limit before its answer was complete: use another model."
            )
