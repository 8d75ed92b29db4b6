"""What OpenAI's and Anthropic's language models send: the events of a stream, and a whole completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.model_server import Reply


class OpenAI:
    """The events of a chat completion."""

    @staticmethod
    def opening(model: str, reply: Reply) -> list[dict[str, Any]]:
        return []

    @staticmethod
    def piece(model: str, text: str) -> dict[str, Any]:
        return _chunk(model, {"content": text})

    @staticmethod
    def thought(model: str, text: str) -> dict[str, Any]:
        return _chunk(model, {"reasoning_content": text})

    @staticmethod
    def closing(model: str, reply: Reply) -> list[dict[str, Any] | str]:
        events: list[dict[str, Any] | str] = [_chunk(model, {}, finish_reason=reply.finish_reason)]
        if reply.usage is not None:
            events.append(_chunk(model, None, usage=reply.usage))
        return [*events, "[DONE]"]


class Anthropic:
    """The events of a message, which begins with some thinking."""

    STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}

    @staticmethod
    def opening(model: str, reply: Reply) -> list[dict[str, Any]]:
        usage = {"input_tokens": reply.usage[0], "output_tokens": 1} if reply.usage else {}
        thought = {"type": "thinking_delta", "thinking": "Let me think."}
        return [
            {"type": "message_start", "message": {"id": "msg-1", "model": model, "usage": usage}},
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "thinking", "thinking": ""},
            },
            {"type": "ping"},
            {"type": "content_block_delta", "index": 0, "delta": thought},
            {"type": "content_block_stop", "index": 0},
            {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        ]

    @staticmethod
    def piece(model: str, text: str) -> dict[str, Any]:
        return {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": text}}

    @staticmethod
    def thought(model: str, text: str) -> dict[str, Any]:
        delta = {"type": "thinking_delta", "thinking": text}
        return {"type": "content_block_delta", "index": 0, "delta": delta}

    @classmethod
    def closing(cls, model: str, reply: Reply) -> list[dict[str, Any] | str]:
        usage = {"output_tokens": reply.usage[1]} if reply.usage else {}
        reason = cls.STOP_REASONS[reply.finish_reason]
        return [
            {"type": "content_block_stop", "index": 1},
            {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage},
            {"type": "message_stop"},
        ]


def _chunk(
    model: str,
    delta: dict[str, str] | None,
    *,
    finish_reason: str | None = None,
    usage: tuple[int, int] | None = None,
) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    return _envelope("chat.completion.chunk", model, choices, usage)


def completion(model: str, reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
    return _envelope("chat.completion", model, [choice], reply.usage)


def _envelope(kind: str, model: str, choices: list[Any], usage: tuple[int, int] | None) -> dict[str, Any]:
    answer = {"id": "chat-1", "object": kind, "created": 1, "model": model, "choices": choices}
    if usage is not None:
        read, written = usage
        answer["usage"] = {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
        }
    return answer
