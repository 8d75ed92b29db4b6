"""Times of publication: set, moved, taken back, voided and kept."""

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
from publishing import publish as publish_module
from publishing.errors import NotApproved, ScheduleConflict, SlugTaken, SlugUnusable
from publishing.jobs import publish_due
from publishing.models import Post, Schedule
from publishing.publish import publish, update_live
from publishing.schedule import (
    keep,
    open_schedule,
    put_off,
    reschedule,
    schedule,
    seconds_until_next,
    unschedule,
)
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


def planned(draft=None, **in_future):
    draft = draft or make_draft()
    approve(draft)
    return schedule(
        draft, timezone.now() + timedelta(**in_future or {"hours": 1}), zone="Europe/Berlin", by=paula()
    )


def come_due(*plans):
    """As if the time had passed."""
    Schedule.objects.filter(pk__in=[plan.pk for plan in plans]).update(
        publish_at=ago(seconds=1), due_at=ago(seconds=1)
    )


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- Setting a time -----------------------------------------------------------------------------------


def test_a_time_is_bound_to_the_approved_bytes_and_on_record():
    draft = make_draft()
    plan = planned(draft)
    assert (plan.version, plan.content_sha256) == (draft.version, draft.content_sha256)
    assert open_schedule(draft) == plan
    entry = AuditEntry.objects.get(action="schedule.created")
    assert entry.data["content_sha256"] == draft.content_sha256
    assert not Post.objects.exists()


def test_what_no_editor_approved_gets_no_time():
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


def test_what_could_not_be_published_now_is_said_when_the_time_is_set():
    taken = make_post()
    for slug, error in ((taken.slug, SlugTaken), ("two words", SlugUnusable)):
        draft = make_draft(slug=slug)
        approve(draft)
        with pytest.raises(error):
            schedule(draft, ago(hours=-1), zone="UTC", by=paula())


def test_a_draft_has_one_time_and_of_a_version_that_was_seen():
    plan = planned()
    with pytest.raises(ScheduleConflict, match="move that one"):
        schedule(plan.draft, ago(hours=-1), zone="UTC", by=paula())
    unschedule(plan, by=paula())
    with pytest.raises(ScheduleConflict, match="You saw version 7"):
        schedule(plan.draft, ago(hours=-1), zone="UTC", by=paula(), version=7)


