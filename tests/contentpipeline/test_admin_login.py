"""Who may log in at the admin: a role is enough."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from contentpipeline.roles import DESK_GROUPS, create_groups
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
REFUSED = "There is no account of this desk with this login name and this password."


def person(name, *groups, **fields):
    user = make_user(name, *groups, **fields)
    user.set_password("a long secret")
    user.save()
    return user


def log_in(name, password="a long secret", client=None):
    return (client or Client()).post(LOGIN, {"username": name, "password": password, "next": "/admin/"})


def editor_as_the_readme_says(admin_client):
    """An account made on the admin's own pages, with a role and nothing else selected."""
    create_groups()
    typed = {
        "username": "erika", "password1": "a long secret", "password2": "a long secret",
        "usable_password": "true",
    }  # fmt: skip
    assert admin_client.post(reverse("admin:auth_user_add"), typed).status_code == 302
    erika = User.objects.get(username="erika")
    moment = {"date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}
    role = {"groups": [Group.objects.get(name="Editors").pk], "is_active": "on", "username": "erika"}
    page = reverse("admin:auth_user_change", args=[erika.pk])
    assert admin_client.post(page, moment | role).status_code == 302
    return erika


def test_an_editor_created_as_the_readme_says_can_log_in_and_work(admin_client):
    assert not editor_as_the_readme_says(admin_client).is_staff
    draft, client = make_draft(), Client()
    answer = log_in("erika", client=client)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    start = client.get("/admin/").content.decode()
    for address in (
        "desk:queue",
        "admin:notification_settings",
        "admin:audit_dashboard",
        "admin:password_change",
    ):
        assert f'href="{reverse(address)}"' in start, address
    for address in (
        reverse("desk:queue"), reverse("desk:review", args=[draft.pk]), reverse("admin:tasks_dashboard"),
        reverse("admin:tasks_contenttask_changelist"), reverse("admin:notification_settings"),
    ):  # fmt: skip
        assert client.get(address).status_code == 200, address
    assert client.get(LOGIN).status_code == 302, "a logged-in user is redirected"


@pytest.mark.parametrize("group", sorted(DESK_GROUPS))
def test_every_role_of_the_desk_is_enough(group):
    person("nora", group)
    assert log_in("nora").status_code == 302


def test_the_roles_of_the_desk_are_all_but_that_of_programs():
    assert {"Writers", "Editors", "Publishers", "Auditors"} == DESK_GROUPS


@pytest.mark.parametrize(
    ("groups", "fields"),
    [((), {}), (("Integrations",), {}), (("Editors",), {"is_active": False}),
     ((), {"is_active": False, "is_staff": True})],
)  # fmt: skip
def test_others_cannot_log_in_and_see_what_a_wrong_password_shows(groups, fields):
    person("nora", *groups, **fields)
    client = Client()
    answers = [log_in(*who, client=client) for who in (["nora"], ["nora", "wrong"], ["unknown"])]
    for answer in answers:
        assert answer.status_code == 200
        assert REFUSED in answer.content.decode()
    assert client.get("/admin/").status_code == 302
    shown = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers]
    assert shown[0] == shown[1] == shown[2], "nothing reveals which accounts there are"


def test_an_account_that_loses_its_role_is_outside_at_once():
    nora, client = person("nora", "Writers"), Client()
    log_in("nora", client=client)
    assert client.get("/admin/").status_code == 200
    nora.groups.clear()
    assert client.get("/admin/").status_code == 302
    assert client.get(reverse("desk:queue")).status_code == 302
    nora.groups.add(Group.objects.get(name="Writers"))
    nora.is_active = False
    nora.save()
    assert client.get("/admin/").status_code == 302


def test_a_role_opens_no_page_that_it_gives_no_permission_for():
    person("wanda", "Writers")
    client = Client()
    log_in("wanda", client=client)
    for address in ("admin:auth_user_changelist", "admin:audit_dashboard", "admin:auth_group_changelist"):
        assert client.get(reverse(address)).status_code == 403, address
