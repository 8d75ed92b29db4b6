import threading

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from approvals.decisions import current_approval, decide, may_approve
from approvals.errors import FourEyes, ReasonMissing, StaleReview
from approvals.models import AuditEntry, Decision, Verdict
from tasks.actions import edit_draft, restore_version
from tasks.errors import TransitionRefused
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.factories import approve, decide_on, make_draft, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user("erika", "Editors", is_staff=True)


def test_an_approval_is_bound_to_the_text_that_was_read(editor):
    draft = make_draft()
    decision = approve(draft, by=editor)
    assert (decision.version, decision.content_sha256) == (draft.version, draft.content_sha256)
    assert (decision.actor, decision.actor_name, decision.via) == (editor, "erika", "api")
    assert draft.task.status == Status.APPROVED
    assert current_approval(draft) == decision


def test_every_decision_is_in_the_audit_trail(editor):
    draft = make_draft()
    decision = approve(draft, by=editor)
    actions = AuditEntry.objects.filter(task_id=draft.task_id, actor_id=editor.pk).values_list(
        "action", flat=True
    )
    assert {"decision.created", "task.approved"} <= set(actions)
    assert decision.history.get().history_user == editor


def test_a_request_for_changes_starts_a_new_run_that_is_shown_the_reason(editor):
    draft = make_draft()
    decide_on(draft, Verdict.REQUEST_CHANGES, by=editor, reason="Name the city in the first sentence.")
    assert (draft.task.status, draft.task.run) == (Status.PENDING, 2)
    assert draft.task.guidance.get().text == "Name the city in the first sentence."


def test_a_rejection_keeps_its_reason_for_a_later_run(editor):
    draft = make_draft()
    decide_on(draft, Verdict.REJECT, by=editor, reason="We published this in March.")
    assert draft.task.status == Status.REJECTED
    assert draft.task.guidance.get().text == "We published this in March."


@pytest.mark.parametrize("group", ["Writers", "Publishers", "Auditors", "Integrations"])
def test_only_editors_decide(group):
    draft = make_draft()
    with pytest.raises(PermissionDenied):
        approve(draft, by=make_user(f"one of {group}", group))
    assert not Decision.objects.exists()


@pytest.mark.parametrize("verdict", [Verdict.REQUEST_CHANGES, Verdict.REJECT])
@pytest.mark.parametrize(
    ("reason_code", "reason", "field"),
    [
        ("", "Long enough a reason.", "reason_code"),
        ("style", "Too short", "reason"),
        ("style", " " * 20, "reason"),
        ("whim", "Long enough a reason.", "reason_code"),
    ],
)
def test_a_no_needs_a_known_code_and_a_reason(editor, verdict, reason_code, reason, field):
    draft = make_draft()
    with pytest.raises(ReasonMissing) as caught:
        decide(draft, verdict, version=1, content_sha256=draft.content_sha256, by=editor, via="api",
               reason_code=reason_code, reason=reason)  # fmt: skip
    assert caught.value.field == field
    assert ContentTask.objects.get().status == Status.AWAITING_APPROVAL


def test_the_database_too_refuses_a_no_without_a_reason(editor):
    draft = make_draft()
    bare = Decision(draft=draft, decision=Verdict.REJECT, version=1, content_sha256=draft.content_sha256,
                    actor=editor, actor_name="erika", via="api")  # fmt: skip
    with pytest.raises(DatabaseError, match="approvals_no_needs_reason"), transaction.atomic():
        bare.save()


def test_a_decision_about_an_older_version_is_stale_and_says_what_changed(editor):
    draft = make_draft()
    edit_draft(Draft.objects.get(), {"title": "Another title"}, by=make_user("walter", "Writers"))
    with pytest.raises(StaleReview, match=r"version 1; the draft is now at version 2 .*edited by walter"):
        approve(draft, by=editor)


def test_a_decision_about_other_bytes_is_stale(editor):
    draft = make_draft()
    with pytest.raises(StaleReview):
        decide(draft, Verdict.APPROVE, version=1, content_sha256="0" * 64, by=editor, via="api")


def test_a_second_decision_is_stale_and_says_who_made_the_first(editor):
    draft = make_draft()
    approve(draft, by=editor)
    with pytest.raises(StaleReview, match="erika decided: approve"):
        decide_on(draft, Verdict.REJECT, by=make_user("emil", "Editors"))


