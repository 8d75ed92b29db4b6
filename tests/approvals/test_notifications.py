"""Notifications by a real mail server and a real web server: once, as chosen, never about oneself."""

# ruff: noqa: F811 (fixtures of another module)

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from approvals.models import Notification, NotificationSettings, Verdict
from approvals.notifications.delivery import BACKOFF, RETENTION, delete_old_notifications, send_due
from approvals.notifications.enqueue import next_digest
from contentpipeline.processes.maintenance import MaintenanceLoop
from tasks.actions import edit_draft
from tests.accessibility import accessibility_problems
from tests.factories import decide_on, make_draft, make_task, make_user
from tests.receivers import SECRET, hook, mailbox  # noqa: F401

pytestmark = pytest.mark.django_db

PAGE = "/admin/notices/"


def person(name, *groups, **paces):
    user = make_user(name, *groups, is_staff=True, email=f"{name}@example.org")
    if paces:
        NotificationSettings.objects.create(user=user, **paces)
    return user


def filed_by(writer, **fields):
    return make_draft(make_task(created_by=writer, **fields))


def text_of(mail):
    return mail.get_payload(decode=True).decode()


def sent_to(mailbox):
    return sorted(to for tos, _ in mailbox.got for to in tos)


# --- Decisions ----------------------------------------------------------------------------------------


def test_author_and_last_editor_are_notified_of_a_rejection_and_its_reason(mailbox):
    writer, second = person("walter", "Writers"), person("wilma", "Writers")
    editor = person("edith", "Editors")
    draft = filed_by(writer, topic="Street\ntrees")
    edit_draft(draft, {"title": "A secret title"}, by=second)
    decide_on(draft, Verdict.REJECT, by=editor, reason="The figure in part two is wrong.")
    assert send_due() == 2
    assert sent_to(mailbox) == ["walter@example.org", "wilma@example.org"]
    mail = mailbox.got[0][1]
    assert mail["Subject"] == "[Content Desk] Rejected: Street trees"
    assert mail["Auto-Submitted"] == "auto-generated"
    for part in (
        "Rejected by edith, version 2", "Reason: Tone or style", "The figure in part two is wrong.",
        f"https://desk.example{reverse('desk:review', args=[draft.pk])}", f"https://desk.example{PAGE}",
    ):  # fmt: skip
        assert part in text_of(mail)
    assert "secret title" not in text_of(mail)
    assert send_due() == 0
    assert not Notification.objects.filter(kind="decision", delivered_at=None).exists()


def test_no_account_is_notified_of_its_own_decision_or_after_it_left(mailbox):
    editor, gone, silent = person("edith", "Editors"), person("gone"), make_user("silent", "Writers")
    decide_on(filed_by(editor), Verdict.APPROVE, by=editor)
    decide_on(filed_by(silent), Verdict.APPROVE, by=editor)
    decide_on(filed_by(gone), Verdict.APPROVE, by=editor)
    gone.is_active = False
    gone.save()
    send_due()
    assert mailbox.got == []


def test_a_decision_that_is_undone_notifies_no_account(mailbox):
    draft = filed_by(person("walter", "Writers"))
    with transaction.atomic():
        decide_on(draft, Verdict.APPROVE)
        assert Notification.objects.filter(kind="decision").exists()
        transaction.set_rollback(True)
    assert not Notification.objects.filter(kind="decision").exists()


def test_without_a_channel_nothing_is_enqueued(settings):
    draft = filed_by(person("walter", "Writers"))
    decide_on(draft, Verdict.APPROVE, by=person("edith", "Editors"))
    assert not Notification.objects.exists()


# --- Drafts that await --------------------------------------------------------------------------------


def test_editors_who_may_decide_are_notified_of_a_draft(mailbox):
    person("edith", "Editors", awaiting="now")
    author = person("emil", "Editors", awaiting="now")
    person("walter", "Writers", awaiting="now")
    make_draft(make_task(topic="Trees"), author=author)
    assert send_due() == 1
    assert sent_to(mailbox) == ["edith@example.org"]
    assert "“Trees” awaits a decision." in text_of(mailbox.got[0][1])


def test_a_digest_waits_for_the_morning_and_lists_all_that_still_awaits(mailbox):
    editor = person("edith", "Editors")
    drafts = [make_draft(make_task(topic=f"Topic {number}")) for number in range(4)]
    assert send_due() == 0
    decide_on(drafts[0], Verdict.APPROVE, by=make_user("other", "Editors"))
    edit_draft(drafts[1], {"title": "Newer"}, by=make_user("w", "Writers"))
    assert Notification.objects.filter(recipient=editor).count() == 4
    Notification.objects.update(due_at=timezone.now())
    assert send_due() == 1
    ((_, mail),) = mailbox.got
    assert mail["Subject"] == "[Content Desk] 2 drafts await your decision"
    assert "Topic 2" in text_of(mail)
    assert "Topic 0" not in text_of(mail)
    assert "Topic 1" not in text_of(mail)


def test_the_morning_is_the_next_one():
    for hour, days in ((3, 0), (7, 1), (23, 1)):
        now = timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0)
        expected = (now + timedelta(days=days)).replace(hour=7)
        assert next_digest(now) == expected


