"""What servers of language models send, and what must come of it: a text, or an error that names the cause.

Each script is what one server was seen to do or is documented to do; the real names are in the first word.
"""

# ruff: noqa: E501 - a table with one line for each server

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tasks.pipeline.errors import (
    LengthLimitReached,
    ProviderError,
    ProviderQuotaExceeded,
    ProviderUnavailable,
)

Protocol = Literal["openai", "openai-responses", "anthropic", "google"]
JSON, SSE, HTML, TEXT = "application/json", "text/event-stream", "text/html; charset=utf-8", "text/plain"


@dataclass(frozen=True)
class ServerResponse:
    """One response. Pieces are sent as separate packets; `cut` ends the connection without the end of the body."""

    body: bytes | tuple[bytes, ...] = b""
    status: int = 200
    kind: str = SSE
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass(frozen=True)
class Script:
    name: str
    answers: Sequence[ServerResponse]
    """To the first request, and to those after it when something is asked again."""
    text: str = ""
    error: type[ProviderError] | None = None
    says: tuple[str, ...] = ()
    protocol: Protocol = "openai"
    wait: float | None = None
    usage: tuple[int, int] | None = None
    structured: bool = False


def sse(*data: Any, end: str = "\n\n", start: str = "data: ") -> bytes:
    return "".join(f"{start}{one if isinstance(one, str) else json.dumps(one)}{end}" for one in data).encode()


def named(*events: Mapping[str, Any]) -> bytes:
    """Events with their type as their name, as Anthropic and OpenAI's responses have them."""
    return "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events).encode()


def chunk(content: Any = None, finish_reason: Any = None, index: int = 0, **delta: Any) -> dict[str, Any]:
    delta = delta if content is None else {"content": content, **delta}
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish_reason}]}


def completion(content: Any, finish_reason: Any = "stop", **message: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **message}
    return {"choices": [{"index": 0, "message": message, "finish_reason": finish_reason}]}


def ok(
    name: str, body: bytes | tuple[bytes, ...], text: str = "Bees.", kind: str = SSE, **more: Any
) -> Script:
    return Script(name, [ServerResponse(body, kind=kind)], text, **more)


def fails(
    name: str, error: type[ProviderError], says: str | tuple[str, ...], answer: ServerResponse, **more: Any
) -> Script:
    return Script(name, [answer], error=error, says=(says,) if isinstance(says, str) else says, **more)


def said(status: int, value: Any, **headers: str) -> ServerResponse:
    """An error response: JSON, or the text of a page."""
    if isinstance(value, str):
        kind = HTML if value.lstrip().startswith("<") else TEXT
        return ServerResponse(
            value.encode(), status, kind, {name.replace("_", "-"): one for name, one in headers.items()}
        )
    body = json.dumps(value).encode()
    return ServerResponse(body, status, JSON, {name.replace("_", "-"): one for name, one in headers.items()})


def message_of(status: int, message: str, **fields: Any) -> ServerResponse:
    return said(status, {"error": {"message": message, **fields}})


BEES = chunk("Bees."), chunk(finish_reason="stop")
STREAM = sse(*BEES, "[DONE]")
NGINX = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>"
CLOUDFLARE = "<!DOCTYPE html><html lang='en-US'><head><title>models.example | 522: Connection timed out</title></head><body><h1>Connection timed out <span>Error code 522</span></h1></body></html>"
CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title><script>window._cf_chl_opt={}</script></head><body></body></html>"
LOGIN = "<!doctype html><html><head><title>Sign in - Example</title></head><body><form><input type='password'></form></body></html>"
CALL = {"index": 0, "id": "c1", "function": {"name": "Answer", "arguments": ""}}


def call(arguments: str, index: int | None = 0, **more: Any) -> dict[str, Any]:
    return chunk(tool_calls=[{"index": index, "function": {"arguments": arguments}, **more}])


