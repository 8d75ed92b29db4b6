"""OpenAI: chat completions as a stream, which many other servers implement too, Azure's among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.model_calls.json_schemas import strict_schema
from tasks.pipeline.providers.model_servers.base_urls import BaseURL, azure_path, versioned
from tasks.pipeline.providers.model_servers.chat_replies import ChatReplyParser
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

KEY, BASE_URL = "OPENAI_API_KEY", "OPENAI_BASE_URL"
OPENAI_URL = "https://api.openai.com/v1"
ENDPOINT = "/chat/completions"
ENDPOINTS = (ENDPOINT, "/responses", "/completions", "/chat")
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
USUAL_PATH: frozenset[Feature] = frozenset({"usual_path"})
LIMIT_ALTERNATIVES: frozenset[Feature] = frozenset({"usual_token_limit", "token_limit"})
# These refuse `max_tokens`; many compatible servers know nothing else.
COMPLETION_TOKENS_ONLY = ("o1", "o3", "o4", "gpt-5", "gpt-6", "codex")


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
        return ("json_schema", "tool", "json_object")

    def request(
        self, model: str, instructions: str, turns: Sequence[Turn], options: RequestOptions
    ) -> VendorRequest:
        messages = chat_messages(instructions, turns, options)
        url, others = address(self.access, ENDPOINT, options, deployment=model)
        limit = self._limit(model, options)
        return VendorRequest(
            url=url,
            headers=headers(self.access),
            body={
                "model": model,
                "messages": messages,
                "stream": True,
                **(
                    {} if "stream_options" in options.without else {"stream_options": {"include_usage": True}}
                ),
                **limit,
                **({} if options.temperature is None else {"temperature": options.temperature}),
                **({"stop": list(options.stop)} if options.stop else {}),
                **(_structured(options.reply_format) if options.reply_format else {}),
            },
            alternatives=others | (LIMIT_ALTERNATIVES - options.without if limit else frozenset()),
        )

    def _limit(self, model: str, options: RequestOptions) -> Mapping[str, int]:
        tokens = options.requested_tokens
        if tokens is None or "token_limit" in options.without:
            return {}
        is_new = not self.access[BASE_URL] or _family(model).startswith(COMPLETION_TOKENS_ONLY)
        is_new ^= "usual_token_limit" in options.without
        return {"max_completion_tokens" if is_new else "max_tokens": tokens}

    def reply_parser(self, options: RequestOptions) -> ChatReplyParser:
        return ChatReplyParser(takes_arguments=options.form == "tool")


def address(
    access: Access, endpoint: str, options: RequestOptions, *, deployment: str | None
) -> tuple[str, frozenset[Feature]]:
    """Where a request goes, and whether there is another path to try."""
    url = access[BASE_URL] or OPENAI_URL
    base = BaseURL.parsed(url, ENDPOINTS)
    if base is None:
        return url, frozenset()
    if base.is_azure:
        return base.to(azure_path(base, deployment) + endpoint), frozenset()
    if base.has_version or url.partition("?")[0].rstrip("/").endswith(endpoint):
        return base.to(base.path + endpoint), frozenset()
    others = USUAL_PATH - options.without
    return base.to(versioned(base, "/v1", otherwise=not others) + endpoint), others


def chat_messages(instructions: str, turns: Sequence[Turn], options: RequestOptions) -> list[dict[str, str]]:
    if "system_role" in options.without:
        turns = merged_turns(instructions, turns)
        instructions = ""
    messages = [{"role": "system", "content": instructions}] if instructions else []
    return messages + [{"role": turn.speaker, "content": turn.text} for turn in turns]


def headers(access: Access) -> dict[str, str]:
    """Azure has a header of its own for the key."""
    base = BaseURL.parsed(access[BASE_URL], ()) if access[BASE_URL] else None
    if base is not None and base.is_azure:
        return {"api-key": access[KEY]}
    # Some gateways in front of local servers want the header, with any value.
    return {"Authorization": f"Bearer {access[KEY] or 'none'}"}


def _structured(reply_format: ReplyFormat) -> dict[str, Any]:
    name = reply_format.schema_name
    match reply_format.form:
        case "json_schema":
            return {"response_format": {"type": "json_schema", "json_schema": named_schema(reply_format)}}
        case "tool":
            function = {"name": name, "parameters": reply_format.schema}
            return {
                "tools": [{"type": "function", "function": function}],
                "tool_choice": {"type": "function", "function": {"name": name}},
            }
        case "json_object":
            return {"response_format": {"type": "json_object"}}
    return {}


def named_schema(reply_format: ReplyFormat) -> dict[str, Any]:
    strict = strict_schema(reply_format.schema)
    return {
        "name": reply_format.schema_name,
        "schema": reply_format.schema if strict is None else strict,
        "strict": strict is not None,
    }


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
