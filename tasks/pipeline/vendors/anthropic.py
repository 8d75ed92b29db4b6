"""Anthropic: messages as a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.calls import Usage, token_count
from tasks.pipeline.providers.vendor_protocol import (
    Access,
    ReplyForm,
    ReportedError,
    RequestOptions,
    StopReason,
    Turn,
    Vendor,
    VendorRequest,
    VendorSetting,
)

KEY = "ANTHROPIC_API_KEY"
BASE_URL = "ANTHROPIC_BASE_URL"
"""No setting of the environment: tests set it."""
ANTHROPIC_URL = "https://api.anthropic.com"
API_VERSION = "2026-10-21"
ENDINGS: Mapping[str, StopReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "compaction": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filter",
}
# A request must name its limit, and one above the model's own is refused. The first that fits counts. The
# oldest models also refuse prompt and limit that exceed their window together, hence their low ones.
MAX_TOKENS = (
    (("claude-3", "claude-4-", "claude-opus-4-0", "claude-opus-4-1", "claude-opus-4-2"), 4_096),
    (("claude-sonnet-4-0", "claude-sonnet-4-2", "claude-opus-4@", "claude-sonnet-4@"), 4_096),
    (("claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5"), 64_000),
    (("claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8", "claude-sonnet-4-6"), 128_000),
    (("claude-opus-5", "claude-sonnet-5", "claude-haiku-5-5"), 128_000),
    (("claude-fable-5", "claude-mythos-5"), 128_000),
)
OTHER_MAX_TOKENS = 16_384
HIDDEN = ("thinking", "partial_json", "data")
INPUT_TOKENS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


@dataclass(frozen=True)
class AnthropicProtocol:
    access: Access

    def __post_init__(self) -> None:
        if missing_setting(self.access):
            raise ProviderError(
                "ANTHROPIC_API_KEY is not set: set it, or take the model out of PIPELINE_MODELS."
            )

    @property
    def key(self) -> str:
        return self.access[KEY]

    def most_output_tokens(self, model: str) -> int:
        return max_tokens(model)

    def forms(self, model: str) -> Sequence[ReplyForm]:
        return ()

    def request(
        self, model: str, instructions: str, turns: Sequence[Turn], options: RequestOptions
    ) -> VendorRequest:
        return VendorRequest(
            url=f"{(self.access[BASE_URL] or ANTHROPIC_URL).rstrip('/')}/v1/messages",
            headers={"X-Api-Key": self.key, "Anthropic-Version": API_VERSION},
            body={
                "model": model,
                "max_tokens": options.requested_tokens or max_tokens(model),
                "system": instructions,
                "messages": [{"role": turn.speaker, "content": turn.text} for turn in turns],
                "stream": True,
            },
        )

    def reply_parser(self, options: RequestOptions) -> AnthropicReplyParser:
        return AnthropicReplyParser()


class AnthropicReplyParser:
    def __init__(self) -> None:
        from pydantic_core import from_json  # here: only processes that call models load it

        self._from_json = from_json
        self.usage: Usage | None = None
        self.hidden = ""
        self.is_done = False
        self.ending: StopReason | None = None
        self._tokens: dict[str, int] = {}

    def take(self, data: bytes) -> str:
        self.hidden = ""
        event = self._from_json(data)
        match event.get("type"):
            case "content_block_delta":
                delta = event["delta"]
                if delta.get("type") == "text_delta":
                    return str(delta["text"])
                # The model's thinking and its calls of tools. A signature is none of its words.
                self.hidden = "".join(
                    part for key, part in delta.items() if key in HIDDEN and isinstance(part, str)
                )
            case "content_block_start":
                block = event["content_block"]
                if block.get("type") == "text":
                    return str(block["text"])
                self.hidden = str(block.get("thinking") or block.get("data") or "")
            case "message_start":
                self._count(event["message"].get("usage") or {})
            case "message_delta":
                self._count(event.get("usage") or {})
                self._take_end(event["delta"].get("stop_reason"))
            case "message_stop":
                self.is_done = True
            case "error":
                raise ReportedError(event.get("error"))
        return ""

    def _count(self, tokens: Mapping[str, object]) -> None:
        """Store the counts: each event sends the total so far, but not of every kind."""
        self._tokens |= {kind: number for kind, count in tokens.items() if (number := token_count(count))}
        read = token_count(sum(self._tokens.get(kind, 0) for kind in INPUT_TOKENS))
        self.usage = Usage(read, self._tokens.get("output_tokens", 0))

    def _take_end(self, reason: str | None) -> None:
        if reason:
            self.ending = ENDINGS.get(reason)


def max_tokens(model: str) -> int:
    if model in ("claude-opus-4", "claude-sonnet-4"):
        return 4_096
    return next((limit for names, limit in MAX_TOKENS if model.startswith(names)), OTHER_MAX_TOKENS)


def missing_setting(access: Access) -> str:
    return "" if access[KEY] else KEY


VENDOR = Vendor(
    name="anthropic",
    settings=(VendorSetting(KEY),),
    missing_setting=missing_setting,
    protocol=AnthropicProtocol,
)
