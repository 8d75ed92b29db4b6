"""OpenAI's chat completions as a stream, as the many servers that imitate them speak it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from tasks.errors import ProviderError
from tasks.providers.calls import Usage
from tasks.providers.exchange import Access, Ending, ReportedError, Request, Turn

OPENAI_URL = "https://api.openai.com/v1"
ENDINGS: Mapping[str, Ending] = {
    "stop": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "length": "length",
    "content_filter": "filter",
}


@dataclass(frozen=True)
class OpenAIProtocol:
    access: Access

    def __post_init__(self) -> None:
        if not (self.access.openai_api_key or self.access.openai_base_url):
            raise ProviderError("OPENAI_API_KEY is not set: set it, or OPENAI_BASE_URL for a local server.")

    @property
    def key(self) -> str:
        return self.access.openai_api_key

    def request(self, model: str, instructions: str, turns: Sequence[Turn]) -> Request:
        messages = [{"role": "system", "content": instructions}]
        messages += [{"role": turn.speaker, "content": turn.text} for turn in turns]
        return Request(
            url=f"{(self.access.openai_base_url or OPENAI_URL).rstrip('/')}/chat/completions",
            # Some gateways in front of local servers want the header, whatever is in it.
            headers={"Authorization": f"Bearer {self.key or 'none'}"},
            body={
                "model": model,
                "messages": messages,
                "stream": True,
                "stream_options": {"include_usage": True},
            },
        )

    def answer(self) -> ChatCompletion:
        return ChatCompletion(requires_finish_reason=self.access.requires_finish_reason)


class ChatCompletion:
    def __init__(self, *, requires_finish_reason: bool = True) -> None:
        self.usage: Usage | None = None
        self.is_done = False
        self.ending: Ending | None = None if requires_finish_reason else "stop"
        self._is_thinking = False
        self._is_refusal = False

    def take(self, data: bytes) -> str:
        if self.is_done or data == b"[DONE]":
            self.is_done = True
            return ""
        chunk = from_json(data)
        if error := chunk.get("error"):
            raise ReportedError(error)
        if usage := chunk.get("usage"):
            self.usage = _usage(usage)
        if not (choices := chunk.get("choices")):
            return ""
        choice = choices[0]
        if (reason := choice.get("finish_reason")) and not self._is_refusal:
            self.ending = ENDINGS.get(reason)
        # A server that does not stream sends a whole message where a delta would be.
        delta = choice.get("delta") or choice.get("message")
        return self._text(delta) if delta else ""

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
    read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Usage(int(read), int(written)) if read and written else None
