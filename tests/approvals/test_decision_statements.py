"""How many SQL statements a decision takes, everything included, and that it locks in the right order."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.audit.verification import first_failure
from approvals.decisions import decide
from approvals.models import AuditEntry, Decision, ReviewRule, Verdict, Way
from approvals.review_token import ReviewToken
from tasks.lifecycle import Status
from tasks.models import Draft
from tasks.signals import status_changed
from tests.factories import make_draft, make_task, make_user

MOST = 15
"""The goal for one approval, from BEGIN to COMMIT."""

pytestmark = pytest.mark.django_db(transaction=True)


def statements_of(draft: Draft, by: User, verdict: Verdict = Verdict.APPROVE, **reason: str) -> list[str]:
    """As on the review page, which has asked for the permission already."""
    token = ReviewToken.issue(draft, by)
    assert by.has_perm("approvals.add_decision")
    with CaptureQueriesContext(connection) as captured:
        decide(
            draft,
            verdict,
            version=draft.version,
            content_sha256=draft.content_sha256,
            by=by,
            via="admin",
            review_token=token,
            way=Way.REVIEW,
            confirmed_objections="",
            **reason,
        )
    return [query["sql"] for query in captured.captured_queries]


@pytest.fixture
def draft() -> Draft:
    return Draft.objects.select_related("task").get(pk=make_draft().pk)


def test_an_approval_takes_few_statements_and_does_everything(draft: Draft) -> None:
    editor = make_user("erika", "Editors", is_staff=True)
    statements = statements_of(draft, editor)
    assert len(statements) <= MOST, "\n".join(statement[:150] for statement in statements)
    decision = Decision.objects.get()
    assert decision.history.get().history_user == editor
    assert (decision.four_eyes, decision.approvals_needed, decision.objections) == (True, 1, [])
    draft.task.refresh_from_db()
    assert draft.task.status == Status.APPROVED
    entries = AuditEntry.objects.order_by("-seq").values_list("action", "actor_name")[:2]
    assert list(entries) == [("task.approved", "erika"), ("decision.created", "erika")]
    assert first_failure() is None


def test_the_rule_is_looked_up_once_and_the_chain_is_locked_once(draft: Draft) -> None:
    statements = statements_of(draft, make_user("erika", "Editors", is_staff=True))
    assert sum("review_rule" in statement for statement in statements) == 1
    assert sum("pg_advisory_xact_lock" in statement for statement in statements) == 1
    assert sum('INSERT INTO "approvals_auditentry"' in statement for statement in statements) == 1


def test_the_task_is_locked_before_the_draft(draft: Draft) -> None:
    [lock] = [one for one in statements_of(draft, make_user("erika", "Editors")) if "FOR UPDATE" in one]
    assert lock.endswith('FOR UPDATE OF "tasks_contenttask", "tasks_draft"')


def test_the_second_of_two_approvals_takes_few_as_well() -> None:
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    draft = make_draft(make_task(category="Law"))
    draft.refresh_from_db()
    # Who else may approve is looked up too: an approval that cannot be followed by one leads nowhere.
    assert len(statements_of(draft, make_user("ada", "Editors"))) <= MOST + 2
    draft.task.refresh_from_db()
    assert draft.task.status == Status.AWAITING_APPROVAL
    assert len(statements_of(draft, make_user("bob", "Editors"))) <= MOST + 3
    draft.task.refresh_from_db()
    assert draft.task.status == Status.APPROVED
    assert first_failure() is None


def test_what_is_rolled_back_leaves_no_entry(draft: Draft) -> None:
    editor = make_user("erika", "Editors", is_staff=True)
    before = AuditEntry.objects.count()

    def fail(**_: Any) -> None:
        assert Decision.objects.exists()
        raise RuntimeError("after the decision was stored")

    status_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            statements_of(draft, editor)
    finally:
        status_changed.disconnect(fail)
    assert (Decision.objects.count(), AuditEntry.objects.count()) == (0, before)
    assert first_failure() is None
