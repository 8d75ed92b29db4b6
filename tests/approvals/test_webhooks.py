"""Webhooks: written down with what happened, and sent to a real web server that verifies as the docs say."""

# ruff: noqa: F811 (fixtures of another module)

import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import time
from base64 import b64encode, urlsafe_b64encode
from datetime import timedelta
from threading import Thread

import pytest
import standardwebhooks
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from approvals.models import AuditEntry, Verdict, Webhook, WebhookDelivery
from approvals.webhooks import subscriptions
from approvals.webhooks.delivery import BACKOFF, RETENTION, delete_old_deliveries, send, take_leases
from approvals.webhooks.events import registered_events
from contentpipeline.processes.webhook_dispatcher import WebhookDispatcher
from publishing.publish import unpublish, update_live
from tasks import housekeeping
from tasks.actions import cancel
from tasks.delivery import http
from tasks.lifecycle import Status
from tests.contentpipeline.test_maintenance import wait_for
from tests.factories import ago, decide_on, make_draft, make_task, make_user
from tests.live import database_url, serving
from tests.publishing.factories import approved_update, make_post
from tests.receivers import Hook, hook  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_the_intranet(settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True


def receivers_verification():
    """The function that docs/webhooks.md gives to authors of receivers."""
    text = (django_settings.BASE_DIR / "docs" / "webhooks.md").read_text()
    code = next(
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "is_genuine" in block
    )
    found = {}
    exec(code, found)
    return found["is_genuine"]


is_genuine = receivers_verification()


def subscribe(url, *events, by=None):
    """A subscription to these events, or to all, and its secret."""
    by = by or make_user("ines", "Integrations")
    return subscriptions.subscribe(url, events or list(registered_events), by=by)


def send_due():
    """What the dispatcher does, without its threads; returns how many calls that were."""
    return sum(send(lease) for lease in take_leases(16))


def make_due(**fields):
    WebhookDelivery.objects.filter(status="pending").update(due_at=timezone.now())
    Webhook.objects.update(try_at=timezone.now(), **fields)


def payloads(hook):
    return [json.loads(body) for _, _, body in hook.got]


# --- What is sent -------------------------------------------------------------------------------------


def test_a_receiver_can_verify_a_call(hook):
    _, secret = subscribe(f"{hook.url}desk?key=1", "task.cancelled")
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    assert send_due() == 1
    ((path, headers, body),) = hook.got
    assert path == "/desk?key=1"
    assert is_genuine(secret, headers, body)
    assert not is_genuine(secret, headers, body + b" ")
    assert not is_genuine(secret, headers | {"webhook-id": "another"}, body)
    assert not is_genuine("whsec_YW5vdGhlciBzZWNyZXQ=", headers, body)
    assert not is_genuine(secret, headers | {"webhook-timestamp": str(int(time.time()) - 301)}, body)
    delivery = WebhookDelivery.objects.get()
    call = json.loads(body)
    assert headers["webhook-id"] == headers["X-Desk-Id"] == call["id"] == str(delivery.uid)
    assert headers["X-Desk-Event"] == call["event"] == "task.cancelled"
    assert call["created_at"] == delivery.created_at.isoformat()
    assert (delivery.status, delivery.attempts, delivery.response_code) == ("delivered", 1, 204)
    assert delivery.delivered_at is not None
    assert send_due() == 0


def test_each_step_of_an_article_is_sent_as_ids_hashes_and_addresses(hook):
    subscribe(hook.url)
    post = make_post(title="A title that stays here", body="A body that stays here.")
    unpublish(post, by=make_user("publisher", "Publishers"), reason="A reason that stays here")
    send_due()
    assert [call["event"] for call in payloads(hook)] == [
        "task.in_progress", "task.awaiting_approval", "decision.made", "task.approved", "task.published",
        "post.published", "task.approved", "post.unpublished",
    ]  # fmt: skip
    assert b"stays here" not in b"".join(body for _, _, body in hook.got)
    begun, waits, decision, _, _, published, _, unpublished = [call["data"] for call in payloads(hook)]
    draft, site = post.draft, "https://desk.example"
    assert begun == {
        "task": draft.task_id, "run": 1, "from": "pending", "to": "in_progress", "draft": None,
        "version": None, "content_sha256": None,
        "links": {"task": f"{site}/api/tasks/{draft.task_id}/"},
    }  # fmt: skip
    for data in (waits, decision, published, unpublished):
        assert (data["draft"], data["version"]) == (draft.pk, 1)
        assert data["content_sha256"] == post.content_sha256
    assert waits["links"]["review"] == f"{site}/admin/desk/{draft.pk}/"
    assert (decision["decision"], decision["verdict"]) == (post.approval_id, "approve")
    assert decision["actor"] == post.approval.actor_id
    assert (published["post"], published["slug"]) == (post.pk, post.slug)
    assert published["links"]["page"] == f"{site}{post.get_absolute_url()}"
    assert published["links"]["post"] == f"{site}/api/posts/{post.slug}/"


def test_an_update_of_a_live_post_is_sent_with_the_version_that_readers_see(hook):
    post = make_post()
    draft = approved_update(post, body="Newer words.")
    subscribe(hook.url, "post.updated", "post.published")
    update_live(draft, by=make_user("publisher", "Publishers"), kind="update", note="Newer figures came in.")
    send_due()
    (call,) = payloads(hook)
    assert call["event"] == "post.updated"
    data = call["data"]
    assert (data["post"], data["version"], data["content_sha256"]) == (post.pk, 2, draft.content_sha256)


def test_the_addresses_in_payloads_lead_somewhere(hook, client, settings):
    subscribe(hook.url, "decision.made", "post.published")
    make_post()
    send_due()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    links = [link for call in payloads(hook) for link in call["data"]["links"].values()]
    assert len(links) == 9
    for link in links:
        assert client.get(link.removeprefix(settings.SITE_URL)).status_code == 200, link


def test_the_kind_of_a_failure_is_sent():
    subscribe("http://127.0.0.1:9/", "task.failed")
    make_task(status=Status.IN_PROGRESS).move_to(Status.FAILED, error_kind="timeout", error="Said the model")
    data = WebhookDelivery.objects.get().data
    assert data["error_kind"] == "timeout"
    assert "Said" not in json.dumps(data)


def test_only_what_was_subscribed_is_enqueued_and_nothing_when_it_is_paused_or_undone():
    first, _ = subscribe("http://a.example/", "decision.made")
    second, _ = subscribe("http://b.example/", "task.rejected")
    decide_on(make_draft(), Verdict.REJECT)
    assert list(first.deliveries.values_list("event", flat=True)) == ["decision.made"]
    assert list(second.deliveries.values_list("event", flat=True)) == ["task.rejected"]
    subscriptions.change(first, by=first.owner, is_active=False)
    decide_on(make_draft(), Verdict.APPROVE)
    with transaction.atomic():
        decide_on(make_draft(), Verdict.REJECT)
        assert second.deliveries.count() == 2
        transaction.set_rollback(True)
    assert (first.deliveries.count(), second.deliveries.count()) == (1, 1)


def test_without_a_subscription_an_event_costs_one_query(django_assert_num_queries):
    from approvals.webhooks.enqueue import enqueue_moves
    from tasks.lifecycle import Move

    move = Move(make_task(), Status.PENDING, Status.CANCELLED)
    with django_assert_num_queries(1):
        enqueue_moves(type(move.task), moves=[move])


def test_the_documentation_names_every_event():
    text = (django_settings.BASE_DIR / "docs" / "webhooks.md").read_text()
    table = text.partition("## Events")[2].partition("\n\n|")[2].partition("\n\n")[0]
    assert {row.split("`")[1] for row in table.splitlines() if "`" in row} == set(registered_events)


# --- Who may receive it ----------------------------------------------------------------------------------


def test_what_its_owner_may_not_read_any_more_is_not_sent(hook):
    made, _ = subscribe(hook.url, "task.cancelled")
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    made.owner.groups.clear()
    send_due()
    assert hook.got == []
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts) == ("failed", 0)
    assert "no longer has permission" in delivery.last_error


