"""The page on which a publisher schedules a text."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from publishing.models import Schedule
from publishing.publish import publish, unpublish
from publishing.schedule import mark_failed, open_schedule
from tasks.actions import edit_draft
from tasks.models import Draft
from tests.factories import ago, approve, make_draft, make_user

pytestmark = pytest.mark.django_db
YEAR = datetime.now(UTC).year + 1


@pytest.fixture
def approved():
    draft = make_draft()
    approve(draft)
    return draft


@pytest.fixture
def publisher():
    client = Client()
    client.force_login(make_user("paula", "Publishers", is_staff=True))
    return client


def address(draft, what="schedule"):
    return reverse(f"publishing_desk:{what}", args=[draft.pk])


def send(client, draft, **changes):
    said = {"version": draft.version, "date": f"{YEAR}-07-01", "time": "09:30", "zone": "Europe/Berlin"}
    return client.post(address(draft), said | changes)


def review(client, draft):
    return client.get(reverse("desk:review", args=[draft.pk])).content.decode()


def test_a_schedule_is_set_in_local_time(publisher, approved):
    assert "Schedule …" in review(publisher, approved)
    assert send(publisher, approved).url == reverse("desk:review", args=[approved.pk])
    scheduled = open_schedule(approved)
    assert scheduled.publish_at == datetime(YEAR, 7, 1, 7, 30, tzinfo=UTC)
    page = review(publisher, approved)
    assert f"1 Jul {YEAR}, 09:30 Europe/Berlin" in page
    assert "Publish version 1 now" in page


def test_it_is_moved_with_a_filled_form_and_removed(publisher, approved):
    send(publisher, approved)
    scheduled = open_schedule(approved)
    page = publisher.get(address(approved)).content.decode()
    for value in (f'value="{YEAR}-07-01"', 'value="09:30"', '<option value="Europe/Berlin" selected>'):
        assert value in page
    assert send(publisher, approved, schedule=scheduled.pk, zone="UTC").status_code == 302
    scheduled.refresh_from_db()
    assert scheduled.publish_at == datetime(YEAR, 7, 1, 9, 30, tzinfo=UTC)
    assert publisher.post(address(approved, "unschedule")).status_code == 302
    assert open_schedule(approved) is None


def test_the_zone_used_last_is_offered_first(publisher, approved):
    assert '<option value="UTC" selected>' in publisher.get(address(approved)).content.decode()
    send(publisher, approved, zone="Asia/Kolkata")
    other = make_draft()
    approve(other)
    assert '<option value="Asia/Kolkata" selected>' in publisher.get(address(other)).content.decode()


NO_TIMES = [
    ({"date": "2020-01-01"}, "This time has passed"),
    ({"date": f"{YEAR + 9}-01-01"}, "check the year"),
    ({"date": "2027-02-30"}, "Enter a valid date"),
    ({"time": "25:00"}, "Enter a valid time"),
    ({"zone": "Mars/Olympus"}, "Select a valid choice"),
    ({"zone": "../../etc/passwd"}, "Select a valid choice"),
    ({"date": "", "time": "", "zone": ""}, "This field is required"),
    ({"date": "2027-03-28", "time": "02:30"}, "This time does not exist on that day in Europe/Berlin"),
    ({"date": "9999-12-31", "zone": "America/New_York"}, "check the year"),
]


def test_an_invalid_time_is_explained_and_the_input_preserved(publisher, approved, subtests):
    for changes, said in NO_TIMES:
        with subtests.test(changes=changes):
            answer = send(publisher, approved, **changes)
            assert answer.status_code == 400
            assert said in answer.content.decode()
            if changes.get("time") == "02:30":
                assert 'value="02:30"' in answer.content.decode()
            assert not Schedule.objects.exists()


def test_of_an_ambiguous_time_one_is_chosen(publisher, approved):
    twice = {"date": "2027-10-31", "time": "02:30"}
    page = send(publisher, approved, **twice)
    assert page.status_code == 400
    for words in ("occurs twice", "The first (UTC+0200)", "The second (UTC+0100)"):
        assert words in page.content.decode()
    assert send(publisher, approved, **twice, which="1").status_code == 302
    assert open_schedule(approved).publish_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_stale_page_changes_nothing(publisher, approved):
    send(publisher, approved)
    answer = send(publisher, approved, time="11:00")
    assert answer.status_code == 409
    assert "already scheduled: move its schedule" in answer.content.decode()
    scheduled = open_schedule(approved)
    edit_draft(approved, {"body": "Other."}, by=make_user("wim", "Writers"))
    approve(approved)
    page = send(publisher, approved, schedule=scheduled.pk)
    assert "schedule has ended (voided)" in page.content.decode()
    assert page.status_code == 409
    assert send(publisher, approved, version=1).status_code == 409
    assert open_schedule(approved) is None


def test_the_schedule_of_another_draft_is_not_changed(publisher, approved):
    other = make_draft()
    approve(other)
    send(publisher, other)
    scheduled = open_schedule(other)
    assert send(publisher, approved, schedule=scheduled.pk, time="11:00").status_code == 404
    assert open_schedule(other).publish_at == scheduled.publish_at


def test_a_failure_and_the_next_attempt_are_shown(publisher, approved):
    send(publisher, approved)
    Schedule.objects.update(last_error="Another post has or had the address <b>.", attempts=1)
    page = review(publisher, approved)
    assert "Another post has or had the address &lt;b&gt;. 1 attempt so far; the next is due" in page


def test_a_failed_schedule_is_shown_until_the_draft_moves_on(publisher, approved):
    send(publisher, approved)
    Schedule.objects.update(publish_at=ago(seconds=1))
    mark_failed(Schedule.objects.get().pk, "The image <b> is missing.")
    page = review(publisher, approved)
    assert (
        "by paula but could not be published: The image &lt;b&gt; is missing. It will not be retried." in page
    )
    assert "Schedule …" in page
    paula = make_user("paula")
    post = publish(Draft.objects.get(pk=approved.pk), by=paula)
    assert "It will not be retried" not in review(publisher, approved)
    unpublish(post, by=paula)
    assert "It will not be retried" not in review(publisher, approved)


def test_an_editor_sees_the_schedule_and_no_buttons(publisher, approved):
    send(publisher, approved)
    client = Client()
    client.force_login(make_user("erika", "Editors", is_staff=True))
    page = review(client, approved)
    assert "</strong></time> by paula" in page
    assert address(approved) not in page
    assert client.get(address(approved)).status_code == 403
    assert send(client, approved).status_code == 403
    assert client.post(address(approved, "unschedule")).status_code == 403
    assert Client().get(address(approved)).status_code == 302
    assert open_schedule(approved)


def test_an_unapproved_draft_has_no_form(publisher):
    waiting = make_draft()
    page = publisher.get(address(waiting)).content.decode()
    assert "Only a text that has been approved" in page
    assert 'name="date"' not in page
    assert send(publisher, waiting).status_code == 409
    assert publisher.get(address(waiting, "unschedule")).status_code == 405


def test_an_overdue_schedule_still_has_its_form(publisher, approved):
    send(publisher, approved)
    Schedule.objects.update(publish_at=ago(days=2), zone="UTC+05:30")
    assert publisher.get(address(approved)).status_code == 200
    assert "UTC+05:30" in review(publisher, approved)
