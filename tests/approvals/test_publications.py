"""Publications as entries of the chain, of a draft's history and of the audit list."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from approvals.audit.verification import first_failure
from approvals.desk.review_page import timeline
from approvals.models import AuditEntry, Decision
from publishing.models import Post
from publishing.publish import publish, unpublish, update_live
from publishing.schedule import publish_scheduled, reschedule, schedule, unschedule
from tasks.actions import edit_draft
from tests.factories import approve, make_draft, make_user
from tests.publishing.factories import approved_update

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher():
    return make_user("petra", "Publishers", is_staff=True)


@pytest.fixture
def approved():
    draft = make_draft(title="Street trees", slug="street-trees")
    approve(draft)
    return draft


def entries():
    return AuditEntry.objects.filter(object_type="publication").order_by("seq")


def published_events(draft):
    """The publications of its timeline, the oldest first."""
    draft.refresh_from_db()
    events = timeline(draft, list(Decision.objects.all()))
    return [event for event in reversed(events) if event.kind == "publication"]


def test_each_says_which_bytes_where_and_by_whom(approved, publisher):
    post = publish(approved, by=publisher)
    unpublish(post, by=publisher, reason="A source was withdrawn.")
    about = {
        "draft": approved.pk, "version": 1, "content_sha256": approved.content_sha256,
        "address": "/posts/street-trees/",
    }  # fmt: skip
    assert [(entry.action, entry.object_id, entry.actor_name, entry.data) for entry in entries()] == [
        ("publication.published", post.pk, "petra", about | {"reason": ""}),
        ("publication.unpublished", post.pk, "petra", about | {"reason": "A source was withdrawn."}),
    ]
    assert {entry.task_id for entry in entries()} == {approved.task_id}
    assert first_failure() is None


def test_what_was_undone_is_no_event(approved, publisher):
    with transaction.atomic():
        publish(approved, by=publisher)
        transaction.set_rollback(True)
    assert not entries().exists()


def test_the_timeline_has_them_among_the_transitions(approved, publisher):
    post = publish(approved, by=publisher)
    unpublish(post, by=publisher, reason="A source was withdrawn.")
    edit_draft(approved, {"title": "Street trees again"}, by=make_user("wanda", "Writers"))
    approve(approved)
    second = publish(approved, by=publisher)
    draft = approved_update(second, body="Newer words.")
    update_live(draft, by=publisher, kind="update", note="Newer figures came in.")
    assert [(event.what, event.by, event.why) for event in published_events(approved)] == [
        ("Published version 1", "petra", ""),
        ("Unpublished version 1", "petra", "A source was withdrawn."),
        ("Published version 2", "petra", ""),
        ("Replaced the live text with version 3", "petra", "Newer figures came in."),
    ]
    assert [event.sha256 for event in published_events(approved)[2:]] == [
        second.content_sha256,
        draft.content_sha256,
    ]


def test_the_timeline_has_times_of_publication_as_their_place_shows_them(approved, publisher):
    zone = ZoneInfo("Europe/Berlin")
    at = (datetime.now(zone) + timedelta(days=2)).replace(hour=9, minute=30, second=0, microsecond=0)
    made = schedule(approved, at, zone="Europe/Berlin", by=publisher)
    reschedule(made, at + timedelta(days=1), zone="Europe/Berlin", by=publisher)
    unschedule(made, by=publisher, reason="Too early.")
    shown, later = f"{at:%Y-%m-%d} 09:30 Europe/Berlin", f"{at + timedelta(days=1):%Y-%m-%d} 09:30"
    assert [(event.what, event.by, event.why) for event in published_events(approved)] == [
        (f"Scheduled version 1 for {shown}", "petra", ""),
        (f"Rescheduled version 1 for {later} Europe/Berlin", "petra", ""),
        (f"Unscheduled version 1, due at {later} Europe/Berlin", "petra", "Too early."),
    ]


def test_a_scheduled_publication_is_one_event_and_says_who_set_the_time(approved, publisher):
    made = schedule(approved, timezone.now() + timedelta(hours=1), zone="UTC", by=publisher)
    made.publish_at = made.due_at = timezone.now() - timedelta(seconds=1)
    made.save()
    assert publish_scheduled(made.pk) == Post.objects.get()
    _, published = published_events(approved)
    assert (published.what, published.by) == ("Published version 1", "petra")
    assert "as scheduled by petra" in published.why


def test_an_edit_voids_a_time_and_the_timeline_says_so(approved, publisher):
    schedule(approved, timezone.now() + timedelta(hours=1), zone="UTC", by=publisher)
    edit_draft(approved, {"title": "Other trees"}, by=make_user("wanda", "Writers"))
    voided = published_events(approved)[-1]
    assert voided.what.startswith("The scheduled publication of version 1 at ")
    assert voided.what.endswith("became void")


def test_the_page_and_the_audit_list_show_version_hash_and_who(client, approved, publisher):
    post = publish(approved, by=publisher)
    client.force_login(make_user("edith", "Editors", is_staff=True))
    page = client.get(reverse("desk:review", args=[approved.pk])).content.decode()
    assert "<strong>Published version 1</strong> · petra" in page
    address = post.get_absolute_url()
    assert f'<a href="{address}">{address}</a>' in page
    listed = client.get(
        reverse("admin:approvals_auditentry_changelist"), {"action": "publication.published"}
    ).content.decode()
    assert f"version 1, {approved.content_sha256[:12]}" in listed
    assert "petra" in listed
    unpublish(post, by=publisher)
    page = client.get(reverse("desk:review", args=[approved.pk])).content.decode()
    assert "<strong>Unpublished version 1</strong> · petra" in page
    assert f'<a href="{address}">' not in page, "it would lead nowhere"
