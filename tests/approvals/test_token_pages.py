"""Tokens on their page and over the API: usable, shown once, limited by scopes, rotated and revoked."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from approvals.access import token_actions
from approvals.access.scopes import SCOPES, Credential, scope_of
from approvals.audit.verification import first_failure
from approvals.models import AuditEntry, TokenDetails
from contentpipeline.roles import PERMISSIONS
from tasks.api.base import DeskViewSet
from tests.callers import bearer, caller, problem, token_of
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db

ADD, LIST, API = reverse("admin:add_token"), reverse("admin:tokens"), "/api/tokens/"
TYPED = {"name": "CMS import", "scopes": ["read"], "lifetime": "90"}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def nora():
    return make_user("nora", "Writers")


@pytest.fixture
def desk(nora):
    return client_of(nora)


def page(name, details=None):
    details = details or TokenDetails.objects.get()
    return reverse(f"admin:{name}", args=[details.public_name])


def shown(answer):
    found = re.search(r'id="created" value="([^"]+)"', answer.content.decode())
    return found and found[1]


def issue(user, scopes, **more):
    expires_at = timezone.now() + timedelta(days=1)
    given = {"name": "t", "scopes": scopes, "expires_at": expires_at, "by": user} | more
    return token_actions.create(user, **given)


def entries():
    found = AuditEntry.objects.filter(action__startswith="user.token").order_by("seq")
    return [(entry.action.removeprefix("user."), entry.actor_name) for entry in found]


# --- Pages --------------------------------------------------------------------------------------------


def test_a_person_creates_a_token_that_is_shown_once_works_and_expires(desk, nora):
    answer = desk.post(ADD, TYPED)
    key, made = shown(answer), AuthToken.objects.get()
    assert {"no-store", "no-transform"} <= set(answer["Cache-Control"].split(", "))
    assert bearer(key).get("/api/tasks/").status_code == 200
    assert made.user == nora
    assert abs(made.expiry - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)
    assert (made.details.name, made.details.scopes) == ("CMS import", ["read"])
    listed = desk.get(LIST).content.decode()
    assert "CMS import" in listed
    assert key not in listed
    assert entries() == [("token_issued", "nora")]
    entry = AuditEntry.objects.get(action="user.token_issued")
    assert (entry.data["name"], entry.data["scopes"]) == ("CMS import", ["read"])
    assert first_failure() is None


def test_no_page_prints_a_digest_or_a_key(admin_client, nora):
    key = issue(nora, ["read"]).key
    made = AuthToken.objects.get()
    entry = AuditEntry.objects.get(action="user.token_issued")
    for address in (
        "/admin/", LIST, f"{LIST}?q=nora", ADD, page("token"), reverse("admin:person", args=[nora.pk]),
        reverse("admin:auth_user_change", args=[nora.pk]), reverse("admin:auth_user_history", args=[nora.pk]),
        reverse("admin:approvals_auditentry_changelist"), reverse("admin:system"),
        reverse("admin:approvals_auditentry_change", args=[entry.pk]),
    ):  # fmt: skip
        answer = admin_client.get(address, follow=True)
        assert answer.status_code == 200, address
        for secret in (made.digest[:16], key, key[:15]):
            assert secret not in answer.content.decode(), address
    for path in ("/api/audit/", API, f"{API}{made.details.public_name}/"):
        listed = caller(user=User.objects.get(username="admin")).get(path)
        assert listed.status_code == 200
        assert made.digest[:16] not in listed.content.decode()
        assert key not in listed.content.decode()
    assert made.digest not in str(made) + repr(made) + str(made.details) + repr(made.details)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"), ({"name": "a" * 101}, "name"), ({"scopes": []}, "scopes"),
        ({"scopes": ["owner"]}, "scopes"),
        ({"lifetime": "never"}, "lifetime"), ({"lifetime": "0"}, "lifetime"),
    ],
)  # fmt: skip
def test_a_mistake_makes_no_token_and_is_named(desk, typed, field):
    answer = desk.post(ADD, TYPED | typed)
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert not AuthToken.objects.exists()


def test_an_administrator_creates_tokens_for_others_that_may_never_expire(admin_client, nora):
    key = shown(
        admin_client.post(ADD, TYPED | {"user": nora.pk, "lifetime": "never", "scopes": "everything"})
    )
    made = AuthToken.objects.get()
    assert (made.user, made.expiry, made.details.scopes) == (nora, None, None)
    assert bearer(key).post("/api/tasks/", {"topic": "Trees"}).status_code == 201
    assert "never expires" in admin_client.get(LIST).content.decode()
    assert "nora" in admin_client.get(LIST).content.decode()
    assert "nora" not in admin_client.get(f"{LIST}?q=nobody").content.decode()


def test_rotation_shows_a_new_key_and_lets_the_old_one_work_for_the_chosen_time(desk, nora):
    old = issue(nora, ["read", "briefs"])
    answer = desk.post(page("token"), {"overlap": "1"})
    key = shown(answer)
    assert key != old.key
    new = TokenDetails.objects.exclude(pk=old.details.pk).get()
    assert (new.name, new.scopes) == (old.details.name, old.details.scopes)
    for each in (key, old.key):
        assert bearer(each).get("/api/tasks/").status_code == 200
    old_token = AuthToken.objects.get(details=old.details.pk)
    assert abs(old_token.expiry - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)
    assert abs(new.token.expiry - new.token.created - timedelta(days=1)) < timedelta(minutes=1)
    again = desk.post(page("token", old.details), {"overlap": "1"})
    assert (again.status_code, "rotated already" in again.content.decode()) == (400, True)
    assert entries()[1:] == [("token_issued", "nora"), ("token_changed", "nora")]
    assert first_failure() is None


def test_rotation_without_overlap_ends_the_old_key_at_once(desk, nora):
    old = issue(nora, ["read"])
    key = shown(desk.post(page("token"), {"overlap": "0"}))
    assert bearer(old.key).get("/api/tasks/").status_code == 401
    assert bearer(key).get("/api/tasks/").status_code == 200
    assert first_failure() is None


def test_a_short_token_lives_no_longer_by_being_rotated(desk, nora):
    issue(nora, ["read"], expires_at=timezone.now() + timedelta(minutes=5))
    expiry = AuthToken.objects.get().expiry
    desk.post(page("token"), {"overlap": "168"})
    assert AuthToken.objects.earliest("created").expiry == expiry


def test_a_token_is_revoked(desk, nora):
    key = issue(nora, ["read"]).key
    address = page("revoke_token")
    assert desk.get(address).status_code == 405
    assert desk.post(address).status_code == 302
    assert bearer(key).get("/api/tasks/").status_code == 401
    assert entries()[-1] == ("token_revoked", "nora")
    assert desk.post(address).status_code == 404
    assert first_failure() is None


def test_people_neither_see_nor_change_the_tokens_of_others(admin_user, nora):
    issue(nora, ["read"])
    issue(admin_user, ["read"])
    own, of_admin = (page("token", each) for each in TokenDetails.objects.order_by("pk"))
    for groups in ("Writers", "Editors", "Publishers", "Auditors"):
        user = make_user(groups, groups)
        client, api = client_of(user), caller(user=user)
        assert "There are no tokens yet" in client.get(LIST).content.decode()
        assert api.get(API).json()["results"] == []
        for address in (own, of_admin):
            assert client.get(address).status_code == 404
            assert client.post(address, {"overlap": "1"}).status_code == 404
            assert client.post(f"{address}revoke/").status_code == 404
        for details in TokenDetails.objects.all():
            problem(api.delete(f"{API}{details.public_name}/"), 404)
            problem(api.post(f"{API}{details.public_name}/rotate/"), 404)
        answer = problem(api.post(API, {"name": "a", "scopes": ["read"], "username": "nora"}), 400)
        assert "username" in answer["errors"]
        assert client.post(ADD, TYPED | {"user": nora.pk}).status_code == 200
        assert AuthToken.objects.latest("created").user == user, "the field is not there for them"
        AuthToken.objects.filter(user=user).delete()
    nobody = make_user("nobody", is_staff=True)
    for address in (LIST, ADD, own):
        assert client_of(nobody).get(address).status_code == 403, address
        assert client_of(nobody).post(address).status_code in {403, 405}, address
        assert Client().get(address).status_code == 302
    assert AuthToken.objects.count() == 2


def test_who_may_make_tokens_makes_none_of_a_superuser_or_a_deactivated_account(admin_user, nora):
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["add_authtoken", "view_authtoken", "delete_authtoken"])
    )
    client, gone = client_of(clerk), make_user("gone", "Writers", is_active=False)
    for user in (admin_user, gone):
        assert shown(client.post(ADD, TYPED | {"user": user.pk})) is None
    assert not AuthToken.objects.exists()
    assert shown(client.post(ADD, TYPED | {"user": nora.pk}))
    details = issue(admin_user, None).details
    assert client.post(page("token", details), {"overlap": "1"}).status_code == 403
    assert client.post(page("revoke_token", details)).status_code == 403


# --- Scopes -------------------------------------------------------------------------------------------


def view_classes(kind=DeskViewSet):
    for each in kind.__subclasses__():
        yield each
        yield from view_classes(each)


def test_every_operation_of_the_api_is_under_a_scope():
    get_resolver().url_patterns  # noqa: B018  (loads every view)
    asked = {
        permission
        for view in view_classes()
        for permissions in view.permissions.values()
        for permission in permissions
    }
    assert len(asked) > 20
    assert {permission for permission in asked if not scope_of(permission)} == set()


def test_no_permission_is_in_two_scopes_and_all_exist():
    named = [permission for scope in SCOPES.values() for permission in scope.permissions]
    assert len(named) == len(set(named))
    held = {permission for permissions in PERMISSIONS.values() for permission in permissions}
    assert set(named) <= held


ATTEMPTS = [
    # What is tried, and the scope it needs.
    ("get", "/api/tasks/", {}, "read"),
    ("get", "/api/drafts/{draft}/", {}, "read"),
    ("get", "/api/decisions/", {}, "read"),
    ("post", "/api/tasks/", {"topic": "Trees"}, "briefs"),
    ("post", "/api/tasks/bulk/", {"action": "cancel", "ids": [1], "reason": "x"}, "briefs"),
    ("post", "/api/drafts/{draft}/comments/", {"version": 1, "text": "Why?"}, "edit"),
    ("post", "/api/drafts/{draft}/decisions/", {}, "decide"),
    ("post", "/api/drafts/{draft}/publish/", {}, "publish"),
    ("get", "/api/audit/", {}, "audit"),
    ("post", "/api/drafts/{draft}/dossier/", {}, "audit"),
    ("get", "/api/webhooks/", {}, "webhooks"),
    ("get", "/api/tokens/", {}, "tokens"),
    ("post", "/api/tokens/", {"name": "a", "scopes": ["read"]}, "tokens"),
]


def test_a_token_allows_what_its_scopes_name_and_nothing_else(subtests):
    draft = make_draft()
    user = make_user("all", *PERMISSIONS)
    for scope in SCOPES:
        client = bearer(issue(user, [scope]).key)
        for method, path, body, needed in ATTEMPTS:
            with subtests.test(scope=scope, path=path, method=method):
                answer = getattr(client, method)(path.format(draft=draft.pk), body)
                if needed in {scope, "read"}:
                    assert answer.status_code not in {401, 403}, answer.content
                else:
                    found = problem(answer, 403)
                    assert found["type"] == "urn:problem:scope-missing"
                    assert needed in found["detail"]


def test_a_token_never_allows_more_than_its_account():
    draft, auditor = make_draft(), make_user("", "Auditors")
    for scopes in (list(SCOPES), None):
        client = bearer(issue(auditor, scopes).key)
        for method, path, body, needed in ATTEMPTS:
            if needed in {"briefs", "edit", "decide", "publish", "webhooks"}:
                problem(getattr(client, method)(path.format(draft=draft.pk), body), 403)
    auditor.groups.clear()
    problem(client.get("/api/tasks/"), 403)


def test_tokens_from_before_scopes_may_do_what_their_accounts_may(nora):
    token = token_of("nora", "writer")
    assert TokenDetails.objects.get().scopes is None
    assert bearer(token).post("/api/tasks/", {"topic": "Trees"}).status_code == 201
    TokenDetails.objects.all().delete()
    assert bearer(token).post("/api/tasks/", {"topic": "Trees"}).status_code == 201


def test_a_token_makes_none_that_may_do_more_than_itself(nora):
    client = bearer(issue(nora, ["tokens", "briefs"]).key)
    for scopes in (["edit"], ["briefs", "edit"], None):
        problem(client.post(API, {"name": "more", "scopes": scopes}), 403)
    other = issue(nora, None).details
    problem(client.post(f"{API}{other.public_name}/rotate/"), 403)
    made = client.post(API, {"name": "less", "scopes": ["briefs"]}).json()
    assert bearer(made["key"]).post("/api/tasks/", {"topic": "Trees"}).status_code == 201
    edit = {"name": "more", "scopes": ["edit"]}
    again = {"headers": {"Idempotency-Key": "k"}}
    assert caller(user=nora).post(API, edit, **again).status_code == 201
    problem(client.post(API, edit, **again), 403)


def test_scopes_compare_as_sets():
    credential = Credential(None, frozenset({"briefs"}))
    assert [credential.is_beyond(one) for one in ([], ["read"], ["briefs"], ["edit"], None)] == [
        False, False, False, True, True,
    ]  # fmt: skip


# --- The API ------------------------------------------------------------------------------------------


def test_the_api_creates_lists_rotates_and_revokes(nora):
    client = caller(user=nora)
    made = client.post(API, {"name": "CMS import", "scopes": ["briefs"]})
    assert (made.status_code, made["Cache-Control"]) == (201, "private, no-store")
    at = f"{API}{made.json()['id']}/"
    [listed] = client.get(API).json()["results"]
    assert (listed["name"], listed["scopes"], listed["last_used_at"]) == ("CMS import", ["briefs"], None)
    assert "key" not in listed
    rotated = client.post(f"{at}rotate/", {"overlap_hours": 2}).json()
    assert client.get(at).json()["rotated_at"]
    assert problem(client.post(f"{at}rotate/"), 409)["type"] == "urn:problem:token-refused"
    assert client.delete(at).status_code == 204
    assert bearer(made.json()["key"]).get("/api/tasks/").status_code == 401
    assert bearer(rotated["key"]).get("/api/tasks/").status_code == 200
    problem(client.get(at), 404)
    assert first_failure() is None


def test_a_program_rotates_its_own_token(nora):
    old = issue(nora, ["tokens"])
    answer = bearer(old.key).post(f"{API}{old.details.public_name}/rotate/", {"overlap_hours": 0})
    assert answer.status_code == 201
    assert bearer(answer.json()["key"]).get(API).status_code == 200
    problem(bearer(old.key).get(API), 401)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["read"]}, "name"), ({"name": "a"}, "scopes"), ({"name": "a", "scopes": []}, "scopes"),
        ({"name": "a", "scopes": ["root"]}, "scopes"), ({"name": "a", "scopes": ["read"], "x": 1}, "x"),
        ({"name": "a", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "a", "scopes": ["read"], "expires_at": None}, "expires_at"),
        ({"name": "a", "scopes": ["read"], "username": "nobody"}, "username"),
    ],
)  # fmt: skip
def test_a_wrong_body_is_refused_by_field(nora, body, field):
    assert field in problem(caller(user=nora).post(API, body), 400)["errors"]
    assert not AuthToken.objects.exists()


def test_an_overlap_of_weeks_is_refused(nora):
    at = f"{API}{issue(nora, ['read']).details.public_name}/rotate/"
    for hours in (-1, 169, "a"):
        assert "overlap_hours" in problem(caller(user=nora).post(at, {"overlap_hours": hours}), 400)["errors"]
    assert AuthToken.objects.count() == 1


def test_an_account_has_a_limited_number_of_tokens(nora, monkeypatch):
    monkeypatch.setattr(token_actions, "MAX_TOKENS", 1)
    issue(nora, ["read"])
    problem(caller(user=nora).post(API, {"name": "a", "scopes": ["read"]}), 409)
    answer = client_of(nora).post(ADD, TYPED)
    assert (answer.status_code, "revoke those" in answer.content.decode()) == (400, True)


def test_last_use_is_written_at_most_once_a_minute(nora):
    client = bearer(issue(nora, ["read"]).key)
    client.get("/api/tasks/")
    first = TokenDetails.objects.get().last_used_at
    assert timezone.now() - first < timedelta(minutes=1)
    client.get("/api/tasks/")
    assert TokenDetails.objects.get().last_used_at == first
    TokenDetails.objects.update(last_used_at=first - timedelta(minutes=2))
    client.get("/api/tasks/")
    assert TokenDetails.objects.get().last_used_at >= first
    assert APIClient().get("/api/tasks/").status_code == 401


def test_tokens_that_an_earlier_release_named_stay_under_that_name(nora, monkeypatch):
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
