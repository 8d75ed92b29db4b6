"""The protocols in which language models are asked: OpenAI's chat completions, Anthropic's messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tasks.providers.calls import Usage

Ending = Literal["", "complete", "length", "refused"]


@dataclass(frozen=True)
class Turn:
    speaker: Literal["user", "assistant"]
    text: str


@dataclass
class Reply:
    """What has arrived so far; it can still be read when the call failed or was cancelled."""

    text: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    ending: Ending = ""
    is_refused: bool = False
    """True when the provider turned the request down before a model saw it: nothing was used."""

    @property
    def usage(self) -> Usage | None:
        """What the provider said was used, or None when it did not say."""
        said_all = self.input_tokens and self.output_tokens
        return Usage(self.input_tokens, self.output_tokens) if said_all else None


class Dialect(Protocol):
    """How one vendor is asked, and how it answers."""

    path: str

    def headers(self, key: str) -> dict[str, str]: ...

    def body(self, model: str, instructions: str, turns: Sequence[Turn]) -> dict[str, Any]: ...

    def read(self, event: dict[str, Any], reply: Reply) -> str:
        """Take what an event says into the reply; return the piece of text it brought, often none."""
        ...


class ChatCompletions:
    """OpenAI's protocol, which Ollama, vLLM and many others speak too."""

    path = "/chat/completions"
    _endings: dict[str, Ending] = {"length": "length", "content_filter": "refused"}

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key or 'none'}"}

    def body(self, model: str, instructions: str, turns: Sequence[Turn]) -> dict[str, Any]:
        messages = [{"role": "system", "content": instructions}]
        messages += [{"role": turn.speaker, "content": turn.text} for turn in turns]
        return {
            "model": model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def read(self, event: dict[str, Any], reply: Reply) -> str:
        if usage := event.get("usage"):
            reply.input_tokens = usage.get("prompt_tokens") or 0
            reply.output_tokens = usage.get("completion_tokens") or 0
        piece = ""
        for choice in event.get("choices") or ():
            piece += (choice.get("delta") or {}).get("content") or ""
            if reason := choice.get("finish_reason"):
                reply.ending = self._endings.get(reason, "complete")
        return piece


class Messages:
    """Anthropic's protocol."""

    path = "/v1/messages"
    version = "2023-06-01"
    max_tokens = 8192  # the protocol demands a limit; this one every current model accepts
    _endings: dict[str, Ending] = {"max_tokens": "length", "refusal": "refused"}

    def headers(self, key: str) -> dict[str, str]:
        return {"x-api-key": key, "anthropic-version": self.version}

    def body(self, model: str, instructions: str, turns: Sequence[Turn]) -> dict[str, Any]:
        return {
            "model": model,
            "system": instructions,
            "messages": [{"role": turn.speaker, "content": turn.text} for turn in turns],
            "max_tokens": self.max_tokens,
            "stream": True,
        }

    def read(self, event: dict[str, Any], reply: Reply) -> str:
        match event.get("type"):
            case "message_start":
                self._count((event.get("message") or {}).get("usage") or {}, reply)
            case "content_block_delta":
                delta = event.get("delta") or {}
                return str(delta.get("text") or "") if delta.get("type") == "text_delta" else ""
            case "message_delta":
                self._count(event.get("usage") or {}, reply)
                if reason := (event.get("delta") or {}).get("stop_reason"):
                    reply.ending = self._endings.get(reason, "complete")
        return ""

    def _count(self, usage: dict[str, Any], reply: Reply) -> None:
        read_from_cache = (usage.get("cache_creation_input_tokens") or 0) + (
            usage.get("cache_read_input_tokens") or 0
        )
        reply.input_tokens = (usage.get("input_tokens") or 0) + read_from_cache or reply.input_tokens
        reply.output_tokens = usage.get("output_tokens") or reply.output_tokens


DIALECTS: dict[str, Dialect] = {"openai": ChatCompletions(), "anthropic": Messages()}
