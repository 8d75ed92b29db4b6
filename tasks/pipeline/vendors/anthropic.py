"""Anthropic: messages as a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.model_calls.calls import Usage, token_count
from tasks.pipeline.providers.model_servers.base_urls import BaseURL, versioned
from tasks.pipeline.providers.model_servers.reply_json import JsonReplyParser
from tasks.pipeline.providers.model_servers.vendor_protocol import (
    Access,
    Feature,
    ReplyForm,
    ReplyFormat,
    RequestOptions,
    Turn,
    Vendor,
    VendorRequest,
    VendorSetting,
    merged_turns,
)

KEY = "ANTHROPIC_API_KEY"
BASE_URL = "ANTHROPIC_BASE_URL"
ANTHROPIC_URL = "https://api.anthropic.com"
API_VERSION = "2026-10-21"
COMPATIBLE_API_VERSION = "2023-06-01"
"""What other servers and gateways that speak this protocol know."""
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
LOWEST_MAX_TOKENS = 4_096
LIMIT_ALTERNATIVES: frozenset[Feature] = frozenset({"token_limit"})
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
        return ("tool",)

    def request(
        self, model: str, instructions: str, turns: Sequence[Turn], options: RequestOptions
    ) -> VendorRequest:
        if "system_role" in options.without:
            turns, instructions = merged_turns(instructions, turns), ""
        is_own = not self.access[BASE_URL]
        return VendorRequest(
            url=self._url(),
            headers={
                **({"X-Api-Key": self.key} if self.key else {}),
                "Anthropic-Version": API_VERSION if is_own else COMPATIBLE_API_VERSION,
            },
            body={
                "model": model,
                "max_tokens": _limit(model, options),
                **({"system": instructions} if instructions else {}),
                "messages": [{"role": turn.speaker, "content": turn.text} for turn in turns],
                "stream": True,
                # The newer version of the interface refuses every temperature.
                **({} if is_own or options.temperature is None else {"temperature": options.temperature}),
                **({"stop_sequences": list(options.stop)} if options.stop else {}),
                **(_tool(options.reply_format) if options.form == "tool" else {}),
            },
            alternatives=LIMIT_ALTERNATIVES - options.without,
        )

    def _url(self) -> str:
        url = self.access[BASE_URL] or ANTHROPIC_URL
        base = BaseURL.parsed(url, ("/messages",))
        if base is None:
            return url
        return base.to(f"{versioned(base, '/v1', otherwise=bool(base.path))}/messages")

    def reply_parser(self, options: RequestOptions) -> AnthropicReplyParser:
        return AnthropicReplyParser(takes_arguments=options.form == "tool")


class AnthropicReplyParser(JsonReplyParser):
    def __init__(self, *, takes_arguments: bool = False) -> None:
        super().__init__(takes_arguments=takes_arguments)
        self._tokens: dict[str, int] = {}
        self._call: object = None
        """The index of the first call of a tool."""

    def _take(self, event: dict[str, Any]) -> str:
        inner = event.get("delta")
        if isinstance(inner, dict) and inner.get("type") == "content_block_delta" and "delta" in inner:
            event = inner  # a server for tests puts one event into another
        match event.get("type") or _kind(event):
            case "content_block_delta":
                return self._take_delta(event["delta"], event.get("index"))
            case "content_block_start":
                return self._take_block(event["content_block"], event.get("index"))
            case "message_start":
                message = event.get("message") or {}
                self._count(message.get("usage"))
                return "".join(self._take_block(block, None) for block in message.get("content") or ())
            case "message_delta":
                self._count(event.get("usage"))
                self._take_end(event.get("delta") or {})
            case "message_stop":
                self.is_done = True
                self.ending = self.ending or "stop"
            case "message" | "completion":
                return self._take_message(event)
            case "content_block_stop" | "ping":
                pass
            case kind:
                if kind == "error" or event.get("error") or kind is None:
                    self._take_unknown(event)
        return ""

    def _take_delta(self, delta: Mapping[str, Any], index: object) -> str:
        if isinstance(text := delta.get("text"), str) and delta.get("type") in ("text_delta", None):
            return self._say(text)
        if isinstance(part := delta.get("partial_json"), str):
            self._call = index if self._call is None else self._call
            if index == self._call:
                return self._argue(part)
            self.hidden = part
            return ""
        # The model's thinking. A signature is none of its words.
        self.hidden = "".join(part for key, part in delta.items() if key in HIDDEN and isinstance(part, str))
        return ""

    def _take_block(self, block: Mapping[str, Any], index: object) -> str:
        """Take a block's beginning, or a whole block."""
        if block.get("type") == "text":
            return self._say(str(block.get("text") or ""))
        if block.get("type") in ("tool_use", "server_tool_use"):
            self.called_tool = True
            if self._call is None and block.get("input"):
                self._call = index
                return self._argue(block["input"])
            return ""
        self.hidden += str(block.get("thinking") or block.get("data") or "")
        return ""

    def _take_message(self, message: Mapping[str, Any]) -> str:
        """Take a reply that was not streamed."""
        if isinstance(message.get("completion"), str):
            text = self._say(message["completion"])
        else:
            text = "".join(self._take_block(block, number) for number, block in enumerate(message["content"]))
        self._count(message.get("usage"))
        self._take_end({"stop_reason": "end_turn", **{key: end for key, end in message.items() if end}})
        self.is_done = True
        return text

    def _count(self, tokens: Mapping[str, object] | None) -> None:
        """Store the counts: each event sends the total so far, but not of every kind."""
        if not isinstance(tokens, Mapping):
            return
        self._tokens |= {kind: number for kind, count in tokens.items() if (number := token_count(count))}
        read = token_count(sum(self._tokens.get(kind, 0) for kind in INPUT_TOKENS))
        self.usage = Usage(read, self._tokens.get("output_tokens", 0))

    def _take_end(self, delta: Mapping[str, Any]) -> None:
        self._end(delta.get("stop_reason"))
        details = delta.get("stop_details")
        if self.ending == "filter" and isinstance(details, dict):
            self._refusal = str(details.get("explanation") or details.get("category") or "")[:200]