def test_an_account_that_was_deactivated_receives_nothing(hook):
    made, _ = subscribe(hook.url, "task.cancelled")
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    made.owner.is_active = False
    made.owner.save()
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    send_due()
    assert hook.got == []
    assert WebhookDelivery.objects.count() == 1


# --- Failing, and trying again ------------------------------------------------------------------------


def one_due(url):
    made, secret = subscribe(url, "task.cancelled")
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    return made, secret


def test_a_refused_call_comes_again_with_the_same_id_and_body_and_a_new_signature(hook):
    made, secret = one_due(hook.url)
    hook.status = 503
    assert send_due() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.response_code) == ("pending", 1, 503)
    assert delivery.last_error == "The webhook answered 503."
    assert 7 < (delivery.due_at - timezone.now()).total_seconds() <= 12.5
    made.refresh_from_db()
    assert made.failures == 1
    assert made.failing_since is not None
    assert send_due() == 0, "not before its time"
    hook.status = 200
    _, new_secret = subscriptions.rotate_secret(made, by=made.owner)
    make_due()
    assert send_due() == 1
    (_, first, body), (_, second, again) = hook.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert is_genuine(secret, first, body)
    assert is_genuine(new_secret, second, again)
    assert not is_genuine(new_secret, first, body)
    made.refresh_from_db()
    assert (made.failures, made.failing_since) == (0, None)
    assert WebhookDelivery.objects.get().attempts == 2


