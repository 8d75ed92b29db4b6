"""Alerts of incidents, to a real mail server and a real web server, which fail, hang and redirect."""

# ruff: noqa: F811 (fixtures of another module)

import hashlib
import hmac
import json
import threading
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import standardwebhooks
from django.db import connection
from django.utils import timezone

from tasks.alerts import deliveries
from tasks.alerts.deliveries import BACKOFF, LEASE, deliver
from tasks.alerts.incidents import check
from tasks.delivery import http
from tasks.delivery.errors import DeliveryFailed
from tasks.lifecycle import Status
from tasks.models import Incident
from tasks.pipeline.providers.web.guard import checked_addresses
from tests.factories import ago, make_task
from tests.receivers import NEW, OLD, SECRET, hook, mailbox  # noqa: F401

pytestmark = pytest.mark.django_db


def fail(**fields):
    task = make_task(status=Status.FAILED, error_kind="provider_unavailable", **fields)
    check()
    return task


def make_due():
    Incident.objects.update(due_at=timezone.now())


def seconds_until_due():
    return (Incident.objects.get().due_at - timezone.now()).total_seconds()


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
    assert found.due_at is None
    assert found.delivered_at is not None
    assert (found.deliveries["mail"]["attempts"], found.last_error) == (1, "")


def test_a_webhook_is_signed_over_its_time_and_body(hook):
    task = fail()
    deliver()
    ((path, headers, body),) = hook.got
    assert path == "/alerts?token=t0p"
    assert abs(int(headers["X-Desk-Timestamp"]) - time.time()) < 10
    signed = headers["X-Desk-Timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Desk-Signature"] == f"sha256={expected}", "for one more release"
    payload = json.loads(body)
    assert (payload["event"], payload["kind"], payload["count"]) == ("incident.opened", "failures", 1)
    assert payload["tasks"] == [
        {"id": task.pk, "url": f"https://desk.example/admin/tasks/contenttask/{task.pk}/change/"}
    ]
    assert payload["since"].endswith("+00:00")


@pytest.mark.parametrize(
    ("setting", "secrets"),
    [
        (SECRET, [f"whsec_{b64encode(SECRET.encode()).decode()}"]),
        (NEW, [NEW]),
        (f"{NEW} {OLD}", [NEW, OLD]),
    ],
)
def test_the_public_library_verifies_an_alert_by_each_secret(hook, settings, setting, secrets):
    settings.ALERT_WEBHOOK_SECRET = setting
    fail()
    deliver()
    ((_, headers, body),) = hook.got
    assert len(headers["webhook-signature"].split()) == len(secrets)
    for secret in secrets:
        assert standardwebhooks.Webhook(secret).verify(body, headers) == json.loads(body)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook("whsec_YW5vdGhlciBzZWNyZXQ=").verify(body, headers)


def test_without_a_secret_nothing_is_signed(hook, settings):
    settings.ALERT_WEBHOOK_SECRET = ""
    fail()
    deliver()
    ((_, headers, _),) = hook.got
    assert {"webhook-id", "webhook-timestamp"} <= set(headers)
    assert not {"webhook-signature", "X-Desk-Signature"} & set(headers)


def test_an_alert_that_comes_again_has_the_same_id_and_another_incident_has_another(hook):
    fail()
    hook.status = 503
    deliver()
    make_due()
    hook.status = 204
    deliver()
    Incident.objects.update(closed_at=timezone.now())
    fail()
    deliver()
    first, again, other = (headers["webhook-id"] for _, headers, _ in hook.got)
    assert first == again != other
    assert "." not in first + other


@pytest.mark.parametrize("kind", Incident.Kind.values)
@pytest.mark.parametrize("is_closed", [False, True])
def test_every_kind_has_a_text_open_or_over(hook, kind, is_closed):
    Incident.objects.create(
        kind=kind, latest_at=ago(minutes=1), seen_at=ago(minutes=1), due_at=ago(minutes=1),
        closed_at=timezone.now() if is_closed else None,
        details={"count": 1200, "first_at": ago(hours=1).isoformat(), "task_ids": list(range(1, 11)),
                 "by": {"draft": 1200}, "since": ago(hours=1).isoformat()},
    )  # fmt: skip
    deliver()
    payload = json.loads(hook.got[0][2])
    assert "1,200" in payload["title"]
    assert len(payload["tasks"]) == 5
    assert ("it has been over since" in payload["text"]) == is_closed


