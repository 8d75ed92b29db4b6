"""Scheduled publication: schedules are created, moved, removed, voided and published."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from approvals.models import AuditEntry
from approvals.notifications.delivery import send_due
from publishing.errors import NotApproved, ScheduleConflict, SlugTaken, SlugUnusable
from publishing.jobs import publish_due
from publishing.models import Post, Schedule
from publishing.publish import publish, update_live
from publishing.schedule import (
    open_schedule,
    postpone,
    publish_scheduled,
    reschedule,
    schedule,
    seconds_until_next,
    unschedule,
)
from publishing.search.index import index_post
from tasks.actions import edit_draft
from tasks.alerts.incidents import check
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, Incident
from tests.factories import ago, approve, make_draft, make_user, without_triggers
from tests.live import database_url
from tests.publishing.factories import approved_update, make_post

pytestmark = pytest.mark.django_db


def paula():
    return make_user("paula", "Publishers")


def make_schedule(draft=None, **in_future):
    draft = draft or make_draft()
    approve(draft)
    return schedule(
        draft, timezone.now() + timedelta(**in_future or {"hours": 1}), zone="Europe/Berlin", by=paula()
    )


def come_due(*schedules):
    """As if the time of those that have not ended had passed."""
    Schedule.objects.open().filter(pk__in=[scheduled.pk for scheduled in schedules]).update(
        publish_at=ago(seconds=1), due_at=ago(seconds=1)
    )


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- Setting a time -----------------------------------------------------------------------------------


def test_a_schedule_is_bound_to_the_approved_bytes_and_on_record():
    draft = make_draft()
    scheduled = make_schedule(draft)
    assert (scheduled.version, scheduled.content_sha256) == (draft.version, draft.content_sha256)
    assert open_schedule(draft) == scheduled
    entry = AuditEntry.objects.get(action="schedule.created")
    assert entry.data["content_sha256"] == draft.content_sha256
    assert not Post.objects.exists()


def test_an_unapproved_text_cannot_be_scheduled():
    with pytest.raises(NotApproved):
        schedule(make_draft(), ago(hours=-1), zone="UTC", by=paula())
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("span", [{"seconds": 1}, {"days": -366 * 6}])
def test_a_time_in_the_past_or_far_away_is_refused(span):
    draft = make_draft()
    approve(draft)
    with pytest.raises(ValidationError) as caught:
        schedule(draft, ago(**span), zone="UTC", by=paula())
    assert list(caught.value.message_dict) == ["publish_at"]


def test_a_text_that_could_not_be_published_cannot_be_scheduled():
    taken = make_post()
    for slug, error in ((taken.slug, SlugTaken), ("two words", SlugUnusable)):
        draft = make_draft(slug=slug)
        approve(draft)
        with pytest.raises(error):
            schedule(draft, ago(hours=-1), zone="UTC", by=paula())


def test_a_draft_has_one_schedule_and_of_the_version_on_the_screen():
    scheduled = make_schedule()
    with pytest.raises(ScheduleConflict, match="move its schedule"):
        schedule(scheduled.draft, ago(hours=-1), zone="UTC", by=paula())
    unschedule(scheduled, by=paula())
    with pytest.raises(ScheduleConflict, match="You saw version 7"):
        schedule(scheduled.draft, ago(hours=-1), zone="UTC", by=paula(), version=7)


def test_only_publishers_create_move_and_remove_a_schedule():
    scheduled, emil = make_schedule(), make_user("emil", "Editors")
    for act in (
        lambda: schedule(scheduled.draft, ago(hours=-1), zone="UTC", by=emil),
        lambda: reschedule(scheduled, ago(hours=-1), zone="UTC", by=emil),
        lambda: unschedule(scheduled, by=emil),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert open_schedule(scheduled.draft) == scheduled


def test_moving_and_removing_an_ended_schedule_is_an_explained_conflict():
    scheduled = make_schedule()
    moved = reschedule(scheduled, ago(hours=-5), zone="UTC", by=paula())
    assert moved.publish_at > scheduled.publish_at
    unschedule(scheduled, by=paula())
    for act in (unschedule, lambda scheduled, by: reschedule(scheduled, ago(hours=-1), zone="UTC", by=by)):
        with pytest.raises(ScheduleConflict, match="Removed from the schedule by paula"):
            act(scheduled, by=paula())


# --- The address it holds -----------------------------------------------------------------------------


def test_a_schedule_reserves_its_address_until_it_ends():
    scheduled = make_schedule(make_draft(slug="wanted"))
    other = make_draft(slug="wanted")
    approve(other)
    with pytest.raises(SlugTaken, match="scheduled"):
        publish(other, by=paula())
    with pytest.raises(SlugTaken, match="scheduled"):
        schedule(other, ago(hours=-1), zone="UTC", by=paula())
    renamed = approved_update(make_post(slug="elsewhere"), slug="wanted")
    with pytest.raises(SlugTaken):
        update_live(renamed, by=paula(), kind="minor")
    unschedule(scheduled, by=paula())
    assert schedule(other, ago(hours=-1), zone="UTC", by=paula()).slug == "wanted"


@pytest.mark.parametrize("ends", ["edit", "cancel", "publish"])
def test_every_end_of_a_schedule_releases_its_address(ends):
    scheduled = make_schedule(make_draft(slug="wanted"))
    if ends == "edit":
        edit_draft(scheduled.draft, {"slug": "another"}, by=make_user("wim", "Writers"))
    elif ends == "cancel":
        scheduled.draft.task.move_to(Status.CANCELLED, by=paula())
    else:
        assert publish(scheduled.draft, by=paula()).slug == "wanted"
        with pytest.raises(SlugTaken):
            make_post(slug="wanted")
        return
    assert make_post(slug="wanted").slug == "wanted"


def test_the_database_itself_reserves_a_scheduled_address():
    scheduled, other = make_schedule(make_draft(slug="wanted")), make_schedule(make_draft(slug="other"))
    post = make_post(slug="mine")
    for act in (
        lambda: Schedule.objects.filter(pk=other.pk).update(slug="wanted"),
        lambda: Schedule.objects.filter(pk=other.pk).update(slug="mine"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE publishing_post SET is_live = false, slug = 'wanted' WHERE id = %s", [post.pk])
    assert scheduled.slug == "wanted"


def test_an_old_schedule_without_a_reserved_address_fails_when_its_address_is_taken():
    late = make_schedule(hours=3)
    make_post(slug="mine")
    with without_triggers():
        Schedule.objects.update(slug="")
        Draft.objects.filter(pk=late.draft_id).update(slug="mine")
    # It is not retried for ever.
    come_due(late)
    assert publish_due() == 0
    late.refresh_from_db()
    assert late.outcome in {"given_up", "voided"}


def test_an_earlier_address_cannot_be_scheduled():
    post = make_post(slug="first")
    update_live(approved_update(post, slug="second"), by=paula(), kind="minor")
    draft = make_draft(slug="first")
    approve(draft)
    with pytest.raises(SlugTaken, match="has or had"):
        schedule(draft, ago(hours=-1), zone="UTC", by=paula())


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_schedules_for_one_address_one_wins():
    for number in range(4):
        drafts = [make_draft(slug=f"wanted-{number}") for _ in range(2)]
        for draft in drafts:
            approve(draft)
        by = paula()
        acts = [
            lambda draft=drafts[0], by=by: _outcome(lambda: publish(draft, by=by)),
            lambda draft=drafts[1], by=by: _outcome(
                lambda: schedule(draft, ago(hours=-1), zone="UTC", by=by)
            ),
        ]
        turn = threading.Lock()

        def either(acts=acts, turn=turn):
            with turn:
                act = acts.pop()
            return act()

        assert sorted(in_threads(2, either)) == ["SlugTaken", "done"], number


def _outcome(act):
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "done"


# --- What ends it -------------------------------------------------------------------------------------


def test_an_edit_voids_the_schedule_in_its_own_transaction():
    scheduled = make_schedule()
    draft, wim = scheduled.draft, make_user("wim", "Writers")
    with transaction.atomic():
        edit_draft(draft, {"body": "Other."}, by=wim)
        assert open_schedule(draft) is None
        transaction.set_rollback(True)
    assert open_schedule(draft) == scheduled
    draft.refresh_from_db()
    edit_draft(draft, {"body": "Other."}, by=wim)
    scheduled.refresh_from_db()
    assert (scheduled.outcome, scheduled.ended_at is None) == ("voided", False)
    assert AuditEntry.objects.filter(action="schedule.voided").count() == 1


def test_cancelling_the_task_voids_the_schedule():
    scheduled = make_schedule()
    scheduled.draft.task.move_to(Status.CANCELLED, by=make_user("erika", "Editors"), reason="Not needed")
    scheduled.refresh_from_db()
    assert scheduled.outcome == "voided"
    assert "Not needed" in scheduled.why
    come_due(scheduled)
    assert publish_due() == 0


def test_publishing_at_once_ends_the_schedule():
    scheduled = make_schedule()
    publish(scheduled.draft, by=paula())
    scheduled.refresh_from_db()
    assert scheduled.outcome == "published"


# --- Keeping it ---------------------------------------------------------------------------------------


def test_due_texts_go_online_once_and_no_others():
    due, later = make_schedule(), make_schedule()
    come_due(due)
    assert publish_due() == 1
    assert publish_due() == 0
    post = Post.objects.published().get()
    assert (post.draft_id, post.content_sha256) == (due.draft_id, due.content_sha256)
    due.refresh_from_db()
    assert due.outcome == "published"
    assert open_schedule(later.draft) == later
    assert "as scheduled by paula" in post.history.first().history_change_reason


def test_bytes_that_differ_from_the_scheduled_ones_never_go_online():
    scheduled = make_schedule()
    # As no verb would leave it.
    Schedule.objects.update(content_sha256="0" * 64)
    come_due(scheduled)
    assert publish_due() == 0
    scheduled.refresh_from_db()
    assert scheduled.outcome == "voided"
    assert not Post.objects.exists()


@pytest.fixture
def broken_index(monkeypatch):
    """Texts named "Broken" cannot be put into the index, as if by an internal error."""

    def index(post):
        if post.title == "Broken":
            raise KeyError("inner workings")
        index_post(post)

    monkeypatch.setattr("publishing.publish.index_post", index)


def test_a_failure_is_retried_later_and_stops_no_other(broken_index):
    scheduled, other = make_schedule(make_draft(title="Broken")), make_schedule()
    come_due(scheduled, other)
    assert publish_due() == 1
    scheduled.refresh_from_db()
    assert (scheduled.attempts, scheduled.ended_at) == (1, None)
    assert timedelta(0) < scheduled.due_at - timezone.now() <= timedelta(seconds=2)
    come_due(scheduled)
    publish_due()
    scheduled.refresh_from_db()
    assert scheduled.attempts == 2
    assert scheduled.due_at - timezone.now() > timedelta(seconds=2)
    assert AuditEntry.objects.filter(action="schedule.failed").count() == 1
    assert not Incident.objects.exists()


def test_repeated_failures_end_the_schedule_and_notify_once(broken_index, mailoutbox, settings):
    settings.SENDS_MAIL = True
    User.objects.filter(pk=paula().pk).update(email="paula@example.org")
    scheduled = make_schedule(make_draft(title="Broken", slug="wanted"))
    for _ in range(30):
        come_due(scheduled)
        assert publish_due() == 0
        check()
        send_due()
    scheduled.refresh_from_db()
    assert (scheduled.outcome, scheduled.attempts) == ("given_up", 9)
    assert Incident.objects.get().details["task_ids"] == [scheduled.draft.task_id]
    assert Incident.objects.get().kind == "plan_failed"
    [mail] = mailoutbox
    assert mail.to == ["paula@example.org"]
    assert reverse("desk:review", args=[scheduled.draft_id]) in mail.body
    assert scheduled.local_clock in mail.body
    assert "inner workings" not in mail.body
    assert [entry.action for entry in AuditEntry.objects.filter(object_type="schedule").order_by("seq")] == [
        "schedule.created", "schedule.failed", "schedule.given_up",
    ]  # fmt: skip
    assert open_schedule(scheduled.draft) is None
    # It can be scheduled again, and its address is free until then.
    again = schedule(scheduled.draft, ago(hours=-1), zone="UTC", by=paula())
    assert again.slug == "wanted"


def test_a_schedule_that_is_moved_while_it_fails_waits_for_its_new_time():
    scheduled = make_schedule()
    come_due(scheduled)
    moved = reschedule(scheduled, ago(hours=-1), zone="UTC", by=paula())
    postpone(scheduled.pk, "It failed before it was moved.")
    scheduled.refresh_from_db()
    assert (scheduled.due_at, scheduled.last_error) == (moved.publish_at, "")
    Schedule.objects.update(due_at=ago(seconds=1))
    assert publish_due() == 0


def test_a_publisher_without_permission_any_longer_does_not_publish(mailoutbox, settings):
    settings.SENDS_MAIL = True
    User.objects.filter(pk=paula().pk).update(email="paula@example.org")
    scheduled = make_schedule()
    paula().groups.clear()
    come_due(scheduled)
    assert publish_due() == 0
    scheduled.refresh_from_db()
    assert "may no longer publish" in scheduled.last_error
    assert not Post.objects.exists()
    # Trying again would not help.
    assert scheduled.outcome == "given_up"
    come_due(scheduled)
    assert publish_due() == 0
    check()
    send_due()
    assert Incident.objects.get().kind == "plan_failed"
    assert ["may no longer publish" in mail.body for mail in mailoutbox] == [True]
    assert "Not published: Street trees and heat" in mailoutbox[0].subject


def test_a_missing_image_is_retried(tmp_path):
    scheduled = make_schedule(make_draft(cover_image=""))
    with without_triggers():
        Draft.objects.filter(pk=scheduled.draft_id).update(cover_image="gone")
    come_due(scheduled)
    assert publish_due() == 0
    scheduled.refresh_from_db()
    assert (scheduled.attempts, scheduled.ended_at) == (1, None)
    assert "cover image" in scheduled.last_error


def test_a_publisher_is_notified_when_another_user_voids_the_schedule_and_no_alert_is_raised(
    mailoutbox, settings
):
    settings.SENDS_MAIL = True
    User.objects.filter(pk=paula().pk).update(email="paula@example.org")
    scheduled, own = make_schedule(), make_schedule()
    edit_draft(scheduled.draft, {"body": "Other."}, by=make_user("wim", "Writers"))
    own.draft.task.move_to(Status.CANCELLED, by=paula())
    check()
    send_due()
    assert not Incident.objects.exists()
    assert ["(wim)" in mail.body for mail in mailoutbox] == [True]


def test_an_internal_error_is_reported_without_its_details(monkeypatch):
    scheduled = make_schedule()

    def broken(*_):
        raise KeyError("inner workings")

    monkeypatch.setattr("publishing.publish.index_post", broken)
    come_due(scheduled)
    assert publish_due() == 0
    scheduled.refresh_from_db()
    assert "inner workings" not in scheduled.last_error
    assert scheduled.last_error
    assert not Post.objects.exists()


def test_the_time_until_the_next_is_known():
    assert seconds_until_next() is None
    make_schedule(minutes=2)
    make_schedule(minutes=1)
    assert 50 < seconds_until_next() <= 60


# --- Many at once -------------------------------------------------------------------------------------


def in_threads(count, act):
    barrier, found = threading.Barrier(count), []

    def run():
        barrier.wait()
        try:
            found.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_many_processes_publish_each_text_once():
    schedules = [make_schedule() for _ in range(6)]
    come_due(*schedules)
    # A server that another test left running may take some of them.
    assert sum(in_threads(5, publish_due)) <= 6
    wait_for(lambda: Post.objects.published().count() == 6)
    assert AuditEntry.objects.filter(action="schedule.published").count() == 6


@pytest.mark.django_db(transaction=True)
def test_of_a_simultaneous_edit_and_publication_one_wins():
    for number in range(4):
        scheduled = make_schedule()
        come_due(scheduled)
        wim = make_user("wim", "Writers")
        acts = iter([publish_due, lambda scheduled=scheduled, wim=wim: _edit(scheduled.draft, wim)])
        turn = threading.Lock()

        def either(acts=acts, turn=turn):
            with turn:
                act = next(acts)
            return act()

        in_threads(2, either)
        scheduled.refresh_from_db()
        post = Post.objects.filter(draft=scheduled.draft).first()
        assert scheduled.outcome == ("published" if post else "voided"), number
        if post:
            assert post.content_sha256 == scheduled.content_sha256


def _edit(draft, by):
    try:
        edit_draft(draft, {"body": "Other."}, by=by)
    except Exception as error:
        return type(error).__name__


DYING = """
import sys, time
import django
django.setup()
from django.db import transaction
from publishing import publish, schedule
from publishing.models import Schedule
def hang(*_, **__):
    print("inside", flush=True)
    time.sleep(60)
