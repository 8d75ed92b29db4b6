"""What the parsers of all protocols share: a reply is a sequence of JSON objects, valid or nearly so."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from tasks.pipeline.providers.model_calls.calls import Usage, token_count
from tasks.pipeline.providers.model_servers.error_details import reported_error
from tasks.pipeline.providers.model_servers.stop_reasons import stop_reason
from tasks.pipeline.providers.model_servers.vendor_protocol import ReportedError, StopReason

DONE = (b"[DONE]", b"[done]", b'"[DONE]"')
BETWEEN = re.compile(r"(?:\s|data:)*")
"""What is between events that were glued together."""
MAX_REFUSAL_CHARACTERS = 200
MAX_OTHER_CHARACTERS = 5_000
NOT_WRITTEN = frozenset({"role", "id", "type", "index", "finish_reason", "logprobs", "native_finish_reason"})
"""Fields that hold nothing a model wrote, or what it wrote once more."""


class JsonReplyParser(ABC):
    """A ReplyParser. `takes_arguments` makes the arguments of a tool the text of the reply.

    Words that come in addition to such arguments are text only if no arguments come.
    """

    def __init__(self, *, takes_arguments: bool = False) -> None:
        from pydantic_core import from_json  # here: only processes that call models load it

        self._from_json = from_json
        self._takes_arguments = takes_arguments
        self.usage: Usage | None = None
        self.hidden = ""
        self.is_done = False
        self.ending: StopReason | None = None
        self.ending_word = ""
        self.called_tool = False
        self.other = ""
        """The first thing that was no part of a reply."""
        self._refusal = ""
        self._has_arguments = False
        self._aside = ""
        """Words that are text unless arguments come."""

    @property
    def refusal(self) -> str:
        """The words in which the model refused."""
        return self._refusal

    def take(self, data: bytes) -> str:
        self.hidden = ""
        if self.is_done:
            return ""
        if data[:1] != b"{" and (not data or data.isspace() or data in DONE):
            self.is_done = data in DONE
            self.ending = self.ending or ("stop" if self.is_done else None)
            return ""
        try:
            event = self._from_json(data)
        except ValueError:
            return "".join(map(self._text_of, self._lenient(data)))
        return self._take(event) if isinstance(event, dict) else self._text_of(event)

    def rest(self) -> str:
        """The text that only the end of the reply decides about."""
        text = "" if self._has_arguments else self._aside
        self._aside = ""
        return text

    @abstractmethod
    def _take(self, event: dict[str, Any]) -> str:
        """Return the text in an event of the protocol. Raises ReportedError."""

    def _text_of(self, event: object) -> str:
        if isinstance(event, dict):
            return self._take(event)
        if isinstance(event, list):
            return "".join(map(self._text_of, event))
        if isinstance(event, str):
            if event in ("[DONE]", ""):
                self.is_done = event != ""
                return ""
            return self._text_of(json.loads(event, strict=False))
        if event is None:
            return ""
        raise TypeError(f"{type(event).__name__} is no part of a reply")

    def _lenient(self, data: bytes) -> Iterator[object]:
        """Halves of characters, control characters and objects glued together are no JSON, but are sent."""
        text = data.decode("utf-8", "replace")
        decoder = json.JSONDecoder(strict=False)
        at = BETWEEN.match(text).end()  # type: ignore[union-attr]
        if text[at : at + 1].isalpha() or text[at : at + 1] == "<":
            # Signs of life, or what went wrong: that shows when the reply does not come.
            self.other = self.other or text[:MAX_OTHER_CHARACTERS]
            return
        while at < len(text):
            if text.startswith("[DONE]", at):
                self.is_done, self.ending = True, self.ending or "stop"
                return
            try:
                event, end = decoder.raw_decode(text, at)
            except json.JSONDecodeError as error:
                is_cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
                if is_cut:
                    raise ValueError("it is cut off") from error
                raise
            yield event
            at = BETWEEN.match(text, end).end()  # type: ignore[union-attr]

    def _take_unknown(self, event: dict[str, Any]) -> None:
        """Take an event that is none of the protocol. Raises ReportedError."""
        if (error := reported_error(event)) is not None:
            raise ReportedError(error)
        self.other = self.other or json.dumps(event)[:MAX_OTHER_CHARACTERS]

    def _end(self, word: object) -> None:
        """Note why the model stopped; a refusal stays one."""
        if (ending := stop_reason(word)) is not None and self.ending != "filter":
            self.ending, self.ending_word = ending, str(word)

    def _refuse(self, words: str) -> None:
        self.ending = "filter"
        self._refusal = (self._refusal + words)[:MAX_REFUSAL_CHARACTERS]
        self.hidden += words

    def _say(self, text: str) -> str:
        """Words that are the reply, unless the reply is the arguments of a tool."""
        if not self._takes_arguments or not text:
            return text
        self._aside += text
        self.hidden += text
        return ""

    def _argue(self, arguments: object) -> str:
        """Arguments of a tool: the reply if it was asked to call one, else hidden."""
        if arguments is None or arguments == "":
            return ""
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        self.called_tool = True
        if self._takes_arguments:
            self._has_arguments = True
            return text
        self.hidden += text
        return ""


def usage_of(counts: object, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Usage | None:
    """Usage from a server's counts, whichever of these names they have."""
    if not isinstance(counts, Mapping):
        return None
    read = next((number for name in inputs if (number := token_count(counts.get(name)))), 0)
    written = next((number for name in outputs if (number := token_count(counts.get(name)))), 0)
    return Usage(read, written) if read or written else None


def strings(value: object) -> Iterator[str]:
    """All that was written, in whichever field."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in NOT_WRITTEN:
                yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def text_of_parts(content: object) -> str:
    """The text of a message's content: a string, or parts of which some are thoughts or pictures."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return text_of_parts([content])
    if not isinstance(content, list):
        return ""
    found = []
    for part in content:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict) and part.get("type", "text") in ("text", "output_text", "text_delta"):
            text = part.get("text")
            found.append(text_of_parts(text.get("value") if isinstance(text, dict) else text))
    return "".join(found)
