from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from knox.models import AuthToken

from approvals.models import AuditEntry
from tests.callers import bearer, token_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "group"),
    [("writer", "Writers"), ("editor", "Editors"), ("publisher", "Publishers"), ("auditor", "Auditors"),
     ("integration", "Integrations")],
)  # fmt: skip
def test_a_new_user_gets_the_role_and_nothing_else(role, group):
    token = token_of("nora", role)
    user = User.objects.get(username="nora")
    assert [found.name for found in user.groups.all()] == [group]
    assert not user.has_usable_password()
    assert not user.is_staff
    assert not user.is_superuser
    assert bearer(token).get("/api/tasks/").status_code == 200


def test_the_token_alone_is_printed_and_only_its_hash_is_stored():
    out = StringIO()
    call_command("api_token", "nora", role="writer", stdout=out)
    token = out.getvalue().rstrip("\n")
    assert token.isalnum()
    stored = AuthToken.objects.get()
    assert token not in (stored.digest, stored.token_key)
    assert stored.digest != token


def test_a_second_token_leaves_the_first_valid():
    first, second = token_of("nora", "writer"), token_of("nora", "writer")
    assert first != second
    assert bearer(first).get("/api/tasks/").status_code == 200
    assert User.objects.filter(username="nora").count() == 1


def test_an_existing_user_keeps_its_password_and_gets_the_role_as_well():
    user = make_user("wim", "Writers")
    user.set_password("a password of wim's")
    user.save()
    token_of("wim", "publisher")
    user = User.objects.get(username="wim")
    assert user.check_password("a password of wim's")
    assert set(user.groups.values_list("name", flat=True)) == {"Writers", "Publishers"}


def test_issuing_a_token_is_on_record():
    token = token_of("nora", "editor")
    entry = AuditEntry.objects.get(action="user.token_issued")
    assert (entry.data["username"], entry.data["groups"]) == ("nora", ["Editors"])
    assert token not in str(entry.data)


@pytest.mark.parametrize(
    ("username", "role"), [("nora", "owner"), ("no ra", "writer"), ("", "writer"), ("n" * 151, "writer")]
)
def test_what_cannot_be_is_refused_and_makes_no_user(username, role):
    with pytest.raises(CommandError):
        call_command("api_token", username, f"--role={role}", stdout=StringIO())
    assert not User.objects.exists()


def test_an_account_that_is_switched_off_gets_no_token():
    make_user("wim", "Writers", is_active=False)
    with pytest.raises(CommandError, match="is deactivated"):
        token_of("wim", "writer")
    assert not AuthToken.objects.exists()
