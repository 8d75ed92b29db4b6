"""A vendor as a module of tasks/pipeline/vendors would be: this file is all there is of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.pipeline.providers.model_servers.chat_replies import ChatReplyParser
from tasks.pipeline.providers.model_servers.vendor_protocol import (
    Access,
    ReplyForm,
    RequestOptions,
    Turn,
    Vendor,
    VendorRequest,
    VendorSetting,
)


@dataclass(frozen=True)
class ToyProtocol:
    access: Access

    @property
    def key(self) -> str:
        return self.access["TOY_API_KEY"]

    def most_output_tokens(self, model: str) -> int:
        return 1_000

    def forms(self, model: str) -> Sequence[ReplyForm]:
        return ()

    def request(
        self, model: str, instructions: str, turns: Sequence[Turn], options: RequestOptions
    ) -> VendorRequest:
        messages = [{"role": "system", "content": instructions}]
        messages += [{"role": turn.speaker, "content": turn.text} for turn in turns]
        return VendorRequest(
            url=f"{self.access['TOY_URL']}/chat/completions",
            headers={"Authorization": f"Bearer {self.key}"},
            body={"model": model, "messages": messages, "stream": True},
        )

    def reply_parser(self, options: RequestOptions) -> ChatReplyParser:
        return ChatReplyParser()


VENDOR = Vendor(
    name="toy",
    settings=(VendorSetting("TOY_API_KEY"), VendorSetting("TOY_URL", is_url=True)),
    missing_setting=lambda access: "" if access["TOY_API_KEY"] else "TOY_API_KEY",
    protocol=ToyProtocol,
)
