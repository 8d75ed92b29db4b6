"""Decisions and the audit trail over HTTP."""

import pytest
from django.db import connection

from approvals.models import AuditEntry, Decision, Verdict
from tasks.actions import edit_draft
from tests.callers import bearer, caller, problem, token_of
from tests.factories import approve, decide_on, make_draft, make_user

pytestmark = pytest.mark.django_db

REASON = "Too stiff for our readers."


@pytest.fixture
def editor():
    return caller("Editors")


@pytest.fixture
def draft():
    return make_draft()


def decide(client, draft, decision="approve", **fields):
    body = {"decision": decision, "version": draft.version, "content_sha256": draft.content_sha256} | fields
    return client.post(f"/api/drafts/{draft.pk}/decisions/", body)


def status_of(draft):
    draft.task.refresh_from_db()
    return draft.task.status


# --- Deciding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "status"), [("approve", "approved"), ("request_changes", "pending"), ("reject", "rejected")]
)
def test_a_decision_moves_the_task_and_says_all_about_itself(editor, draft, verdict, status):
    answer = decide(editor, draft, verdict, reason_code="style", reason=REASON)
    assert answer.status_code == 201
    found = answer.json()
    stored = Decision.objects.get()
    assert {name: found[name] for name in found if name != "decided_at"} == {
        "id": stored.pk, "task": draft.task_id, "draft": draft.pk, "decision": verdict, "version": 1,
        "content_sha256": draft.content_sha256, "reason_code": "style", "reason": REASON,
        "actor": editor.user.pk, "actor_name": editor.user.username, "via": "api",
    }  # fmt: skip
    assert found["decided_at"]
    assert status_of(draft) == status
    assert editor.get(f"/api/decisions/{stored.pk}/").json() == found
    assert editor.get(f"/api/drafts/{draft.pk}/decisions/").json()["results"] == [found]


def test_a_decision_about_a_text_that_changed_is_stale(editor, draft):
    edit_draft(type(draft).objects.get(pk=draft.pk), {"body": "Changed."}, by=make_user("wim"))
    found = problem(decide(editor, draft), 409)
    assert found["type"] == "urn:problem:stale-review"
    assert "version 2" in found["detail"]
    assert not Decision.objects.exists()


@pytest.mark.parametrize("wrong", [{"version": 2}, {"content_sha256": "0" * 64}])
def test_version_and_hash_must_both_be_of_the_present_text(editor, draft, wrong):
    problem(decide(editor, draft, **wrong), 409)
    assert not Decision.objects.exists()


def test_a_second_decision_comes_too_late(editor, draft):
    approve(draft)
    found = problem(decide(editor, draft, "reject", reason_code="style", reason=REASON), 409)
    assert "approve" in found["detail"]
    assert status_of(draft) == "approved"


@pytest.mark.parametrize("is_superuser", [False, True])
def test_nobody_approves_what_they_wrote(is_superuser):
    author = make_user("erin", "Editors", is_superuser=is_superuser)
    draft = make_draft(author=author)
    assert problem(decide(caller(user=author), draft), 403)["type"] == "urn:problem:four-eyes"
    assert status_of(draft) == "awaiting_approval"


def test_nobody_approves_what_they_last_edited(editor, draft):
    edit_draft(draft, {"body": "By the editor."}, by=editor.user)
    problem(decide(editor, draft), 403)
    assert decide(caller("Editors"), draft).status_code == 201


@pytest.mark.parametrize("role", ["writer", "publisher", "auditor", "integration"])
def test_a_token_of_another_role_cannot_decide(draft, role):
    problem(decide(bearer(token_of("nora", role)), draft), 403)
    assert status_of(draft) == "awaiting_approval"


def test_a_token_of_an_editor_decides(draft):
    assert decide(bearer(token_of("nora", "editor")), draft).status_code == 201


WRONG = [
    ("reject", {}, "reason_code"),
    ("reject", {"reason_code": "style"}, "reason"),
    ("request_changes", {"reason_code": "style", "reason": "Too short"}, "reason"),
    ("request_changes", {"reason_code": "style", "reason": " " * 20}, "reason"),
    ("reject", {"reason": REASON}, "reason_code"),
    ("reject", {"reason_code": "taste", "reason": REASON}, "reason_code"),
    ("approve", {"reason": "a" * 5001}, "reason"),
    ("publish", {}, "decision"),
    ("", {}, "decision"),
    ("approve", {"version": None}, "version"),
    ("approve", {"version": 0}, "version"),
    ("approve", {"content_sha256": ""}, "content_sha256"),
    ("approve", {"content_sha256": "0" * 63 + "\n"}, "content_sha256"),
    ("approve", {"actor": 1}, "actor"),
    ("approve", {"via": "admin"}, "via"),
]


@pytest.mark.parametrize(("verdict", "fields", "field"), WRONG, ids=lambda value: str(value)[:40])
def test_a_decision_that_cannot_be_is_refused_by_the_name_of_its_field(editor, draft, verdict, fields, field):
    assert set(problem(decide(editor, draft, verdict, **fields), 400)["errors"]) == {field}
    assert not Decision.objects.exists()


