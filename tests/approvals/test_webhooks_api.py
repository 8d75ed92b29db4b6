"""Subscriptions over HTTP: own ones alone, a secret that is shown once, and every change on record."""

# ruff: noqa: F811 (fixtures of another module)

import json

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core import serializers
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from approvals.models import AuditEntry, Webhook, WebhookDelivery
from approvals.webhooks import subscriptions
from approvals.webhooks.subscriptions import MAX_EACH
from tasks.actions import cancel
from tests.approvals.test_webhooks import is_genuine, send_due
from tests.callers import caller, problem
from tests.factories import make_task, make_user
from tests.receivers import hook  # noqa: F401

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.org/desk/t0p?key=s3cret"
ASKED = {"url": URL, "events": ["task.failed", "task.cancelled"]}


@pytest.fixture
def client():
    return caller("Integrations")


def subscribed(client, **fields):
    answer = client.post("/api/webhooks/", ASKED | fields)
    assert answer.status_code == 201, answer.content
    return answer.json()


def entries():
    return list(AuditEntry.objects.filter(action__startswith="webhook.").order_by("seq"))


# --- Making one ---------------------------------------------------------------------------------------


def test_an_integration_subscribes(client):
    made = subscribed(client, description="The CMS")
    assert made["events"] == ["task.cancelled", "task.failed"]
    assert (made["url"], made["description"], made["active"]) == (URL, "The CMS", True)
    assert made["owner"] == client.user.pk
    assert (made["deactivated_because"], made["failures"], made["failing_since"]) == ("", 0, None)
    assert len(made["secret"]) >= 43
    read = client.get(f"/api/webhooks/{made['id']}/").json()
    assert read == {name: value for name, value in made.items() if name != "secret"}
    assert client.get("/api/webhooks/").json()["results"] == [read]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": "ftp://example.org/"}, "url"),
        ({"url": "http://example.org/"}, "url"),
        ({"url": "example.org"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"url": "https://ada:pw@example.org/"}, "url"),
        ({"url": "https://example.org:8443/"}, "url"),
        ({"url": "https://example.org:99999/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://10.1.2.3/"}, "url"),
        ({"url": "https://169.254.169.254/latest/"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://LOCALHOST./"}, "url"),
        ({"url": "https://a.localhost/"}, "url"),
        ({"url": "https://example.org/" + "a" * 500}, "url"),
        ({"url": "https://example.org/\x00"}, "url"),
        ({"url": "https://example.org/\ud800"}, "url"),
        ({"url": 7}, "url"),
        ({"url": ["https://example.org/"]}, "url"),
        ({"events": []}, "events"),
        ({"events": ["task.finished"]}, "events"),
        ({"events": ["ping"]}, "events"),
        ({"events": ["task.failed", {}]}, "events"),
        ({"events": "task.failed"}, "events"),
        ({"events": ["task.failed"] * 101}, "events"),
        ({"description": "a" * 201}, "description"),
        ({"secret": "of my own"}, "secret"),
        ({"owner": 1}, "owner"),
        ({"active": False}, "active"),
    ],
)
def test_what_cannot_be_subscribed_is_named(client, fields, field):
    answer = client.generic("POST", "/api/webhooks/", json.dumps(ASKED | fields), "application/json")
    assert set(problem(answer, 400)["errors"]) == {field}
    assert not Webhook.objects.exists()


