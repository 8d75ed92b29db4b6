import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, InternalError, connection, transaction

from tasks import actions
from tasks.content import CONTENT_FIELDS, content_sha256
from tasks.errors import DraftChanged, TransitionRefused
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tasks.pipeline.text.paragraphs import paragraph_sha256
from tests.factories import approve, make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return User.objects.create_user("erin")


def test_every_change_is_a_version_with_its_reason_author_and_hash(editor):
    draft = make_draft(body="First text. [1]")
    first = draft.content_sha256
    assert actions.edit_draft(draft, {"body": "Second text. [1]"}, by=editor)
    newest, oldest = draft.versions
    assert (newest.version, newest.body, newest.history_user, newest.written_by) == (
        2, "Second text. [1]", editor, "erin",
    )  # fmt: skip
    assert newest.history_change_reason == "edited by erin"
    assert (oldest.version, oldest.body, oldest.content_sha256) == (1, "First text. [1]", first)
    assert newest.content_sha256 != first


def test_saving_the_same_content_makes_no_version(editor):
    draft = make_draft()
    assert not actions.edit_draft(draft, {"title": draft.title}, by=editor)
    assert draft.versions.count() == 1


@pytest.mark.parametrize("field", CONTENT_FIELDS)
def test_the_hash_covers_every_field_a_reader_sees(field):
    content = dict.fromkeys(CONTENT_FIELDS, "a")
    assert content_sha256(content) != content_sha256(content | {field: "b"})


def test_a_stale_copy_cannot_be_saved(editor):
    draft = make_draft()
    stale = Draft.objects.get(pk=draft.pk)
    actions.edit_draft(draft, {"body": "Mine."}, by=editor)
    with pytest.raises(DraftChanged, match="at version 2, you changed version 1"):
        actions.edit_draft(stale, {"body": "Yours."}, by=editor)
    assert Draft.objects.get(pk=draft.pk).body == "Mine."


def test_restoring_makes_a_new_version_of_the_old_text(editor):
    draft = make_draft(body="First text.")
    actions.edit_draft(draft, {"body": "Second text."}, by=editor)
    assert actions.restore_version(draft, 1, by=editor)
    assert (draft.version, draft.body) == (3, "First text.")
    assert draft.versions.first().history_change_reason == "restored version 1"
    assert draft.content_sha256 == draft.history.get(version=1).content_sha256


def test_an_edit_voids_an_approval(editor):
    draft = make_draft()
    approve(draft)
    actions.edit_draft(draft, {"body": "After the approval."}, by=editor)
    assert ContentTask.objects.get(pk=draft.task_id).status == Status.AWAITING_APPROVAL


def test_a_text_cannot_be_edited_while_it_is_being_written(editor):
    draft = make_draft()
    draft.task.move_to(Status.PENDING)
    with pytest.raises(TransitionRefused, match="is pending: its text cannot be edited now"):
        actions.edit_draft(draft, {"body": "Too early."}, by=editor)
    assert draft.versions.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tasks_historicaldraft SET body = 'forged'",
        "DELETE FROM tasks_historicaldraft",
        "TRUNCATE tasks_historicaldraft",
    ],
)
def test_the_database_refuses_to_change_a_version(statement):
    make_draft()
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)


def test_content_that_no_draft_has_is_named():
    draft = make_draft()
    with pytest.raises(ValueError, match="status"):
        draft.save_version({"status": "approved"}, reason="no")


CRLF_CONTENT = {
    "title": "Street trees", "summary": "One line.\r\nAnother.", "body": "First. [1]\r\n\r\nSecond.\rThird.",
    "seo_description": "Shade\r\nand water", "cover_alt": "A row\r\nof trees", "tags": ["street\r\ntrees"],
    "citations": [{"number": 1, "title": "A\r\nstudy", "url": "https://example.org/"}],
}  # fmt: skip


def test_line_ends_alone_are_no_change_whichever_field_has_them(editor):
    draft = make_draft(**CRLF_CONTENT)
    assert "\r" not in str(draft.content)
    assert draft.body == "First. [1]\n\nSecond.\nThird."
    approve(draft)
    for name, value in CRLF_CONTENT.items():
        assert not actions.edit_draft(draft, {name: value}, by=editor), name
    assert not actions.edit_draft(draft, CRLF_CONTENT, by=editor)
    assert (draft.versions.count(), ContentTask.objects.get().status) == (1, Status.APPROVED)


def test_a_text_saved_with_crlf_before_stays_the_same_text(editor, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr("tasks.models.drafts.with_unix_lines", lambda content: content)
        draft = make_draft(body="First. [1]\r\n\r\nSecond.")
    assert "\r" in draft.body
    approve(draft)
    assert not actions.edit_draft(draft, {"body": "First. [1]\n\nSecond."}, by=editor)
    assert not actions.edit_draft(draft, {"title": draft.title}, by=editor)
    assert not actions.restore_version(draft, 1, by=editor)
    assert ContentTask.objects.get().status == Status.APPROVED
    assert actions.edit_draft(draft, {"title": "Shade"}, by=editor)
    assert draft.body == "First. [1]\n\nSecond."


def test_a_locked_paragraph_is_the_same_with_other_line_ends(editor):
    draft = make_draft(body="One.\nTwo. [1]\n\nThree.")
    actions.lock_paragraph(draft, paragraph_sha256("One.\nTwo. [1]"), by=editor)
    assert actions.edit_draft(draft, {"body": "One.\r\nTwo. [1]\r\n\r\nFour."}, by=editor)
