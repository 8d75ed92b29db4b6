"""Channels: a new one is a folder, and nothing else has to know of it."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from approvals.models import Notification, Verdict
from approvals.notifications.delivery import send_due
from contentpipeline import env
from contentpipeline.management.commands import doctor
from contentpipeline.probes import State
from tasks.alerts.deliveries import deliver
from tasks.alerts.incidents import check
from tasks.delivery import channels
from tasks.delivery.messages import Purpose
from tasks.lifecycle import Status
from tasks.models import Incident
from tests.conftest import BASE_DIR
from tests.factories import decide_on, make_draft, make_task, make_user
from tests.receivers import NEW, OLD

TOY = {
    "__init__.py": '"""A channel that appends to a file."""\n',
    "settings.py": """
def read(environment, *, site_url):
    return {"TOY_FILE": environment.text("TOY_FILE")}
""",
    "channel.py": """
import json
from pathlib import Path

from django.conf import settings

from tasks.delivery.channels import ChannelState
from tasks.delivery.errors import DeliveryFailed


class ToyChannel:
    name = "toy"
    is_personal = False

    def state(self, purpose):
        return ChannelState(f"toy for {purpose}" if settings.TOY_FILE else "", needs="TOY_FILE")

    def send(self, message, purpose, *, to=()):
        try:
            with Path(settings.TOY_FILE).open("a") as file:
                file.write(json.dumps([purpose, message.id, message.subject]) + "\\n")
        except OSError as error:
            raise DeliveryFailed("The toy's file cannot be written.") from error


CHANNEL = ToyChannel()
""",
}


@pytest.fixture
def toy(tmp_path, monkeypatch, settings):
    """A folder of a channel; returns the file to which it appends."""
    folder = tmp_path / "channels" / "toy"
    folder.mkdir(parents=True)
    for name, text in TOY.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(folder.parent)])
    channels._folders.cache_clear()
    settings.TOY_FILE = str(tmp_path / "toy.jsonl")
    yield Path(settings.TOY_FILE)
    channels._folders.cache_clear()


def sent(toy):
    return [json.loads(line) for line in toy.read_text().splitlines()] if toy.exists() else []


def test_the_channels_are_the_folders():
    folders = (BASE_DIR / "tasks" / "delivery" / "channels").iterdir()
    names = sorted(folder.name for folder in folders if (folder / "channel.py").exists())
    assert [channel.name for channel in channels.channels()] == names == ["mail", "webhook"]


def test_nothing_outside_its_folder_names_a_channel():
    """But for what is a webhook or a mail by its nature: subscriptions, and mails about an account."""
    by_nature = {
        "mail": {"approvals/access/mails.py"},
        "webhook": {"approvals/webhooks/delivery.py", "approvals/webhooks/models.py"},
    }
    for name, allowed in by_nature.items():
        importers = {
            str(path.relative_to(BASE_DIR))
            for app in ("tasks", "approvals", "publishing", "contentpipeline")
            for path in (BASE_DIR / app).rglob("*.py")
            if f"delivery.channels.{name}" in path.read_text() and path.parent.name != name
        }
        assert importers == allowed


@pytest.mark.django_db
def test_a_new_folder_gets_alerts_and_is_recorded_by_its_name(toy):
    make_task(status=Status.FAILED)
    check()
    deliver()
    incident = Incident.objects.get()
    [(purpose, message_id, subject)] = sent(toy)
    assert (purpose, subject) == ("alerts", "1 task failed")
    assert message_id.startswith(f"incident-{incident.pk}-")
    assert incident.deliveries["toy"]["attempts"] == 1
    assert (incident.due_at, incident.last_error) == (None, "")


@pytest.mark.django_db
def test_a_new_folder_gets_notifications(toy):
    decide_on(make_draft(make_task(topic="Trees")), Verdict.APPROVE, by=make_user("edith", "Editors"))
    assert list(Notification.objects.values_list("channel", flat=True)) == ["toy", "toy"]
    send_due()
    assert [(purpose, subject) for purpose, _, subject in sent(toy)] == [
        ("notifications", "Approved: Trees")
    ], "that it awaited a decision is outdated"


@pytest.mark.django_db
def test_a_new_folder_that_fails_is_tried_again_like_any_other(toy, settings, tmp_path):
    settings.TOY_FILE = str(tmp_path / "missing" / "toy.jsonl")
    make_task(status=Status.FAILED)
    check()
    deliver()
    assert Incident.objects.get().last_error == "The toy's file cannot be written."
    settings.TOY_FILE = str(toy)
    Incident.objects.update(due_at=timezone.now())
    deliver()
    assert len(sent(toy)) == 1


@pytest.mark.django_db
def test_a_notification_for_a_channel_that_is_gone_waits_and_says_why(toy, settings):
    make_draft()
    settings.TOY_FILE = ""
    send_due()
    row = Notification.objects.get()
    assert row.due_at > timezone.now()
    assert row.last_error == "The channel “toy” is not set up."


def test_a_new_folder_reads_its_settings(toy, monkeypatch):
    monkeypatch.setenv("TOY_FILE", "/var/toy")
    found = channels.read_settings(env, site_url="https://desk.example")
    assert found["TOY_FILE"] == "/var/toy"
    assert found["DEFAULT_FROM_EMAIL"] == "desk@desk.example"
    monkeypatch.setenv("ALERT_EMAILS", "nobody")
    with pytest.raises(ImproperlyConfigured, match="ALERT_EMAILS"):
        channels.read_settings(env, site_url="https://desk.example")


def test_the_doctor_names_a_new_folder(toy, settings):
    assert doctor._alerts().message == "Toy for alerts."
    assert doctor._notifications().message == "Toy for notifications."
    settings.TOY_FILE = ""
    assert "ALERT_WEBHOOK_URL, or TOY_FILE." in doctor._alerts().message


@pytest.mark.parametrize(
    ("secret", "state"),
    [
        ("hush", State.OK),
        (NEW, State.OK),
        (f"{NEW} {OLD}", State.OK),
        ("whsec_", State.DEGRADED),
        ("whsec_no base64", State.DEGRADED),
        (f"{NEW} hush", State.DEGRADED),
    ],
)
def test_the_doctor_finds_a_secret_that_receivers_would_read_otherwise(settings, secret, state):
    settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET = "https://hooks.example/desk", secret
    found = doctor._alerts()
    assert found.state == state
    assert "hush" not in found.message
    assert [channel.name for channel in channels.configured(Purpose.ALERTS)] == ["webhook"], (
        "it is sent still"
    )
