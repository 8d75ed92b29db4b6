"""The history pages of django-simple-history save what is posted, even by read-only users: not here."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse
from simple_history.admin import SimpleHistoryAdmin
from simple_history.utils import get_history_manager_for_model

from approvals.models import Decision, Verdict
from publishing.publish import publish
from tasks.models import Draft, Guidance
from tests.factories import approve, decide_on, make_draft, make_user

pytestmark = pytest.mark.django_db

ADMINS = {
    model._meta.label: model_admin
    for model, model_admin in admin.site._registry.items()
    if isinstance(model_admin, SimpleHistoryAdmin)
}
KNOWN = ("approvals.Decision", "tasks.Draft", "tasks.Guidance", "publishing.Post")
PEOPLE = ("viewer", "editor", "publisher", "superuser")


@pytest.mark.parametrize("label", ADMINS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_history_page_there_is_refuses_all_but_looking_before_it_looks_anything_up(label, method):
    request = RequestFactory().generic(method, "/")
    request.user = make_user("root", is_staff=True, is_superuser=True)
    with pytest.raises(PermissionDenied):
        ADMINS[label].history_form_view(request, "1", "1")


@pytest.fixture
def rows() -> dict[str, Any]:
    """A row of each kind with a past."""
    rejected = make_draft()
    decide_on(rejected, Verdict.REJECT)
    draft = make_draft(body="As it was approved.")
    approve(draft)
    post = publish(draft, by=make_user("paula", "Publishers"))
    return {
        "approvals.Decision": Decision.objects.first(),
        "tasks.Draft": Draft.objects.get(pk=draft.pk),
        "tasks.Guidance": Guidance.objects.get(),
        "publishing.Post": post,
    }


def names(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def address(row: Any) -> str:
    past = get_history_manager_for_model(row).earliest()
    return reverse(f"admin:{names(type(row))}_simple_history", args=[row.pk, past.history_id])


def signed_in(who: str) -> Client:
    """Staff with the permission to view each model and no other, or in a role, or with every permission."""
    if who == "superuser":
        user = make_user("root", is_staff=True, is_superuser=True)
    else:
        groups = {"editor": ["Editors"], "publisher": ["Publishers"]}.get(who, [])
        user = make_user(who, *groups, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(user)
    return client


def values(row: Any) -> dict[str, Any]:
    return type(row).objects.filter(pk=row.pk).values().get()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("label", KNOWN)
def test_a_page_of_history_can_be_read_and_nothing_is_sent_to_it(rows, label, who):
    row, client = rows[label], signed_in(who)
    page, before = address(row), values(row)
    pasts = get_history_manager_for_model(row).count()
    shown = client.get(page)
    assert shown.status_code == client.head(page).status_code == 200
    assert b'type="submit" value="Revert"' not in shown.content
    forged = dict.fromkeys(before, "forged") | {"_save": "Save", "_change_history": "1"}
    sent = [client.post(page, forged), client.post(page, {}), client.put(page), client.patch(page),
            client.delete(page), client.options(page)]  # fmt: skip
    assert {answer.status_code for answer in sent} <= {403, 405}
    assert values(row) == before
    assert get_history_manager_for_model(row).count() == pasts


@pytest.mark.parametrize("label", KNOWN)
def test_values_that_the_librarys_form_would_take_are_refused(rows, label):
    row, before = rows[label], values(rows[label])
    posted = {name: value for name, value in before.items() if value is not None}
    assert signed_in("superuser").post(address(row), posted | {"title": "Forged"}).status_code == 403
    assert values(row) == before


def test_strangers_are_sent_to_the_login(rows):
    for row in rows.values():
        assert Client().get(address(row)).url.startswith("/admin/login/")
        assert Client().post(address(row)).url.startswith("/admin/login/")


def test_staff_who_may_not_view_a_model_do_not_see_its_past(rows):
    client = Client()
    client.force_login(make_user("clerk", is_staff=True))
    for row in rows.values():
        assert client.get(address(row)).status_code == 403