CHAT = [
    # Framing
    ok("vLLM", sse(chunk(role="assistant", content=""), *BEES, {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}, "[DONE]"), usage=(7, 3)),
    ok("TGI writes no space after data:", sse(*BEES, "[DONE]", start="data:")),
    ok("MiniMax sends the whole message once more", sse(chunk("Bees dance in the dark of the hive."), {"choices": [{"index": 0, "message": {"content": "Bees dance in the dark of the hive."}, "finish_reason": "stop"}]}), "Bees dance in the dark of the hive."),
    ok("CRLF", sse(*BEES, "[DONE]", end="\r\n\r\n")),
    ok("CR alone", sse(*BEES, "[DONE]", end="\r\r")),
    ok("a byte order mark", b"\xef\xbb\xbf" + STREAM),
    ok("every byte a packet of its own", tuple(bytes([byte]) for byte in sse(chunk("Bées."), chunk(finish_reason="stop"))), "Bées."),
    ok("comments and empty data as signs of life", b": OPENROUTER PROCESSING\n\ndata:\n\ndata: \n\n:\n\n" + STREAM),
    ok("event names without data", b"event: ping\n\nevent: message\n" + STREAM),
    ok("data in several lines", b'data: {"choices": [{"index": 0,\ndata: "delta": {"content": "Bees."},\ndata: "finish_reason": "stop"}]}\n\n'),
    ok("no empty line between events", sse(*BEES, "[DONE]", end="\n")),
    ok("no line break at the end", STREAM.rstrip()),
    ok("data: twice, by a proxy", sse(*BEES, "[DONE]", start="data: data: ")),
    ok("two objects in one event", b"data: " + json.dumps(BEES[0]).encode() + json.dumps(BEES[1]).encode() + b"\n\n"),
    ok("a JSON object a line, without data:", "\n".join(map(json.dumps, BEES)).encode() + b"\n", kind="application/x-ndjson"),
    ok("whole JSON in place of a stream", json.dumps(completion("Bees.")).encode(), kind=JSON),
    ok("whole JSON, indented, as plain text", json.dumps(completion("Bees."), indent=1).encode(), kind=TEXT),
    ok("whole JSON in an event", sse(completion("Bees."))),
    ok("whole JSON without a reason", json.dumps({"choices": [{"message": {"content": "Bees."}}]}).encode(), kind=JSON),
    ok("a hang-up after the last piece", sse(*BEES), kind=SSE),
    Script("a cut connection after the reason", [ServerResponse(sse(*BEES), cut=True)], "Bees."),
    fails("a cut connection before the reason", ProviderUnavailable, "broke off", ServerResponse(sse(BEES[0]), cut=True)),
    fails("a stream that just ends", ProviderUnavailable, "broke off in the middle", ServerResponse(sse(BEES[0]))),
    fails("half an event at the end", ProviderUnavailable, "broke off in the middle", ServerResponse(sse(BEES[0]) + b'data: {"choi')),
    fails("half a document", ProviderUnavailable, "it is cut off", ServerResponse(json.dumps(completion("Bees.")).encode()[:60], kind=JSON)),
    fails("nothing at all", ProviderUnavailable, "without any reply", ServerResponse(b"", kind=JSON)),
    fails("only [DONE]", ProviderUnavailable, "empty reply", ServerResponse(sse("[DONE]"))),
    fails("words that are no reply", ProviderUnavailable, ("no reply", "upstream connect error"), ServerResponse(b"upstream connect error or disconnect/reset before headers", kind=TEXT)),
    # Characters
    ok("halves of a character in two pieces", b'data: {"choices":[{"index":0,"delta":{"content":"Bees \\ud83d"}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":"\\udc1d."}}]}\n\n' + sse(BEES[1]), "Bees \U0001f41d."),
    ok("half a character that stays alone", b'data: {"choices":[{"index":0,"delta":{"content":"Bees\\ud83d."}}]}\n\n' + sse(BEES[1]), "Bees\ufffd."),
    ok("a line break inside a string", b'data: {"choices":[{"index":0,"delta":{"content":"Be\tes."},"finish_reason":"stop"}]}\n\n', "Be\tes."),
    # Choices and content
    *(ok(f"a reason of {word!r}", sse(chunk("Bees."), chunk(finish_reason=word))) for word in ("eos", "STOP", "end", "eos_token", "Stop", "end_turn", "stop_sequence", "COMPLETE", "something new")),
    ok("no reason but [DONE]", sse(chunk("Bees."), "[DONE]")),
    *(fails(f"a maximum called {word!r}", LengthLimitReached, "length limit", ServerResponse(sse(chunk("Bees."), chunk(finish_reason=word), "[DONE]"))) for word in ("length", "LENGTH", "max_tokens", "model_length", "MAX_TOKENS")),
    ok("a second choice first", sse({"choices": [chunk("Wasps.", index=1)["choices"][0], chunk("Bees.")["choices"][0]]}, chunk(finish_reason="stop"), chunk(finish_reason="length", index=1), "[DONE]")),
    ok("a second choice in events of its own", sse(chunk("Wasps.", index=1), chunk("Be"), chunk("Flies.", index=1), chunk(finish_reason="stop", index=1), chunk("es."), chunk(finish_reason="stop"), "[DONE]")),
    ok("choices without numbers", sse({"choices": [{"delta": {"content": "Bees."}}]}, {"choices": [{"finish_reason": "stop"}]})),
    ok("deltas of null", sse({"choices": [{"index": 0, "delta": None}]}, {"choices": None}, {"choices": []}, chunk(role=None), *BEES)),
    ok("content in parts", sse(chunk([{"type": "text", "text": "Be"}, {"type": "text", "text": "es."}]), BEES[1])),
    ok("Mistral's thoughts in parts", sse(chunk([{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Bees."}]), BEES[1])),
    ok("text in place of a delta", sse({"choices": [{"index": 0, "text": "Bees.", "finish_reason": None}]}, {"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]})),
    ok("a message in place of a delta", sse({"choices": [{"index": 0, "message": {"content": "Bees."}, "finish_reason": "stop"}]})),
    ok("Azure's filter results", sse({"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}, BEES[0], {"choices": [{"index": 0, "content_filter_offsets": {}, "content_filter_results": {}}]}, BEES[1], "[DONE]")),
    ok("Groq's usage", sse(BEES[0], {**BEES[1], "x_groq": {"usage": {"prompt_tokens": 5, "completion_tokens": 2}}}, "[DONE]"), usage=(5, 2)),
    ok("Moonshot's usage in the choice", sse(BEES[0], {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 5, "completion_tokens": 2}}]}), usage=(5, 2)),
    ok("llama.cpp's timings", sse(BEES[0], {**BEES[1], "timings": {"prompt_n": 5, "predicted_n": 2}}, "[DONE]"), usage=(5, 2)),
    ok("usage by other names", sse(BEES[0], {**BEES[1], "usage": {"input_tokens": 5, "output_tokens": 2}}), usage=(5, 2)),
    ok("DeepSeek's thoughts", sse(chunk(reasoning_content="Hm."), chunk(reasoning_content="Hm."), *BEES)),
    fails("only thoughts", ProviderUnavailable, ("empty reply", "thinking"), ServerResponse(sse(chunk(reasoning_content="Hm."), BEES[1]))),
    fails("a tool that nobody gave it", ProviderUnavailable, "called a tool", ServerResponse(sse(call('{"q": 1}'), chunk(finish_reason="tool_calls")))),
    ok("text and a tool that nobody gave it", sse(BEES[0], call('{"q": 1}'), chunk(finish_reason="tool_calls"))),
    # Other servers' own forms
    ok("Ollama's own stream", b'{"model":"m","message":{"role":"assistant","content":"Be"},"done":false}\n{"message":{"content":"es."},"done":false}\n{"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":2}\n', kind="application/x-ndjson", usage=(5, 2)),
    fails("Ollama's own length", LengthLimitReached, "length limit", ServerResponse(b'{"message":{"content":"Bees"},"done":true,"done_reason":"length"}\n')),
    ok("Ollama's generate", b'{"response":"Bees.","done":false}\n{"response":"","done":true,"done_reason":"stop"}\n'),
    ok("llama.cpp's own stream", sse({"content": "Bees.", "stop": False}, {"content": "", "stop": True, "stop_type": "eos", "tokens_predicted": 2, "tokens_evaluated": 5}), usage=(5, 2)),
    ok("TGI's own stream", sse({"token": {"text": "Bees", "special": False}, "generated_text": None, "details": None}, {"token": {"text": ".", "special": False}, "generated_text": None}, {"token": {"text": "</s>", "special": True}, "generated_text": "Bees.", "details": {"finish_reason": "eos_token"}})),
    ok("Cloudflare's workers", sse({"response": "Bees."}, "[DONE]")),
    # Tools and schemas
    ok("arguments in pieces", sse(chunk(tool_calls=[CALL]), call('{"n": '), call("1}"), chunk(finish_reason="tool_calls"), "[DONE]"), '{"n": 1}', structured=True),
    ok("two calls in turns", sse(chunk(tool_calls=[CALL]), call('{"n": ', 0), call('{"n": 2}', 1, id="c2"), call("1}", 0), chunk(finish_reason="tool_calls")), '{"n": 1}', structured=True),
    ok("arguments as an object", sse(chunk(tool_calls=[{"function": {"name": "Answer", "arguments": {"n": 1}}}]), chunk(finish_reason="stop")), '{"n": 1}', structured=True),
    ok("words before the arguments", sse(chunk("Let me."), chunk(tool_calls=[CALL]), call('{"n": 1}'), chunk(finish_reason="tool_calls")), '{"n": 1}', structured=True),
    ok("words in place of arguments", sse(chunk('{"n": 1}'), chunk(finish_reason="stop")), '{"n": 1}', structured=True),
    ok("an old call of a function", sse(chunk(function_call={"name": "Answer", "arguments": '{"n"'}), chunk(function_call={"arguments": ": 1}"}), chunk(finish_reason="function_call")), '{"n": 1}', structured=True),
    # Asked again in another way
    *(Script(f"asked again: {message}", [message_of(status, message), ServerResponse(STREAM)], "Bees.") for status, message in (
        (400, "Unrecognized request argument supplied: stream_options"),
        (422, "body.stream_options: Extra inputs are not permitted"),
        (400, "System role not supported"),
        (500, "Jinja Exception: System role not supported"),
        (400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."),
        (400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
        (422, "max_completion_tokens: Extra inputs are not permitted"),
        (400, "max_tokens is too large: 5000. This model supports at most 4096 completion tokens"),
        (400, "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported."),
    )),
    Script("asked again twice", [message_of(400, "unknown field: stream_options"), message_of(400, "System role not supported"), ServerResponse(STREAM)], "Bees."),
    # Errors in a success
    fails("an error as a string", ProviderUnavailable, "the engine died", ServerResponse(sse({"error": "the engine died"}))),
    fails("an error as a list", ProviderError, ("messages.0.role", "field required"), said(422, {"detail": [{"loc": ["body", "messages", 0, "role"], "msg": "field required", "type": "value_error"}]})),
    fails("an error in a list", ProviderUnavailable, "unavailable (503): overloaded now", ServerResponse(json.dumps([{"error": {"code": 503, "message": "overloaded now", "status": "UNAVAILABLE"}}]).encode(), kind=JSON)),
    fails("an error inside details", ProviderUnavailable, "worker lost", ServerResponse(json.dumps({"detail": {"error": {"message": "worker lost", "code": 500}}}).encode(), kind=JSON)),
    fails("vLLM's older error", ProviderError, "refused the request (400): bad prompt", ServerResponse(json.dumps({"object": "error", "message": "bad prompt", "type": "BadRequestError", "code": 400}).encode(), kind=JSON)),
    fails("llama.cpp's older error", ProviderUnavailable, ("(500)", "slot unavailable"), ServerResponse(sse(BEES[0]) + b'error: {"code": 500, "message": "slot unavailable", "type": "server_error"}\n\n')),
    fails("an event named error", ProviderUnavailable, "the model crashed", ServerResponse(sse(BEES[0]) + b'event: error\ndata: {"message": "the model crashed"}\n\n')),
    fails("an event named error in words", ProviderUnavailable, "CUDA out of memory", ServerResponse(b"event: error\ndata: CUDA out of memory\n\n")),
    fails("OpenRouter's error in a stream", ProviderUnavailable, ("(502)", "Provider disconnected"), ServerResponse(sse(BEES[0], {"error": {"code": 502, "message": "Provider disconnected"}, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]}))),
    fails("OpenRouter's error in a choice", ProviderUnavailable, "provider gone", ServerResponse(json.dumps({"choices": [{"message": {"content": ""}, "error": {"code": 503, "message": "provider gone"}}]}).encode(), kind=JSON)),
    fails("OpenRouter's error of a provider", ProviderUnavailable, ("rate limit",), said(429, {"error": {"message": "Provider returned error", "code": 429, "metadata": {"raw": "model is temporarily rate-limited upstream", "provider_name": "X"}}})),
    fails("JSON inside a message", ProviderError, "refused the request (400): the inner reason", message_of(400, '{"error": {"message": "the inner reason"}}')),
    fails("a reason of error", ProviderUnavailable, "broken off with “error”", ServerResponse(sse(BEES[0], chunk(finish_reason="error")))),
    fails("DeepSeek out of resources", ProviderUnavailable, "insufficient_system_resource", ServerResponse(sse(BEES[0], chunk(finish_reason="insufficient_system_resource")))),
    fails("a raw error after the stream began", ProviderUnavailable, "engine is dead", ServerResponse(sse(BEES[0]) + b'{"error": {"message": "engine is dead", "type": "InternalServerError", "code": 500}}')),
    fails("a gateway's words in the stream", ProviderUnavailable, ("no reply", "Internal Server Error"), ServerResponse(b"data: Internal Server Error\n\n")),
    fails("a page in the stream", ProviderUnavailable, "“504 Gateway Time-out”", ServerResponse(b"data: " + NGINX.replace("\r\n", "").replace("502 Bad Gateway", "504 Gateway Time-out").encode() + b"\n\n")),
    ok("words as signs of life", b"data: ping\n\n" + STREAM),
    fails("a job in place of a reply", ProviderUnavailable, ("no reply", "pending"), ServerResponse(b'{"requestId": "1", "status": "pending"}', 202, JSON)),
    fails("Bedrock's exception in a stream", ProviderUnavailable, "model crashed", ServerResponse(sse(BEES[0], {"internalServerException": {"message": "model crashed"}}))),
    fails("Bedrock's exception of its gateway", ProviderUnavailable, "over its rate limit (429)", said(400, {"__type": "ThrottlingException", "message": "Too many tokens, please wait before trying again."})),
    fails("Mistral's list inside a message", ProviderError, "foo: Extra inputs are not permitted", said(422, {"object": "error", "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "foo"], "msg": "Extra inputs are not permitted"}]}, "type": "invalid_request_error"})),
    ok("JSON inside of a string", json.dumps(json.dumps(completion("Bees."))).encode(), kind=JSON),
    fails("a whole reply without choices", ProviderUnavailable, "empty reply", ServerResponse(json.dumps({"object": "chat.completion", "choices": []}).encode(), kind=JSON)),
    # Refusals
    fails("a refusal in a field", ProviderError, ("refused to write about this", "I would rather not"), ServerResponse(sse(chunk(refusal="I would "), chunk(refusal="rather not."), BEES[1]))),
    fails("a filter", ProviderError, ("refused to write about this", "content_filter"), ServerResponse(sse(chunk("Be"), chunk(finish_reason="content_filter")))),
    fails("Azure's filter", ProviderError, ("refused to write about this (400)", "triggering"), message_of(400, "The response was filtered due to the prompt triggering Azure's policy.", code="content_filter")),
    # Errors with a status
    fails("an error without a body", ProviderUnavailable, "unavailable (500): no reason was given", said(500, "")),
    fails("nginx", ProviderUnavailable, ("unavailable (502)", "“502 Bad Gateway”"), said(502, NGINX)),
    fails("nginx in a message", ProviderUnavailable, ("unavailable (502)", "502 Bad Gateway"), message_of(502, f"upstream: {NGINX}")),
    fails("Cloudflare's time-out", ProviderUnavailable, ("unavailable (522)", "522: Connection timed out"), said(522, CLOUDFLARE)),
    fails("Cloudflare's challenge", ProviderError, ("(403)", "protection against robots"), said(403, CHALLENGE)),
    fails("Cloudflare's challenge with 200", ProviderError, "protection against robots", said(200, CHALLENGE)),
    fails("Cloudflare's limit", ProviderUnavailable, "rate limit (429)", said(429, "error code: 1015")),
    fails("a login page", ProviderError, ("login page", "Sign in - Example", "OPENAI_API_KEY"), said(200, LOGIN)),
    fails("a page of another site", ProviderError, ("web page", "Open WebUI", "check the base URL"), said(200, "<!doctype html><html><head><title>Open WebUI</title></head><body></body></html>")),
    fails("a page while the model loads", ProviderUnavailable, ("not ready yet", "Loading model"), said(503, "<html><body><h1>Loading model…</h1></body></html>")),
    fails("a machine that sleeps", ProviderUnavailable, ("not ready yet", "Preparing Space"), said(200, "<!doctype html><html><head><title>Preparing Space</title></head></html>")),
    fails("an upkeep page with 200", ProviderUnavailable, "maintenance", said(200, "<html><head><title>Down for maintenance</title></head></html>")),
    fails("XML of a store", ProviderError, ("(403)", "AccessDenied"), said(403, "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")),
    fails("llama.cpp loads", ProviderUnavailable, ("not ready yet (503)", "Loading model"), message_of(503, "Loading model", type="unavailable_error", code=503)),
    fails("Hugging Face loads", ProviderUnavailable, "currently loading", said(503, {"error": "Model x is currently loading", "estimated_time": 20.0}), wait=20.0),
    fails("LM Studio has no model", ProviderError, ("does not exist there", "No models loaded"), message_of(404, "No models loaded. Please load a model.", type="invalid_request_error", code="model_not_found")),
    fails("Ollama has no such model", ProviderError, ("does not exist there (404)", "try pulling it"), message_of(404, 'model "x" not found, try pulling it first', type="api_error")),
    fails("xAI's wrong key", ProviderError, "refused the key (400): check OPENAI_API_KEY", said(400, {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: sk***. You can obtain a key."})),
    fails("a region", ProviderError, ("refused the request (403)", "Country"), message_of(403, "Country, region, or territory not supported", code="unsupported_country_region_territory")),
    fails("llama.cpp's context", ProviderError, "available context size", message_of(400, "the request exceeds the available context size, try increasing it", type="exceed_context_size_error", code=400, n_ctx=4096)),
    fails("OpenAI's request too large", ProviderError, ("refused the request (429)", "Request too large"), message_of(429, "Request too large for gpt-4 in organization o on tokens per min (TPM): Limit 10000, Requested 12000.", code="rate_limit_exceeded")),
    fails("Bedrock throttles", ProviderUnavailable, "rate limit (429)", said(429, {"message": "Too many requests, please wait before trying again."})),
    fails("FastAPI's words", ProviderError, "does not exist there (404)", said(404, {"detail": "Not Found"})),
    # Limits
    *(fails(f"credit: {name}", ProviderQuotaExceeded, "credit is used up", answer) for name, answer in (
        ("OpenAI", message_of(429, "You exceeded your current quota, please check your plan and billing details.", code="insufficient_quota")),
        ("OpenAI by a proxy without codes", said(429, {"error": "You exceeded your current quota, please check your plan and billing details."})),
        ("OpenRouter", message_of(402, "This request requires more credits, or fewer max_tokens.", code=402)),
        ("DeepSeek", message_of(402, "Insufficient Balance")),
        ("xAI", said(429, {"code": "Some resource has been exhausted", "error": "Your team has either used all available credits or reached its monthly spending limit."})),
        ("Moonshot", message_of(429, "Your account is suspended, please check your plan and billing details", type="exceeded_current_quota_error")),
        ("Zhipu", message_of(429, "余额不足或无可用资源包,请充值。", code="1113")),
        ("LiteLLM", message_of(400, "Budget has been exceeded! Current cost: 0.1, Max budget: 0.05", type="budget_exceeded")),
        ("MiniMax with 200", ServerResponse(json.dumps({"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}).encode(), kind=JSON)),
        ("in a stream", ServerResponse(sse({"error": {"code": "insufficient_quota", "message": "Pay."}}))),
    )),
    *(fails(f"day: {name}", ProviderQuotaExceeded, "limit for the day is used up", answer) for name, answer in (
        ("Groq", message_of(429, "Rate limit reached for model `x` in organization `o` on tokens per day (TPD): Limit 100000, Used 99000, Requested 3000. Please try again in 28m48s.", code="rate_limit_exceeded")),
        ("OpenRouter", message_of(429, "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day", code=429)),
        ("Bedrock", said(429, {"message": "Too many tokens per day, please wait before trying again."})),
    )),
    fails("month: Cohere", ProviderQuotaExceeded, "limit for the month is used up", said(429, {"message": "You are using a Trial key, which is limited to 1000 API calls / month."})),
    *(fails(f"wait: {name}", ProviderUnavailable, "over its rate limit (429)", answer, wait=wait) for name, wait, answer in (
        ("a header", 7.0, said(429, {"error": {"message": "Slow"}}, Retry_After="7")),
        ("OpenAI's words", 2.5, message_of(429, "Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3. Please try again in 2.5s. Visit the billing page.", code="rate_limit_exceeded")),
        ("Groq's minutes", 66.0, message_of(429, "Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5900. Please try again in 1m6s.", code="rate_limit_exceeded")),
        ("milliseconds", 0.4, message_of(429, "Rate limit reached on tokens per min. Please try again in 400ms.")),
        ("Azure's words", 26.0, message_of(429, "Requests have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds.", code="429")),
        ("headers of limits", 6.0, said(429, {"error": {"message": "Slow"}}, x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="6s", x_ratelimit_remaining_tokens="100", x_ratelimit_reset_tokens="90ms")),
        ("Mistral without any", None, said(429, {"message": "Requests rate limit exceeded"})),
    )),
]  # fmt: skip


def response(status: str = "completed", **fields: Any) -> dict[str, Any]:
    kind = "response.completed" if status == "completed" else f"response.{status}"
    return {"type": kind, "response": {"object": "response", "status": status, "output": [], **fields}}


def words(delta: str, index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "output_index": index, "content_index": 0, "delta": delta}


def item(text: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text}],
        **fields,
    }


COUNTED = {"usage": {"input_tokens": 5, "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 1}}}
RESPONSES = [
    ok("created, deltas, completed", named({"type": "response.created", "response": {"status": "in_progress", "output": [], "error": None}}, {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message"}}, words("Be"), words("es."), {"type": "response.output_text.done", "text": "Bees."}, response(output=[item("Bees.")], **COUNTED)), usage=(5, 2)),
    ok("thoughts and a summary", named({"type": "response.reasoning_summary_text.delta", "delta": "Hm."}, {"type": "response.reasoning_text.delta", "delta": "Hm."}, words("Bees."), response())),
    ok("a remark on the way", named({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "phase": "commentary"}}, words("Let me see."), words("Bees.", 1), response())),
    ok("nothing but the end", named(response(output=[{"type": "reasoning", "summary": []}, item("Bees.")]))),
    ok("done without deltas", named({"type": "response.output_text.done", "text": "Bees."}, response())),
    ok("whole JSON", json.dumps({"object": "response", "status": "completed", "error": None, "output": [item("Bees.")], **COUNTED}).encode(), kind=JSON, usage=(5, 2)),
    ok("[DONE] after it", named(words("Bees."), response()) + b"data: [DONE]\n\n"),
    ok("arguments in pieces", named({"type": "response.function_call_arguments.delta", "item_id": "f1", "delta": '{"n"'}, {"type": "response.function_call_arguments.delta", "item_id": "f1", "delta": ": 1}"}, response(output=[{"type": "function_call", "id": "f1", "name": "Answer", "arguments": '{"n": 1}'}])), '{"n": 1}', structured=True),
    ok("arguments at the end", named(response(output=[{"type": "function_call", "id": "f1", "name": "Answer", "arguments": '{"n": 1}'}])), '{"n": 1}', structured=True),
    fails("the maximum of tokens", LengthLimitReached, "length limit", ServerResponse(named(words("Be"), response("incomplete", incomplete_details={"reason": "max_output_tokens"})))),
    fails("a filter", ProviderError, ("refused to write about this", "content_filter"), ServerResponse(named(words("Be"), response("incomplete", incomplete_details={"reason": "content_filter"})))),
    fails("a refusal", ProviderError, ("refused to write about this", "I cannot."), ServerResponse(named({"type": "response.refusal.delta", "delta": "I cannot."}, response()))),
    fails("a refusal at the end", ProviderError, ("refused to write about this", "I cannot."), ServerResponse(named(response(output=[{"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}])))),
    fails("failed", ProviderUnavailable, ("(500)", "The model failed."), ServerResponse(named(words("Be"), response("failed", error={"code": "server_error", "message": "The model failed."})))),
    fails("failed for credit", ProviderQuotaExceeded, "credit is used up", ServerResponse(named(response("failed", error={"code": "insufficient_quota", "message": "Pay."})))),
    fails("failed for the rate", ProviderUnavailable, "over its rate limit (429)", ServerResponse(named(response("failed", error={"code": "rate_limit_exceeded", "message": "Please try again in 3s."}))), wait=3.0),
    fails("an error event", ProviderUnavailable, "Something broke.", ServerResponse(named({"type": "error", "code": "server_error", "message": "Something broke.", "param": None}))),
    fails("cancelled", ProviderUnavailable, "cancelled", ServerResponse(named(words("Be"), response("cancelled")))),
    fails("broken off", ProviderUnavailable, "broke off in the middle", ServerResponse(named(words("Be")))),
    fails("a server without it", ProviderError, "does not exist there (404)", said(404, {"detail": "Not Found"})),
    fails("chat completions in its place", ProviderError, "name the model openai:NAME", ServerResponse(STREAM)),
    ok("two messages without deltas", named({"type": "response.output_text.done", "output_index": 0, "text": "Be"}, {"type": "response.output_text.done", "output_index": 1, "text": "es."}, response())),
    fails("still queued", ProviderUnavailable, "broke off", ServerResponse(json.dumps({"object": "response", "status": "queued", "output": []}).encode(), kind=JSON)),
    fails("an empty answer", ProviderUnavailable, "empty reply", ServerResponse(named(response()))),
]  # fmt: skip


def block(text: str, index: int = 0, kind: str = "text_delta", field_name: str = "text") -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, field_name: text}}


def ended(reason: Any, **fields: Any) -> list[dict[str, Any]]:
    delta = {
        "type": "message_delta",
        "delta": {"stop_reason": reason, **fields},
        "usage": {"output_tokens": 2},
    }
    return [delta, {"type": "message_stop"}]


START = {"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 4, "cache_read_input_tokens": 1, "output_tokens": 1}}}  # fmt: skip
OPEN = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
TOOL = {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "t", "name": "Answer", "input": {}}}  # fmt: skip
ANTHROPIC = [
    ok("a message", named(START, OPEN, {"type": "ping"}, block("Be"), block("es."), {"type": "content_block_stop", "index": 0}, *ended("end_turn")), usage=(5, 2)),
    ok("thinking", named(START, {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}}, block("Hm.", 0, "thinking_delta", "thinking"), block("sig", 0, "signature_delta", "signature"), block("Bees.", 1), *ended("end_turn"))),
    ok("a new reason", named(START, block("Bees."), *ended("a_new_reason"))),
    ok("mockllm puts an event into another", sse({"type": "message_delta", "delta": {"type": "content_block_delta", "index": 0, "delta": {"text": "Be"}}, "usage": None}, {"type": "message_delta", "delta": {"type": "content_block_delta", "index": 0, "delta": {"text": "es."}}}, "[DONE]")),
    ok("no message_stop", named(START, block("Bees."), ended("end_turn")[0])),
    ok("no reason but message_stop", named(START, block("Bees."), {"type": "message_stop"})),
    ok("whole JSON", json.dumps({"type": "message", "content": [{"type": "text", "text": "Bees."}], "stop_reason": "end_turn", "usage": {"input_tokens": 5, "output_tokens": 2}}).encode(), kind=JSON, usage=(5, 2)),
    ok("a tool's input in pieces", named(START, block("I will.", 0), TOOL, block('{"n"', 1, "input_json_delta", "partial_json"), block(": 1}", 1, "input_json_delta", "partial_json"), *ended("tool_use")), '{"n": 1}', structured=True),
    ok("a tool's input at once", json.dumps({"type": "message", "content": [{"type": "text", "text": "I will."}, {"type": "tool_use", "input": {"n": 1}}], "stop_reason": "tool_use"}).encode(), '{"n": 1}', JSON, structured=True),
    ok("words in place of a tool", named(START, block('{"n": 1}'), *ended("end_turn")), '{"n": 1}', structured=True),
    ok("events this version does not know", named(START, {"type": "new_event", "x": 1}, block("Bees."), block("?", 0, "new_delta", "new"), *ended("end_turn"))),
    ok("types as names of events only", b"".join(b"event: " + str(one["type"]).encode() + b"\ndata: " + json.dumps({key: part for key, part in one.items() if key != "type"}).encode() + b"\n\n" for one in (START, OPEN, block("Bees."), *ended("end_turn")))),
    fails("max_tokens", LengthLimitReached, "length limit", ServerResponse(named(START, block("Be"), *ended("max_tokens")))),
    fails("the context window", LengthLimitReached, "length limit", ServerResponse(named(START, block("Be"), *ended("model_context_window_exceeded")))),
    fails("a refusal", ProviderError, ("refused to write about this", "cyber"), ServerResponse(named(START, block("Be"), *ended("refusal", stop_details={"type": "refusal", "category": "cyber", "explanation": None})))),
    fails("overloaded in the stream", ProviderUnavailable, ("unavailable (529)", "Overloaded"), ServerResponse(named(START, block("Be"), {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}))),
    fails("no credit", ProviderQuotaExceeded, "credit is used up", said(400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the Anthropic API."}})),
    fails("a limit set there", ProviderQuotaExceeded, "used up", said(400, {"type": "error", "error": {"type": "invalid_request_error", "message": "You have reached your specified API usage limits. You will regain access on 2026-12-01."}})),
    fails("a rate limit", ProviderUnavailable, "over its rate limit (429)", said(429, {"type": "error", "error": {"type": "rate_limit_error", "message": "This request would exceed your organization's rate limit of 50 requests per minute."}}, Retry_After="12"), wait=12.0),
    fails("too large", ProviderError, "refused the request (413)", said(413, {"type": "error", "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"}})),
    fails("the prompt is too long", ProviderError, "prompt is too long", said(400, {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"}})),
    fails("a wrong key", ProviderError, "refused the key (401): check ANTHROPIC_API_KEY", said(401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}})),
    fails("broken off", ProviderUnavailable, "broke off in the middle", ServerResponse(named(START, block("Be")))),
    fails("a gateway", ProviderUnavailable, ("unavailable (504)", "504 Gateway Time-out"), said(504, NGINX.replace("502 Bad Gateway", "504 Gateway Time-out"))),
    Script("a maximum that is too high", [said(400, {"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: 5000 > 4096, which is the maximum allowed number of output tokens"}}), ServerResponse(named(START, block("Bees."), *ended("end_turn")))], "Bees."),
    fails("FastAPI in between", ProviderUnavailable, "unavailable (500): Internal Server Error", said(500, "Internal Server Error")),
]  # fmt: skip


def candidate(text: str | None = None, reason: str | None = None, **fields: Any) -> dict[str, Any]:
    parts = fields.pop("parts", [] if text is None else [{"text": text}])
    found = {"content": {"parts": parts, "role": "model"}, "index": 0, **fields}
    return {"candidates": [found if reason is None else {**found, "finishReason": reason}]}


def google_error(status: int, name: str, message: str, *details: Any) -> ServerResponse:
    return said(
        status, {"error": {"code": status, "message": message, "status": name, "details": list(details)}}
    )


def quota(identity: str, delay: str = "34.07s") -> ServerResponse:
    return google_error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": identity}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    )


GOOGLE_COUNTS = {"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2, "thoughtsTokenCount": 3}}
GOOGLE = [
    ok("a stream", sse(candidate("Be"), {**candidate("es.", "STOP"), **GOOGLE_COUNTS}), usage=(5, 5)),
    ok("a reason in every piece", sse(candidate("Be", "STOP"), candidate("es.", "STOP"))),
    ok("thoughts", sse(candidate(parts=[{"text": "Hm.", "thought": True}, {"text": "Bees."}], reason="STOP"))),
    ok("a list in place of a stream", json.dumps([candidate("Be"), candidate("es.", "STOP")], indent=1).encode(), kind=JSON),
    ok("whole JSON", json.dumps({**candidate("Bees.", "STOP"), **GOOGLE_COUNTS}).encode(), kind=JSON, usage=(5, 5)),
    ok("a second candidate", sse({"candidates": [candidate("Wasps.", "STOP", index=1)["candidates"][0], candidate("Bees.", "STOP")["candidates"][0]]})),
    ok("an empty last piece", sse(candidate("Bees."), {"candidates": [{"finishReason": "STOP", "index": 0}]})),
    ok("signatures and code", sse(candidate(parts=[{"text": "Bees.", "thoughtSignature": "x"}, {"executableCode": {"code": "1"}}], reason="STOP"))),
    ok("a reason in small letters", sse(candidate("Bees.", "stop"))),
    ok("a call", sse(candidate(parts=[{"functionCall": {"name": "Answer", "args": {"n": 1}}}], reason="STOP")), '{"n": 1}', structured=True),
    ok("JSON as text", sse(candidate('{"n": '), candidate("1}", "STOP")), '{"n": 1}', structured=True),
    Script("an older schema", [google_error(400, "INVALID_ARGUMENT", 'Invalid JSON payload received. Unknown name "responseJsonSchema" at \'generation_config\': Cannot find field.'), ServerResponse(sse(candidate('{"n": 1}', "STOP")))], '{"n": 1}', structured=True),
    Script("Gemma knows no instructions", [google_error(400, "INVALID_ARGUMENT", "Developer instruction is not enabled for models/gemma-3-27b-it"), ServerResponse(sse(candidate("Bees.", "STOP")))], "Bees."),
    fails("half a list", ProviderUnavailable, "it is cut off", ServerResponse(json.dumps([candidate("Bees."), candidate("", "STOP")], indent=1).encode()[:150], kind=JSON)),
    fails("MAX_TOKENS", LengthLimitReached, "length limit", ServerResponse(sse(candidate("Be", "MAX_TOKENS")))),
    *(fails(reason, ProviderError, ("refused to write about this", reason), ServerResponse(sse(candidate(None, reason)))) for reason in ("SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII")),
    *(fails(reason, ProviderUnavailable, ("broken off", reason), ServerResponse(sse(candidate(None, reason)))) for reason in ("MALFORMED_FUNCTION_CALL", "OTHER", "UNEXPECTED_TOOL_CALL")),
    fails("a blocked prompt", ProviderError, ("refused to write about this", "PROHIBITED_CONTENT"), ServerResponse(sse({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 5}}))),
    fails("broken off", ProviderUnavailable, "broke off in the middle", ServerResponse(sse(candidate("Be")))),
    fails("a wrong key", ProviderError, "refused the key (400): check GOOGLE_API_KEY", google_error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"})),
    fails("no such model", ProviderError, "does not exist there (404)", google_error(404, "NOT_FOUND", "models/gemini-9 is not found for API version v1beta")),
    fails("a place", ProviderError, ("refused the request (400)", "location"), google_error(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")),
    fails("the day's quota", ProviderQuotaExceeded, "limit for the day is used up", quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")),
    fails("the minute's quota", ProviderUnavailable, "over its rate limit (429)", quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"), wait=34.07),
    fails("no quota at all", ProviderQuotaExceeded, "used up", google_error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for metric: free_tier_requests, limit: 0")),
    fails("prepaid credit", ProviderQuotaExceeded, "credit is used up", google_error(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.")),
    fails("Vertex is busy", ProviderUnavailable, "over its rate limit (429)", google_error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")),
    fails("overloaded", ProviderUnavailable, ("unavailable (503)", "The model is overloaded"), google_error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")),
    fails("an error in the stream", ProviderUnavailable, ("unavailable (500)", "internal"), ServerResponse(sse(candidate("Be"), {"error": {"code": 500, "message": "An internal error has occurred.", "status": "INTERNAL"}}))),
    fails("an error in a list", ProviderUnavailable, "unavailable (503)", ServerResponse(json.dumps([{"error": {"code": 503, "message": "Busy.", "status": "UNAVAILABLE"}}]).encode(), 503, JSON)),
    fails("the input is too long", ProviderError, "exceeds the maximum number of tokens", google_error(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).")),
]  # fmt: skip

SCRIPTS: dict[Protocol, list[Script]] = {
    "openai": CHAT,
    "openai-responses": RESPONSES,
    "anthropic": ANTHROPIC,
    "google": GOOGLE,
}