@pytest.mark.parametrize("missing", ["decision", "version", "content_sha256"])
def test_what_was_read_must_be_said(editor, draft, missing):
    body = {"decision": "approve", "version": 1, "content_sha256": draft.content_sha256}
    del body[missing]
    found = problem(editor.post(f"/api/drafts/{draft.pk}/decisions/", body), 400)
    assert set(found["errors"]) == {missing}


# --- Reading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 2), ("decision=approve", 1), ("decision=approve&decision=reject", 2), ("reason_code=style", 1),
        ("actor_name=editor", 2), ("actor_name=nobody", 0), ("draft={draft}", 1), ("task={task}", 1),
        ("decided_after=2100-01-01T00:00:00Z", 0),
    ],
)  # fmt: skip
def test_decisions_can_be_filtered(editor, draft, query, number):
    approve(draft)
    decide_on(make_draft(), Verdict.REJECT)
    found = editor.get("/api/decisions/?" + query.format(draft=draft.pk, task=draft.task_id))
    assert len(found.json()["results"]) == number


def test_a_longer_list_of_decisions_takes_no_more_queries(django_assert_max_num_queries):
    def queries():
        editor = caller("Editors")  # the one before remembers its permissions
        with django_assert_max_num_queries(20) as captured:
            editor.get("/api/decisions/")
        return len(captured)

    approve(make_draft())
    few = queries()
    approve(make_draft())
    approve(make_draft())
    assert queries() == few


def test_the_history_of_a_task_is_its_moves_in_order(draft):
    approve(draft)
    moves = caller("Writers").get(f"/api/tasks/{draft.task_id}/history/").json()["results"]
    assert [(move["old"], move["new"]) for move in moves] == [
        ("pending", "in_progress"),
        ("in_progress", "awaiting_approval"),
        ("awaiting_approval", "approved"),
    ]
    assert moves[-1]["by"] == "editor"


# --- The audit trail ----------------------------------------------------------------------------------


def test_the_trail_is_listed_newest_first_and_can_be_filtered(editor, draft):
    approve(draft)
    other = make_draft()
    entries = editor.get("/api/audit/").json()["results"]
    assert [entry["seq"] for entry in entries] == list(range(AuditEntry.objects.count(), 0, -1))
    of_task = editor.get(f"/api/audit/?task={other.task_id}").json()["results"]
    assert {entry["task_id"] for entry in of_task} == {other.task_id}
    (approved,) = editor.get("/api/audit/?action=task.approved").json()["results"]
    assert approved["actor_name"] == "editor"
    assert editor.get(f"/api/audit/{approved['seq']}/").json() == approved


def test_a_chain_that_holds_is_reported_with_its_head(editor, draft):
    last = AuditEntry.objects.first()
    assert editor.get("/api/audit/verify/").json() == {
        "is_intact": True, "first_flaw": None, "heads_checked": 0, "head_seq": last.seq,
        "head_hash": last.hash,
    }  # fmt: skip


def test_the_chain_is_held_against_heads_that_are_given(editor, draft):
    first, last = AuditEntry.objects.get(seq=1), AuditEntry.objects.first()
    stored = [f"{entry.seq}:{entry.hash}" for entry in (first, last)]
    found = editor.get("/api/audit/verify/", {"head": stored}).json()
    assert (found["is_intact"], found["heads_checked"]) == (True, 2)
    for head, seq, kind in (
        (f"1:{'0' * 64}", 1, "altered"),
        (f"{last.seq + 3}:{'0' * 64}", last.seq + 1, "truncated"),
    ):
        found = editor.get("/api/audit/verify/", {"head": [*stored, head]}).json()
        assert (found["first_flaw"]["seq"], found["first_flaw"]["kind"]) == (seq, kind)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"head": "7"}, "head"), ({"head": "7:" + "G" * 64}, "head"), ({"head": ""}, "head"),
        ({"head": ["1:" + "0" * 64, "\0"]}, "head"), ({"head": "9" * 20 + ":" + "0" * 64}, "head"),
        ({"haed": "1:" + "0" * 64}, "haed"), ({"seq": "1", "hash": "0" * 64}, "hash"),
    ],
)  # fmt: skip
def test_what_is_no_head_is_refused_and_named(editor, query, field):
    answer = editor.get("/api/audit/verify/", query)
    assert (answer.status_code, field in answer.json()["errors"]) == (400, True)
    assert "is_intact" not in answer.json()


def test_an_entry_that_was_changed_past_the_triggers_is_named(editor, draft):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE approvals_auditentry SET actor_name = 'someone' WHERE seq = 2")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    found = editor.get("/api/audit/verify/").json()
    assert not found["is_intact"]
    assert (found["first_flaw"]["seq"], found["first_flaw"]["kind"]) == (2, "altered")
