"""Telling of incidents: to a real mail server and a real web server, which fail, hang and redirect."""

import hashlib
import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.db import connection
from django.utils import timezone

from contentpipeline.processes.ports import free_port
from tasks.alerts import channels, deliveries
from tasks.alerts.deliveries import CLAIM, deliver, pause_after
from tasks.alerts.incidents import check
from tasks.lifecycle import Status
from tasks.models import Incident
from tasks.pipeline.providers.guard import checked_addresses
from tests.factories import ago, make_task

pytestmark = pytest.mark.django_db

SECRET, PASSWORD = "a webhook's secret", "hunter2"


class Hook:
    """A web server that keeps what it got and answers as it is told."""

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
    """What a mail server does with a mail; it refuses while it is told to."""

    def __init__(self):
        self.got, self.refusal = [], ""

    async def handle_DATA(self, server, session, envelope):
        if self.refusal:
            return self.refusal
        self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 Kept"


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


def fail(**fields):
    task = make_task(status=Status.FAILED, error_kind="provider_unavailable", **fields)
    check()
    return task


def make_due():
    Incident.objects.update(deliver_at=timezone.now())


def seconds_until_due():
    return (Incident.objects.get().deliver_at - timezone.now()).total_seconds()


# --- What is sent -------------------------------------------------------------------------------------


def test_a_mail_says_what_how_many_since_when_which_and_what_to_do(mailbox):
    task = fail(topic="Secret plans", error="The model wrote: nonsense")
    assert deliver() == 1
    ((to, mail),) = mailbox.got
    assert to == ["ada@example.org", "bob@example.org"]
    assert mail["Subject"] == "[Content Desk] 1 task failed"
    assert mail["From"].startswith("desk@")
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_payload(decode=True).decode()
    for part in (
        "1 task failed, since ", " UTC: 1 × Service unavailable.", "What to do: Open https://desk.example/admin/tasks/dashboard/",
        f"https://desk.example/admin/tasks/contenttask/{task.pk}/change/",
    ):  # fmt: skip
        assert part in text
    assert "Secret" not in text
    assert "nonsense" not in text
    found = Incident.objects.get()
    assert found.deliver_at is None
    assert found.notified_at is not None
    assert (found.deliveries["mail"]["attempts"], found.last_error) == (1, "")


def test_a_webhook_is_signed_over_its_time_and_body(hook):
    task = fail()
    deliver()
    ((path, headers, body),) = hook.got
    assert path == "/alerts?token=t0p"
    assert abs(int(headers["X-Desk-Timestamp"]) - time.time()) < 10
    signed = headers["X-Desk-Timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Desk-Signature"] == f"sha256={expected}"
    told = json.loads(body)
    assert (told["event"], told["kind"], told["count"]) == ("incident.opened", "failures", 1)
    assert told["tasks"] == [
        {"id": task.pk, "url": f"https://desk.example/admin/tasks/contenttask/{task.pk}/change/"}
    ]
    assert told["since"].endswith("+00:00")


@pytest.mark.parametrize("kind", Incident.Kind.values)
@pytest.mark.parametrize("is_closed", [False, True])
def test_there_are_words_for_every_kind_open_or_over(hook, kind, is_closed):
    Incident.objects.create(
        kind=kind, latest_at=ago(minutes=1), seen_at=ago(minutes=1), deliver_at=ago(minutes=1),
        closed_at=timezone.now() if is_closed else None,
        details={"count": 1200, "first_at": ago(hours=1).isoformat(), "task_ids": list(range(1, 11)),
                 "by": {"draft": 1200}, "since": ago(hours=1).isoformat()},
    )  # fmt: skip
    deliver()
    told = json.loads(hook.got[0][2])
    assert "1,200" in told["title"]
    assert len(told["tasks"]) == 5
    assert ("it is over since" in told["text"]) == is_closed


def test_without_anybody_to_tell_an_incident_is_only_kept(db):
    fail()
    assert deliver() == 1
    found = Incident.objects.get()
    assert (found.deliver_at, found.notified_at, found.deliveries) == (None, None, {})


# --- Once ---------------------------------------------------------------------------------------------


def test_many_failures_are_told_once(hook, mailbox):
    for _ in range(3):
        fail()
        deliver()
    assert (len(hook.got), len(mailbox.got)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_tells(hook):
    make_task(status=Status.FAILED)
    hook.drip_seconds = 0.3

    def run_safely(_):
        try:
            check()
            deliver()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(run_safely, range(16)))
    assert Incident.objects.count() == 1
    assert len(hook.got) == 1


@pytest.mark.django_db(transaction=True)
def test_while_one_is_still_telling_nobody_takes_over_even_after_its_claim_ran_out(hook):
    fail()
    hook.drip_seconds = 1.0

    def tell():
        try:
            deliver()
        finally:
            connection.close()

    slow = threading.Thread(target=tell)
    slow.start()
    while not hook.got:
        time.sleep(0.02)
    make_due()
    deliver()
    slow.join()
    assert len(hook.got) == 1


