"""Filing a brief takes few statements, and each source has its entry in the audit trail."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import AuditEntry
from tasks.actions import file_brief
from tests.factories import make_user

MOST_STATEMENTS = 12
SOURCES = [{"title": f"Study {number}", "text": "Shade cools."} for number in range(1, 4)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sources", [[], SOURCES[:1], SOURCES], ids=len)
def test_filing_takes_few_statements_however_many_sources_there_are(sources):
    """Everything counts: BEGIN and COMMIT, the history and the audit trail."""
    user = make_user("wim", "Writers")
    with CaptureQueriesContext(connection) as queries:
        file_brief({"topic": "Street trees"}, sources, by=user)
    statements = [query["sql"] for query in queries]
    assert any("approvals_auditentry" in statement for statement in statements)
    assert len(statements) <= MOST_STATEMENTS, "\n".join(statements)


@pytest.mark.django_db
def test_each_source_has_its_number_and_its_entry_of_the_audit_trail():
    task = file_brief({"topic": "Street trees"}, SOURCES, by=make_user("wim", "Writers"))
    assert list(task.sources.values_list("number", "title")) == [
        (1, "Study 1"),
        (2, "Study 2"),
        (3, "Study 3"),
    ]
    entries = AuditEntry.objects.filter(task_id=task.pk).order_by("seq")
    assert [entry.action for entry in entries] == ["contenttask.created", *["source.created"] * 3]
    assert [entry.object_id for entry in entries[1:]] == list(task.sources.values_list("pk", flat=True))
