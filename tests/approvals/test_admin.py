import pytest
from django.urls import reverse

from approvals.models import AuditEntry, Decision
from tests.factories import approve, make_draft, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(admin_client):
    return approve(make_draft())


def address(row, page):
    arguments = [row.pk] if page in {"change", "delete", "history"} else []
    return reverse(f"admin:approvals_{row._meta.model_name}_{page}", args=arguments)


def rows(decision):
    return [decision, AuditEntry.objects.first()]


def test_decisions_and_audit_entries_can_be_found_and_read(admin_client, decision):
    for row in rows(decision):
        assert admin_client.get(address(row, "changelist") + "?q=editor").status_code == 200
        page = admin_client.get(address(row, "change"))
        assert page.status_code == 200
        assert b'name="_save"' not in page.content


def test_nobody_adds_changes_or_deletes_them_not_even_superusers(admin_client, decision):
    for row in rows(decision):
        assert admin_client.get(address(row, "add")).status_code == 403
        assert admin_client.post(address(row, "add"), {}).status_code == 403
        assert admin_client.post(address(row, "change"), {"reason": "forged"}).status_code == 403
        assert admin_client.post(address(row, "delete"), {"post": "yes"}).status_code == 403
        chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        admin_client.post(address(row, "changelist"), chosen)
        assert type(row).objects.filter(pk=row.pk).exists()


def test_posting_to_a_decisions_history_changes_nothing(admin_client, decision):
    past = decision.history.get()
    page = reverse("admin:approvals_decision_simple_history", args=[decision.pk, past.history_id])
    assert admin_client.get(page).status_code == 200
    for send in (admin_client.post, admin_client.put, admin_client.delete):
        assert send(page, {"reason": "forged"}).status_code == 403
    assert Decision.objects.get().reason == ""
    assert decision.history.count() == 1


def test_writers_do_not_read_the_audit_trail(client, decision):
    client.force_login(make_user("walter", "Writers", is_staff=True))
    assert client.get(address(AuditEntry.objects.first(), "changelist")).status_code == 403


def test_auditors_read_the_audit_trail(client, decision):
    client.force_login(make_user("audrey", "Auditors", is_staff=True))
    assert client.get(address(AuditEntry.objects.first(), "changelist")).status_code == 200