def test_while_a_receiver_is_down_one_call_in_five_minutes_asks_whether_it_is_back(hook):
    one_due(hook.url)
    for _ in range(3):
        cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    hook.status = 500
    assert send_due() == 1
    Webhook.objects.update(failures=100)
    make_due()
    assert send_due() == 1
    assert (Webhook.objects.get().try_at - timezone.now()).total_seconds() <= 300
    hook.status = 200
    make_due()
    assert send_due() == 4


def test_pauses_grow_to_an_hour_and_then_it_is_given_up(hook):
    for attempts, seconds in ((1, 10), (2, 20), (3, 40), (12, 3600), (1000, 3600)):
        assert 0.75 <= BACKOFF.pause(attempts).total_seconds() / seconds <= 1.25
    assert len({BACKOFF.pause(1) for _ in range(20)}) > 1
    one_due(hook.url)
    WebhookDelivery.objects.update(attempts=BACKOFF.max_attempts - 1)
    hook.status = 500
    send_due()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.due_at) == ("failed", BACKOFF.max_attempts, None)


def test_a_receiver_that_is_gone_gets_nothing_more(hook):
    made, _ = one_due(hook.url)
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    hook.status = 410
    assert send_due() == 1
    made.refresh_from_db()
    assert not made.is_active
    assert "410" in made.deactivated_because
    assert set(made.deliveries.values_list("status", flat=True)) == {"failed"}
    entry = AuditEntry.objects.get(action="webhook.deactivated")
    assert (entry.actor_name, entry.object_id, entry.data["active"]) == ("system", made.pk, False)
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    assert made.deliveries.count() == 2
    subscriptions.change(made, by=made.owner, is_active=True)
    made.refresh_from_db()
    assert (made.deactivated_because, made.failures) == ("", 0)


def test_three_days_without_success_end_a_subscription(hook):
    made, _ = one_due(hook.url)
    hook.status = 500
    Webhook.objects.update(failing_since=ago(days=3, minutes=-1))
    send_due()
    assert Webhook.objects.get().is_active
    make_due(failing_since=ago(days=3, minutes=1))
    send_due()
    made.refresh_from_db()
    assert made.deactivated_because == "Every call failed for 3 days."
    assert AuditEntry.objects.filter(action="webhook.deactivated").count() == 1


def test_a_redirect_is_not_followed(hook):
    one_due(hook.url)
    hook.status = 302
    send_due()
    assert [path for path, _, _ in hook.got] == ["/"]
    assert "redirects are not followed" in WebhookDelivery.objects.get().last_error


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("{hook}", "a port other than 80 and 443"),
        ("http://127.0.0.1/", "a private network"),
        ("https://localhost/", "a private network"),
        ("https://[::ffff:127.0.0.1]/", "a private network"),
        ("https://2130706433/", "a private network"),
    ],
)
def test_a_private_address_is_not_called(hook, settings, url, why):
    one_due(url.format(hook=hook.url))
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = False
    send_due()
    assert hook.got == []
    delivery = WebhookDelivery.objects.get()
    assert why in delivery.last_error
    assert (delivery.status, delivery.response_code) == ("pending", None)


