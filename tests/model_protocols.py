"""What models send in the protocols of OpenAI (both), Anthropic and Google: the events of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.model_server import Reply

Event = dict[str, Any] | str


class OpenAI:
    """A chat completion. With `calls_tool` the text is the arguments of the tool."""

    def __init__(self, model: str, *, calls_tool: bool = False) -> None:
        self.model = model
        self.calls_tool = calls_tool

    def opening(self, reply: Reply) -> Sequence[Event]:
        if not self.calls_tool:
            return []
        call = {"index": 0, "id": "call-1", "type": "function", "function": {"name": "", "arguments": ""}}
        return [self._chunk({"role": "assistant", "tool_calls": [call]})]

    def thought(self, text: str) -> Event:
        return self._chunk({"reasoning_content": text})

    def piece(self, text: str) -> Event:
        if self.calls_tool:
            return self._chunk({"tool_calls": [{"index": 0, "function": {"arguments": text}}]})
        return self._chunk({"content": text})

    def closing(self, reply: Reply) -> Sequence[Event]:
        is_call = self.calls_tool and reply.finish_reason == "stop"
        events: list[Event] = [self._chunk({}, "tool_calls" if is_call else reply.finish_reason)]
        if reply.usage is not None:
            events.append(self._chunk(None, usage=reply.usage))
        return [*events, "[DONE]"]

    def _chunk(
        self, delta: dict[str, Any] | None, reason: str | None = None, usage: tuple[int, int] | None = None
    ) -> Event:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
        return _envelope("chat.completion.chunk", self.model, choices, usage)


class Responses(OpenAI):
    """A response, which repeats at its end what it has said."""

    def __init__(self, model: str, *, calls_tool: bool = False) -> None:
        super().__init__(model, calls_tool=calls_tool)
        self._said = ""

    def opening(self, reply: Reply) -> Sequence[Event]:
        return [{"type": "response.created", "response": {"status": "in_progress", "output": []}}]

    def thought(self, text: str) -> Event:
        return {"type": "response.reasoning_summary_text.delta", "output_index": 0, "delta": text}

    def piece(self, text: str) -> Event:
        self._said += text
        kind = "function_call_arguments" if self.calls_tool else "output_text"
        return {"type": f"response.{kind}.delta", "item_id": "item-1", "output_index": 1, "delta": text}

    def closing(self, reply: Reply) -> Sequence[Event]:
        message = {"type": "message", "content": [{"type": "output_text", "text": self._said}]}
        call = {"type": "function_call", "id": "item-1", "arguments": self._said}
        reason = {"length": "max_output_tokens"}.get(reply.finish_reason, reply.finish_reason)
        status = "completed" if reply.finish_reason == "stop" else "incomplete"
        response: dict[str, Any] = {
            "object": "response",
            "status": status,
            "output": [call if self.calls_tool else message],
            "incomplete_details": None if status == "completed" else {"reason": reason},
        }
        if reply.usage:
            response["usage"] = {"input_tokens": reply.usage[0], "output_tokens": reply.usage[1]}
        return [{"type": f"response.{status}", "response": response}]


class Anthropic(OpenAI):
    """A message, which begins with some thinking."""

    STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}

    def opening(self, reply: Reply) -> Sequence[Event]:
        usage = {"input_tokens": reply.usage[0], "output_tokens": 1} if reply.usage else {}
        thinking, text = {"type": "thinking", "thinking": ""}, {"type": "text", "text": ""}
        call = {"type": "tool_use", "id": "toolu-1", "name": "", "input": {}}
        return [
            {"type": "message_start", "message": {"id": "msg-1", "model": self.model, "usage": usage}},
            {"type": "content_block_start", "index": 0, "content_block": thinking},
            {"type": "ping"},
            self.thought("Let me think."),
            {"type": "content_block_stop", "index": 0},
            {"type": "content_block_start", "index": 1, "content_block": call if self.calls_tool else text},
        ]

    def thought(self, text: str) -> Event:
        delta = {"type": "thinking_delta", "thinking": text}
        return {"type": "content_block_delta", "index": 0, "delta": delta}

    def piece(self, text: str) -> Event:
        delta = {"type": "text_delta", "text": text}
        if self.calls_tool:
            delta = {"type": "input_json_delta", "partial_json": text}
        return {"type": "content_block_delta", "index": 1, "delta": delta}

    def closing(self, reply: Reply) -> Sequence[Event]:
        usage = {"output_tokens": reply.usage[1]} if reply.usage else {}
        reason = self.STOP_REASONS[reply.finish_reason]
        if self.calls_tool and reason == "end_turn":
            reason = "tool_use"
        return [
            {"type": "content_block_stop", "index": 1},
            {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage},
            {"type": "message_stop"},
        ]


class Google(OpenAI):
    """Content, whose end is only in the reason of the last piece."""

    STOP_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}

    def opening(self, reply: Reply) -> Sequence[Event]:
        return []

    def thought(self, text: str) -> Event:
        return {"candidates": [{"index": 0, "content": {"parts": [{"text": text, "thought": True}]}}]}

    def piece(self, text: str) -> Event:
        return {"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": text}]}}]}

    def closing(self, reply: Reply) -> Sequence[Event]:
        last: dict[str, Any] = {"finishReason": self.STOP_REASONS[reply.finish_reason], "index": 0}
        event: dict[str, Any] = {"candidates": [last]}
        if reply.usage:
            event["usageMetadata"] = {
                "promptTokenCount": reply.usage[0],
                "candidatesTokenCount": reply.usage[1],
            }
        return [event]


def dialect_of(path: str, model: str, body: dict[str, Any]) -> OpenAI:
    """The protocol that a request to this path is answered in."""
    kinds = {"/messages": Anthropic, "/responses": Responses, ":streamGenerateContent": Google}
    kind = next((kind for end, kind in kinds.items() if path.partition("?")[0].endswith(end)), OpenAI)
    return kind(model, calls_tool=bool(body.get("tools")))


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
