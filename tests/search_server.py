"""A server that speaks the protocols of three web searches, and has the pages that they find."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATHS = {"/search", "/res/v1/web/search"}


@dataclass
class ServerReply:
    """What a search is answered with in place of its results."""

    status: int = 200
    body: str | bytes = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class ReceivedSearch:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class SearchServer:
    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    """By path, the text of a page; of a path that is not here nothing can be read."""
    results: list[Any] = field(default_factory=list)
    answers: list[ServerReply] = field(default_factory=list)
    """The next ones, before results."""
    asked: list[ReceivedSearch] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def find(self, *paths: str) -> None:
        """Let each search find these pages."""
        self.results = [{"url": f"{self.url}{path}", "title": f"Page {path}"} for path in paths]

    def reply(self, path: str) -> ServerReply:
        if self.answers:
            return self.answers.pop(0)
        found = {"query": "q", "number_of_results": 0, "results": self.results}
        if path != "/search":
            found = {"type": "search", "query": {"original": "q"}, "web": {"results": self.results}}
        return ServerReply(body=json.dumps(found), headers={"Content-Type": "application/json"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: dict[str, Any]) -> None:
        server: SearchServer = self.server.searches  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        if parts.path in PATHS:
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            server.asked.append(ReceivedSearch(parts.path, query, dict(self.headers), body))
            self._send(server.reply(parts.path))
        elif text := server.pages.get(parts.path):
            self._send(ServerReply(body=text, headers={"Content-Type": "text/html; charset=utf-8"}))
        else:
            self._send(ServerReply(404))

    def _send(self, answer: ServerReply) -> None:
        data = answer.body.encode() if isinstance(answer.body, str) else answer.body
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving_searches() -> Iterator[SearchServer]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    server = SearchServer(port=http.server_address[1])
    http.searches = server  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