def test_only_publishers_set_move_and_take_back():
    plan, emil = planned(), make_user("emil", "Editors")
    for act in (
        lambda: schedule(plan.draft, ago(hours=-1), zone="UTC", by=emil),
        lambda: reschedule(plan, ago(hours=-1), zone="UTC", by=emil),
        lambda: unschedule(plan, by=emil),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert open_schedule(plan.draft) == plan


def test_moving_and_taking_back_what_has_ended_is_a_conflict_that_says_why():
    plan = planned()
    moved = reschedule(plan, ago(hours=-5), zone="UTC", by=paula())
    assert moved.publish_at > plan.publish_at
    unschedule(plan, by=paula())
    for act in (unschedule, lambda plan, by: reschedule(plan, ago(hours=-1), zone="UTC", by=by)):
        with pytest.raises(ScheduleConflict, match="Taken off the schedule by paula"):
            act(plan, by=paula())


# --- The address it holds -----------------------------------------------------------------------------


def test_a_plan_holds_its_address_until_it_ends():
    plan = planned(make_draft(slug="wanted"))
    other = make_draft(slug="wanted")
    approve(other)
    with pytest.raises(SlugTaken, match="planned"):
        publish(other, by=paula())
    with pytest.raises(SlugTaken, match="planned"):
        schedule(other, ago(hours=-1), zone="UTC", by=paula())
    renamed = approved_update(make_post(slug="elsewhere"), slug="wanted")
    with pytest.raises(SlugTaken):
        update_live(renamed, by=paula(), kind="minor")
    unschedule(plan, by=paula())
    assert schedule(other, ago(hours=-1), zone="UTC", by=paula()).slug == "wanted"


@pytest.mark.parametrize("ends", ["edit", "cancel", "publish"])
def test_whatever_ends_a_plan_gives_its_address_up(ends):
    plan = planned(make_draft(slug="wanted"))
    if ends == "edit":
        edit_draft(plan.draft, {"slug": "another"}, by=make_user("wim", "Writers"))
    elif ends == "cancel":
        plan.draft.task.move_to(Status.CANCELLED, by=paula())
    else:
        assert publish(plan.draft, by=paula()).slug == "wanted"
        with pytest.raises(SlugTaken):
            make_post(slug="wanted")
        return
    assert make_post(slug="wanted").slug == "wanted"


def test_the_database_itself_keeps_a_planned_address():
    plan, other = planned(make_draft(slug="wanted")), planned(make_draft(slug="other"))
    post = make_post(slug="mine")
    for act in (
        lambda: Schedule.objects.filter(pk=other.pk).update(slug="wanted"),
        lambda: Schedule.objects.filter(pk=other.pk).update(slug="mine"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE publishing_post SET is_live = false, slug = 'wanted' WHERE id = %s", [post.pk])
    assert plan.slug == "wanted"


def test_a_plan_from_before_addresses_were_held_is_given_up_when_its_address_is_taken():
    late = planned(hours=3)
    make_post(slug="mine")
    with without_triggers():
        Schedule.objects.update(slug="")
        Draft.objects.filter(pk=late.draft_id).update(slug="mine")
    # It is not tried for ever.
    come_due(late)
    assert publish_due() == 0
    late.refresh_from_db()
    assert late.outcome in {"given_up", "voided"}


def test_an_earlier_address_cannot_be_planned():
    post = make_post(slug="first")
    update_live(approved_update(post, slug="second"), by=paula(), kind="minor")
    draft = make_draft(slug="first")
    approve(draft)
    with pytest.raises(SlugTaken, match="or had it"):
        schedule(draft, ago(hours=-1), zone="UTC", by=paula())


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_one_address_at_one_moment_one_gets_it():
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


def test_an_edit_voids_the_time_in_its_own_transaction():
    plan = planned()
    draft, wim = plan.draft, make_user("wim", "Writers")
    with transaction.atomic():
        edit_draft(draft, {"body": "Other."}, by=wim)
        assert open_schedule(draft) is None
        transaction.set_rollback(True)
    assert open_schedule(draft) == plan
    draft.refresh_from_db()
    edit_draft(draft, {"body": "Other."}, by=wim)
    plan.refresh_from_db()
    assert (plan.outcome, plan.ended_at is None) == ("voided", False)
    assert AuditEntry.objects.filter(action="schedule.voided").count() == 1


def test_cancelling_the_task_voids_the_time():
    plan = planned()
    plan.draft.task.move_to(Status.CANCELLED, by=make_user("erika", "Editors"), reason="Not needed")
    plan.refresh_from_db()
    assert plan.outcome == "voided"
    assert "Not needed" in plan.why
    come_due(plan)
    assert publish_due() == 0


def test_publishing_at_once_ends_the_time():
    plan = planned()
    publish(plan.draft, by=paula())
    plan.refresh_from_db()
    assert plan.outcome == "published"


# --- Keeping it ---------------------------------------------------------------------------------------


def test_what_is_due_goes_online_once_and_only_what_is_due():
    due, later = planned(), planned()
    come_due(due)
    assert publish_due() == 1
    assert publish_due() == 0
    post = Post.objects.published().get()
    assert (post.draft_id, post.content_sha256) == (due.draft_id, due.content_sha256)
    due.refresh_from_db()
    assert due.outcome == "published"
    assert open_schedule(later.draft) == later
    assert "as scheduled by paula" in post.history.first().history_change_reason


def test_bytes_that_differ_from_the_planned_ones_never_go_online():
    plan = planned()
    # As no verb would leave it.
    Schedule.objects.update(content_sha256="0" * 64)
    come_due(plan)
    assert publish_due() == 0
    plan.refresh_from_db()
    assert plan.outcome == "voided"
    assert not Post.objects.exists()


@pytest.fixture
def broken_index(monkeypatch):
    """Texts named "Broken" cannot be put into the index, as if something of ours were out of order."""
    indexed = publish_module.index_post

    def index(post):
        if post.title == "Broken":
            raise KeyError("inner workings")
        indexed(post)

    monkeypatch.setattr(publish_module, "index_post", index)


def test_one_that_fails_is_tried_again_later_and_stops_no_other(broken_index):
    plan, other = planned(make_draft(title="Broken")), planned()
    come_due(plan, other)
    assert publish_due() == 1
    plan.refresh_from_db()
    assert (plan.attempts, plan.ended_at) == (1, None)
    assert timedelta(0) < plan.due_at - timezone.now() <= timedelta(seconds=2)
    come_due(plan)
    publish_due()
    plan.refresh_from_db()
    assert plan.attempts == 2
    assert plan.due_at - timezone.now() > timedelta(seconds=2)
    assert AuditEntry.objects.filter(action="schedule.failed").count() == 1
    assert not Incident.objects.exists()


def test_one_that_fails_again_and_again_is_given_up_and_told_once(broken_index, mailoutbox, settings):
    settings.SENDS_MAIL = True
    User.objects.filter(pk=paula().pk).update(email="paula@example.org")
    plan = planned(make_draft(title="Broken", slug="wanted"))
    for _ in range(30):
        come_due(plan)
        assert publish_due() == 0
        check()
        send_due()
    plan.refresh_from_db()
    assert (plan.outcome, plan.attempts) == ("given_up", 9)
    assert Incident.objects.get().details["task_ids"] == [plan.draft.task_id]
    assert Incident.objects.get().kind == "plan_failed"
    [mail] = mailoutbox
    assert mail.to == ["paula@example.org"]
    assert reverse("desk:review", args=[plan.draft_id]) in mail.body
    assert plan.local_clock in mail.body
    assert "inner workings" not in mail.body
    assert [entry.action for entry in AuditEntry.objects.filter(object_type="schedule").order_by("seq")] == [
        "schedule.created", "schedule.failed", "schedule.given_up",
    ]  # fmt: skip
    assert open_schedule(plan.draft) is None
    # It can be planned again, and its address is free until then.
    again = schedule(plan.draft, ago(hours=-1), zone="UTC", by=paula())
    assert again.slug == "wanted"


def test_one_that_is_moved_while_it_fails_waits_for_its_new_time():
    plan = planned()
    come_due(plan)
    moved = reschedule(plan, ago(hours=-1), zone="UTC", by=paula())
    put_off(plan.pk, "It failed before it was moved.")
    plan.refresh_from_db()
    assert (plan.due_at, plan.last_error) == (moved.publish_at, "")
    Schedule.objects.update(due_at=ago(seconds=1))
    assert publish_due() == 0


def test_a_publisher_who_may_not_publish_any_more_does_not(mailoutbox, settings):
    settings.SENDS_MAIL = True
    User.objects.filter(pk=paula().pk).update(email="paula@example.org")
    plan = planned()
    paula().groups.clear()
    come_due(plan)
    assert publish_due() == 0
    plan.refresh_from_db()
    assert "may not publish any more" in plan.last_error
    assert not Post.objects.exists()
    # Trying again would not help.
    assert plan.outcome == "given_up"
    come_due(plan)
    assert publish_due() == 0
    check()
    send_due()
    assert Incident.objects.get().kind == "plan_failed"
    assert ["may not publish any more" in mail.body for mail in mailoutbox] == [True]
    assert "Not published: Street trees and heat" in mailoutbox[0].subject


def test_an_image_that_is_not_there_is_waited_for(tmp_path):
    plan = planned(make_draft(cover_image=""))
    with without_triggers():
        Draft.objects.filter(pk=plan.draft_id).update(cover_image="gone")
    come_due(plan)
    assert publish_due() == 0
    plan.refresh_from_db()
    assert (plan.attempts, plan.ended_at) == (1, None)
    assert "cover image" in plan.last_error


def test_whose_plan_is_void_by_somebody_else_is_told_and_nobody_alerted(mailoutbox, settings):
    settings.SENDS_MAIL = True
    User.objects.filter(pk=paula().pk).update(email="paula@example.org")
    plan, own = planned(), planned()
    edit_draft(plan.draft, {"body": "Other."}, by=make_user("wim", "Writers"))
    own.draft.task.move_to(Status.CANCELLED, by=paula())
    check()
    send_due()
    assert not Incident.objects.exists()
    assert ["(wim)" in mail.body for mail in mailoutbox] == [True]


def test_a_fault_of_ours_is_told_without_its_details(monkeypatch):
    plan = planned()

    def broken(*_):
        raise KeyError("inner workings")

    monkeypatch.setattr("publishing.publish.index_post", broken)
    come_due(plan)
    assert publish_due() == 0
    plan.refresh_from_db()
    assert "inner workings" not in plan.last_error
    assert plan.last_error
    assert not Post.objects.exists()


def test_how_long_until_the_next_is_known():
    assert seconds_until_next() is None
    planned(minutes=2)
    planned(minutes=1)
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
    plans = [planned() for _ in range(6)]
    come_due(*plans)
    # A server that another test left running may take some of them.
    assert sum(in_threads(5, publish_due)) <= 6
    wait_for(lambda: Post.objects.published().count() == 6)
    assert AuditEntry.objects.filter(action="schedule.published").count() == 6


@pytest.mark.django_db(transaction=True)
def test_of_an_edit_and_a_publication_at_one_moment_one_wins():
    for number in range(4):
        plan = planned()
        come_due(plan)
        wim = make_user("wim", "Writers")
        acts = iter([publish_due, lambda plan=plan, wim=wim: _edit(plan.draft, wim)])
        turn = threading.Lock()

        def either(acts=acts, turn=turn):
            with turn:
                act = next(acts)
            return act()

        in_threads(2, either)
        plan.refresh_from_db()
        post = Post.objects.filter(draft=plan.draft).first()
        assert plan.outcome == ("published" if post else "voided"), number
        if post:
            assert post.content_sha256 == plan.content_sha256


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
def hang(*_):
    print("inside", flush=True)
    time.sleep(60)
publish.relate = hang
with transaction.atomic():
    # In here, so that no other process is first.
    due = schedule.timezone.now()
    Schedule.objects.filter(pk=int(sys.argv[1])).update(publish_at=due, due_at=due)
    schedule.keep(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_while_publishing_leaves_it_to_another():
    plan = planned()
    dying = subprocess.Popen(
        [sys.executable, "-c", DYING, str(plan.pk)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=django_settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url()},
    )
    try:
        assert dying.stdout.readline() == "inside\n"
        with transaction.atomic():
            free = ContentTask.objects.select_for_update(skip_locked=True)
            assert not free.filter(pk=plan.draft.task_id).exists()
        assert not Post.objects.exists()
    finally:
        os.kill(dying.pid, signal.SIGKILL)
        dying.wait()
        dying.stdout.close()
    come_due(plan)
    publish_due()
    wait_for(lambda: Post.objects.published().exists())
    assert Post.objects.get().content_sha256 == plan.content_sha256
    assert AuditEntry.objects.filter(action="schedule.published").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_another_process_is_at_is_left_to_it():
    plan = planned()
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            ContentTask.objects.select_for_update().get(pk=plan.draft.task_id)
            come_due(plan)
            held.set()
            done.wait(10)
            transaction.set_rollback(True)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    try:
        assert keep(plan.pk) is None
    finally:
        done.set()
        thread.join()
    assert open_schedule(plan.draft) == plan
