"""What SQL may not do to a live post, to a newer text of it and to the log of corrections."""

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.models import Verdict
from publishing.models import Correction, Post
from publishing.publish import unpublish, update_live
from tasks.errors import TransitionRefused
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft
from tests.factories import decide_on, make_user
from tests.publishing.factories import approved_update, edit_live, make_post

NOTE = "The figure in the second paragraph was wrong."


@pytest.fixture
def publisher(db):
    return make_user("publisher", "Publishers")


@pytest.fixture
def post(db):
    return make_post(title="Street trees")


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(match, *statements):
    connection.check_constraints()
    whole = ";\n".join([*statements, "SET CONSTRAINTS ALL IMMEDIATE"])
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        sql(whole)


def insert_correction(post, **changes):
    old = Draft.history.get(version=1)
    values = {
        "post_id": post.pk, "from_version": 1, "from_sha256": old.content_sha256, "to_version": 2,
        "to_sha256": post.draft.content_sha256, "kind": "minor", "note": "", "by_id": 1, "by_name": "x",
    } | changes  # fmt: skip
    shown = ", ".join(str(value) if isinstance(value, int) else f"'{value}'" for value in values.values())
    return f"INSERT INTO publishing_correction ({', '.join(values)}) VALUES ({shown})"


COPY = """
UPDATE publishing_post post SET summary = draft.summary, version = draft.version,
    content_sha256 = draft.content_sha256,
    approval_id = coalesce(
        (SELECT max(id) FROM approvals_decision WHERE version = draft.version), approval_id)
FROM tasks_draft draft WHERE draft.id = post.draft_id
"""


def test_sql_may_not_show_a_newer_unapproved_text(post):
    edit_live(post)
    refused("not approved", COPY)
    refused("is not version 1", "UPDATE publishing_post SET summary = 'New words.'")
    decide_on(edit_live(post, summary="Other."), Verdict.REJECT)
    refused("not approved", COPY)


def test_sql_may_not_show_a_newer_text_without_a_log_entry(post):
    approved_update(post)
    refused("without a correction", COPY)
    assert Post.objects.get().version == 1


def test_sql_may_not_write_false_entries_into_the_log(post, publisher):
    approved_update(post)
    refused("did not change", insert_correction(post, to_sha256=post.content_sha256))
    update_live(Draft.objects.get(), by=publisher, kind="minor")
    after = Post.objects.get()
    refused("did not change", insert_correction(after, from_version=2, from_sha256=after.content_sha256))
    refused("publishing_change_logged_once", insert_correction(after))


@pytest.mark.parametrize("note", ["", " " * 30, "Too short"])
def test_sql_may_not_leave_out_the_note(post, note):
    draft = approved_update(post)
    said = insert_correction(post, to_sha256=draft.content_sha256, kind="correction", note=note)
    refused("says_what", COPY, said)


@pytest.mark.parametrize("change", [
    "UPDATE publishing_correction SET note = 'Nothing happened.'", "DELETE FROM publishing_correction",
    "TRUNCATE publishing_correction",
])  # fmt: skip
def test_sql_may_not_change_the_log(post, publisher, change):
    update_live(approved_update(post), by=publisher, kind="correction", note=NOTE)
    connection.check_constraints()
    refused("append", change)
    assert Correction.objects.get().note == NOTE


def insert_no(post, version, sha256):
    return (
        "INSERT INTO approvals_decision (draft_id, decision, version, content_sha256, reason_code, reason,"
        " actor_id, actor_name, via, four_eyes, approvals_needed) VALUES"
        f" ({post.draft_id}, 'reject', {version}, '{sha256}', 'style', 'Not for our readers.', 1, 'x',"
        " 'api', true, 1)"
    )


def test_sql_may_not_delete_the_approval_of_a_live_text(post):
    refused("not awaiting", insert_no(post, 1, post.content_sha256))
    flagged = "UPDATE tasks_contenttask SET update_state = 'awaiting', update_changed_at = now()"
    refused("not awaiting", flagged, insert_no(post, 1, post.content_sha256))


def test_sql_may_not_decide_twice_about_an_update(post):
    draft = edit_live(post)
    decide_on(draft, Verdict.REJECT)
    flagged = "UPDATE tasks_contenttask SET update_state = 'awaiting', update_changed_at = now()"
    refused("not awaiting", flagged, insert_no(post, 2, draft.content_sha256))


def test_sql_may_not_leave_a_task_approved_whose_newer_text_is_not(post):
    edit_live(post)
    off = "UPDATE tasks_contenttask SET update_state = '', update_changed_at = NULL, status = "
    refused("is not approved", off + "'approved'")
    refused(
        "is not approved", off + "'awaiting_approval'", "UPDATE tasks_contenttask SET status = 'published'"
    )


def test_sql_may_not_edit_a_live_text(post):
    draft = edit_live(post)
    refused(
        "the approval is void",
        "UPDATE tasks_contenttask SET update_state = '', update_changed_at = NULL",
        "UPDATE tasks_draft SET summary = 'x', version = 3, content_sha256 = content_sha256(title, slug, 'x',"
        " body, seo_title, seo_description, category, tags, cover_image, cover_alt, cover_credit, citations)",
    )
    assert draft.version == 2


def test_an_update_needs_a_live_post(post, publisher):
    edit_live(post)
    refused("tasks_update_of_what_is_live", "UPDATE tasks_contenttask SET status = 'awaiting_approval'")
    unpublish(post, by=publisher)
    refused(
        "tasks_update_of_what_is_live",
        "UPDATE tasks_contenttask SET update_state = 'approved', update_changed_at = now()",
    )
    task = ContentTask.objects.get()
    with pytest.raises(TransitionRefused):
        task.move_update(Update.APPROVED, by=None)