publish.relate = hang
with transaction.atomic():
    # In here, so that no other process is first.
    due = schedule.timezone.now()
    Schedule.objects.filter(pk=int(sys.argv[1])).update(publish_at=due, due_at=due)
    schedule.publish_scheduled(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_while_publishing_leaves_it_to_another():
    scheduled = make_schedule()
    dying = subprocess.Popen(
        [sys.executable, "-c", DYING, str(scheduled.pk)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=django_settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url()},
    )
    try:
        assert dying.stdout.readline() == "inside\n"
        with transaction.atomic():
            free = ContentTask.objects.select_for_update(skip_locked=True)
            assert not free.filter(pk=scheduled.draft.task_id).exists()
        assert not Post.objects.exists()
    finally:
        os.kill(dying.pid, signal.SIGKILL)
        dying.wait()
        dying.stdout.close()
    come_due(scheduled)
    publish_due()
    wait_for(lambda: Post.objects.published().exists())
    assert Post.objects.get().content_sha256 == scheduled.content_sha256
    assert AuditEntry.objects.filter(action="schedule.published").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_schedule_that_another_process_publishes_is_skipped():
    scheduled = make_schedule()
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            ContentTask.objects.select_for_update().get(pk=scheduled.draft.task_id)
            come_due(scheduled)
            held.set()
            done.wait(10)
            transaction.set_rollback(True)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    try:
        assert publish_scheduled(scheduled.pk) is None
    finally:
        done.set()
        thread.join()
    assert open_schedule(scheduled.draft) == scheduled