def test_the_database_refuses_a_decision_about_other_bytes(editor):
    draft = make_draft()
    forged = Decision(draft=draft, decision=Verdict.APPROVE, version=1, content_sha256="0" * 64,
                      actor=editor, actor_name="erika", via="api")  # fmt: skip
    with pytest.raises(DatabaseError, match="not about the current text"), transaction.atomic():
        forged.save()


def test_nobody_approves_a_text_they_wrote(editor):
    draft = make_draft(author=editor)
    with pytest.raises(FourEyes):
        approve(draft, by=editor)
    assert not may_approve(draft, editor)


def test_nobody_approves_a_text_they_last_edited(editor):
    draft = make_draft()
    edit_draft(draft, {"title": "Mine now"}, by=editor)
    with pytest.raises(FourEyes):
        approve(draft, by=editor)


def test_the_writer_of_the_first_version_does_not_approve_what_others_edited_since(editor):
    draft = make_draft(author=editor)
    edit_draft(draft, {"title": "Someone's touch"}, by=make_user("walter", "Writers"))
    with pytest.raises(FourEyes):
        approve(draft, by=editor)


def test_restoring_a_version_counts_as_editing(editor):
    draft = make_draft()
    edit_draft(draft, {"title": "Someone's touch"}, by=make_user("walter", "Writers"))
    restore_version(draft, 1, by=editor)
    with pytest.raises(FourEyes):
        approve(draft, by=editor)


def test_superusers_need_other_eyes_too():
    chief = User.objects.create_superuser("chief")
    draft = make_draft(author=chief)
    with pytest.raises(FourEyes):
        approve(draft, by=chief)


def test_authors_may_send_their_own_text_back(editor):
    draft = make_draft(author=editor)
    decide_on(draft, Verdict.REJECT, by=editor)
    assert draft.task.status == Status.REJECTED


def test_an_edit_voids_the_approval(editor):
    draft = make_draft()
    approve(draft, by=editor)
    edit_draft(draft, {"title": "A last touch"}, by=make_user("walter", "Writers"))
    draft.task.refresh_from_db()
    assert draft.task.status == Status.AWAITING_APPROVAL
    assert current_approval(draft) is None


def test_removing_the_reviewers_account_leaves_the_evidence(editor):
    decision = approve(make_draft(), by=editor)
    editor.groups.clear()
    User.objects.filter(pk=editor.pk)._raw_delete("default")
    decision.refresh_from_db()
    assert decision.actor_name == "erika"


@pytest.mark.django_db(transaction=True)
def test_of_two_opposite_decisions_at_once_exactly_one_wins():
    for _ in range(5):
        draft = make_draft()
        outcomes = run_at_once(
            lambda draft=draft: approve(Draft.objects.get(pk=draft.pk), by=make_user("erika", "Editors")),
            lambda draft=draft: decide_on(
                Draft.objects.get(pk=draft.pk), Verdict.REJECT, by=make_user("emil", "Editors")
            ),
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, (StaleReview, TransitionRefused))]
        decision = Decision.objects.get(draft=draft)
        status = ContentTask.objects.get(pk=draft.task_id).status
        assert len(refused) == 1, outcomes
        assert (decision.decision, status) in {("approve", "approved"), ("reject", "rejected")}


def run_at_once(*calls):
    """Start every call at the same moment, each in its own thread; return results and exceptions."""
    start = threading.Barrier(len(calls))
    outcomes = []

    def run(call):
        start.wait()
        try:
            outcomes.append(call())
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    make_user("erika", "Editors"), make_user("emil", "Editors")
    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


EVIDENCE = (
    "approvals_decision", "approvals_historicaldecision", "approvals_auditentry", "tasks_historicaldraft",
)  # fmt: skip


@pytest.mark.parametrize("table", EVIDENCE)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {} = {}"])
def test_evidence_cannot_be_changed_by_sql(editor, table, statement):
    approve(make_draft(), by=editor)
    column = "actor_name" if "tasks" not in table else "title"
    sql = "SET CONSTRAINTS ALL IMMEDIATE; " + statement.format(table, column, column)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0]


def test_nobody_approves_their_own_text_because_another_user_restored_it(editor):
    draft = make_draft()
    walter = make_user("walter", "Writers")
    edit_draft(draft, {"title": "Mine now"}, by=editor)
    edit_draft(draft, {"title": "Someone's touch"}, by=walter)
    restore_version(draft, 2, by=walter)
    with pytest.raises(FourEyes):
        approve(draft, by=editor)