def test_a_process_that_died_while_telling_leaves_it_to_another(hook, monkeypatch):
    fail()

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_why_not_sent", die)
        with pytest.raises(KeyboardInterrupt):
            deliver()
    assert seconds_until_due() == pytest.approx(CLAIM.total_seconds(), abs=3)
    assert deliver() == 0
    make_due()
    assert deliver() == 1
    assert len(hook.got) == 1


# --- When it fails ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (500, "The webhook answered 500."),
        (404, "The webhook answered 404."),
        (302, "The webhook answered 302, and redirects are not followed."),
    ],
)
def test_a_webhook_that_refuses_or_redirects_is_tried_again_until_it_works(hook, status, sentence):
    fail()
    hook.status = status
    deliver()
    found = Incident.objects.get()
    assert found.last_error == found.deliveries["webhook"]["error"] == sentence
    assert found.notified_at is None
    assert seconds_until_due() == pytest.approx(2, abs=1.5)
    assert deliver() == 0, "not before its pause is over"
    make_due()
    deliver()
    assert seconds_until_due() == pytest.approx(4, abs=1.5)
    hook.status = 200
    make_due()
    deliver()
    found = Incident.objects.get()
    assert (found.deliver_at, found.deliveries["webhook"]["attempts"]) == (None, 3)
    assert [path for path, _, _ in hook.got] == ["/alerts?token=t0p"] * 3


def test_a_webhook_that_never_comes_to_an_end_is_left_in_time(hook, monkeypatch):
    monkeypatch.setattr(channels, "WEBHOOK_SECONDS", 0.5)
    fail()
    hook.drip_seconds = 5
    started = time.monotonic()
    deliver()
    assert time.monotonic() - started < 2
    assert Incident.objects.get().last_error == "The webhook did not answer within 0.5 seconds."


def test_a_channel_that_worked_is_not_used_again_for_the_sake_of_the_other(hook, mailbox):
    fail()
    hook.status = 503
    for _ in range(3):
        make_due()
        deliver()
    assert len(mailbox.got) == 1
    assert len(hook.got) == 3
    assert Incident.objects.get().notified_at is not None


def test_a_mail_server_that_refuses_is_recorded_without_a_secret(mailbox, settings):
    fail()
    mailbox.refusal = "451 Greylisted, hunter2"
    deliver()
    assert Incident.objects.get().last_error == "The mail server refused with 451."
    settings.EMAIL_HOST_PASSWORD = "wrong hunter2"
    make_due()
    deliver()
    assert Incident.objects.get().last_error == "The mail server refused with 535."
    settings.EMAIL_PORT = 9
    make_due()
    deliver()
    assert Incident.objects.get().last_error == "The mail could not be sent: ConnectionRefusedError."
    assert "hunter2" not in json.dumps(Incident.objects.get().deliveries)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/t0p", "http://no-such-host.invalid/t0p", "http://[::1/t0p"]
)
def test_a_webhook_that_cannot_be_reached_is_recorded_without_its_address(settings, url):
    settings.ALERT_WEBHOOK_URL = url
    fail()
    deliver()
    found = Incident.objects.get()
    assert found.last_error.startswith("The webhook cannot be reached: ")
    assert "t0p" not in found.last_error


def test_after_a_day_nobody_is_told_any_more(hook):
    fail()
    Incident.objects.update(opened_at=ago(hours=25), deliver_at=timezone.now())
    deliver()
    assert hook.got == []
    assert Incident.objects.get().deliver_at is None


def test_an_incident_that_is_over_before_it_could_be_told_is_told(hook):
    fail()
    Incident.objects.update(closed_at=timezone.now())
    deliver()
    assert len(hook.got) == 1


def test_the_pauses_grow_and_have_an_end():
    assert [pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 8)] == [2, 4, 8, 256]
    assert pause_after(9) == pause_after(10_000) == timedelta(minutes=5)


# --- A webhook that is not the operator's own ---------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/", "private network"),
        ("http://[::1]/", "private network"),
        ("http://2130706433/", "private network"),
        ("http://localhost/", "private network"),
        ("https://93.184.215.14:8443/", "80 and 443"),
        ("https://no-such-host.invalid/", "no address"),
    ],
)
def test_a_guarded_webhook_leads_out_of_this_network(url, why):
    with pytest.raises(channels.DeliveryFailed, match=why) as caught:
        channels.post(url, b"{}", {}, guard=checked_addresses)
    assert caught.value.status is None


@pytest.mark.parametrize("name", ["rebind.invalid", "bücher.invalid"])
def test_a_guarded_webhook_is_reached_where_it_was_checked(hook, name):
    async def guard(url):
        return ["127.0.0.1"]

    # The name exists nowhere: only the checked address can have been used.
    url = hook.url.replace("127.0.0.1", name)
    assert channels.post(url, b'{"a":1}', {"X-Desk-Id": "7"}, guard=guard) == 204
    ((path, headers, body),) = hook.got
    assert (path, headers["X-Desk-Id"], body) == ("/", "7", b'{"a":1}')
    assert headers["Content-Type"] == "application/json"
