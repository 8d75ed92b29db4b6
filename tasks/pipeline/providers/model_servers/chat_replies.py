"""Parses chat completions, streamed or whole, as OpenAI's interface and those who imitate it send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.pipeline.providers.model_calls.calls import Usage
from tasks.pipeline.providers.model_servers.chat_dialects import as_chunk
from tasks.pipeline.providers.model_servers.reply_json import (
    JsonReplyParser,
    strings,
    text_of_parts,
    usage_of,
)
from tasks.pipeline.providers.model_servers.vendor_protocol import ReportedError

READ = ("prompt_tokens", "input_tokens", "prompt_n", "prompt_token_count", "promptTokens")
WRITTEN = ("completion_tokens", "output_tokens", "predicted_n", "generated_tokens", "completionTokens")
USAGE_FIELDS = ("usage", "x_groq", "timings", "metrics", "token_usage", "usage_metadata")
LEAST_REPEATED = 24
"""A piece that begins with so many characters, which are all that was sent, repeats them."""


class ChatReplyParser(JsonReplyParser):
    def __init__(self, *, takes_arguments: bool = False) -> None:
        super().__init__(takes_arguments=takes_arguments)
        self._call: tuple[object, object] | None = None
        """Index and id of the first call of a tool: others are hidden."""
        self._said: list[str] = []
        self._said_length = 0

    def _take(self, event: dict[str, Any]) -> str:
        if event.get("error"):
            self._take_unknown(event)
        choices = event.get("choices")
        if choices is None and (chunk := as_chunk(event)) is not None:
            event, choices = chunk, chunk["choices"]
        if not choices:
            self._count(event)
            if choices is None and self.usage is None:
                self._take_unknown(event)
            elif event.get("object") == "chat.completion":
                self._end("stop")  # whole, and without a word
            return ""
        choice = _first(choices)
        text = "" if choice is None else self._new_in(self._text_of_choice(choice))
        if self.ending is not None or "usage" in event or choice is None:
            self._count(event)
        self.hidden = _hidden(choices, text)
        return text

    def _new_in(self, text: str) -> str:
        """Without what was sent before: some end with the whole message, or repeat all in each piece."""
        length = self._said_length
        if length >= LEAST_REPEATED and len(text) >= length and text.startswith(said := "".join(self._said)):
            text, self._said = text[length:], [said]
        if text:
            self._said.append(text)
            self._said_length += len(text)
        return text

    def _count(self, event: Mapping[str, Any]) -> None:
        if (usage := _usage(event)) is not None:
            self.usage = usage

    def _text_of_choice(self, choice: Mapping[str, Any]) -> str:
        if choice.get("error"):
            raise ReportedError(choice["error"])
        # A server that does not stream sends a whole message where a delta would be, an old one its text.
        message = choice.get("message")
        delta = choice.get("delta") or message or {}
        if isinstance(delta, str):
            delta = {"content": delta}
        text = self._text(delta)
        if not text and isinstance(choice.get("text"), str):
            text = self._say(choice["text"])
        reason = choice.get("finish_reason") or choice.get("finishReason") or choice.get("stop_reason")
        self._end("stop" if reason is None and message and not choice.get("delta") else reason)
        return text

    def _text(self, delta: Mapping[str, Any]) -> str:
        content = delta.get("content")
        if isinstance(content, str) and len(delta) == 1:
            return self._say(content)  # the usual case
        if isinstance(refusal := delta.get("refusal"), str) and refusal:
            self._refuse(refusal)
            return ""
        arguments = self._arguments(delta)
        text = text_of_parts(content)
        if not text:
            return arguments
        return self._say(text) + arguments

    def _arguments(self, delta: Mapping[str, Any]) -> str:
        """The new arguments of the first call."""
        if isinstance(function := delta.get("function_call"), dict):
            return self._argue(function.get("arguments"))
        found = ""
        calls = delta.get("tool_calls") or ()
        for position, call in enumerate([calls] if isinstance(calls, dict) else calls):
            index, identity = call.get("index", position), call.get("id")
            if self._call is None:
                self._call = index, identity
            first_index, first_identity = self._call
            if index == first_index and identity in (None, "", first_identity):
                found += self._argue((call.get("function") or {}).get("arguments"))
        return found


def _first(choices: object) -> Mapping[str, Any] | None:
    """The choice that is read: number 0, wherever it stands, of servers that send more than one."""
    if isinstance(choices, dict):
        choices = [choices]
    assert isinstance(choices, list) or not choices
    for position, choice in enumerate(choices):  # type: ignore[var-annotated, arg-type]
        index = choice.get("index")
        if (position if index is None else index) in (0, "0"):
            return choice  # type: ignore[no-any-return]
    return None


def _usage(event: Mapping[str, Any]) -> Usage | None:
    """What the server counted, which some put into the choice, or into a field of their own."""
    if isinstance(usage := event.get("usage"), dict):
        return usage_of(usage, READ, WRITTEN)
    for name in USAGE_FIELDS:
        found = event.get(name)
        if isinstance(found, dict):
            return usage_of(found.get("usage") or found, READ, WRITTEN)
    choices = event.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        part = choices[0].get("usage") or (choices[0].get("delta") or {}).get("usage")
        return usage_of(part, READ, WRITTEN)
    return None


def _hidden(choices: Sequence[Any], text: str) -> str:
    """All that was written in addition to the text, in whichever field: it is paid for as well."""
    if isinstance(choices, list) and len(choices) == 1:
        first = choices[0].get("delta") or choices[0].get("message") or {}
        if text and isinstance(first, dict) and first.keys() <= {"content", "role"}:
            return ""  # the usual case
    written = "".join(strings(choices))
    return written.replace(text, "", 1) if text else written
