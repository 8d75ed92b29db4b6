"""Who may use which address of the desk, by role; what strangers, forged forms and wrong methods get."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from approvals.models import AuditEntry
from contentpipeline.roles import create_groups
from tasks.models import ContentTask
from tests.factories import make_draft, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

IMAGE = "a" * 64
ROLES = {"W": "Writers", "E": "Editors", "P": "Publishers", "A": "Auditors"}
EVERYBODY = "WEPAS"
"""S has Django's flag `is_staff` and no role."""

ADDRESSES = (
    # address, who may read it, who may send something to it; None where there is no such method
    ("desk/", "WEPA", None),
    ("desk/bulk/", None, "E"),
    ("desk/people/", "WEPA", None),
    ("desk/assign/", None, "WE"),
    ("desk/tasks/{task}/assign/", None, "WE"),
    ("desk/guidance/", "WEPA", "E"),
    ("desk/guidance/1/drop/", None, "E"),
    ("desk/sources/1/", "WEPA", None),
    ("desk/sources/documents/1/", "WEPA", None),
    ("desk/sources/documents/1/reread/", None, "WE"),
    ("desk/{draft}/", "WEPA", "E"),
    ("desk/{draft}/claim/", None, "E"),
    ("desk/{draft}/release/", None, "E"),
    ("desk/{draft}/claims/1/", "WEPA", None),
    ("desk/{draft}/comments/", None, "WE"),
    ("desk/{draft}/threads/", "WEPA", None),
    ("desk/{draft}/comments/1/edit/", None, "WE"),
    ("desk/{draft}/comments/1/delete/", None, "WE"),
    ("desk/{draft}/comments/1/resolve/", None, "WE"),
    ("desk/{draft}/comments/1/reopen/", None, "WE"),
    ("desk/{draft}/edit/", "WE", "WE"),
    ("desk/{draft}/preview/", None, "WE"),
    ("desk/{draft}/check/", None, "WE"),
    ("desk/{draft}/versions/1/", "WEPA", None),
    ("desk/{draft}/dossier/", None, "EA"),
    ("desk/{draft}/blame/", "WEPA", None),
    ("desk/{draft}/lock/", None, "E"),
    ("desk/{draft}/unlock/", None, "E"),
    ("desk/{draft}/compare/", "WEPA", None),
    ("desk/{draft}/proposals/", "WEPA", "WE"),
    ("desk/{draft}/proposals/1/", None, "WE"),
    ("desk/{draft}/hunks/", "WE", "WE"),
    ("desk/{draft}/restore/1/", None, "WE"),
    ("desk/{draft}/links/", "EA", "E"),
    ("desk/{draft}/links/1/revoke/", None, "E"),
    ("publishing-desk/drafts/{draft}/cover/", "WE", "WE"),
    ("publishing-desk/images/", "WEPA", None),
    ("publishing-desk/images/upload/", None, "WE"),
    ("publishing-desk/images/{image}/replace/", None, "WE"),
    ("publishing-desk/images/{image}/use-newer/", None, "WE"),
    ("publishing-desk/images/{image}/delete/", None, "E"),
    ("publishing-desk/images/{image}/640.webp", "WEPA", None),
    ("publishing-desk/drafts/{draft}/publish/", None, "P"),
    ("publishing-desk/drafts/{draft}/schedule/", "P", "P"),
    ("publishing-desk/drafts/{draft}/unschedule/", None, "P"),
    ("publishing-desk/drafts/{draft}/update/", "P", "P"),
    ("publishing-desk/drafts/{draft}/withdraw/", "P", "P"),
    ("publishing-desk/drafts/{draft}/keep-live/", None, "P"),
    ("publishing-desk/calendar/move/due/{task}/", "WE", "WE"),
    ("publishing-desk/calendar/move/plan/1/", "P", "P"),
    ("publishing-desk/posts/{post}/unpublish/", None, "P"),
    ("publishing-desk/published/", "WEPA", None),
    ("publishing-desk/pages/", "WEPA", None),
    ("publishing-desk/write/", "WE", "WE"),
    ("publishing-desk/pages/write/", "WE", "WE"),
    ("publishing-desk/identity/", "P", "P"),
    ("publishing-desk/calendar/", "WEPA", None),
    ("tasks/dashboard/", "WEPA", None),
    ("tasks/dashboard/move/", None, "WE"),
    ("tasks/checks/length/", "WEPA", "E"),
    ("tasks/prompts/", "WEPA", None),
    ("tasks/contenttask/sources/", None, "WE"),
    ("tasks/contenttask/names/", "WE", None),
    ("tasks/contenttask/templates/", "WE", None),
    ("tasks/contenttask/templates/1/", None, "WE"),
    ("tasks/contenttask/{task}/template/", None, "WE"),
    ("tasks/contenttask/{task}/move/none/", None, "WE"),
    ("tasks/contenttask/{task}/timeline/", "WEPA", None),
    ("tasks/contenttask/{task}/replay/", None, "WE"),
    ("tasks/contenttask/forecast/", None, "WE"),
    ("tasks/contenttask/import/", "WE", "WE"),
    ("tasks/contenttask/import/template.csv", "WE", None),
    ("tasks/contenttask/add/", "WE", "WE"),
    ("people/", "", None),
    ("people/add/", "", ""),
    ("people/{person}/", "", ""),
    *((f"people/{{person}}/{verb}/", None, "") for verb in (
        "invite", "revoke-invitation", "deactivate", "reactivate", "reset-second-factor", "end-sessions",
    )),
    ("profile/", EVERYBODY, EVERYBODY),
    ("profile/sessions/end/", None, EVERYBODY),
    ("notices/", EVERYBODY, EVERYBODY),
    ("decisions/", "EA", None),
    ("decisions/export/", None, "EA"),
    ("search/", EVERYBODY, None),
    ("home/live/", EVERYBODY, None),
    ("system/", "WEPA", None),
)  # fmt: skip
FOR_STRANGERS = re.compile(
    r"/admin/(login|logout|invitation/|account/(login|logout|inactive|password|passkeys|oidc|\w+/login/callback)"
    r"|account/second-factor/)"
)


