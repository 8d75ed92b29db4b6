"""Times of publication over HTTP."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from publishing.models import Post, Schedule
from publishing.schedule import open_schedule
from tests.callers import bearer, caller, problem, token_of
from tests.factories import approve, make_draft
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher():
    return caller("Publishers")


@pytest.fixture
def approved():
    draft = make_draft()
    approve(draft)
    return draft


def address(draft, what="publish"):
    return f"/api/drafts/{draft.pk}/{what}/"


def in_future(**span):
    return (timezone.now() + timedelta(**span)).isoformat()


def test_a_schedule_is_created_read_moved_and_removed(publisher, approved):
    answer = publisher.post(address(approved), {"publish_at": "2027-12-01T09:30:00+01:00"})
    assert answer.status_code == 202, answer.content
    schedule = answer.json()
    assert datetime.fromisoformat(schedule["publish_at"]) == datetime.fromisoformat("2027-12-01T08:30:00Z")
    assert (schedule["zone"], schedule["version"]) == ("UTC+01:00", 1)
    assert schedule["content_sha256"] == approved.content_sha256
    assert not Post.objects.exists()
    assert publisher.get(address(approved, "schedule")).json() == schedule
    moved = publisher.post(address(approved), {"publish_at": in_future(hours=1)})
    assert (moved.status_code, moved.json()["id"]) == (202, schedule["id"])
    assert publisher.delete(address(approved, "schedule"), {"reason": "Later"}).status_code == 204
    assert Schedule.objects.get().why == "Later"
    problem(publisher.get(address(approved, "schedule")), 404)
    problem(publisher.delete(address(approved, "schedule")), 404)


NO_TIMES = [
    ("2027-12-01T09:30:00", "offset from UTC"),
    ("tomorrow", "2026-12-01T09:30:00+01:00"),
    ("2027-02-30T09:30:00Z", "2026-12-01T09:30:00+01:00"),
    ("2027-12-01", "2026-12-01T09:30:00+01:00"),
    ("2027-12-01T09:30:00+99:00", "2026-12-01T09:30:00+01:00"),
    (1790000000, "2026-12-01T09:30:00+01:00"),
    ({"at": 1}, "2026-12-01T09:30:00+01:00"),
    (True, "2026-12-01T09:30:00+01:00"),
    (None, "null"),
    ("", "2026-12-01T09:30:00+01:00"),
    ("2020-01-01T00:00:00Z", "has passed"),
    ("0001-01-01T00:00:00+14:00", "has passed"),
    ("9999-12-31T23:59:59-12:00", "check the year"),
]


def test_an_invalid_time_is_refused_with_a_remedy(publisher, approved, subtests):
    for given, remedy in NO_TIMES:
        with subtests.test(given=given):
            found = problem(publisher.post(address(approved), {"publish_at": given}), 400)
            assert remedy in found["errors"]["publish_at"][0]
            assert not Schedule.objects.exists()
            assert not Post.objects.exists()


def test_unpublishable_drafts_cannot_be_scheduled(publisher, approved):
    waiting = make_draft()
    asked = {"publish_at": in_future(hours=1)}
    assert problem(publisher.post(address(waiting), asked), 409)["type"] == "urn:problem:not-approved"
    make_post(slug=approved.slug)
    assert problem(publisher.post(address(approved), asked), 409)["type"] == "urn:problem:slug-taken"
    assert not Schedule.objects.exists()


def test_publishing_at_once_removes_the_schedule(publisher, approved):
    publisher.post(address(approved), {"publish_at": in_future(hours=1)})
    assert publisher.post(address(approved)).status_code == 201
    assert open_schedule(approved) is None


@pytest.mark.parametrize("role", ["writer", "editor", "auditor", "integration"])
def test_only_publishers_create_and_remove_a_schedule(publisher, approved, role):
    publisher.post(address(approved), {"publish_at": in_future(hours=1)})
    before = open_schedule(approved)
    client = bearer(token_of("nora", role))
    problem(client.post(address(approved), {"publish_at": in_future(hours=2)}), 403)
    problem(client.delete(address(approved, "schedule")), 403)
    found = open_schedule(approved)
    assert (found, found.publish_at) == (before, before.publish_at)