def test_a_receiver_that_never_ends_is_left_after_the_limit(hook, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.5)
    one_due(hook.url)
    hook.drip_seconds = 5
    started = time.monotonic()
    send_due()
    assert time.monotonic() - started < 3
    assert "within 0.5 seconds" in WebhookDelivery.objects.get().last_error


def test_a_new_key_of_the_site_is_said_instead_of_signing_with_a_wrong_secret(hook, settings):
    made, _ = one_due(hook.url)
    settings.SECRET_KEY = "another"
    send_due()
    assert hook.got == []
    assert "rotate the secret" in WebhookDelivery.objects.get().last_error
    _, secret = subscriptions.rotate_secret(made, by=made.owner)
    make_due()
    send_due()
    ((_, headers, body),) = hook.got
    assert is_genuine(secret, headers, body)


# --- The public library, and headers from before ----------------------------------------------------


def by_old_headers(key, headers, body):
    signed = headers["X-Desk-Timestamp"].encode() + b"." + body
    return headers["X-Desk-Signature"] == f"v1={hmac.digest(key, signed, 'sha256').hex()}"


def test_the_public_library_verifies_a_call(hook):
    _, secret = one_due(hook.url)
    send_due()
    ((_, headers, body),) = hook.got
    assert standardwebhooks.Webhook(secret).verify(body, headers) == json.loads(body)
    for wrong in (body + b" ", body.replace(b"cancelled", b"published")):
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(secret).verify(wrong, headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook("whsec_YW5vdGhlciBzZWNyZXQ=").verify(body, headers)


def test_while_a_secret_is_rotated_either_verifies_and_a_day_later_the_new_one_alone(hook):
    made, old = one_due(hook.url)
    made, new = subscriptions.rotate_secret(made, by=made.owner)
    send_due()
    ((_, headers, body),) = hook.got
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(body, headers)
    Webhook.objects.update(previous_until=timezone.now())
    subscriptions.redeliver(WebhookDelivery.objects.get())
    send_due()
    (_, (_, headers, body)) = hook.got
    standardwebhooks.Webhook(new).verify(body, headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(old).verify(body, headers)


def test_a_secret_that_is_lost_signs_nothing_after_it_was_rotated(hook, settings):
    made, _ = one_due(hook.url)
    settings.SECRET_KEY = "another"
    made, _ = subscriptions.rotate_secret(made, by=made.owner)
    assert (made.previous_salt, made.previous_until) == ("", None)
    send_due()
    assert len(hook.got[0][1]["webhook-signature"].split()) == 1


def test_a_secret_from_before_verifies_by_the_old_headers_and_encoded_by_the_new_ones(hook):
    made, secret = one_due(hook.url)
    # What the desk showed before: the key itself, as text.
    from_before = urlsafe_b64encode(
        salted_hmac("approvals.webhooks", made.secret_salt, algorithm="sha256").digest()
    ).rstrip(b"=")
    assert secret == f"whsec_{b64encode(from_before).decode()}"
    assert made.secret_sha256 == hashlib.sha256(from_before).hexdigest(), "as in rows from before"
    send_due()
    ((_, headers, body),) = hook.got
    assert by_old_headers(from_before, headers, body)
    assert headers["X-Desk-Timestamp"] == headers["webhook-timestamp"]


# --- Many at once, and processes that die -------------------------------------------------------------


@pytest.fixture
def other():
    hook = Hook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.mark.django_db(transaction=True)
def test_a_slow_receiver_holds_up_no_other(hook, other):
    subscribe(hook.url, "task.cancelled")
    subscribe(other.url, "task.cancelled")
    hook.drip_seconds = 8
    dispatcher = WebhookDispatcher()
    for number in range(1, 4):
        cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
        dispatcher.run_safely()
        wait_for(lambda number=number: len(other.got) == number, seconds=4)
        wait_for(lambda: Webhook.objects.filter(leased_until__lte=timezone.now()).exists())
    assert len(hook.got) == 1, "one call at a time to each"
    hook.drip_seconds = 0
    wait_for(lambda: not any(sender.is_alive() for sender in dispatcher._senders), seconds=15)


def test_one_process_at_a_time_sends_to_a_subscription(hook):
    one_due(hook.url)
    (first,) = take_leases(16)
    assert take_leases(16) == []
    assert send(first) == 1
    assert take_leases(0) == []


SENDER = """
import sys
from datetime import datetime
import django
django.setup()
from approvals.webhooks.delivery import DeliveryLease, send
send(DeliveryLease(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
"""


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_is_killed_in_the_middle_of_a_call_loses_nothing(hook):
    with transaction.atomic():  # so that no other process of the tests can have it
        one_due(hook.url)
        (lease,) = take_leases(16)
    hook.drip_seconds = 8
    environment = os.environ | {"DATABASE_URL": database_url(), "FETCH_ALLOW_PRIVATE_NETWORKS": "on"}
    command = [sys.executable, "-c", SENDER, str(lease.webhook_id), lease.until.isoformat()]
    with subprocess.Popen(command, cwd=django_settings.BASE_DIR, env=environment) as process:
        wait_for(lambda: hook.got, seconds=30)
        process.send_signal(signal.SIGKILL)
    hook.drip_seconds = 0
    assert WebhookDelivery.objects.get().status == "pending"
    assert send_due() == 0, "its lease has not ended"
    with transaction.atomic():
        make_due(leased_until=timezone.now())
        (lease,) = take_leases(16)
    assert send(lease) == 1
    (_, first, body), (_, second, again) = hook.got
    assert first["webhook-id"] == second["webhook-id"]
    assert body == again
    assert WebhookDelivery.objects.get().status == "delivered"


@pytest.mark.django_db(transaction=True)
def test_a_running_site_sends_within_seconds(tmp_path, hook):
    about = {"DATABASE_URL": database_url(), "FETCH_ALLOW_PRIVATE_NETWORKS": "on", "MAINTENANCE": "1"}
    with serving(tmp_path / "log", "-m", "tests.live", **about):
        _, secret = one_due(hook.url)
        wait_for(lambda: hook.got, seconds=10)
    ((_, headers, body),) = hook.got
    assert is_genuine(secret, headers, body)


@pytest.mark.django_db(transaction=True)
def test_asking_again_for_what_is_being_sent_waits_for_nothing_and_loses_nothing(hook):
    with transaction.atomic():
        one_due(hook.url)
        (lease,) = take_leases(16)
    hook.drip_seconds = 1

    def send_and_let_go():
        send(lease)
        connection.close()

    sender = Thread(target=send_and_let_go)
    sender.start()
    wait_for(lambda: hook.got)
    for _ in range(20):
        subscriptions.redeliver(WebhookDelivery.objects.get())
        time.sleep(0.1)
    sender.join(10)
    hook.drip_seconds = 0
    wait_for(lambda: send_due() == 0 and WebhookDelivery.objects.get().status == "delivered")
    assert len({headers["webhook-id"] for _, headers, _ in hook.got}) == 1


def test_a_subscription_that_changes_or_goes_while_it_is_sent_to_is_read_again(hook, other):
    made, _ = one_due(hook.url)
    (lease,) = take_leases(16)
    subscriptions.change(made, by=made.owner, url=other.url)
    assert send(lease) == 1
    assert (len(hook.got), len(other.got)) == (0, 1)
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    (lease,) = take_leases(16)
    subscriptions.delete(made, by=made.owner)
    assert send(lease) == 0


# --- The log ------------------------------------------------------------------------------------------


def test_the_log_is_deleted_after_a_month(monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 1)
    made, _ = one_due("http://127.0.0.1:9/")
    for _ in range(3):
        cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    recent = made.deliveries.first()
    made.deliveries.exclude(pk=recent.pk).update(created_at=timezone.now() - RETENTION - timedelta(minutes=1))
    assert delete_old_deliveries() == 3
    assert made.deliveries.get() == recent