def test_an_intranet_is_allowed_where_the_operator_says_so(client, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    assert subscribed(client, url="http://10.1.2.3:8080/desk")["url"] == "http://10.1.2.3:8080/desk"
    problem(client.post("/api/webhooks/", ASKED | {"url": "http://ada@10.1.2.3/"}), 400)


def test_one_address_is_subscribed_once_and_nobody_has_too_many(client):
    made = subscribed(client)
    found = problem(client.post("/api/webhooks/", ASKED), 409)
    assert found["type"] == "urn:problem:webhook-conflict"
    assert f"Subscription {made['id']}" in found["detail"]
    other = subscribed(client, url="https://other.example.org/")
    problem(client.patch(f"/api/webhooks/{other['id']}/", {"url": URL}), 409)
    subscribed(caller("Integrations"))  # another account may
    for number in range(MAX_EACH - 2):
        subscribed(client, url=f"https://h{number}.example.org/")
    one_more = client.post("/api/webhooks/", ASKED | {"url": "https://x.org/"})
    assert str(MAX_EACH) in problem(one_more, 409)["detail"]


def test_who_may_not_read_what_an_event_tells_may_not_subscribe_to_it():
    narrow = make_user("narrow")
    codenames = ["view_webhook", "add_webhook", "change_webhook", "view_contenttask"]
    narrow.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = caller(user=narrow)
    made = subscribed(client)
    asked = {"url": "https://x.org/", "events": ["decision.made"]}
    found = problem(client.post("/api/webhooks/", asked), 403)
    assert "decision.made" in found["detail"]
    problem(client.patch(f"/api/webhooks/{made['id']}/", {"events": ["post.published"]}), 403)


# --- The secret ---------------------------------------------------------------------------------------


def test_the_secret_is_in_the_answer_that_made_it_and_nowhere_else(client, hook, settings, caplog):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    caplog.set_level("DEBUG")
    answer = client.post("/api/webhooks/", ASKED | {"url": hook.url}, headers={"Idempotency-Key": "k"})
    assert "no-store" in answer["Cache-Control"]
    made = answer.json()
    place = f"/api/webhooks/{made['id']}/"
    rotated = client.post(f"{place}rotate-secret/")
    assert "no-store" in rotated["Cache-Control"]
    secrets = {made["secret"], rotated.json()["secret"]}
    assert len(secrets) == 2
    client.post(f"{place}ping/")
    hook.status = 500
    send_due()
    root = make_user("root", is_staff=True, is_superuser=True)
    seen = [
        client.get("/api/webhooks/"), client.get(place), client.patch(place, {"description": "Other"}),
        client.get(f"{place}deliveries/"), caller(user=root).get("/api/audit/?page_size=200"),
    ]  # fmt: skip
    browser = staff("root")
    delivery = WebhookDelivery.objects.get()
    seen += [
        browser.get(f"/admin/approvals/{path}")
        for path in (
            "webhook/", f"webhook/{made['id']}/change/", "webhookdelivery/",
            f"webhookdelivery/{delivery.pk}/change/",
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in seen} == {200}
    models = [model for app in ("approvals", "tasks") for model in apps.get_app_config(app).get_models()]
    rows = [serializers.serialize("json", model.objects.all()) for model in models]
    everything = "".join([*rows, caplog.text, *(answer.content.decode() for answer in seen)])
    hook_row = Webhook.objects.get()
    for secret in secrets:
        assert secret not in everything
    for answer in seen:
        assert hook_row.secret_salt not in answer.content.decode()
        assert hook_row.secret_sha256 not in answer.content.decode()


def test_a_new_secret_signs_at_once_and_the_previous_one_for_another_day(client, hook, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    made = subscribed(client, url=hook.url)
    secret = client.post(f"/api/webhooks/{made['id']}/rotate-secret/").json()["secret"]
    client.post(f"/api/webhooks/{made['id']}/ping/")
    send_due()
    ((_, headers, body),) = hook.got
    assert made["secret"] != secret
    assert is_genuine(secret, headers, body)
    assert is_genuine(made["secret"], headers, body)


# --- Changing and ending ------------------------------------------------------------------------------


def test_a_change_is_of_what_is_given(client):
    made = subscribed(client, description="The CMS")
    place = f"/api/webhooks/{made['id']}/"
    changed = client.patch(place, {"events": ["decision.made", "decision.made"], "active": False}).json()
    assert (changed["events"], changed["active"], changed["url"]) == (["decision.made"], False, URL)
    assert changed["description"] == "The CMS"
    problem(client.patch(place, {"failures": 0}), 400)
    problem(client.patch(place, {"active": None}), 400)
    problem(client.put(place, ASKED), 405)


def test_a_subscription_that_is_paused_keeps_what_was_to_be_sent(client, hook, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    made = subscribed(client, url=hook.url)
    place = f"/api/webhooks/{made['id']}/"
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    client.patch(place, {"active": False})
    assert send_due() == 0
    (row,) = client.get(f"{place}deliveries/").json()["results"]
    assert (row["status"], row["next_try_at"]) == ("pending", None)
    client.patch(place, {"active": True})
    assert send_due() == 1


def test_deleting_removes_the_log_and_keeps_the_record(client):
    made = subscribed(client)
    place = f"/api/webhooks/{made['id']}/"
    client.post(f"{place}ping/")
    answer = client.delete(place)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not WebhookDelivery.objects.exists()
    problem(client.get(place), 404)
    assert [entry.action for entry in entries()] == ["webhook.created", "webhook.deleted"]


def test_every_change_is_on_record_without_secret_or_address(client):
    made = subscribed(client)
    place = f"/api/webhooks/{made['id']}/"
    client.patch(place, {"url": f"{URL}2", "active": False})
    client.patch(place, {"active": False})  # no change
    rotated = client.post(f"{place}rotate-secret/").json()
    client.delete(place)
    found = entries()
    assert [entry.action for entry in found] == [
        "webhook.created", "webhook.changed", "webhook.secret_rotated", "webhook.deleted",
    ]  # fmt: skip
    assert {(entry.actor_id, entry.object_id) for entry in found} == {(client.user.pk, made["id"])}
    assert found[1].data == {
        "owner": client.user.pk, "host": "hooks.example.org", "events": ["task.cancelled", "task.failed"],
        "active": False, "changed": ["is_active", "url"],
    }  # fmt: skip
    text = json.dumps([entry.data for entry in found])
    for hidden in ("t0p", "s3cret", made["secret"], rotated["secret"]):
        assert hidden not in text


def test_accounts_have_their_own_and_administrators_all(client):
    made = subscribed(client)
    place = f"/api/webhooks/{made['id']}/"
    client.post(f"{place}ping/")
    uid = WebhookDelivery.objects.get().uid
    other, root = caller("Integrations"), caller(user=make_user("root", is_superuser=True))
    assert other.get("/api/webhooks/").json()["results"] == []
    for method, path in (
        ("get", ""), ("patch", ""), ("delete", ""), ("post", "rotate-secret/"), ("post", "ping/"),
        ("get", "deliveries/"), ("post", f"deliveries/{uid}/redeliver/"),
    ):  # fmt: skip
        problem(getattr(other, method)(f"{place}{path}", {}), 404)
    assert root.get(f"{place}deliveries/").status_code == 200
    assert root.patch(place, {"active": False}).json()["owner"] == client.user.pk
    assert entries()[-1].actor_name == "root"
    own = subscribed(other)
    problem(other.post(f"/api/webhooks/{own['id']}/deliveries/{uid}/redeliver/"), 404)


# --- Calls --------------------------------------------------------------------------------------------


def test_a_ping_is_sent_and_logged(client, hook, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    made = subscribed(client, url=hook.url)
    place = f"/api/webhooks/{made['id']}/"
    first, second = client.post(f"{place}ping/"), client.post(f"{place}ping/")
    assert first.status_code == 202
    assert first.json()["id"] == second.json()["id"], "one that waits is not repeated"
    assert first.json()["next_try_at"]
    send_due()
    ((_, headers, body),) = hook.got
    assert is_genuine(made["secret"], headers, body)
    assert json.loads(body)["data"] == {"webhook": made["id"]}
    (row,) = client.get(f"{place}deliveries/").json()["results"]
    assert (row["id"], row["event"], row["status"]) == (headers["X-Desk-Id"], "ping", "delivered")
    assert (row["response_code"], row["attempts"], row["error"], row["next_try_at"]) == (204, 1, "", None)


def test_the_log_is_paged_and_filtered(client):
    made = subscribed(client)
    place = f"/api/webhooks/{made['id']}/deliveries/"
    for _ in range(5):
        cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    newest = WebhookDelivery.objects.first()
    WebhookDelivery.objects.filter(pk=newest.pk).update(status="failed", due_at=None)
    page = client.get(f"{place}?page_size=3").json()
    assert page["results"][0]["id"] == str(newest.uid)
    rest = client.get(page["next"]).json()
    assert (len(page["results"]), len(rest["results"]), rest["next"]) == (3, 2, None)
    assert len(client.get(f"{place}?status=failed").json()["results"]) == 1
    assert client.get(f"{place}?event=ping").json()["results"] == []
    problem(client.get(f"{place}?status=lost"), 400)


def test_a_call_that_was_given_up_is_sent_again_under_the_same_id(client, hook, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    made = subscribed(client, url=hook.url)
    cancel(make_task(), by=make_user("w", "Writers"), reason="Not now")
    WebhookDelivery.objects.update(status="failed", due_at=None, attempts=30, last_error="It was out.")
    Webhook.objects.update(failures=30, failing_since=timezone.now(), try_at=timezone.now())
    uid = WebhookDelivery.objects.get().uid
    place = f"/api/webhooks/{made['id']}/deliveries/{uid}/redeliver/"
    answer = client.post(place)
    assert answer.status_code == 202
    assert (answer.json()["id"], answer.json()["status"]) == (str(uid), "pending")
    send_due()
    assert hook.got[0][1]["X-Desk-Id"] == str(uid)
    assert client.get(f"/api/webhooks/{made['id']}/").json()["failures"] == 0
    assert client.post(place).status_code == 202, "what was delivered too"
    send_due()
    assert len(hook.got) == 2


def test_what_is_not_active_is_not_called(client):
    made = subscribed(client)
    place = f"/api/webhooks/{made['id']}/"
    client.post(f"{place}ping/")
    uid = WebhookDelivery.objects.get().uid
    subscriptions.deactivate(Webhook.objects.get(), "The receiver is gone.")
    assert client.get(place).json()["deactivated_because"] == "The receiver is gone."
    for path in ("ping/", f"deliveries/{uid}/redeliver/"):
        assert "`active`" in problem(client.post(f"{place}{path}"), 409)["detail"]
    assert client.patch(place, {"active": True}).json()["deactivated_because"] == ""
    assert client.post(f"{place}deliveries/{uid}/redeliver/").status_code == 202


def test_what_is_no_delivery_is_404(client):
    made = subscribed(client)
    for uid in ("0", "00000000-0000-0000-0000-000000000000"):
        answer = client.post(f"/api/webhooks/{made['id']}/deliveries/{uid}/redeliver/")
        assert answer.status_code == 404
    problem(client.get(f"/api/webhooks/{'1' * 5000}/"), 404)
    problem(APIClient().get("/api/webhooks/"), 401)


# --- The admin ----------------------------------------------------------------------------------------

PAGES = ("/admin/approvals/webhook/", "/admin/approvals/webhookdelivery/")


def staff(name, *groups, **fields):
    browser = Client()
    browser.force_login(make_user(name, *groups, is_staff=True, **fields))
    return browser


def test_superusers_look_at_all_and_pause(client):
    made = subscribed(client)
    browser = staff("root", is_superuser=True)
    assert "hooks.example.org" in browser.get(PAGES[0]).content.decode()
    place = f"{PAGES[0]}{made['id']}/change/"
    assert "t0p" in browser.get(place).content.decode()
    assert browser.post(place, {"url": "https://x.org/"}).status_code == 403
    assert browser.get(f"{PAGES[0]}add/").status_code == 403
    assert browser.post(f"{PAGES[0]}{made['id']}/delete/", {"post": "yes"}).status_code == 403
    browser.get(PAGES[0], {"action": "pause", "_selected_action": made["id"]})
    assert Webhook.objects.get().is_active, "a visit changes nothing"
    browser.post(PAGES[0], {"action": "pause", "_selected_action": made["id"]})
    assert not Webhook.objects.get().is_active
    assert (entries()[-1].action, entries()[-1].actor_name) == ("webhook.changed", "root")


def test_others_see_their_own_or_nothing(client):
    made = subscribed(client)
    client.post(f"/api/webhooks/{made['id']}/ping/")
    editor, other = staff("edith", "Editors"), staff("other", "Integrations")
    for page in PAGES:
        assert editor.get(page).status_code == 403
        answer = other.get(page)
        assert answer.status_code == 200
        assert "hooks.example.org" not in answer.content.decode()
    delivery = WebhookDelivery.objects.get()
    for page in (f"{PAGES[0]}{made['id']}/change/", f"{PAGES[1]}{delivery.pk}/change/"):
        answer = other.get(page, follow=True)
        assert "t0p" not in answer.content.decode()
        assert answer.redirect_chain, "there is none for them"
    other.post(PAGES[0], {"action": "pause", "_selected_action": made["id"]})
    assert Webhook.objects.get().is_active