def test_never_means_never(mailbox):
    writer = person("walter", "Writers", decision="never")
    editor = person("edith", "Editors", awaiting="never")
    decide_on(filed_by(writer), Verdict.APPROVE, by=editor)
    assert not Notification.objects.exists()


# --- Failing, and trying again ------------------------------------------------------------------------


def decided(name="walter"):
    decide_on(filed_by(person(name, "Writers")), Verdict.APPROVE)
    return Notification.objects.get(recipient__username=name)


def test_a_refused_mail_is_tried_again_later_and_sent_once(mailbox):
    notification = decided()
    mailbox.refusal = "451 Not now"
    assert send_due() == 1
    notification.refresh_from_db()
    assert "451" in notification.last_error
    assert 0 < (notification.due_at - timezone.now()).total_seconds() <= 10
    assert send_due() == 0
    mailbox.refusal = ""
    Notification.objects.update(due_at=timezone.now())
    assert send_due() == 1
    notification.refresh_from_db()
    assert (notification.due_at, notification.last_error, notification.attempts) == (None, "", 2)
    assert len(mailbox.got) == 1


def test_pauses_grow_to_an_hour_and_then_it_is_given_up(mailbox):
    assert [BACKOFF.pause(n).total_seconds() for n in (1, 2, 3, 30)] == [10, 20, 40, 3600]
    notification = decided()
    mailbox.refusal = "550 Never"
    Notification.objects.update(attempts=BACKOFF.max_attempts - 1)
    send_due()
    notification.refresh_from_db()
    assert (notification.due_at, notification.delivered_at) == (None, None)
    assert "550" in notification.last_error


@pytest.mark.django_db(transaction=True)
def test_many_processes_send_each_notification_once(mailbox):
    for number in range(6):
        decided(f"w{number}")

    def send(_):
        try:
            return send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(send, range(8)))
    assert sent_to(mailbox) == sorted(f"w{number}@example.org" for number in range(6))


@pytest.mark.django_db(transaction=True)
def test_the_maintenance_loop_sends(mailbox):
    decided()
    MaintenanceLoop().run_safely()
    assert "walter@example.org" in sent_to(mailbox)


def test_what_was_delivered_is_deleted_after_a_month(mailbox):
    decided()
    send_due()
    assert delete_old_notifications() == 0
    Notification.objects.update(created_at=timezone.now() - RETENTION - timedelta(minutes=1))
    assert delete_old_notifications() == 1


# --- The webhook --------------------------------------------------------------------------------------


def test_a_webhook_gets_decisions_and_waiting_drafts_signed(hook, settings):
    settings.NOTICE_WEBHOOK_URL, settings.NOTICE_WEBHOOK_SECRET = f"{hook.url}notices", SECRET
    draft = make_draft(make_task(topic="Trees"))
    decide_on(draft, Verdict.REJECT, by=make_user("edith", "Editors"), reason="Wrong from top to bottom.")
    # That it awaited a decision is outdated.
    assert send_due() == 2
    ((path, headers, body),) = hook.got
    assert path == "/notices"
    signed = headers["X-Desk-Timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Desk-Signature"] == f"sha256={expected}"
    payload = json.loads(body)
    facts = [payload[name] for name in ("event", "decision", "reason_code", "decided_by", "version")]
    assert facts == ["decision.recorded", "reject", "style", "edith", 1]
    assert payload["reason"] == "Wrong from top to bottom."
    make_draft()
    send_due()
    assert json.loads(hook.got[-1][2])["event"] == "draft.awaiting"


# --- The page -----------------------------------------------------------------------------------------


def test_each_account_has_its_own_settings(client):
    user, other = person("walter", "Writers"), person("wilma", "Writers", decision="never")
    client.force_login(user)
    assert f'href="{PAGE}"' in client.get("/admin/").content.decode()
    assert client.get(PAGE, {"decision": "never"}).status_code == 200
    assert not NotificationSettings.objects.filter(user=user).exists()
    typed = {"decision": "daily", "awaiting": "never", "user": other.pk}
    assert client.post(PAGE, typed).status_code == 302
    own = NotificationSettings.objects.get(user=user)
    assert (own.decision, own.awaiting) == ("daily", "never")
    assert NotificationSettings.objects.get(user=other).decision == "never"


@pytest.mark.parametrize("typed", [{}, {"decision": "hourly", "awaiting": "now"}])
def test_a_choice_that_is_none_is_400_and_saves_nothing(client, typed):
    client.force_login(person("walter", "Writers"))
    answer = client.post(PAGE, typed)
    assert answer.status_code == 400
    assert "Nothing was saved" in answer.content.decode()
    assert not NotificationSettings.objects.exists()


def test_only_who_may_log_in_has_the_page(client):
    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    client.force_login(make_user("reader"))
    assert client.post(PAGE, {"decision": "now", "awaiting": "now"})["Location"].startswith("/admin/login/")
    assert not NotificationSettings.objects.exists()


def test_an_account_without_an_address_is_pointed_to_it(client):
    client.force_login(make_user("nomail", "Writers", is_staff=True))
    assert "no mail address" in client.get(PAGE).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_page_is_accessible_and_narrow_enough(live_server, page, client):
    client.force_login(person("walter", "Writers"))
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(live_server.url + PAGE)
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
