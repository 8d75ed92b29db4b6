"""Tokens created in the admin: usable, shown once, expiring, and never shown with a digest."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from approvals.audit.rights import public_name_of
from approvals.audit.verification import first_failure
from approvals.models import AuditEntry
from tests.callers import bearer, caller, token_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ADD, LIST = reverse("admin:knox_authtoken_add"), reverse("admin:knox_authtoken_changelist")
TTL = timedelta(days=90)


@pytest.fixture
def nora():
    return make_user("nora", "Writers")


def page(name, token):
    return reverse(f"admin:knox_authtoken_{name}", args=[token])


def make(client, user, **typed):
    return client.post(ADD, {"user": getattr(user, "pk", user)} | typed)


def shown(answer):
    found = re.search(r'id="created" value="([^"]+)"', answer.content.decode())
    return found and found[1]


def test_a_token_is_shown_once_works_and_expires_like_one_of_the_command(admin_client, nora):
    answer = make(admin_client, nora, expiry_0="", expiry_1="")
    token, made = shown(answer), AuthToken.objects.get()
    assert {"no-store", "no-transform"} <= set(answer["Cache-Control"].split(", "))
    assert bearer(token).get("/api/tasks/").status_code == 200
    assert abs(made.expiry - timezone.now() - TTL) < timedelta(minutes=1)
    token_of("nora", "writer")
    assert abs(AuthToken.objects.exclude(pk=made.pk).get().expiry - made.expiry) < timedelta(minutes=1)
    assert token not in admin_client.get(LIST).content.decode()
    assert AuditEntry.objects.filter(action="user.token_issued").count() == 2


def test_another_time_can_be_chosen_or_none(admin_client, nora):
    make(admin_client, nora, expiry_0="2126-01-31", expiry_1="12:00:00")
    make(admin_client, nora, never_expires="on")
    assert [token.expiry and token.expiry.year for token in AuthToken.objects.order_by("created")] == [
        2126, None,
    ]  # fmt: skip
    assert "never expires" in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize(
    "typed", [{"expiry_0": "2020-01-31", "expiry_1": "12:00:00"}, {"expiry_0": "soon"}, {"expiry_1": "12:00"}]
)
def test_a_mistake_makes_no_token(admin_client, nora, typed):
    answer = make(admin_client, nora, **typed)
    assert (answer.status_code, "errorlist" in answer.content.decode()) == (200, True)
    assert make(admin_client, 999_999).status_code == 200
    assert not AuthToken.objects.exists()


def test_no_page_prints_a_digest(admin_client, nora):
    token = shown(make(admin_client, nora))
    made = AuthToken.objects.get()
    entry = AuditEntry.objects.get(action="user.token_issued")
    name = public_name_of(made.pk)
    for address in (
        "/admin/", LIST, f"{LIST}?q=nora", ADD, page("change", made.pk), page("change", name),
        page("delete", name), page("delete", made.pk), page("history", made.pk),
        reverse("admin:auth_user_change", args=[nora.pk]), reverse("admin:auth_user_history", args=[nora.pk]),
        reverse("admin:approvals_auditentry_changelist"),
        reverse("admin:approvals_auditentry_change", args=[entry.pk]),
    ):  # fmt: skip
        answer = admin_client.get(address, follow=True)
        assert answer.status_code == 200, address
        for secret in (made.digest[:16], token, token[:15]):
            assert secret not in answer.content.decode(), address
    listed = caller("Auditors").get("/api/audit/").content.decode()
    assert made.digest[:16] not in listed
    assert made.digest not in str(made) + repr(made)


def test_a_token_is_revoked_by_an_address_without_its_digest(admin_client, nora):
    token = shown(make(admin_client, nora))
    address = re.search(r'href="([^"]+)">Revoke', admin_client.get(LIST).content.decode())[1]
    assert admin_client.get(address).status_code == 200
    assert AuthToken.objects.count() == 1
    assert admin_client.post(address).status_code == 302
    assert bearer(token).get("/api/tasks/").status_code == 401
    assert AuditEntry.objects.order_by("-seq").first().action == "user.token_revoked"
    assert admin_client.get(address).status_code == 404
    assert first_failure() is None


def test_a_token_is_never_changed(admin_client, nora):
    make(admin_client, nora)
    made = AuthToken.objects.get()
    for name in ("change", "history"):
        assert (
            admin_client.post(page(name, public_name_of(made.pk)), {"never_expires": "on"}).status_code == 403
        )
        assert admin_client.get(page(name, public_name_of(made.pk))).status_code == 302
    assert AuthToken.objects.get().expiry == made.expiry


def test_who_may_not(nora):
    token_of("nora", "writer")
    name = public_name_of(AuthToken.objects.get().pk)
    for groups in (("Editors",), ("Publishers",), ("Auditors",), ()):
        client = Client()
        client.force_login(make_user("-".join(groups) or "clerk", *groups, is_staff=True))
        for address in (LIST, ADD, page("delete", name), page("change", name)):
            assert client.get(address).status_code == 403, address
            assert client.post(address, {"user": nora.pk}).status_code == 403, address
    assert AuthToken.objects.count() == 1


def test_who_may_make_tokens_makes_none_of_a_superuser_or_a_deactivated_account(admin_user, nora):
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["add_authtoken", "view_authtoken"]))
    client = Client()
    client.force_login(clerk)
    gone = make_user("gone", "Writers", is_active=False)
    for user in (admin_user, gone):
        assert shown(make(client, user)) is None
    assert not AuthToken.objects.exists()
    assert shown(make(client, nora))


def test_tokens_that_an_earlier_release_named_stay_under_that_name(admin_client, nora, monkeypatch):
    from approvals.audit import rights

    with monkeypatch.context() as patch:
        facts = rights.facts_of_token
        patch.setattr(rights, "facts_of_token", lambda token: facts(token) | {"token": token.digest[:16]})
        token_of("nora", "writer")
    made = AuthToken.objects.get()
    assert first_failure() is None
    made.expiry += timedelta(days=1)
    made.save()
    assert first_failure() is None
    digest = made.digest
    made.delete()
    assert first_failure() is None
    named = AuditEntry.objects.filter(data__has_key="token").values_list("data__token", flat=True)
    assert set(named) == {digest[:16]}
