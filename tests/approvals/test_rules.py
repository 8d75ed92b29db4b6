"""Rules of the categories, and that the database holds them against whatever SQL says."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from approvals.decisions import decide, may_approve
from approvals.errors import FourEyes
from approvals.models import Decision, ReviewRule, Verdict
from publishing.models import Post
from publishing.publish import publish
from tasks.actions import edit_draft
from tasks.content import CONTENT_FIELDS, content_sha256
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.factories import approve, decide_on, make_draft, make_task, make_user

pytestmark = pytest.mark.django_db


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def refused(match, statement, *values):
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        sql(statement, *values)


def insert_decision(draft, by, **changes):
    values = {
        "draft_id": draft.pk, "decision": "approve", "version": draft.version,
        "content_sha256": draft.content_sha256, "reason_code": "", "reason": "", "actor_id": by.pk,
        "actor_name": by.username, "via": "api", "four_eyes": True, "approvals_needed": 1,
    } | changes  # fmt: skip
    places = ", ".join(["%s"] * len(values))
    return f"INSERT INTO approvals_decision ({', '.join(values)}) VALUES ({places})", *values.values()


def state_of(draft):
    return ContentTask.objects.get(pk=draft.task_id).status


# --- Rules of categories --------------------------------------------------------------------------------


def test_a_category_may_ask_for_the_approval_of_two_people():
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    first, second = make_user("ada", "Editors"), make_user("emil", "Editors")
    draft = make_draft(make_task(category="Law"))
    approve(draft, by=first)
    assert state_of(draft) == Status.AWAITING_APPROVAL
    assert not may_approve(draft, first)
    with pytest.raises(FourEyes, match="another editor has to give the second approval"):
        approve(draft, by=first)
    approve(draft, by=second)
    assert state_of(draft) == Status.APPROVED


def test_an_edit_between_two_approvals_starts_over():
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    first, second = make_user("ada", "Editors"), make_user("emil", "Editors")
    draft = make_draft(make_task(category="Law"))
    approve(draft, by=first)
    edit_draft(draft, {"summary": "Another."}, by=make_user("wim", "Editors"))
    approve(Draft.objects.get(pk=draft.pk), by=second)
    assert state_of(draft) == Status.AWAITING_APPROVAL
    approve(Draft.objects.get(pk=draft.pk), by=first)
    assert state_of(draft) == Status.APPROVED


def test_a_rule_holds_for_its_category_however_it_is_spelled_and_for_no_other():
    author = make_user("ada", "Editors")
    ReviewRule.objects.create(category="Street Life", four_eyes=False)
    alike = make_draft(make_task(category="street-life"), author=author)
    other = make_draft(make_task(category="City"), author=author)
    assert may_approve(alike, author)
    assert not may_approve(other, author)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewRule.objects.create(category=" street  life")


def test_the_rule_without_a_category_is_that_of_all_others():
    author = make_user("ada", "Editors")
    ReviewRule.objects.create(category="", four_eyes=False)
    ReviewRule.objects.create(category="Law", four_eyes=True)
    assert may_approve(make_draft(author=author), author)
    assert not may_approve(make_draft(make_task(category="Law"), author=author), author)


def test_a_rule_is_on_record_with_its_changes(client):
    client.force_login(make_user("root", is_superuser=True, is_staff=True))
    form = {"category": "Law", "four_eyes": "on", "approvals_needed": "2"}
    assert client.post(reverse("admin:approvals_reviewrule_add"), form).status_code == 302
    row = ReviewRule.history.get()
    assert (row.approvals_needed, row.history_user.username) == (2, "root")
    refused("append", "UPDATE approvals_historicalreviewrule SET approvals_needed = 1")


def test_editors_do_not_change_the_rules_they_are_held_to(client):
    client.force_login(make_user("ada", "Editors", is_staff=True))
    answer = client.post(reverse("admin:approvals_reviewrule_add"), {"category": "", "approvals_needed": "1"})
    assert answer.status_code == 403
    assert not ReviewRule.objects.exists()


# --- What SQL may not do --------------------------------------------------------------------------------


def test_sql_may_not_decide_about_other_bytes_or_in_another_state():
    draft, editor = make_draft(), make_user("ada", "Editors")
    refused("not about the current text", *insert_decision(draft, editor, content_sha256="0" * 64))
    refused("not about the current text", *insert_decision(draft, editor, version=2))
    decide_on(draft, Verdict.REJECT, by=editor)
    refused("is rejected, not awaiting", *insert_decision(draft, editor))


def test_sql_may_not_approve_its_own_text_even_as_a_superuser():
    author = make_user("ada", "Editors", is_superuser=True)
    draft = make_draft(author=author)
    refused("four eyes", *insert_decision(draft, author))
    refused("does not state the rule", *insert_decision(draft, author, four_eyes=False))


def test_sql_may_not_say_no_without_a_reason():
    draft, editor = make_draft(), make_user("ada", "Editors")
    blank = insert_decision(draft, editor, decision="reject", reason_code="style", reason=" " * 12)
    refused("approvals_no_says_why", *blank)


def test_sql_may_not_put_a_task_where_only_an_approval_puts_it():
    draft = make_draft()
    for state in (Status.APPROVED, Status.PUBLISHED):
        refused("is not approved", "UPDATE tasks_contenttask SET status = %s WHERE id = %s", state,
                draft.task_id)  # fmt: skip
    assert state_of(draft) == Status.AWAITING_APPROVAL


def test_one_of_two_approvals_is_not_enough_for_sql():
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    draft = make_draft(make_task(category="Law"))
    approve(draft, by=make_user("ada", "Editors"))
    refused("is not approved", "UPDATE tasks_contenttask SET status = 'approved'")


def test_sql_may_not_change_a_text_without_its_hash_or_skip_a_version():
    draft = make_draft()
    refused("does not have the hash", "UPDATE tasks_draft SET body = 'Other.' WHERE id = %s", draft.pk)
    refused("cannot follow", "UPDATE tasks_draft SET version = 7 WHERE id = %s", draft.pk)


def test_sql_may_not_change_what_is_live():
    draft = make_draft()
    approve(draft, by=make_user("ada", "Editors"))
    publish(draft, by=make_user("pia", "Publishers"))
    refused("is not version 1", "UPDATE publishing_post SET body = body || ' Slipped in.'")
    refused("not approved", "UPDATE publishing_post SET version = 2")
    assert Post.objects.get().body == draft.body


@pytest.mark.parametrize(
    "table",
    [
        "approvals_decision", "approvals_historicaldecision", "approvals_auditentry", "tasks_historicaldraft",
        "tasks_historicalcontenttask", "publishing_historicalpost",
    ],
)  # fmt: skip
@pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_sql_may_not_remove_evidence(table, change):
    draft = make_draft()
    approve(draft, by=make_user("ada", "Editors"))
    publish(draft, by=make_user("pia", "Publishers"))
    before = sql(f"SELECT count(*) FROM {table}")
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL truncates nothing that deferred checks still ask for
    refused("append", change.format(table))
    assert sql(f"SELECT count(*) FROM {table}") == before != [(0,)]


AWKWARD = {
    "title": 'Quotes " and \\ back',
    "slug": "awkward",
    "summary": "Tab\t, line\n, return\r, feed\f, bell\a, back\b, delete\x7f",
    "body": "Ümläuts, 漢字, 🌳, \u2028 and / </script>",
    "tags": ["b", "A", 'with "quotes"'],
    "citations": [
        {"url": "https://example.org/?a=1&b=2", "number": 2, "title": "Zürich\u00a0\x01", "é": None}
    ],
}


def test_the_database_hashes_a_text_as_the_code_does():
    draft = make_draft(**AWKWARD)
    [(digest,)] = sql(
        f"SELECT content_sha256({', '.join(CONTENT_FIELDS)}) FROM tasks_draft WHERE id = %s", draft.pk
    )
    content = {name: getattr(draft, name) for name in CONTENT_FIELDS}
    assert digest == draft.content_sha256 == content_sha256(content)


def test_a_decision_says_under_which_rule_it_was_made():
    ReviewRule.objects.create(category="", four_eyes=False, approvals_needed=2)
    draft = make_draft()
    approve(draft, by=make_user("ada", "Editors"))
    decision = Decision.objects.get()
    assert (decision.four_eyes, decision.approvals_needed) == (False, 2)
    ReviewRule.objects.update(approvals_needed=1)
    decide(draft, Verdict.APPROVE, version=1, content_sha256=draft.content_sha256,
           by=make_user("emil", "Editors"), via="api")  # fmt: skip
    assert state_of(draft) == Status.APPROVED