def logged_in(name, *groups, **fields):
    client = Client(raise_request_exception=False)
    client.force_login(make_user(name, *groups, **fields))
    return client


@pytest.fixture
def places():
    create_groups()
    draft = make_draft()
    person = make_user("nora", "Editors")
    ids = {"draft": draft.pk, "task": draft.task_id, "person": person.pk, "post": make_post().pk}
    return ids | {"image": IMAGE}


@pytest.fixture
def staff(places):
    by_role = {letter: logged_in(f"of {group}", group) for letter, group in ROLES.items()}
    return by_role | {"S": logged_in("flagged", is_staff=True)}


def stored():
    return AuditEntry.objects.count(), ContentTask.objects.count()


def is_refused(response):
    return response.status_code == 403 or "/admin/login/" in response.get("Location", "")


def test_each_role_may_use_its_addresses_and_no_other(places, staff):
    wrong = []
    for path, readers, senders in ADDRESSES:
        address = f"/admin/{path.format(**places)}"
        for method, allowed in (("get", readers), ("post", senders)):
            if allowed is None:
                continue
            before = stored()
            for letter, client in staff.items():
                response = getattr(client, method)(address)
                is_right = is_refused(response) != (letter in allowed) and response.status_code < 500
                if not is_right:
                    wrong.append(f"{letter} {method} {address}: {response.status_code}")
            if method == "get" and stored() != before:
                wrong.append(f"{address}: reading it has changed something")
    assert not wrong


def test_an_address_takes_no_other_method_and_no_forged_form(places):
    chief, forged = logged_in("chief", is_superuser=True), Client(enforce_csrf_checks=True)
    forged.force_login(make_user("chief"))
    for path, readers, senders in ADDRESSES:
        address = f"/admin/{path.format(**places)}"
        if not path.endswith("/add/") or path.startswith("people"):  # Django's own form takes any method
            assert chief.put(address).status_code == 405, address
        if readers is None:
            assert chief.get(address).status_code == 405, address
        if senders is None:
            assert chief.post(address).status_code == 405, address
        else:
            assert forged.post(address, {"name": "value"}).status_code == 403, address


def addresses_of(patterns, prefix="") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses_of(pattern.url_patterns, route)
        elif route.startswith("admin/") and "(" not in route:
            yield "/" + re.sub(r"<[^>]*(sha256)[^>]*>", IMAGE, route).replace("<path:object_id>", "1")


def test_strangers_and_programs_get_nothing_of_the_desk():
    create_groups()
    clients = {
        "nobody": Client(raise_request_exception=False),
        "a program": logged_in("robot", "Integrations"),
    }
    found = {re.sub(r"<(?:\w+:)?\w+>", "1", address) for address in addresses_of(get_resolver().url_patterns)}
    assert len(found) > 150
    for address in sorted(found):
        for who, client in clients.items():
            response = client.get(address)
            assert response.status_code < 500, (who, address)
            is_own = who != "nobody" and address.startswith("/admin/account/")
            if not FOR_STRANGERS.match(address) and not is_own:
                assert is_refused(response) or response.status_code in {401, 404}, (who, address)


def test_one_who_lost_the_role_or_the_account_is_out_at_the_next_request():
    draft = make_draft()
    for name, change in (("left", {"is_active": False}), ("moved", {})):
        client = logged_in(name, "Editors")
        assert client.get("/admin/desk/").status_code == 200
        user = make_user(name)
        user.groups.clear()
        for field, value in change.items():
            setattr(user, field, value)
        user.save()
        for address in ("/admin/desk/", "/admin/profile/", f"/admin/desk/{draft.pk}/edit/"):
            assert is_refused(client.get(address)), (name, address)