def test_without_a_channel_an_incident_is_only_recorded(db):
    fail()
    assert deliver() == 1
    found = Incident.objects.get()
    assert (found.due_at, found.delivered_at, found.deliveries) == (None, None, {})


# --- Once ---------------------------------------------------------------------------------------------


def test_many_failures_are_one_alert(hook, mailbox):
    for _ in range(3):
        fail()
        deliver()
    assert (len(hook.got), len(mailbox.got)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_sends(hook):
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
def test_while_one_is_still_sending_none_takes_over_even_after_its_lease_ended(hook):
    fail()
    hook.drip_seconds = 1.0

    def send():
        try:
            deliver()
        finally:
            connection.close()

    slow = threading.Thread(target=send)
    slow.start()
    while not hook.got:
        time.sleep(0.02)
    make_due()
    deliver()
    slow.join()
    assert len(hook.got) == 1


def test_a_process_that_died_while_sending_leaves_it_to_another(hook, monkeypatch):
    fail()

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_send_by", die)
        with pytest.raises(KeyboardInterrupt):
            deliver()
    assert seconds_until_due() == pytest.approx(LEASE.total_seconds(), abs=3)
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
    assert found.delivered_at is None
    assert seconds_until_due() == pytest.approx(2, abs=1.5)
    assert deliver() == 0, "not before its pause is over"
    make_due()
    deliver()
    assert seconds_until_due() == pytest.approx(4, abs=1.5)
    hook.status = 200
    make_due()
    deliver()
    found = Incident.objects.get()
    assert (found.due_at, found.deliveries["webhook"]["attempts"]) == (None, 3)
    assert [path for path, _, _ in hook.got] == ["/alerts?token=t0p"] * 3


def test_a_webhook_that_never_comes_to_an_end_is_left_in_time(hook, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.5)
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
    assert Incident.objects.get().delivered_at is not None


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


def test_a_mail_server_that_does_not_answer_the_farewell_gets_no_mail_twice(mailbox, settings):
    settings.EMAIL_TIMEOUT, mailbox.farewell_seconds = 0.5, 1.0
    fail()
    deliver()
    assert len(mailbox.got) == 1
    found = Incident.objects.get()
    assert (found.due_at, found.last_error) == (None, "")


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


def test_after_a_day_no_alert_is_sent_any_more(hook):
    fail()
    Incident.objects.update(opened_at=ago(hours=25), due_at=timezone.now())
    deliver()
    assert hook.got == []
    assert Incident.objects.get().due_at is None


def test_an_incident_that_is_over_before_its_alert_was_sent_is_sent(hook):
    fail()
    Incident.objects.update(closed_at=timezone.now())
    deliver()
    assert len(hook.got) == 1


def test_the_pauses_grow_and_have_an_end():
    assert [BACKOFF.pause(attempts).total_seconds() for attempts in (1, 2, 3, 8)] == [2, 4, 8, 256]
    assert BACKOFF.pause(9) == BACKOFF.pause(10_000) == timedelta(minutes=5)


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
    with pytest.raises(DeliveryFailed, match=why) as caught:
        http.post(url, b"{}", {}, resolve=checked_addresses)
    assert caught.value.status is None


@pytest.mark.parametrize("name", ["rebind.invalid", "bücher.invalid"])
def test_a_guarded_webhook_is_reached_where_it_was_checked(hook, name):
    async def guard(url):
        return ["127.0.0.1"]

    # The name exists nowhere: only the checked address can have been used.
    url = hook.url.replace("127.0.0.1", name)
    assert http.post(url, b'{"a":1}', {"X-Desk-Id": "7"}, resolve=guard) == 204
    ((path, headers, body),) = hook.got
    assert (path, headers["X-Desk-Id"], body) == ("/", "7", b'{"a":1}')
    assert headers["Content-Type"] == "application/json"
