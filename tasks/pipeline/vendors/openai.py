"""OpenAI: chat completions as a stream, which many other servers implement too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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

KEY, BASE_URL = "OPENAI_API_KEY", "OPENAI_BASE_URL"
OPENAI_URL = "https://api.openai.com/v1"
ENDINGS: Mapping[str, StopReason] = {
    "stop": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "length": "length",
    "content_filter": "filter",
}
# Asking for more than the model writes is refused. The first that fits counts; others are given the last.
MAX_TOKENS = (
    (("gpt-3.5", "gpt-4-", "gpt-4o-2024-05-13"), 4_096),
    (("gpt-4o", "chatgpt-4o", "gpt-4.5", "gpt-5-chat"), 16_384),
    (("gpt-4.1", "o1-preview"), 32_768),
    (("gpt-4",), 4_096),
    (("o1-mini",), 65_536),
    (("o1", "o3", "o4"), 100_000),
    (("gpt-5", "gpt-6", "codex"), 128_000),
)
OTHER_MAX_TOKENS = 16_384
# These refuse `max_tokens`; many compatible servers know nothing else.
COMPLETION_TOKENS_ONLY = ("o1", "o3", "o4", "gpt-5", "gpt-6", "codex")
NOT_WRITTEN = frozenset({"role", "id", "type", "index", "finish_reason", "logprobs", "native_finish_reason"})
"""Fields of a choice that hold nothing a model wrote, or what it wrote once more."""


@dataclass(frozen=True)
class OpenAIProtocol:
    access: Access

    def __post_init__(self) -> None:
        if missing_setting(self.access):
            raise ProviderError("OPENAI_API_KEY is not set: set it, or OPENAI_BASE_URL for a local server.")

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
        messages = [{"role": "system", "content": instructions}]
        messages += [{"role": turn.speaker, "content": turn.text} for turn in turns]
        return VendorRequest(
            url=f"{(self.access[BASE_URL] or OPENAI_URL).rstrip('/')}/chat/completions",
            # Some gateways in front of local servers want the header, whatever is in it.
            headers={"Authorization": f"Bearer {self.key or 'none'}"},
            body={
                "model": model,
                "messages": messages,
                "stream": True,
                "stream_options": {"include_usage": True},
                **self._limit(model, options.requested_tokens),
            },
        )

    def _limit(self, model: str, requested_tokens: int | None) -> Mapping[str, int]:
        if requested_tokens is None:
            return {}
        is_new = not self.access[BASE_URL] or _family(model).startswith(COMPLETION_TOKENS_ONLY)
        return {"max_completion_tokens" if is_new else "max_tokens": requested_tokens}

    def reply_parser(self, options: RequestOptions) -> OpenAIReplyParser:
        return OpenAIReplyParser(requires_finish_reason=self.access.requires_finish_reason)


class OpenAIReplyParser:
    def __init__(self, *, requires_finish_reason: bool = True) -> None:
        from pydantic_core import from_json  # here: only processes that call models load it

        self._from_json = from_json
        self.usage: Usage | None = None
        self.hidden = ""
        self.is_done = False
        self.ending: StopReason | None = None if requires_finish_reason else "stop"
        self._is_thinking = False
        self._is_refusal = False

    def take(self, data: bytes) -> str:
        self.hidden = ""
        if self.is_done or data == b"[DONE]":
            self.is_done = True
            return ""
        chunk = self._from_json(data)
        if error := chunk.get("error"):
            raise ReportedError(error)
        if isinstance(usage := chunk.get("usage"), dict):
            self.usage = _usage(usage) or self.usage
        if not (choices := chunk.get("choices")):
            return ""
        choice = choices[0]
        if (reason := choice.get("finish_reason")) and not self._is_refusal:
            self.ending = ENDINGS.get(reason)
        # A server that does not stream sends a whole message where a delta would be.
        delta = choice.get("delta") or choice.get("message")
        text = self._text(delta) if delta else ""
        self.hidden = _hidden(choices, text)
        return text

    def _text(self, delta: Mapping[str, Any]) -> str:
        if delta.get("refusal"):
            self._is_refusal, self.ending = True, "filter"
            return ""
        text = delta.get("content")
        if isinstance(text, list):
            text = "".join(part["text"] for part in text if part.get("type") == "text")
        if not text:
            return ""
        # Servers without a field for a model's thinking send it between these, each a token of its own.
        if text == "<think>" or (self._is_thinking and text == "</think>"):
            self._is_thinking = text == "<think>"
            return ""
        return "" if self._is_thinking else str(text)


def _usage(usage: Mapping[str, Any]) -> Usage | None:
    read, written = token_count(usage.get("prompt_tokens")), token_count(usage.get("completion_tokens"))
    return Usage(read, written) if read or written else None


def _hidden(choices: Sequence[Any], text: str) -> str:
    """All that was written in addition to the text, in whichever field: it is paid for as well."""
    first = choices[0].get("delta") or choices[0].get("message") or {}
    if len(choices) == 1 and text and first.keys() <= {"content", "role"}:
        return ""  # the usual case
    written = "".join(_strings(choices))
    return written.replace(text, "", 1) if text else written


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in NOT_WRITTEN:
                yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _family(model: str) -> str:
    """The name without the prefixes of gateways and fine-tuning."""
    return model.rpartition("/")[2].removeprefix("ft:").lower()


def max_tokens(model: str) -> int:
    name = _family(model)
    return next((limit for names, limit in MAX_TOKENS if name.startswith(names)), OTHER_MAX_TOKENS)


def missing_setting(access: Access) -> str:
    """A key is optional with a base URL: local servers have none."""
    return "" if access[KEY] or access[BASE_URL] else KEY


VENDOR = Vendor(
    name="openai",
    settings=(VendorSetting(KEY), VendorSetting(BASE_URL, is_url=True)),
    missing_setting=missing_setting,
    protocol=OpenAIProtocol,
)
