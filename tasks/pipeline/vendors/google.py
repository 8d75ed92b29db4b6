"""Google: content as a stream, by the interface of the Gemini API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.model_calls.calls import Usage, token_count
from tasks.pipeline.providers.model_calls.json_schemas import google_schema, openapi_schema
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

KEY, BASE_URL = "GOOGLE_API_KEY", "GOOGLE_BASE_URL"
GOOGLE_URL = "https://generativelanguage.googleapis.com"
METHODS = (":streamGenerateContent", ":generateContent")
ROLES = {"user": "user", "assistant": "model"}
MAX_TOKENS = ((("gemini-1", "gemini-2.0", "gemma"), 8_192),)
OTHER_MAX_TOKENS = 65_536
ALTERNATIVES: frozenset[Feature] = frozenset({"token_limit", "usual_schema"})
HIDDEN_PARTS = ("executableCode", "codeExecutionResult", "inlineData", "fileData", "functionResponse")


@dataclass(frozen=True)
class GoogleProtocol:
    access: Access

    def __post_init__(self) -> None:
        if missing_setting(self.access):
            raise ProviderError(
                "GOOGLE_API_KEY is not set: set it, or take the model out of PIPELINE_MODELS."
            )

    @property
    def key(self) -> str:
        return self.access[KEY]

    def most_output_tokens(self, model: str) -> int:
        name = model.rpartition("/")[2]
        return next((limit for names, limit in MAX_TOKENS if name.startswith(names)), OTHER_MAX_TOKENS)

    def forms(self, model: str) -> Sequence[ReplyForm]:
        return ("json_schema", "tool", "json_object")

    def request(
        self, model: str, instructions: str, turns: Sequence[Turn], options: RequestOptions
    ) -> VendorRequest:
        if "system_role" in options.without:
            turns, instructions = merged_turns(instructions, turns), ""
        config = self._config(options)
        return VendorRequest(
            url=self._url(model),
            # Never in the address, which proxies and servers write into their logs.
            headers={"X-Goog-Api-Key": self.key} if self.key else {},
            body={
                **({"systemInstruction": {"parts": [{"text": instructions}]}} if instructions else {}),
                "contents": [{"role": ROLES[turn.speaker], "parts": [{"text": turn.text}]} for turn in turns],
                **({"generationConfig": config} if config else {}),
                **(_tools(options.reply_format) if options.form == "tool" else {}),
            },
            alternatives=ALTERNATIVES - options.without,
        )

    def _url(self, model: str) -> str:
        url = self.access[BASE_URL] or GOOGLE_URL
        base = BaseURL.parsed(url, METHODS)
        if base is None:
            return url
        path, found, _ = base.path.partition("/models/")
        if not found:
            path = versioned(base, "/v1beta", otherwise=bool(base.path)).removesuffix("/models")
        name = quote(model.removeprefix("models/"), safe="")
        query = "" if "alt=sse" in base.query else "alt=sse"
        return base.to(f"{path}/models/{name}:streamGenerateContent", query)

    def _config(self, options: RequestOptions) -> dict[str, Any]:
        config: dict[str, Any] = {}
        if options.temperature is not None:
            config["temperature"] = options.temperature
        if options.requested_tokens is not None and "token_limit" not in options.without:
            config["maxOutputTokens"] = options.requested_tokens
        if options.stop:
            config["stopSequences"] = list(options.stop)
        if options.reply_format and options.form in ("json_schema", "json_object"):
            config["responseMimeType"] = "application/json"
            if options.form == "json_schema":
                config |= _response_schema(options.reply_format, options)
        return config

    def reply_parser(self, options: RequestOptions) -> GoogleReplyParser:
        return GoogleReplyParser(takes_arguments=options.form == "tool")


class GoogleReplyParser(JsonReplyParser):
    """The reply ends with the connection: nothing but a reason in the last piece says that it is whole."""

    def _take(self, event: dict[str, Any]) -> str:
        event = event if "candidates" in event else event.get("response") or event
        candidates = event.get("candidates")
        self._count(event.get("usageMetadata"))
        feedback = event.get("promptFeedback")
        if isinstance(feedback, dict) and feedback.get("blockReason"):
            self.ending, self.ending_word = "filter", str(feedback["blockReason"])
            self._refusal = str(feedback.get("blockReasonMessage") or "")[:200]
        if not candidates:
            if event.get("error") or not event.keys() & KNOWN:
                self._take_unknown(event)
            return ""
        text = ""
        for position, candidate in enumerate(candidates):
            if candidate.get("index", position) in (0, None):
                text += self._text_of_candidate(candidate)
            else:
                self.hidden += "".join(part.get("text", "") for part in _parts(candidate))
        return text

    def _text_of_candidate(self, candidate: Mapping[str, Any]) -> str:
        text = ""
        for part in _parts(candidate):
            if call := part.get("functionCall"):
                text += "" if self._has_arguments else self._argue(call.get("args") or {})
            elif part.get("thought") or any(kind in part for kind in HIDDEN_PARTS):
                self.hidden += str(part.get("text") or "")
            elif isinstance(words := part.get("text"), str):
                text += self._say(words)
        self._end(candidate.get("finishReason") or candidate.get("finish_reason"))
        if self.ending == "filter" and isinstance(message := candidate.get("finishMessage"), str):
            self._refusal = message[:200]
        return text

    def _count(self, counts: object) -> None:
        if not isinstance(counts, dict):
            return
        read = token_count(counts.get("promptTokenCount")) + token_count(
            counts.get("toolUsePromptTokenCount")
        )
        written = token_count(counts.get("candidatesTokenCount")) + token_count(
            counts.get("thoughtsTokenCount")
        )
        if read or written:
            self.usage = Usage(read, written)


KNOWN = {"usageMetadata", "promptFeedback", "modelVersion", "responseId"}


def _parts(candidate: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = candidate.get("content") or {}
    parts = content.get("parts") or [] if isinstance(content, dict) else content
    return [
        {"text": part} if isinstance(part, str) else part
        for part in ([parts] if isinstance(parts, (dict, str)) else parts)
    ]


def _response_schema(reply_format: ReplyFormat, options: RequestOptions) -> dict[str, Any]:
    if "usual_schema" in options.without:
        return {"responseSchema": openapi_schema(reply_format.schema)}
    return {"responseJsonSchema": google_schema(reply_format.schema)}


def _tools(reply_format: ReplyFormat | None) -> dict[str, Any]:
    if reply_format is None:
        return {}
    function = {
        "name": reply_format.schema_name,
        "description": "The answer.",
        "parametersJsonSchema": google_schema(reply_format.schema),
    }
    calling = {"mode": "ANY", "allowedFunctionNames": [reply_format.schema_name]}
    return {
        "tools": [{"functionDeclarations": [function]}],
        "toolConfig": {"functionCallingConfig": calling},
    }


def missing_setting(access: Access) -> str:
    return "" if access[KEY] or access[BASE_URL] else KEY


VENDOR = Vendor(
    name="google",
    settings=(VendorSetting(KEY), VendorSetting(BASE_URL, is_url=True)),
    missing_setting=missing_setting,
    protocol=GoogleProtocol,
)
