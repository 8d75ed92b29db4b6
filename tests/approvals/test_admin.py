import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from approvals.audit.verification import first_failure
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


def test_accounts_are_not_deleted_not_even_by_superusers(admin_client, decision):
    editor = decision.actor
    page = reverse("admin:auth_user_delete", args=[editor.pk])
    assert admin_client.post(page, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [editor.pk], "post": "yes"}
    page = admin_client.post(reverse("admin:auth_user_changelist"), chosen, follow=True)
    assert b"delete_selected" not in page.content
    assert b"deletelink" not in admin_client.get(reverse("admin:auth_user_change", args=[editor.pk])).content
    assert User.objects.filter(pk=editor.pk).exists()


def test_what_an_account_may_do_is_changed_with_an_audit_entry(admin_client, admin_user, decision):
    editor = decision.actor
    typed = {
        "username": editor.username, "is_staff": "on", "groups": [Group.objects.get(name="Writers").pk],
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
    }  # fmt: skip
    assert admin_client.post(reverse("admin:auth_user_change", args=[editor.pk]), typed).status_code == 302
    editor.refresh_from_db()
    assert not editor.is_active  # an unticked box: this is how an account ends
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.object_id, entry.actor_id) == ("user.changed", editor.pk, admin_user.pk)
    assert entry.data["groups"] == ["Writers"]
    assert entry.data["is_active"] is False
    assert first_failure() is None


def test_what_a_group_may_do_is_changed_with_an_audit_entry(admin_client, decision):
    group = Group.objects.get(name="Writers")
    page = reverse("admin:auth_group_change", args=[group.pk])
    assert admin_client.post(page, {"name": "Writers", "permissions": []}).status_code == 302
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.data["name"], entry.data["permissions"]) == ("group.changed", "Writers", [])
    assert "tasks.change_draft" in entry.data["was"]["permissions"]
    page = reverse("admin:auth_group_delete", args=[group.pk])
    assert admin_client.post(page, {"post": "yes"}).status_code == 403
