"""Locking a paragraph, and what that means for later changes of the text."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from approvals.audit.verification import first_failure
from approvals.models import AuditEntry
from contentpipeline.api import PROBLEM_TYPES
from tasks.actions import (
    edit_draft,
    lock_paragraph,
    request_rework,
    restore_version,
    unlock_paragraph,
)
from tasks.engine.checkpoints import Lease
from tasks.engine.versions import _with_locked, save_unfinished
from tasks.engine.worker import write_one
from tasks.errors import DraftChanged, TransitionRefused
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, ParagraphLock
from tasks.pipeline.errors import ParagraphLocked
from tasks.pipeline.text.paragraphs import paragraph_sha256, paragraphs
from tasks.sample import file_sample_brief
from tests.callers import caller, problem
from tests.factories import approve, make_draft, make_user
from tests.model_server import model_server  # noqa: F401  (a fixture)
from tests.tasks.test_model_run import with_model  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db

SHADE = "Trees cool a street by shade and by the water that their leaves give off [1]."
ROOTS = "Roots need room: a pit of twelve cubic metres is the least for a large crown."
SHA = paragraph_sha256(ROOTS)


@pytest.fixture
def draft():
    return make_draft(body=f"{SHADE}\n\n## Care\n\n{ROOTS}")


@pytest.fixture
def erika():
    return make_user("erika", "Editors")


def lock(draft, by, sha256=SHA, **more):
    return lock_paragraph(draft, sha256, by=by, **more)


# --- Locking and unlocking ----------------------------------------------------------------------------


def test_a_lock_names_its_paragraph_who_locked_it_and_why(draft, erika):
    made = lock(draft, erika, reason="Agreed with legal")
    assert (made.text, made.locked_by, made.locked_by_name) == (ROOTS, erika, "erika")
    assert made.reason == "Agreed with legal"


def test_locking_and_unlocking_are_recorded_in_the_chain(draft, erika):
    lock(draft, erika, reason="Agreed with legal")
    unlock_paragraph(draft, SHA, by=erika)
    entries = AuditEntry.objects.filter(object_type="paragraphlock").order_by("seq")
    assert [(entry.action, entry.actor_id, entry.task_id, entry.data["reason"]) for entry in entries] == [
        ("paragraphlock.created", erika.pk, draft.task_id, "Agreed with legal"),
        ("paragraphlock.deleted", erika.pk, draft.task_id, "unlocked"),
    ]
    assert first_failure() is None
    assert not draft.locks.exists()


def test_the_past_of_locks_cannot_be_changed(draft, erika):
    lock(draft, erika)
    past = ParagraphLock.history.model.objects
    for change in (lambda: past.update(text="forged"), past.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_locking_twice_is_locking_once(draft, erika):
    first = lock(draft, erika)
    assert lock(draft, make_user("erin")).pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        ParagraphLock.objects.create(draft=draft, sha256=SHA, text=ROOTS, locked_by_name="raw")


def test_a_paragraph_that_the_present_text_has_not_cannot_be_locked(draft, erika):
    with pytest.raises(DraftChanged, match="Version 1 has no such paragraph"):
        lock(draft, erika, paragraph_sha256("Another."))


def test_nothing_is_locked_or_unlocked_while_the_text_is_written(draft, erika):
    lock(draft, erika)
    ContentTask.objects.update(status=Status.IN_PROGRESS)
    with pytest.raises(TransitionRefused, match="being written"):
        lock(draft, erika, paragraph_sha256(SHADE))
    with pytest.raises(TransitionRefused, match="being written"):
        unlock_paragraph(draft, SHA, by=erika)


def test_a_lock_does_not_void_an_approval(draft, erika):
    approve(draft)
    lock(draft, erika)
    draft.task.refresh_from_db()
    assert (draft.task.status, Draft.objects.get().version) == (Status.APPROVED, 1)


# --- People -------------------------------------------------------------------------------------------


def test_a_locked_paragraph_is_edited_only_after_it_was_unlocked(draft, erika):
    lock(draft, erika)
    changed = {"body": draft.body.replace("twelve", "sixteen")}
    with pytest.raises(ParagraphLocked, match=r"“Roots need room.*unlock it first"):
        edit_draft(draft, changed, by=erika)
    draft = Draft.objects.get()
    assert (draft.version, draft.history.count()) == (1, 1)
    unlock_paragraph(draft, SHA, by=erika)
    assert edit_draft(draft, changed, by=erika)


def test_everything_around_it_can_be_edited_and_it_can_be_moved(draft, erika):
    lock(draft, erika)
    assert edit_draft(draft, {"body": f"{ROOTS}\n\nAll new.", "title": "New"}, by=erika)
    assert edit_draft(draft, {"body": f"First.\r\n\r\n{ROOTS}  \r\n\r\nLast."}, by=erika)


def test_a_version_without_it_is_not_restored(draft, erika):
    edit_draft(draft, {"body": f"{draft.body}\n\nA new end."}, by=erika)
    lock(draft, erika, paragraph_sha256("A new end."))
    with pytest.raises(ParagraphLocked, match="A new end"):
        restore_version(draft, 1, by=erika)


def test_over_the_api_changing_it_is_a_conflict_of_its_own_name(draft, erika):
    lock(draft, erika)
    body = {"body": "All new."}
    etag = f'"{draft.version}.{draft.content_sha256}"'
    answer = caller("Writers").patch(f"/api/drafts/{draft.pk}/", body, HTTP_IF_MATCH=etag)
    found = problem(answer, 409)
    assert found["type"] == f"urn:problem:{PROBLEM_TYPES[ParagraphLocked][1]}"
    assert "unlock it first" in found["detail"]


@pytest.mark.django_db(transaction=True)
def test_of_a_lock_and_an_edit_at_once_the_text_is_never_without_a_locked_paragraph(erika):
    draft = make_draft(body=f"{SHADE}\n\n{ROOTS}")
    barrier, refused = threading.Barrier(2), []

    def attempt(what):
        try:
            barrier.wait(5)
            what()
        except (ParagraphLocked, DraftChanged) as error:
            refused.append(type(error))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=attempt, args=[lambda: lock(draft, erika)]),
        threading.Thread(
            target=attempt, args=[lambda: edit_draft(Draft.objects.get(), {"body": SHADE}, by=erika)]
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    present = paragraphs(Draft.objects.get().body)
    assert all(one.text in present for one in ParagraphLock.objects.all())
    assert len(refused) == 1


# --- The API ------------------------------------------------------------------------------------------


def test_editors_lock_and_unlock_over_the_api(draft):
    client, locks = caller("Editors"), f"/api/drafts/{draft.pk}/locks/"
    answer = client.post(locks, {"sha256": SHA, "reason": "Agreed"})
    assert (answer.status_code, answer.json()["text"]) == (201, ROOTS)
    (row,) = client.get(locks).json()["results"]
    assert (row["sha256"], row["reason"], row["locked_by"]) == (SHA, "Agreed", client.user.pk)
    paragraph = client.get(f"/api/drafts/{draft.pk}/blame/").json()["paragraphs"][2]
    assert paragraph["lock"]["reason"] == "Agreed"
    assert client.delete(f"{locks}{SHA}/").status_code == 204
    problem(client.delete(f"{locks}{SHA}/"), 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"sha256": "abc"}, 400), ({"sha256": 64 * "0"}, 409), ({"sha256": SHA, "why": "x"}, 400)],
)
def test_a_lock_that_cannot_be_is_refused(draft, body, status):
    found = problem(caller("Editors").post(f"/api/drafts/{draft.pk}/locks/", body), status)
    assert status == 409 or found["errors"]
    assert not ParagraphLock.objects.exists()


def test_writers_see_locks_and_change_none(draft, erika):
    lock(draft, erika)
    client, locks = caller("Writers"), f"/api/drafts/{draft.pk}/locks/"
    assert len(client.get(locks).json()["results"]) == 1
    problem(client.post(locks, {"sha256": SHA}), 403)
    problem(client.delete(f"{locks}{SHA}/"), 403)


# --- Machines -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_new_run_of_a_model_gives_a_locked_paragraph_back_word_for_word(with_model, erika):  # noqa: F811
    task = file_sample_brief(None)
    write_one(task.pk)
    task = ContentTask.objects.get()
    text = paragraphs(task.draft.body)[1]
    lock(task.draft, erika, paragraph_sha256(text))
    request_rework(task, by=erika, reason_code="style", reason="Rewrite it all, please.")
    with_model.for_stage("draft", task.draft.body.replace(text, "Reworded by the model [1]."))
    before = len(with_model.requests)
    write_one(task.pk)
    task = ContentTask.objects.get()
    assert (task.status, task.run) == (Status.AWAITING_APPROVAL, 2)
    versions = task.draft.history.filter(version__gt=3)
    assert len(versions) >= 2
    assert all(text in paragraphs(version.body) for version in versions)
    prompts = [request for request in with_model.requests[before:] if request.stage in {"draft", "refine"}]
    assert prompts
    assert all("locked" in request.prompt and text in request.prompt for request in prompts)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_has_no_place_for_it_fails_and_says_what_to_do(with_model, erika):  # noqa: F811
    task = file_sample_brief(None)
    write_one(task.pk)
    task = ContentTask.objects.get()
    first = paragraphs(task.draft.body)[1]
    lock(task.draft, erika, paragraph_sha256(first))
    request_rework(task, by=erika, reason_code="style", reason="Rewrite it all, please.")
    # Of a long text each planned section is there: then it has a place.
    ContentTask.objects.update(target_words=300)
    with_model.for_stage("draft", "Nothing alike.\n\n## Money\n\nIt costs.")
    write_one(task.pk)
    task = ContentTask.objects.get()
    assert (task.status, task.error_kind) == (Status.FAILED, "locked_paragraph")
    assert "unlock it first" in task.error
    assert task.draft.version == 3
    unlock_paragraph(task.draft, paragraph_sha256(first), by=erika)


def test_an_output_from_before_a_lock_gets_the_locked_paragraph_when_it_is_saved(draft, erika):
    lock(draft, erika)
    content = _with_locked(draft, {"body": "New.\n\n## Care\n\nOther.", "title": "New"})
    assert content == {"body": f"New.\n\n## Care\n\n{ROOTS}\n\nOther.", "title": "New"}
    with pytest.raises(ParagraphLocked):
        draft.save_version({"body": "Nothing of it."}, reason="refine", written_by="openai:m")


@pytest.mark.parametrize("body", ["New.\n\n## Care\n\nHalf a sen", "Nothing of it, and half a sen"])
def test_the_unfinished_text_of_a_cancelled_model_is_saved_with_locked_paragraphs(draft, erika, body):
    lock(draft, erika)
    draft.task.move_to(Status.CANCELLED)
    lease = Lease(draft.task_id, ContentTask.objects.get().lease_epoch)
    save_unfinished(lease, {"title": "New", "slug": "new", "body": body}, "openai:m")
    draft = Draft.objects.get()
    assert draft.version == 2
    assert "alf a sen" in draft.body
    assert ROOTS in paragraphs(draft.body)
