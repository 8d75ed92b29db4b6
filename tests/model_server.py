"""A language model on a loopback port that speaks OpenAI's and Anthropic's protocols, and fails when told to.

Unscripted, it plays a whole pipeline: notes, outline and a draft made of the sentences of the sources in the
prompt, a critique of 62, a revision, a critique of 81, metadata. What a test scripts comes first.
"""

from __future__ import annotations

import json
import re
import select
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import pytest

from tasks.stages import critique, draft, notes, outline, refine, seo

STAGES = {
    "research": notes.INSTRUCTIONS,
    "outline": outline.INSTRUCTIONS,
    "draft": draft.INSTRUCTIONS,
    "critique": critique.INSTRUCTIONS,
    "refine": refine.INSTRUCTIONS,
    "seo": seo.INSTRUCTIONS,
}
SOURCE = re.compile(r"<<<begin \w+: source \[(\d+)\]>>>\n(.*?)\n<<<end", re.DOTALL)
LONGEST_HANG_SECONDS = 30

Fault = Literal["", "drop", "truncate", "stall", "hang"]


@dataclass(frozen=True)
class Reply:
    """What the server sends. `drop` cuts the connection in mid-stream, `truncate` ends the stream early but
    properly, `stall` stops in mid-stream, `hang` never sends a byte."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault = ""
    finish_reason: str = "stop"
    usage: tuple[int, int] | None = (1000, 500)
    piece_delay_seconds: float = 0.0
    body: bytes | None = None
    """The whole body of the answer, instead of one made of the above."""


@dataclass
class Received:
    """A request, and what became of its connection."""

    model: str
    stage: str
    instructions: str
    prompt: str
    body: dict[str, Any]
    headers: dict[str, str]
    received_at: float = field(default_factory=time.monotonic)
    disconnected_at: float | None = None
    started: threading.Event = field(default_factory=threading.Event)
    """Set when the first bytes of the answer are out, or when the server begins to hang."""
    disconnected: threading.Event = field(default_factory=threading.Event)

    def note_disconnect(self) -> None:
        self.disconnected_at = time.monotonic()
        self.disconnected.set()


class ModelServer:
    def __init__(self) -> None:
        self.requests: list[Received] = []
        self._by_model: dict[str, list[Reply]] = defaultdict(list)
        self._by_stage: dict[str, list[Reply]] = defaultdict(list)
        self._critiques = 0
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self.stopping = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def anthropic_base_url(self) -> str:
        return self.base_url.removesuffix("/v1")

    @property
    def stages(self) -> list[str]:
        """The stages that asked, in order."""
        with self._lock:
            return [request.stage for request in self.requests]

    def for_model(self, model: str, *replies: Reply | str) -> None:
        """Answer the next requests to this model so; comes before what is set for a stage."""
        self._by_model[model] += map(_as_reply, replies)

    def for_stage(self, stage: str, *replies: Reply | str) -> None:
        """Answer the next requests of this stage so, then as unscripted."""
        self._by_stage[stage] += map(_as_reply, replies)

    def wait_for(self, count: int, *, seconds: float = 10) -> Received:
        """Wait until so many requests have come; return the last of them."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, seconds), (
                f"only {len(self.requests)} of {count} requests came"
            )
            return self.requests[count - 1]

    def stop(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def receive(self, body: dict[str, Any], headers: dict[str, str]) -> tuple[Received, Reply]:
        request = _received(body, headers)
        with self._arrived:
            self.requests.append(request)
            reply = self._next_reply(request)
            self._arrived.notify_all()
        return request, reply

    def _next_reply(self, request: Received) -> Reply:
        for scripted in (self._by_model[request.model], self._by_stage[request.stage]):
            if scripted:
                return scripted.pop(0)
        if request.stage == "critique":
            self._critiques += 1
        return Reply(unscripted_text(request.stage, request.prompt, self._critiques))


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.stop()


def unscripted_text(stage: str, prompt: str, critiques: int = 1) -> str:
    """What a willing model would answer: every statement is a sentence of a source, and cites it."""
    facts = {int(number): _sentences(text) for number, text in SOURCE.findall(prompt)}
    match stage:
        case "research":
            taken = [{"source": number, "fact": facts[number][0]} for number in facts if facts[number]]
            return json.dumps({"notes": taken})
        case "outline":
            sections = [
                {"heading": heading, "points": ["What the sources say"]} for heading in ("Facts", "More")
            ]
            return json.dumps({"title": "What the sources say", "sections": sections})
        case "draft":
            return body_from(facts, 2)
        case "refine":
            return body_from(facts, 3)
        case "critique":
            return critique_text(62 if critiques == 1 else 81)
        case "seo":
            return json.dumps(
                {
                    "seo_title": "What the sources say",
                    "seo_description": "A short account of what the sources say, with every statement cited.",
                    "summary": "What the sources say, in brief. Every statement names its source.",
                    "tags": ["sources"],
                }
            )
    return "An answer."


def critique_text(score: int) -> str:
    problem = {"where": "Facts", "what": "The section is thin.", "remedy": "Add a fact from the sources."}
    return json.dumps({"score": score, "summary": "Sound, but thin.", "problems": [problem]})


def body_from(facts: dict[int, list[str]], sentences: int) -> str:
    sections = [
        f"## Source {number} in brief\n\n" + " ".join(f"{fact} [{number}]" for fact in found[:sentences])
        for number, found in facts.items()
        if found
    ]
    return "\n\n".join(sections) or "## In brief\n\nThere is no source for this article, so it says little."


def _sentences(text: str) -> list[str]:
    """Whole sentences of a source, without its title."""
    _, _, content = text.partition("\n\n")
    found = re.findall(r"[A-Z][^.!?\n]{30,300}[.!?](?=\s|$)", content)
    return [" ".join(sentence.split()) for sentence in found]


def _as_reply(reply: Reply | str) -> Reply:
    return Reply(reply) if isinstance(reply, str) else reply


def _received(body: dict[str, Any], headers: dict[str, str]) -> Received:
    messages = body["messages"]
    told = [_content(message) for message in messages if message["role"] == "system"]
    instructions = "\n".join([body["system"]] if "system" in body else told)
    prompt = "\n".join(_content(message) for message in messages if message["role"] != "system")
    stage = next((stage for stage, known in STAGES.items() if known in instructions), "")
    return Received(body["model"], stage, instructions, prompt, body, headers)


def _content(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the game."""


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._send_json(200, {"object": "list", "data": [{"id": "writer", "object": "model"}]}, {})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request, reply = server.receive(
                body, {name.lower(): value for name, value in self.headers.items()}
            )
            try:
                self._answer(request, reply)
            except OSError:
                request.note_disconnect()
                self.close_connection = True

        def _answer(self, request: Received, reply: Reply) -> None:
            if reply.fault == "hang":
                request.started.set()
                self._wait_for_disconnect(request)
            elif reply.body is not None:
                self._send_body(reply.status, reply.body, reply.headers)
            elif reply.status != 200:
                error = {"error": {"message": f"scripted {reply.status}", "type": "scripted", "code": None}}
                self._send_json(reply.status, error, reply.headers)
            elif request.body.get("stream"):
                self._stream(request, reply)
            else:
                self._send_json(200, _completion(request.model, reply), reply.headers)

        def _send_json(self, status: int, value: Any, headers: dict[str, str]) -> None:
            self._send_body(
                status, json.dumps(value).encode(), {**headers, "Content-Type": "application/json"}
            )

        def _send_body(self, status: int, data: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, header in headers.items():
                self.send_header(name, header)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _stream(self, request: Received, reply: Reply) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            dialect = _Anthropic if self.path.endswith("/messages") else _OpenAI
            for event in dialect.opening(request.model, reply):
                self._send_event(event)
            pieces = re.findall(r"\S+\s*|\s+", reply.text)
            if reply.fault:
                pieces = pieces[: max(1, len(pieces) // 2)]
            for piece in pieces:
                self._send_event(dialect.piece(request.model, piece))
                request.started.set()
                if reply.piece_delay_seconds:
                    self._pause(request, reply.piece_delay_seconds)
            self._end_stream(request, reply, dialect)

        def _end_stream(self, request: Received, reply: Reply, dialect: type[_OpenAI | _Anthropic]) -> None:
            if reply.fault == "stall":
                self._wait_for_disconnect(request)
                return
            if reply.fault == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if reply.fault != "truncate":
                for event in dialect.closing(request.model, reply):
                    self._send_event(event)
            self.wfile.write(b"0\r\n\r\n")

        def _send_event(self, value: dict[str, Any] | str) -> None:
            name = f"event: {value['type']}\n" if isinstance(value, dict) and "type" in value else ""
            data = value if isinstance(value, str) else json.dumps(value)
            self._send(f"{name}data: {data}\n\n")

        def _send(self, text: str) -> None:
            data = text.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        def _pause(self, request: Received, seconds: float) -> None:
            if self._has_hung_up(seconds):
                raise ConnectionResetError

        def _wait_for_disconnect(self, request: Received) -> None:
            self.close_connection = True
            until = time.monotonic() + LONGEST_HANG_SECONDS
            while time.monotonic() < until and not server.stopping.is_set():
                if self._has_hung_up(0.02):
                    raise ConnectionResetError

        def _has_hung_up(self, seconds: float) -> bool:
            """Wait so long; a client that sends nothing more but becomes readable has closed."""
            readable, _, _ = select.select([self.connection], [], [], seconds)
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    return Handler


class _OpenAI:
    """The events of a chat completion."""

    @staticmethod
    def opening(model: str, reply: Reply) -> list[dict[str, Any]]:
        return []

    @staticmethod
    def piece(model: str, text: str) -> dict[str, Any]:
        return _chunk(model, {"content": text})

    @staticmethod
    def closing(model: str, reply: Reply) -> list[dict[str, Any] | str]:
        events: list[dict[str, Any] | str] = [_chunk(model, {}, finish_reason=reply.finish_reason)]
        if reply.usage is not None:
            events.append(_chunk(model, None, usage=reply.usage))
        return [*events, "[DONE]"]


class _Anthropic:
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


def _completion(model: str, reply: Reply) -> dict[str, Any]:
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
