"""How the tests' language model speaks HTTP: what is sent, piece by piece, and what goes wrong on the way."""

from __future__ import annotations

import itertools
import json
import re
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.model_protocols import Event, OpenAI, completion, dialect_of
from tests.varied_text import varied

if TYPE_CHECKING:
    from tests.model_server import ModelServer, Received, Reply

LONGEST_HANG_SECONDS = 30


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, models: ModelServer) -> None:
        self.models = models
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the game."""


class Connection(BaseHTTPRequestHandler):
    """What goes over the wire, and whether anybody still listens."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def send_json(self, status: int, value: Any, headers: dict[str, str]) -> None:
        self.send_body(status, json.dumps(value).encode(), {**headers, "Content-Type": "application/json"})

    def send_body(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, header in headers.items():
            self.send_header(name, header)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_event(self, value: dict[str, Any] | str) -> None:
        name = f"event: {value['type']}\n" if isinstance(value, dict) and "type" in value else ""
        text = value if isinstance(value, str) else json.dumps(value)
        data = f"{name}data: {text}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def end_stream(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def pause(self, seconds: float) -> None:
        """Raises ConnectionResetError if the client hangs up meanwhile."""
        if self._has_hung_up(seconds):
            raise ConnectionResetError

    def hang(self) -> None:
        """Send nothing more; raises ConnectionResetError once the client has hung up."""
        self.close_connection = True
        until = time.monotonic() + LONGEST_HANG_SECONDS
        while time.monotonic() < until and not self.server.models.stopping.is_set():
            self.pause(0.02)

    def _has_hung_up(self, seconds: float) -> bool:
        """Wait so long; a client that sends nothing more but becomes readable has closed."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)


class Handler(Connection):
    """Answers each request as it was scripted."""

    def do_GET(self) -> None:
        self.send_json(200, {"object": "list", "data": [{"id": "writer", "object": "model"}]}, {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request, reply = self.server.models.receive(body, headers, self.path)
        try:
            self._answer(request, reply)
        except OSError:
            request.note_disconnect()
            self.close_connection = True

    def _answer(self, request: Received, reply: Reply) -> None:
        if reply.fault == "hang":
            request.started.set()
            self.hang()
        elif reply.body is not None:
            self.send_body(reply.status, reply.body, reply.headers)
        elif reply.status != 200:
            error = {"error": {"message": f"scripted {reply.status}", "type": "scripted", "code": None}}
            self.send_json(reply.status, error, reply.headers)
        elif request.body.get("stream") or ":stream" in self.path:
            self._stream(request, reply)
        else:
            self.send_json(200, completion(request.model, reply), reply.headers)

    def _stream(self, request: Received, reply: Reply) -> None:
        dialect = dialect_of(self.path, request.model, request.body)
        self.begin_stream()
        for event in dialect.opening(reply):
            self.send_event(event)
        for event in self._events(reply, dialect):
            self.send_event(event)
            request.sent_tokens += reply.tokens_a_piece
            request.started.set()
            if reply.obeys and request.sent_tokens + reply.tokens_a_piece > (request.requested_tokens or 1e9):
                usage = (len(request.prompt) // 4, request.sent_tokens) if reply.usage else None
                reply = replace(reply, finish_reason="length", usage=usage)
                break
            if reply.piece_delay_seconds:
                self.pause(reply.piece_delay_seconds)
        self._finish(reply, dialect)

    def _events(self, reply: Reply, dialect: OpenAI) -> Iterator[Event]:
        for thought in re.findall(r"\S+\s*", reply.thinking):
            yield dialect.thought(thought)
        for piece in _pieces(reply):
            yield dialect.piece(piece)
        for number in itertools.count():
            if not reply.endless or self.server.models.stopping.is_set():
                break
            self.pause(0)
            yield dialect.piece(varied(reply.endless, number))

    def _finish(self, reply: Reply, dialect: OpenAI) -> None:
        if reply.fault == "stall":
            self.hang()
        elif reply.fault == "drop":
            self.cut()
        else:
            if reply.fault != "truncate":
                for event in dialect.closing(reply):
                    self.send_event(event)
            self.end_stream()


def _pieces(reply: Reply) -> list[str]:
    """What is streamed of the text: of a stream that goes wrong, the first half."""
    pieces = re.findall(r"\S+\s*|\s+", reply.text)
    return pieces[: max(1, len(pieces) // 2)] if reply.fault else pieces
