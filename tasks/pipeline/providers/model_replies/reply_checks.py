"""Whether a reply is one: it says something, and no refusal."""

from __future__ import annotations

from tasks.pipeline.errors import LengthLimitReached, ProviderError, ProviderUnavailable
from tasks.pipeline.providers.model_replies.characters import is_blank
from tasks.pipeline.providers.model_replies.refusals import is_refusal
from tasks.pipeline.providers.model_servers.gateway_pages import shortened
from tasks.pipeline.providers.model_servers.vendor_protocol import ModelReply, ReplyForm


class EmptyReply(ProviderUnavailable):
    """The model wrote nothing that anybody can read."""

    def __init__(self, message: str, form: ReplyForm = "words") -> None:
        super().__init__(message)
        self.form = form
        """In which form a structured answer was asked for."""


class NothingButThoughts(LengthLimitReached):
    """The model reached its length limit while it was thinking: with a higher one it may come to write."""


def check(reply: ModelReply, name: str, *, continues: bool = False) -> None:
    """Raises ProviderError for a reply that is none. One that is only too long passes.

    One that continues a text may begin anywhere, also in the middle of a quotation.
    """
    if reply.ending == "filter":
        said = reply.refusal and f": “{shortened(' '.join(reply.refusal.split()), 120)}”"
        raise ProviderError(f"{name} refused to write about this{said or f' ({reply.ending_word}).'}")
    if is_blank(reply.text):
        if reply.ending == "length":
            raise NothingButThoughts(
                f"{name} reached its length limit before it wrote a word, thinking all the time: "
                "raise the limit or use another model."
            )
        if reply.called_tool:
            raise EmptyReply(f"{name} called a tool and wrote nothing.", reply.form)
        if reply.hidden_bytes:
            raise EmptyReply(f"{name} returned an empty reply: all that it wrote was thinking.", reply.form)
        raise EmptyReply(f"{name} returned an empty reply.", reply.form)
    if not continues and is_refusal(reply.text):
        said = " ".join(reply.text.split())[:120]
        raise ProviderError(f"{name} refused to write about this: “{said}”")
