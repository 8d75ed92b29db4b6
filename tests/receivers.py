"""Where messages arrive: a real web server and a real mail server, which fail, hang and redirect."""

import asyncio
import threading
import time
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from contentpipeline.processes.ports import free_port

SECRET, PASSWORD = "a webhook's secret", "hunter2"
NEW, OLD = "whsec_bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IQ==", "whsec_b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIQ=="


class Hook:
    """A web server that records what it got and answers as it is set."""

    def __init__(self):
        self.got, self.status, self.drip_seconds = [], 204, 0.0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((self.path, dict(self.headers), body))
                end = time.monotonic() + hook.drip_seconds
                try:
                    head = f"HTTP/1.1 {hook.status} So\r\nLocation: {hook.url}elsewhere\r\nX-Slow: "
                    self.wfile.write(head.encode())
                    while time.monotonic() < end:  # never silent for long, never done
                        self.wfile.write(b"a")
                        time.sleep(0.05)
                    self.wfile.write(b"\r\nContent-Length: 0\r\n\r\n")
                except OSError:
                    pass  # the client has had enough

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


class Mailbox:
    """What a mail server does with a mail; it refuses while `refusal` is set."""

    def __init__(self):
        self.got, self.refusal, self.farewell_seconds = [], "", 0.0

    async def handle_DATA(self, server, session, envelope):
        if self.refusal:
            return self.refusal
        self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        await asyncio.sleep(self.farewell_seconds)
        return "221 Bye"


@pytest.fixture
def hook(settings):
    hook = Hook()
    settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET = f"{hook.url}alerts?token=t0p", SECRET
    settings.SITE_URL = "https://desk.example"
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture
def mailbox(settings):
    def login(server, session, envelope, mechanism, given):
        return AuthResult(
            success=(given.login, given.password) == (b"desk", PASSWORD.encode()), handled=False
        )

    mailbox = Mailbox()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=login,
        auth_require_tls=False,
    )
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "desk", PASSWORD
    settings.SENDS_MAIL, settings.ALERT_EMAILS = True, ["ada@example.org", "bob@example.org"]
    settings.SITE_URL = "https://desk.example"
    yield mailbox
    controller.stop()
