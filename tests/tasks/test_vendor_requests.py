"""What vendors are asked: where a request goes, with which key, and how it wants a structured answer."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.pipeline.providers.model_servers.vendor_protocol import (
    Access,
    ReplyFormat,
    RequestOptions,
    Turn,
    VendorRequest,
)
from tasks.pipeline.types import Critique
from tasks.pipeline.vendors import known_vendors

TURNS = (Turn("user", "Write."), Turn("assistant", "Bees."), Turn("user", "More."))
AZURE = "https://desk.openai.azure.com"
CHAT, RESPONSES, MESSAGES = "/chat/completions", "/responses", "/messages"
STREAM = "/models/m:streamGenerateContent"
ADDRESSES = (
    # vendor, base URL, where the request goes
    ("openai", "", f"https://api.openai.com/v1{CHAT}"),
    ("openai", "http://h:1/v1", f"http://h:1/v1{CHAT}"),
    ("openai", "http://h:1/v1/", f"http://h:1/v1{CHAT}"),
    ("openai", "http://h:1", f"http://h:1/v1{CHAT}"),
    ("openai", "http://h:1/", f"http://h:1/v1{CHAT}"),
    ("openai", f"http://h:1/v1{CHAT}", f"http://h:1/v1{CHAT}"),
    ("openai", f"http://h:1{CHAT}/", f"http://h:1{CHAT}"),
    ("openai", "http://h:1/v1/responses", f"http://h:1/v1{CHAT}"),
    ("openai", "https://h/api/paas/v4", f"https://h/api/paas/v4{CHAT}"),
    ("openai", "https://h/v1beta/openai/", f"https://h/v1beta/openai{CHAT}"),
    ("openai", "https://h/inference", f"https://h/inference{CHAT}"),
    ("openai", f"https://h/v1{CHAT}?team=a%20b&x=1", f"https://h/v1{CHAT}?team=a%20b&x=1"),
    ("openai", "https://h/v1?x=1", f"https://h/v1{CHAT}?x=1"),
    ("openai", AZURE, f"{AZURE}/openai/v1{CHAT}"),
    ("openai", f"{AZURE}/openai/v1/", f"{AZURE}/openai/v1{CHAT}"),
    ("openai", f"{AZURE}/openai/v1?api-version=preview", f"{AZURE}/openai/v1{CHAT}?api-version=preview"),
    (
        "openai",
        f"{AZURE}?api-version=2024-10-21",
        f"{AZURE}/openai/deployments/m{CHAT}?api-version=2024-10-21",
    ),
    (
        "openai",
        f"{AZURE}/openai/deployments/d?api-version=2024-10-21",
        f"{AZURE}/openai/deployments/d{CHAT}?api-version=2024-10-21",
    ),
    (
        "openai",
        f"{AZURE}/openai/deployments/d{CHAT}?api-version=2024-10-21",
        f"{AZURE}/openai/deployments/d{CHAT}?api-version=2024-10-21",
    ),
    (
        "openai",
        "https://x.services.ai.azure.com/models?api-version=2024-05-01-preview",
        f"https://x.services.ai.azure.com/models{CHAT}?api-version=2024-05-01-preview",
    ),
    ("openai-responses", "", f"https://api.openai.com/v1{RESPONSES}"),
    ("openai-responses", f"http://h:1/v1{CHAT}", f"http://h:1/v1{RESPONSES}"),
    ("openai-responses", AZURE, f"{AZURE}/openai/v1{RESPONSES}"),
    (
        "openai-responses",
        f"{AZURE}?api-version=2025-04-01-preview",
        f"{AZURE}/openai{RESPONSES}?api-version=2025-04-01-preview",
    ),
    ("anthropic", "", f"https://api.anthropic.com/v1{MESSAGES}"),
    ("anthropic", "http://h:1", f"http://h:1/v1{MESSAGES}"),
    ("anthropic", "http://h:1/v1/", f"http://h:1/v1{MESSAGES}"),
    ("anthropic", f"http://h:1/v1{MESSAGES}?x=1", f"http://h:1/v1{MESSAGES}?x=1"),
    ("anthropic", "https://h/anthropic", f"https://h/anthropic/v1{MESSAGES}"),
    ("google", "", f"https://generativelanguage.googleapis.com/v1beta{STREAM}?alt=sse"),
    ("google", "http://h:1", f"http://h:1/v1beta{STREAM}?alt=sse"),
    ("google", "http://h:1/v1beta/", f"http://h:1/v1beta{STREAM}?alt=sse"),
    ("google", "http://h:1/v1beta/models?x=1", f"http://h:1/v1beta{STREAM}?x=1&alt=sse"),
    (
        "google",
        "https://h/v1/projects/p/locations/l/publishers/google",
        f"https://h/v1/projects/p/locations/l/publishers/google{STREAM}?alt=sse",
    ),
)


def request_of(vendor: str, base_url: str = "", **options: Any) -> VendorRequest:
    name = vendor.partition("-")[0].upper()
    access = Access({f"{name}_API_KEY": "secret", f"{name}_BASE_URL": base_url})
    protocol = known_vendors()[vendor].protocol(access)
    return protocol.request("m", "Be brief.", TURNS, RequestOptions(**options))


def test_a_base_url_may_end_anywhere_and_its_query_stays(subtests: pytest.Subtests) -> None:
    for vendor, base_url, url in ADDRESSES:
        with subtests.test(f"{vendor} {base_url}"):
            request = request_of(vendor, base_url)
            assert request.url == url
            assert "secret" not in request.url
            shown = "api-key" if "azure" in url or "api-version" in url else "Authorization"
            expected = {"anthropic": "X-Api-Key", "google": "X-Goog-Api-Key"}.get(vendor, shown)
            assert {name for name, value in request.headers.items() if "secret" in value} == {expected}


def test_the_other_path_is_asked_for_once_the_usual_one_is_not_there() -> None:
    without = frozenset({"usual_path"})
    assert request_of("openai", "http://h:1", without=without).url == f"http://h:1{CHAT}"
    assert request_of("openai", "http://h:1/api", without=without).url == f"http://h:1/api/v1{CHAT}"
    assert "usual_path" in request_of("openai", "http://h:1").alternatives
    assert "usual_path" not in request_of("openai", "http://h:1/v1").alternatives


def test_options_are_sent_in_each_vendors_words() -> None:
    options = {"requested_tokens": 500, "temperature": 0.2, "stop": ("END",)}
    said = {vendor: dict(request_of(vendor, "http://h:1/v1", **options).body) for vendor in known_vendors()}
    assert (said["openai"]["max_tokens"], said["openai"]["stop"]) == (500, ["END"])
    assert request_of("openai", **options).body["max_completion_tokens"] == 500
    assert (said["openai-responses"]["max_output_tokens"], said["openai-responses"]["store"]) == (500, False)
    assert (said["anthropic"]["max_tokens"], said["anthropic"]["stop_sequences"]) == (500, ["END"])
    assert "temperature" not in request_of("anthropic", **options).body, "its newer version refuses it"
    assert said["google"]["generationConfig"] == {
        "temperature": 0.2, "maxOutputTokens": 500, "stopSequences": ["END"],
    }  # fmt: skip
    assert all(said[vendor]["temperature"] == 0.2 for vendor in ("openai", "openai-responses", "anthropic"))
    roles = [turn["role"] for turn in said["google"]["contents"]]
    assert (roles, said["google"]["systemInstruction"]["parts"][0]["text"]) == (
        ["user", "model", "user"], "Be brief.",
    )  # fmt: skip


def test_instructions_go_in_front_of_the_first_turn_where_there_is_no_role_for_them() -> None:
    for vendor in known_vendors():
        body = request_of(vendor, without=frozenset({"system_role"})).body
        assert str(body).count("Be brief.\\n\\nWrite.") == 1, vendor
        assert not {"system", "instructions", "systemInstruction"} & body.keys(), vendor


def test_a_structured_answer_is_asked_for_in_each_form(subtests: pytest.Subtests) -> None:
    schema = Critique.model_json_schema()
    where = {
        ("openai", "json_schema"): ("response_format", "json_schema", "schema"),
        ("openai", "tool"): ("tools", 0, "function", "parameters"),
        ("openai-responses", "json_schema"): ("text", "format", "schema"),
        ("openai-responses", "tool"): ("tools", 0, "parameters"),
        ("anthropic", "tool"): ("tools", 0, "input_schema"),
        ("google", "json_schema"): ("generationConfig", "responseJsonSchema"),
        ("google", "tool"): ("tools", 0, "functionDeclarations", 0, "parametersJsonSchema"),
    }
    for (vendor, form), path in where.items():
        with subtests.test(f"{vendor} {form}"):
            reply_format = ReplyFormat(form, schema, "Critique")  # type: ignore[arg-type]
            found: Any = request_of(vendor, reply_format=reply_format).body
            for step in path:
                found = found[step]
            assert found["properties"].keys() == schema["properties"].keys()
    older = request_of(
        "google",
        reply_format=ReplyFormat("json_schema", schema, "Critique"),
        without=frozenset({"usual_schema"}),
    ).body["generationConfig"]["responseSchema"]
    assert older["properties"].keys() == schema["properties"].keys()
    assert "$" not in str(older)


def test_a_strict_schema_requires_all_and_has_nothing_that_is_refused() -> None:
    reply_format = ReplyFormat("json_schema", Critique.model_json_schema(), "Critique")
    sent = request_of("openai", reply_format=reply_format).body["response_format"]["json_schema"]
    assert sent["strict"] is True

    def check(schema: Any) -> None:
        if isinstance(schema, dict):
            if schema.get("type") == "object":
                assert set(schema["required"]) == set(schema["properties"])
                assert schema["additionalProperties"] is False
            assert "default" not in schema or "type" not in schema
            for part in schema.values():
                check(part)
        elif isinstance(schema, list):
            for part in schema:
                check(part)

    check(sent["schema"])
