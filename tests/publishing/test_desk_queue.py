"""The queue *Scheduled* of the review desk."""

import pytest
from django.urls import reverse

from publishing.models import Schedule
from tests.factories import ago, approve, make_draft, make_user

pytestmark = pytest.mark.django_db


def make_schedule(draft, publish_at, **more):
    return Schedule.objects.create(
        draft=draft, version=draft.version, content_sha256=draft.content_sha256, publish_at=publish_at,
        due_at=publish_at, zone="UTC", by=make_user("paula"), by_name="paula", **more,
    )  # fmt: skip


def test_scheduled_texts_are_under_scheduled_and_no_longer_under_to_be_published(client):
    later, sooner, unscheduled, removed = (
        make_draft(title=name) for name in ("Later", "Sooner", "Free", "Off")
    )
    for draft in (later, sooner, unscheduled, removed):
        approve(draft)
    make_schedule(later, ago(hours=-2))
    make_schedule(sooner, ago(hours=-1))
    make_schedule(sooner, ago(hours=1), ended_at=ago(hours=1), outcome="unscheduled")
    make_schedule(removed, ago(hours=-1), ended_at=ago(hours=1), outcome="unscheduled")
    client.force_login(make_user("erika", "Editors", is_staff=True))

    def titles(queue):
        page = client.get(reverse("desk:queue"), {"queue": queue})
        return [task.draft.title for task in page.context["page"]]

    assert titles("scheduled") == ["Sooner", "Later"]
    assert titles("approved") == ["Free", "Off"]
    page = client.get(reverse("desk:queue"), {"queue": "scheduled"}).content.decode()
    assert later.schedules.get().publish_at.strftime("%Y-%m-%dT%H:%M") in page
