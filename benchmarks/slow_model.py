"""A language model on a loopback port: streams slowly, finishes every stage, records its requests."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tasks.pipeline.prompts import prompt
from tasks.pipeline.scoring import Criterion

FACT = "A row of street trees cools the pavement below it by several degrees on a hot summer afternoon."
SOURCE = f"Street trees\n\n{FACT} Shade keeps walls cool, and water that leaves evaporate cools the air."

ANSWERS: dict[str, tuple[str, float, str]] = {
    "research-notes": (prompt("notes").text, 0.1, json.dumps({"notes": [{"source": 1, "fact": FACT}]})),
    "outline": (
        prompt("outline").text,
        0.1,
        json.dumps({"title": "Street trees", "sections": [{"heading": "Shade", "points": ["Cooling [1]"]}]}),
    ),
    "draft": (
        prompt("draft").text,
        1.0,
        f"## Shade\n\n{FACT} [1]\n\n## Water\n\nShade keeps walls cool [1].",
    ),
    "critique": (
        prompt("critique").text,
        0.1,
        json.dumps({criterion: {"score": 90} for criterion in Criterion} | {"summary": "Sound."}),
    ),
    "seo": (
        prompt("seo").text,
        0.1,
        json.dumps(
            {
                "seo_title": "Street trees",
                "seo_description": "What a street tree does on a hot day, with every statement cited.",
                "summary": "What a street tree does on a hot day. Every statement names its source.",
                "tags": ["trees"],
            }
        ),
    ),
}
"""By the key under which a stage is saved: its instructions, how long its answer streams, and the answer."""

TOPIC = re.compile(r"Topic: (\S+)")


@dataclass
class ModelRequest:
    """One request, at the wall clock."""

    topic: str
    key: str
    at: float
    is_open: bool = True
    is_complete: bool = False


@dataclass
class SlowModel:
    """`slowness` stretches every stream."""

    slowness: float = 1.0
    received: list[ModelRequest] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def receive(self, body: dict[str, Any]) -> tuple[ModelRequest, float, str]:
        said = "\n".join(str(message.get("content") or "") for message in body["messages"])
        key = next((key for key, (known, _, _) in ANSWERS.items() if known in said), "")
        _, seconds, answer = ANSWERS.get(key, ("", 0.1, "An answer."))
        topic = TOPIC.search(said)
        request = ModelRequest(topic[1] if topic else "", key, time.time())
        with self._lock:
            self.received.append(request)
        return request, seconds * self.slowness, answer

    def requests(self) -> list[ModelRequest]:
        with self._lock:
            return list(self.received)

    def is_drafting(self, topic: str) -> bool:
        return any(request.topic == topic and request.key == "draft" for request in self.requests())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, model: SlowModel) -> None:
        self.model = model
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed hangs up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request, seconds, answer = self.server.model.receive(body)
        try:
            self._stream(body["model"], seconds, answer)
            request.is_complete = True
        except OSError:
            self.close_connection = True
        finally:
            request.is_open = False

    def _stream(self, model: str, seconds: float, answer: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        pieces = re.findall(r"\S+\s*", answer)
        for piece in pieces:
            self._send({"choices": [{"index": 0, "delta": {"content": piece}}]})
            time.sleep(seconds / len(pieces))
        self._send({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "model": model})
        self._send({"choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 500}})
        self._send("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, event: dict[str, Any] | str) -> None:
        data = f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))


@contextmanager
def slow_model() -> Iterator[SlowModel]:
    model = SlowModel()
    server = _Server(model)
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
