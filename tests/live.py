"""Real servers for tests: the site on the test's own database, or any application behind granian."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from contentpipeline.processes import lifetime

BASE_DIR = Path(__file__).resolve().parent.parent
START_SECONDS = 30


@dataclass(frozen=True)
class HttpReply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, timeout: float = 10) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> HttpReply:
        connection = self.connect()
        try:
            connection.request(method, path, body, self.headers | (headers or {}))
            answer = connection.getresponse()
            return HttpReply(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """What comes back for these very bytes, which must ask for the connection to be closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def serving(log: Path, *command: str, **environment: str) -> Iterator[Server]:
    """Run `python COMMAND PORT` until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    parent = os.getpid()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command, str(port)],
            cwd=BASE_DIR, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, preexec_fn=lambda: lifetime.die_with_parent(parent=parent),
        )  # fmt: skip
    server = Server(port, process, log)
    try:
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            return
        except OSError:
            assert server.process.poll() is None, server.log.read_text()
            assert time.monotonic() < deadline, f"no answer:\n{server.log.read_text()}"
            time.sleep(0.05)


def database_url(role: str = "") -> str:
    """The test's database, for another process: as this role, else as the owner."""
    from django.db import connection

    given = connection.settings_dict | ({"USER": role} if role else {})
    account = quote(given["USER"], safe="") + (
        f":{quote(given['PASSWORD'], safe='')}" * bool(given["PASSWORD"])
    )
    options = urlencode({"host": given["HOST"]}) if given["HOST"] else ""
    port = f":{given['PORT']}" if given["PORT"] else ""
    return f"postgres://{account}@localhost{port}/{quote(given['NAME'], safe='')}?{options}"


def _run_nothing(parent: int, close_inherited: Callable[[], object]) -> None:
    close_inherited()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGTERM])
    while os.getppid() == parent:
        time.sleep(0.5)


def main(port: str) -> None:
    """`manage.py serve`, with static files straight from their sources; maintenance only with MAINTENANCE=1.

    It would send and publish what a test that runs meanwhile is to send and publish itself.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "contentpipeline.settings"
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_USE_FINDERS = True
    django.setup()
    from contentpipeline.processes import maintenance

    if "MAINTENANCE" not in os.environ:
        maintenance.run_maintenance = _run_nothing
    call_command("serve", port=int(port), processes=int(os.environ.get("PROCESSES", "1")), threads=3)


if __name__ == "__main__":
    main(sys.argv[1])
