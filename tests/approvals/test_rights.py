"""Every change of permissions is recorded in its own transaction, however it is made."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from approvals.audit import actors, chain, permission_reconciliation, rights
from approvals.audit.verification import first_failure
from approvals.models import AuditEntry
from tests.callers import bearer, token_of
from tests.conftest import BASE_DIR
from tests.factories import make_user
from tests.live import database_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def since():
    """What was recorded after this point, the oldest first."""
    make_user("walter", "Writers")
    seq, _ = chain.head()
    return lambda: list(AuditEntry.objects.filter(seq__gt=seq).order_by("seq"))


@pytest.fixture
def walter(since):
    return User.objects.get(username="walter")


def actions(entries):
    return [entry.action for entry in entries]


# --- Through the models: a shell, a command, the product itself ----------------------------------------


def test_a_new_account_is_recorded_with_its_rights(since):
    user = User.objects.create_user("nora", password="a long secret")
    created, password = since()
    assert (created.action, created.object_type, created.object_id) == ("user.created", "user", user.pk)
    assert created.data == {
        "name": "nora", "is_active": True, "is_staff": False, "is_superuser": False, "groups": [],
        "permissions": [], "account": actors.account(),
    }  # fmt: skip
    assert (password.action, password.data["is_usable"]) == ("user.password_changed", True)
    assert user.password not in str(password.data) + str(created.data)


def test_one_without_a_password_is_one_entry(since):
    User.objects.create_user("nora")
    assert actions(since()) == ["user.created"]


@pytest.mark.parametrize(
    ("flag", "value", "action"),
    [
        ("is_active", False, "user.deactivated"), ("is_staff", True, "user.changed"),
        ("is_superuser", True, "user.changed"), ("username", "wally", "user.changed"),
    ],
)  # fmt: skip
def test_a_changed_flag_says_what_it_was(since, walter, flag, value, action):
    was = getattr(walter, flag)
    setattr(walter, flag, value)
    walter.save()
    walter.save()
    [entry] = since()
    name = "name" if flag == "username" else flag
    assert (entry.action, entry.data["was"], entry.data[name]) == (action, {name: was}, value)
    assert entry.data["groups"] == ["Writers"]


def test_an_account_that_comes_back_is_named_as_such(since, walter):
    for walter.is_active in (False, True):
        walter.save(update_fields=["is_active"])
    assert actions(since()) == ["user.deactivated", "user.reactivated"]


def test_what_is_no_right_leaves_no_entry(since, walter):
    walter.email = "walter@example.org"
    walter.save()
    walter.last_login = timezone.now()
    walter.save(update_fields=["last_login"])
    assert since() == []


def test_a_field_that_is_not_saved_is_not_recorded(since, walter):
    walter.is_superuser, walter.is_staff = True, True
    walter.save(update_fields=["is_staff"])
    [entry] = since()
    assert (entry.data["is_staff"], entry.data["is_superuser"]) == (True, False)


def test_a_password_is_recorded_as_changed_and_never_as_what(since, walter):
    walter.set_password("first secret")
    walter.save()
    walter.set_unusable_password()
    walter.save(update_fields=["password"])
    entries = since()
    assert actions(entries) == ["user.password_changed"] * 2
    assert [entry.data["is_usable"] for entry in entries] == [True, False]
    assert all(set(entry.data) == {"name", "is_usable", "account"} for entry in entries)


def test_groups_given_and_taken_are_recorded_from_both_sides(since, walter):
    editors, writers = Group.objects.get(name="Editors"), Group.objects.get(name="Writers")
    walter.groups.add(editors)
    walter.groups.remove(writers)
    walter.groups.set([writers])
    walter.groups.clear()
    editors.user_set.add(walter)
    editors.user_set.clear()
    entries = since()
    assert set(actions(entries)) == {"user.changed"}
    assert [(entry.data["was"]["groups"], entry.data["groups"]) for entry in entries] == [
        (["Writers"], ["Editors", "Writers"]),
        (["Editors", "Writers"], ["Editors"]),
        (["Editors"], []),
        ([], ["Writers"]),
        (["Writers"], []),
        ([], ["Editors"]),
        (["Editors"], []),
    ]


def test_what_changes_nothing_leaves_no_entry(since, walter):
    walter.groups.add(Group.objects.get(name="Writers"))
    walter.groups.remove(Group.objects.get(name="Editors"))
    walter.groups.set([Group.objects.get(name="Writers")])
    assert since() == []


def test_single_permissions_are_recorded_from_both_sides(since, walter):
    decide = Permission.objects.get(codename="add_decision")
    walter.user_permissions.add(decide)
    decide.user_set.remove(walter)
    given, taken = since()
    assert (given.action, given.data["permissions"]) == ("user.changed", ["approvals.add_decision"])
    assert taken.data["permissions"] == []


def test_groups_are_recorded_with_their_permissions(since):
    group = Group.objects.create(name="Guests")
    decide = Permission.objects.get(codename="add_decision")
    group.permissions.add(decide)
    decide.group_set.remove(group)
    created, given, taken = since()
    assert (created.action, created.data["name"]) == ("group.created", "Guests")
    assert (given.action, given.data["was"]) == ("group.changed", {"permissions": []})
    assert given.data["permissions"] == ["approvals.add_decision"]
    assert taken.data["permissions"] == []


def test_a_group_that_is_renamed_or_deleted_is_recorded_for_its_members_too(since, walter):
    writers = Group.objects.get(name="Writers")
    writers.name = "Authors"
    writers.save()
    writers.delete()
    entries = since()
    assert actions(entries) == ["group.changed", "user.changed", "group.deleted", "user.changed"]
    assert [entry.data["groups"] for entry in entries if entry.object_type == "user"] == [["Authors"], []]
    assert "tasks.add_contenttask" in entries[2].data["permissions"]


def test_a_permission_that_ends_is_recorded_for_who_had_it(since, walter):
    Permission.objects.get(codename="add_contenttask").delete()
    entries = since()
    assert {entry.action for entry in entries} == {"group.changed"}
    assert "Writers" in {entry.data["name"] for entry in entries}


def test_a_deleted_account_is_recorded_with_its_last_rights_and_tokens(since, walter):
    token_of("walter", "writer")
    User.objects.filter(pk=walter.pk).delete()
    entries = since()
    assert actions(entries)[-2:] == ["user.token_revoked", "user.deleted"]
    assert entries[-1].data["groups"] == ["Writers"]
    assert first_failure() is None


# --- Tokens --------------------------------------------------------------------------------------------


def test_tokens_issued_and_revoked_are_recorded(since, walter):
    token = token_of("walter", "writer")
    AuthToken.objects.filter(user=walter).delete()
    issued, revoked = since()
    assert actions([issued, revoked]) == ["user.token_issued", "user.token_revoked"]
    assert issued.data["token"] == revoked.data["token"]
    assert (issued.data["username"], issued.data["groups"]) == ("walter", ["Writers"])
    stored = str(issued.data) + str(revoked.data)
    assert token not in stored
    assert token[:15] not in stored


def test_an_expired_token_is_recorded_when_the_api_drops_it(since, walter):
    token = token_of("walter", "writer")
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert bearer(token).get("/api/tasks/").status_code == 401
    assert since()[-1].action == "user.token_expired"


def test_the_entry_names_who_revoked_a_token(admin_client, admin_user, since, walter):
    token_of("walter", "writer")
    page = reverse("admin:revoke_token", args=[AuthToken.objects.get().details.public_name])
    assert admin_client.post(page).status_code == 302
    entry = since()[-1]
    assert (entry.action, entry.actor_id) == ("user.token_revoked", admin_user.pk)


# --- The admin ----------------------------------------------------------------------------------------


def test_the_admin_names_who_made_an_account(admin_client, admin_user, since):
    typed = {
        "username": "nora", "password1": "a long secret", "password2": "a long secret",
        "usable_password": "true",
    }  # fmt: skip
    assert admin_client.post(reverse("admin:auth_user_add"), typed).status_code == 302
    entries = since()
    assert actions(entries) == ["user.created", "user.password_changed"]
    assert {entry.actor_id for entry in entries} == {admin_user.pk}
    assert "account" not in entries[0].data


def test_the_admin_names_who_set_anothers_password(admin_client, admin_user, since, walter):
    typed = {"password1": "a long secret", "password2": "a long secret", "usable_password": "true"}
    page = reverse("admin:auth_user_password_change", args=[walter.pk])
    assert admin_client.post(page, typed).status_code == 302
    [entry] = since()
    assert (entry.action, entry.object_id, entry.actor_id) == (
        "user.password_changed", walter.pk, admin_user.pk,
    )  # fmt: skip


def test_who_changes_their_own_password_is_named(client, since, walter):
    walter.set_password("an old secret")
    walter.is_staff = True
    walter.save()
    client.force_login(walter)
    typed = {
        "old_password": "an old secret", "new_password1": "a long secret", "new_password2": "a long secret"
    }  # fmt: skip
    assert client.post(reverse("admin:password_change"), typed).status_code == 302
    entry = since()[-1]
    assert (entry.action, entry.actor_id, entry.actor_name) == (
        "user.password_changed", walter.pk, "walter",
    )  # fmt: skip


# --- Commands -----------------------------------------------------------------------------------------


def test_a_command_is_named_as_it_was_called(transactional_db):
    code = "from django.contrib.auth.models import User; User.objects.create_user('nora', is_staff=True)"
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SUPERUSER_PASSWORD": "a long secret"}
    for arguments in (
        ["shell", "-c", code],
        ["createsuperuser", "--noinput", "--username", "root", "--email", ""],
        ["api_token", "nora", "--role", "editor"],
    ):
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=BASE_DIR, env=environment, check=True, capture_output=True, timeout=60)
    named = AuditEntry.objects.filter(object_type="user").order_by("seq")
    assert [(entry.actor_name, entry.action) for entry in named] == [
        ("manage.py shell", "user.created"),
        ("manage.py createsuperuser", "user.created"),
        ("manage.py createsuperuser", "user.password_changed"),
        ("manage.py api_token", "user.changed"),
        ("manage.py api_token", "user.token_issued"),
    ]
    assert {entry.data["account"] for entry in named} == {actors.account()}
    assert first_failure() is None


def test_loaded_data_is_recorded(since, tmp_path):
    file = tmp_path / "people.json"
    file.write_text(
        '[{"model": "auth.user", "fields": {"username": "nora", "password": "", "is_superuser": true}}]'
    )
    call_command("loaddata", str(file), stdout=StringIO())
    [entry] = since()
    assert (entry.action, entry.data["is_superuser"]) == ("user.created", True)


# --- All or nothing -----------------------------------------------------------------------------------


def refuse(*_, **__):
    raise RuntimeError("the chain takes nothing")


def test_without_its_entry_no_change_stays(transactional_db, monkeypatch):
    walter = make_user("walter", "Writers")
    token_of("walter", "writer")
    editors = Group.objects.get(name="Editors")
    monkeypatch.setattr(rights.chain, "record", refuse)
    walter.is_superuser = True
    for change in (
        walter.save,
        lambda: walter.groups.add(editors),
        lambda: editors.user_set.add(walter),
        lambda: User.objects.create_user("nora"),
        lambda: Group.objects.create(name="Guests"),
        lambda: Group.objects.get(name="Writers").delete(),
        lambda: AuthToken.objects.create(user=walter),
        lambda: AuthToken.objects.all().delete(),
    ):
        with pytest.raises(RuntimeError):
            change()
    monkeypatch.undo()
    assert first_failure() is None
    assert not User.objects.filter(is_superuser=True).exists()
    assert AuthToken.objects.count() == 1


def test_a_save_that_failed_leaves_nothing_behind_for_the_next(since, walter):
    with pytest.raises(IntegrityError), transaction.atomic():
        User(pk=walter.pk, username="w").save(force_insert=True)
    make_user("wanda")
    walter.username = "wanda"
    with pytest.raises(IntegrityError), transaction.atomic():
        walter.save()
    User.objects.get(pk=walter.pk).groups.clear()
    recorded = len(since())
    walter.save(update_fields=["last_login"])
    assert len(since()) == recorded


def test_of_two_changes_at_once_the_second_is_recorded_with_what_the_first_did(transactional_db):
    walter = make_user("walter", "Writers")

    def give_another():
        try:
            User.objects.get(pk=walter.pk).groups.add(Group.objects.get(name="Auditors"))
        finally:
            connection.close()

    other = threading.Thread(target=give_another)
    with transaction.atomic():
        walter.groups.add(Group.objects.get(name="Editors"))
        other.start()
        wait_for_a_waiting_connection()
    other.join(20)
    assert AuditEntry.objects.first().data["groups"] == ["Auditors", "Editors", "Writers"]
    assert first_failure() is None


def wait_for_a_waiting_connection():
    deadline = time.monotonic() + 20
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        while not cursor.execute(waiting).fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_change_that_is_undone_leaves_no_entry(since, walter):
    with transaction.atomic():
        walter.groups.clear()
        assert len(since()) == 1
        transaction.set_rollback(True)
    assert since() == []


# --- What no signal sees ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ("UPDATE auth_user SET is_superuser = true", "altered", "user walter was changed"),
        ("DELETE FROM auth_user_groups", "altered", "(groups)"),
        ("DELETE FROM auth_group_permissions", "altered", "(permissions)"),
        ("DELETE FROM auth_user_groups; DELETE FROM auth_user", "removed", "user walter was deleted"),
        ("INSERT INTO auth_user (username, password, first_name, last_name, email, is_active, is_staff,"
         " is_superuser, date_joined) VALUES ('eve', '', '', '', '', true, true, true, now())",
         "truncated", "user eve has no entry"),
    ],
)  # fmt: skip
def test_rights_that_no_entry_states_are_named_by_the_verification(walter, change, kind, said):
    assert first_failure() is None
    with connection.cursor() as cursor:
        cursor.execute(change)
    failure = first_failure()
    assert (failure.kind, said in failure.detail) == (kind, True), failure


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ("INSERT INTO knox_authtoken (digest, token_key, user_id, created) SELECT repeat('f', 128), 'f',"
         " user_id, now() FROM knox_authtoken", "truncated", "a token of walter has no entry"),
        ("UPDATE knox_authtoken SET expiry = expiry + interval '9 years'", "altered", "was changed"),
        ("UPDATE knox_authtoken SET user_id = (SELECT id FROM auth_user WHERE username = 'olga')",
         "altered", "a token of olga was changed"),
        ("UPDATE approvals_tokendetails SET scopes = '[\"decide\"]'", "altered", "was changed"),
        ("DELETE FROM knox_authtoken", "removed", "a token of walter was deleted"),
    ],
)  # fmt: skip
def test_tokens_that_no_entry_states_are_named_by_the_verification(walter, change, kind, said):
    make_user("olga", "Editors")
    token_of("walter", "writer")
    assert first_failure() is None
    with connection.cursor() as cursor:
        cursor.execute(change)
    failure = first_failure()
    assert (failure.kind, said in failure.detail) == (kind, True), failure


def test_tokens_from_before_are_recorded_once_at_a_migration(walter):
    AuthToken.objects.bulk_create([AuthToken(digest="e" * 128, token_key="e", user=walter)])
    permission_reconciliation.record_missing()
    permission_reconciliation.record_missing()
    [entry] = AuditEntry.objects.filter(action="user.token_found")
    assert (entry.data["username"], entry.data["groups"]) == ("walter", ["Writers"])
    assert first_failure() is None


def test_a_change_past_the_signals_is_named_too(walter):
    User.objects.filter(pk=walter.pk).update(is_staff=True)
    assert "user walter was changed without an entry (is_staff)" in first_failure().detail


def test_accounts_from_before_are_recorded_once_at_a_migration(walter):
    User.objects.bulk_create([User(username="old", is_staff=True)])
    permission_reconciliation.record_missing()
    permission_reconciliation.record_missing()
    [entry] = AuditEntry.objects.filter(action="user.found")
    assert (entry.data["name"], entry.data["is_staff"]) == ("old", True)
    assert first_failure() is None
