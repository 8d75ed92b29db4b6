"""The health check of a container: a web server has to answer, everything else only to be there."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings

from contentpipeline import container_health


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ("tini -- python manage.py serve --host 0.0.0.0", ("127.0.0.1", 8000)),
        ("tini -- python manage.py serve --port 9000", ("127.0.0.1", 9000)),
        ("tini -- python manage.py up --port=9000", ("127.0.0.1", 9000)),
        ("tini -- python manage.py serve --host ::", ("::1", 8000)),
        ("tini -- python manage.py serve --host=[::] --port 9000", ("::1", 9000)),
        ("tini -- python manage.py serve --host 10.0.0.7", ("10.0.0.7", 8000)),
        ("/sbin/docker-init -- tini -- python manage.py qcluster", None),
        ("tini -- python manage.py migrate", None),
    ],
)
def test_it_knows_from_the_command_whether_and_where_a_server_listens(
    command: str, address: tuple[str, int] | None
) -> None:
    assert container_health.address_of(command.split(" ")) == address


@pytest.mark.parametrize(("status", "is_alive"), [(200, True), (400, True), (503, False)])
def test_a_refusal_of_the_host_is_an_answer_an_error_is_none(status: int, is_alive: bool) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert container_health.answers("127.0.0.1", server.server_port) == is_alive


def test_silence_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_health, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not container_health.answers("127.0.0.1", silent.getsockname()[1])
    assert not container_health.answers("127.0.0.1", 9)


def test_it_loads_nothing_of_django() -> None:
    code = "import sys, contentpipeline.container_health; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR).returncode == 0
