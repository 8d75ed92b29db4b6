"""Planned updates and withdrawals of live posts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.models import AuditEntry
from publishing import jobs
from publishing.errors import NotApproved, ScheduleConflict, SlugTaken
from publishing.live_plans import failed_withdrawal, open_withdrawal, plan_update, plan_withdrawal
from publishing.models import Correction, Post, Schedule
from publishing.publish import publish, unpublish, update_live
from publishing.schedule import open_schedule, publish_scheduled, reschedule, unschedule
from tasks.actions import edit_draft
from tasks.live_updates import Update
from tasks.models import Draft
from tests.factories import ago, approve, make_draft, make_user
from tests.publishing.factories import approved_update, edit_live, make_post
from tests.publishing.test_schedule import come_due

pytestmark = pytest.mark.django_db
NOTE = "The figure in the second paragraph was wrong."


def paula():
    return make_user("paula", "Publishers", is_staff=True)


def planned_update(post=None, **content):
    draft = approved_update(post or make_post(slug="trees", body="Trees cool streets."), **content)
    return plan_update(draft, ago(hours=-1), kind="correction", note=NOTE, zone="UTC", by=paula())


def planned_withdrawal(post=None, reason="The offer has ended."):
    return plan_withdrawal(post or make_post(), ago(hours=-1), reason=reason, zone="UTC", by=paula())


def test_an_approved_newer_text_replaces_the_live_one_at_its_time():
    plan = planned_update(body="Trees cool streets well.")
    post = Post.objects.get()
    assert jobs.publish_due() == 0
    assert "well" not in post.body
    come_due(plan)
    assert jobs.publish_due() == 1
    post.refresh_from_db()
    assert (post.version, post.content_sha256) == (plan.version, plan.content_sha256)
    assert "well" in post.body_html
    correction = Correction.objects.get()
    assert (correction.kind, correction.note, correction.by_name) == ("correction", NOTE, "paula")
    plan.refresh_from_db()
    assert (plan.outcome, plan.draft.task.update_state) == ("published", Update.NONE)
    assert jobs.publish_due() == 0


def test_plans_are_on_record_with_what_is_planned():
    planned_update()
    planned_withdrawal()
    created = AuditEntry.objects.filter(action="schedule.created").order_by("seq")
    assert [entry.data["action"] for entry in created] == ["update", "withdraw"]
    assert created[0].data["note"] == NOTE


def test_a_withdrawal_takes_the_post_off_the_site_at_its_time(client):
    plan = planned_withdrawal()
    post = Post.objects.get()
    come_due(plan)
    assert client.get(post.get_absolute_url()).status_code == 200
    assert jobs.publish_due() == 1
    assert client.get(post.get_absolute_url()).status_code == 410
    plan.refresh_from_db()
    assert (plan.outcome, open_withdrawal(plan.draft)) == ("withdrawn", None)
    unpublished = AuditEntry.objects.get(action="publication.unpublished")
    assert unpublished.data["reason"] == "The offer has ended."


def test_a_withdrawal_is_of_the_post_whichever_version_is_live_then():
    post = make_post(slug="trees")
    plan = planned_withdrawal(post)
    update_live(approved_update(post), by=paula(), kind="minor")
    assert open_withdrawal(plan.draft) == plan
    come_due(plan)
    assert jobs.publish_due() == 1
    assert not Post.objects.get().is_live


def test_an_edit_voids_the_approval_and_the_plan_but_not_the_withdrawal():
    plan = planned_update()
    withdrawal = planned_withdrawal(Post.objects.get())
    draft = Draft.objects.select_related("task").get(pk=plan.draft_id)
    edit_draft(draft, {"summary": "Edited after the plan."}, by=make_user("edna", "Editors"))
    plan.refresh_from_db()
    assert plan.outcome == "voided"
    assert "edna" in plan.why
    assert open_withdrawal(draft) == withdrawal
    come_due(plan)
    assert jobs.publish_due() == 0
    assert not Correction.objects.exists()


def test_a_text_that_is_not_approved_is_never_planned_nor_put_online():
    post = make_post()
    with pytest.raises(NotApproved):
        plan_update(edit_live(post), ago(hours=-1), kind="correction", note=NOTE, zone="UTC", by=paula())
    plan = planned_update(make_post())
    Schedule.objects.filter(pk=plan.pk).update(content_sha256="0" * 64)
    come_due(plan)
    assert jobs.publish_due() == 0
    plan.refresh_from_db()
    assert plan.outcome == "voided"
    assert not Correction.objects.exists()


def test_what_is_done_by_hand_first_ends_the_plan():
    plan = planned_update()
    update_live(plan.draft, by=paula(), kind="minor")
    plan.refresh_from_db()
    assert plan.outcome == "published"
    second = planned_update(Post.objects.get(), summary="Newer again.")
    withdrawal = planned_withdrawal(Post.objects.get())
    unpublish(Post.objects.get(), by=make_user("pia", "Publishers"), reason="Wrong.")
    for one, outcome in ((second, "voided"), (withdrawal, "withdrawn")):
        one.refresh_from_db()
        assert (one.outcome, one.draft.post.is_live) == (outcome, False)
    assert "Wrong." in second.why


def test_plans_are_refused_with_reasons():
    plan, withdrawal = planned_update(), planned_withdrawal()
    draft, post = plan.draft, withdrawal.draft.post
    emil, later = make_user("emil", "Editors"), ago(hours=-1)
    correction = {"kind": "correction", "note": NOTE, "zone": "UTC"}
    for error, refused in [
        (PermissionDenied, lambda: plan_update(draft, later, by=emil, **correction)),
        (PermissionDenied, lambda: plan_withdrawal(post, later, zone="UTC", by=emil)),
        (PermissionDenied, lambda: unschedule(withdrawal, by=emil)),
        (ScheduleConflict, lambda: plan_update(draft, later, by=paula(), **correction)),
        (ScheduleConflict, lambda: plan_update(draft, later, by=paula(), version=1, **correction)),
        (ScheduleConflict, lambda: plan_withdrawal(post, later, zone="UTC", by=paula())),
        (ValidationError, lambda: plan_update(draft, ago(hours=1), by=paula(), **correction)),
        (ValidationError, lambda: plan_update(draft, later, by=paula(), kind="update", note="x", zone="UTC")),
        (ValidationError, lambda: plan_withdrawal(post, later, reason="x" * 501, zone="UTC", by=paula())),
    ]:
        with pytest.raises(error):
            refused()
    unschedule(withdrawal, by=paula())
    unpublish(post, by=paula())
    with pytest.raises(ScheduleConflict, match="not live"):
        plan_withdrawal(post, later, zone="UTC", by=paula())


def test_a_planned_update_reserves_its_new_address():
    planned_update(slug="forests")
    other = make_draft(slug="forests")
    approve(other)
    with pytest.raises(SlugTaken, match="scheduled"):
        publish(other, by=paula())


def test_moving_a_plan_changes_its_note_and_refuses_a_stale_screen():
    plan = planned_update()
    was, later = plan.publish_at, timezone.now() + timedelta(days=2)
    moved = reschedule(plan, later, zone="UTC", by=paula(), kind="minor", note="", was=was)
    assert (moved.correction_kind, moved.note) == ("minor", "")
    with pytest.raises(ScheduleConflict, match="Someone moved this meanwhile"):
        reschedule(plan, later, zone="UTC", by=paula(), was=was)
    unschedule(plan, by=paula())
    assert open_schedule(plan.draft) is None
    assert Draft.objects.get(pk=plan.draft_id).task.update_state == Update.APPROVED


def test_a_withdrawal_in_nobodys_name_fails_and_is_shown():
    plan = planned_withdrawal()
    paula().groups.clear()
    come_due(plan)
    assert jobs.publish_due() == 0
    assert "may no longer publish" in failed_withdrawal(plan.draft).why
    assert Post.objects.get().is_live


def test_a_process_that_dies_in_between_leaves_the_old_text_and_the_plan():
    plan = planned_update(body="Trees cool streets well.")
    come_due(plan)
    with transaction.atomic():
        publish_scheduled(plan.pk)
        transaction.set_rollback(True)
    assert "well" not in Post.objects.get().body
    assert not Correction.objects.exists()
    assert jobs.publish_due() == 1
    assert "well" in Post.objects.get().body


def test_the_database_holds_one_plan_of_a_kind_for_a_post():
    plan, withdrawal = planned_update(), planned_withdrawal()
    for one in (plan, withdrawal):
        one.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            one.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Schedule.objects.update(correction_kind="")


def test_the_times_of_plans_are_moments():
    at = datetime(timezone.now().year + 1, 7, 1, 9, 30, tzinfo=UTC)
    plan = plan_withdrawal(make_post(), at, zone="Europe/Berlin", by=paula())
    assert plan.local_clock.endswith("11:30 Europe/Berlin")
