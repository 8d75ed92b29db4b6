"""Makes chunks of chat completions from the events of servers that answer in a form of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WRAPPERS = ("output", "data", "result", "body", "response", "outputs")


def as_chunk(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The chunk of a chat completion that says the same; None for an event of no known form."""
    for name in WRAPPERS:
        inner = event.get(name)
        if isinstance(inner, dict) and inner:
            usage = event.get("usage") or inner.get("usage")
            chunk = inner if "choices" in inner else as_chunk(inner)
            return None if chunk is None else {**chunk, "usage": usage or chunk.get("usage")}
    if isinstance(event.get("token"), dict) or "generated_text" in event:
        return _of_text_generation_inference(event)
    if "message" in event and isinstance(event["message"], dict):
        return _of_ollama(event, event["message"])
    if isinstance(event.get("response"), str):
        return _of_ollama(event, {"content": event["response"], "thinking": event.get("thinking")})
    if isinstance(event.get("content"), str) and ("stop" in event or "tokens_predicted" in event):
        return _of_llama_cpp(event)
    if isinstance(event.get("text"), str) and "type" not in event:
        return _chunk({"content": event["text"]}, event.get("finish_reason"))
    return None


def _of_ollama(event: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    reason = event.get("done_reason") or event.get("finish_reason")
    return _chunk(
        message,
        (reason or "stop") if event.get("done") else None,
        event.get("prompt_eval_count"),
        event.get("eval_count"),
    )


def _of_llama_cpp(event: Mapping[str, Any]) -> dict[str, Any]:
    is_cut = event.get("stop_type") == "limit" or event.get("stopped_limit") or event.get("truncated")
    return _chunk(
        {"content": event["content"]},
        ("length" if is_cut else "stop") if event.get("stop") is True else None,
        event.get("tokens_evaluated"),
        event.get("tokens_predicted"),
    )


def _of_text_generation_inference(event: Mapping[str, Any]) -> dict[str, Any]:
    details = event.get("details") or {}
    reason = details.get("finish_reason")
    token = event.get("token")
    if token is None:
        return _chunk({"content": event["generated_text"]}, reason or "stop")
    text = "" if token.get("special") else token.get("text")
    is_over = event.get("generated_text") is not None
    return _chunk(
        {"content": text}, (reason or "stop") if is_over else None, None, details.get("generated_tokens")
    )


def _chunk(
    delta: Mapping[str, Any], reason: object, read: object = None, written: object = None
) -> dict[str, Any]:
    return {
        "choices": [{"index": 0, "delta": dict(delta), "finish_reason": reason}],
        "usage": {"prompt_tokens": read, "completion_tokens": written},
    }