def _kind(event: Mapping[str, Any]) -> str | None:
    """The type of an event that has it as its name only, as some gateways send it."""
    if "content_block" in event:
        return "content_block_start"
    if isinstance(delta := event.get("delta"), dict):
        return "message_delta" if "stop_reason" in delta else "content_block_delta"
    return "message_start" if isinstance(event.get("message"), dict) else None


def _limit(model: str, options: RequestOptions) -> int:
    """A request must name its limit; when the model's own is not known well enough, it gets a low one."""
    if "token_limit" in options.without:
        return min(options.requested_tokens or LOWEST_MAX_TOKENS, LOWEST_MAX_TOKENS)
    return options.requested_tokens or max_tokens(model)


def _tool(reply_format: ReplyFormat | None) -> dict[str, Any]:
    if reply_format is None:
        return {}
    tool = {
        "name": reply_format.schema_name,
        "description": "The answer.",
        "input_schema": reply_format.schema,
    }
    return {"tools": [tool], "tool_choice": {"type": "tool", "name": reply_format.schema_name}}


def max_tokens(model: str) -> int:
    if model in ("claude-opus-4", "claude-sonnet-4"):
        return 4_096
    return next((limit for names, limit in MAX_TOKENS if model.startswith(names)), OTHER_MAX_TOKENS)


def missing_setting(access: Access) -> str:
    return "" if access[KEY] or access[BASE_URL] else KEY


VENDOR = Vendor(
    name="anthropic",
    settings=(VendorSetting(KEY), VendorSetting(BASE_URL, is_url=True)),
    missing_setting=missing_setting,
    protocol=AnthropicProtocol,
)
