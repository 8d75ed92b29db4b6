"""OpenAI's responses, the newer of its interfaces: "openai-responses:NAME", with the settings of `openai`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.model_servers.reply_json import JsonReplyParser, text_of_parts, usage_of
from tasks.pipeline.providers.model_servers.vendor_protocol import (
    Access,
    Feature,
    ReplyForm,
    ReplyFormat,
    ReportedError,
    RequestOptions,
    Turn,
    Vendor,
    VendorRequest,
    VendorSetting,
    merged_turns,
)
from tasks.pipeline.vendors.openai import (
    BASE_URL,
    KEY,
    address,
    headers,
    max_tokens,
    missing_setting,
    named_schema,
)

ENDPOINT = "/responses"
LIMIT_ALTERNATIVES: frozenset[Feature] = frozenset({"token_limit"})
INSTEAD = "the server answers with chat completions there: name the model openai:NAME"
FINAL = (
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
    "response.done",
)
HIDDEN_DELTAS = (
    "response.reasoning_text.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning.delta",
    "response.reasoning_summary.delta",
    "response.code_interpreter_call_code.delta",
    "response.custom_tool_call_input.delta",
)


@dataclass(frozen=True)
class ResponsesProtocol:
    access: Access

    def __post_init__(self) -> None:
        if missing_setting(self.access):
            raise ProviderError("OPENAI_API_KEY is not set: set it, or OPENAI_BASE_URL for another server.")

    @property
    def key(self) -> str:
        return self.access[KEY]

    def most_output_tokens(self, model: str) -> int:
        return max_tokens(model)

    def forms(self, model: str) -> Sequence[ReplyForm]:
        return ("json_schema", "tool", "json_object")

    def request(
        self, model: str, instructions: str, turns: Sequence[Turn], options: RequestOptions
    ) -> VendorRequest:
        if "system_role" in options.without:
            turns, instructions = merged_turns(instructions, turns), ""
        has_limit = options.requested_tokens is not None and "token_limit" not in options.without
        url, others = address(self.access, ENDPOINT, options, deployment=None)
        return VendorRequest(
            url=url,
            headers=headers(self.access),
            body={
                "model": model,
                **({"instructions": instructions} if instructions else {}),
                "input": [{"role": turn.speaker, "content": turn.text} for turn in turns],
                "stream": True,
                "store": False,
                **({"max_output_tokens": options.requested_tokens} if has_limit else {}),
                **({} if options.temperature is None else {"temperature": options.temperature}),
                **(_structured(options.reply_format) if options.reply_format else {}),
            },
            alternatives=others | (LIMIT_ALTERNATIVES if has_limit else frozenset()),
        )

    def reply_parser(self, options: RequestOptions) -> ResponsesReplyParser:
        return ResponsesReplyParser(takes_arguments=options.form == "tool")


class ResponsesReplyParser(JsonReplyParser):
    """Text is what the deltas of the message bring; if none came, what the finished items hold."""

    def __init__(self, *, takes_arguments: bool = False) -> None:
        super().__init__(takes_arguments=takes_arguments)
        self._has_text = False
        self._streamed: set[object] = set()
        """The items whose text came in deltas, and is only repeated at their end."""
        self._asides: set[object] = set()
        """The items that hold remarks of the model on its way, not its answer."""
        self._call: object = None

    def _take(self, event: dict[str, Any]) -> str:
        kind = event.get("type")
        if event.get("object") == "response" or (kind is None and isinstance(event.get("output"), list)):
            return self._take_final(event)
        if kind is None and event.get("choices"):
            raise ReportedError({"message": INSTEAD, "status": 400})
        match kind:
            case "response.output_text.delta":
                self._streamed.add(event.get("output_index"))
                return self._take_text(event, _string(event.get("delta")))
            case "response.output_text.done":
                is_new = event.get("output_index") not in self._streamed
                is_new &= "output_index" in event or not self._has_text
                return self._take_text(event, _string(event.get("text"))) if is_new else ""
            case "response.refusal.delta":
                self._refuse(_string(event.get("delta")))
            case "response.refusal.done":
                if not self._refusal:
                    self._refuse(_string(event.get("refusal")))
            case "response.function_call_arguments.delta":
                return self._take_arguments(event)
            case "response.output_item.added":
                self._note_item(event)
            case "response.created" | "response.in_progress" | "response.queued":
                pass
            case "error" | "response.error":
                raise ReportedError(event.get("error") or event)
            case _ if kind in FINAL:
                return self._take_final(event.get("response") or {})
            case _ if kind in HIDDEN_DELTAS:
                self.hidden = _string(event.get("delta"))
            case _:
                if event.get("error") or not isinstance(kind, str):
                    self._take_unknown(event)
        return ""

    def _take_text(self, event: Mapping[str, Any], text: str) -> str:
        if event.get("output_index") in self._asides:
            self.hidden = text
            return ""
        self._has_text |= bool(text)
        return self._say(text)

    def _take_arguments(self, event: Mapping[str, Any]) -> str:
        call = event.get("item_id", event.get("output_index"))
        self._call = call if self._call is None else self._call
        if call != self._call:
            self.hidden = _string(event.get("delta"))
            return ""
        return self._argue(event.get("delta"))

    def _note_item(self, event: Mapping[str, Any]) -> None:
        item = event.get("item") or {}
        if item.get("phase") == "commentary":
            self._asides.add(event.get("output_index"))

    def _take_final(self, response: Mapping[str, Any]) -> str:
        """Take the whole response, which repeats all that the deltas brought."""
        self.usage = usage_of(response.get("usage"), USAGE_READ, USAGE_WRITTEN) or self.usage
        if response.get("error"):
            raise ReportedError(response["error"])
        status = response.get("status") or "completed"
        if status == "failed":
            raise ReportedError({"message": "the response failed, and no reason was given"})
        text = self._text_of_items(response.get("output") or ())
        if status == "incomplete":
            self._end((response.get("incomplete_details") or {}).get("reason") or "length")
        else:
            self._end("stop" if status == "completed" else status)
        self.is_done = self.ending is not None
        return text

    def _text_of_items(self, items: Sequence[Any]) -> str:
        found = ""
        for item in items:
            kind = item.get("type", "message")
            if kind == "function_call" and not self._has_arguments and self._call in (None, item.get("id")):
                self._call = item.get("id")
                found += self._argue(item.get("arguments"))
            if kind != "message" or item.get("phase") == "commentary":
                continue
            content = item.get("content") or ()
            if not self._has_text:
                found += self._say(text_of_parts(content))
            for part in content if isinstance(content, list) else ():
                if isinstance(part, dict) and part.get("type") == "refusal" and not self._refusal:
                    self._refuse(_string(part.get("refusal")))
        return found


USAGE_READ = ("input_tokens", "prompt_tokens")
USAGE_WRITTEN = ("output_tokens", "completion_tokens")


def _structured(reply_format: ReplyFormat) -> dict[str, Any]:
    name = reply_format.schema_name
    match reply_format.form:
        case "json_schema":
            return {"text": {"format": {"type": "json_schema", **named_schema(reply_format)}}}
        case "tool":
            tool = {"type": "function", "name": name, "parameters": reply_format.schema, "strict": False}
            return {"tools": [tool], "tool_choice": {"type": "function", "name": name}}
        case "json_object":
            return {"text": {"format": {"type": "json_object"}}}
    return {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else text_of_parts(value)


VENDOR = Vendor(
    name="openai-responses",
    settings=(VendorSetting(KEY), VendorSetting(BASE_URL, is_url=True)),
    missing_setting=missing_setting,
    protocol=ResponsesProtocol,
    price_list="openai",
)
