"""What holds for every address below /api/: how it refuses, with which slash, and by which parameters."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import get_resolver
from rest_framework.test import APIClient

from tasks.api import parameters, selection
from tasks.models import ContentTask
from tests.callers import caller, problem
from tests.factories import approve, make_draft, make_user
from tests.openapi import Contract
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> APIClient:
    return caller(user=make_user("root", is_staff=True, is_superuser=True))


@pytest.fixture
def writer() -> APIClient:
    return caller("Writers")


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def filled(path: str) -> str:
    """An address of this form, of what is not there."""
    path = path.replace("{sha256}", 64 * "a").replace("{delivery}", "7b1c6f6e-0000-4000-8000-000000000000")
    path = path.replace("/images/{id}/", f"/images/{64 * '7'}/")
    path = path.replace("/tokens/{id}/", f"/tokens/{16 * '7'}/")
    return re.sub(r"{\w+}", "7", path)


# --- Refusals ---

UNKNOWN = [
    "/api/nothing", "/api/nothing/", "/api/tasks/abc/", "/api/tasks/1/nothing/", "/api/tasks/%ff/", "/api//",
    "/api/tasks/-1/", "/api/tasks/1.json/x", "/api/drafts/1/locks/zz/", "/api/posts/a%00b/", "/api/%E2%98%83",
    "/api/content/",
]  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_address_is_a_problem(path: str, method: str, root: APIClient) -> None:
    problem(getattr(root, method)(path), 404)


@pytest.mark.parametrize(
    "path", ["/api/tasks/" + "9" * 6000, "/api/tasks.xml", "/api/schema/?format=nonsense", "/api/posts/no/"]
)
def test_what_is_not_there_is_a_problem(path: str, root: APIClient) -> None:
    problem(root.get(path), 404)


def test_the_site_outside_of_the_api_has_its_own_error_pages(client: Client) -> None:
    for path in ("/nothing/", "/apis/", "/api-docs/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_methods_an_address_does_not_have_are_named(root: APIClient, contract: Contract) -> None:
    for path, item in contract.document["paths"].items():
        for method in {"get", "post", "put", "patch", "delete"} - set(item):
            answer = root.generic(method.upper(), filled(path))
            problem(answer, 405)
            assert answer["Allow"]


def test_what_no_view_sees_is_a_problem_too(settings: Any, writer: APIClient) -> None:
    problem(writer.get("/api/tasks/", HTTP_HOST="evil.example"), 400)
    problem(writer.get("/api/tasks/?" + "&".join(f"a{number}=1" for number in range(1500))), 400)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    problem(writer.post("/api/tasks/", {"topic": "a" * 200}), 413)
    for path in ("/api/docs/", "/api/schema/", "/api/"):
        problem(writer.post(path), 405)


def test_a_fault_of_ours_is_a_problem(monkeypatch: pytest.MonkeyPatch, writer: APIClient) -> None:
    def broken() -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("tasks.api.views.task_metrics", broken)
    writer.raise_request_exception = False
    found = problem(writer.get("/api/tasks/metrics/"), 500)
    assert "purpose" not in str(found)


def test_a_lost_csrf_token_is_a_problem_whichever_view_asks_for_it() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("wanda", "Writers"))
    problem(client.post("/api/tasks/", {"topic": "Trees"}, "application/json"), 403)


# --- OPTIONS ---


def test_every_address_answers_options(root: APIClient, contract: Contract) -> None:
    make_post()
    for path, item in contract.document["paths"].items():
        answer = root.options(filled(path))
        assert answer.status_code == 200, (path, answer.content)
        found = answer.json()
        assert {method.upper() for method in item} <= set(found["allow"])
        assert found["schema"].endswith("/api/schema/")
    for path in ("/api/", "/api/schema/", "/api/docs/"):
        assert root.options(path).status_code == 200
    assert APIClient().options("/api/posts/").status_code == 200
    problem(APIClient().options("/api/tasks/"), 401)


# --- The last slash ---


def test_a_brief_is_filed_without_the_last_slash(writer: APIClient) -> None:
    for path in ("/api/tasks", "/api/content/tasks"):
        answer = writer.post(path, {"topic": "Trees"})
        assert answer.status_code == 201
        assert answer["Location"].endswith(f"/api/tasks/{answer.json()['id']}/")
    assert ContentTask.objects.count() == 2
    assert writer.get("/api/tasks?page_size=1").json()["next"].startswith("http://testserver/api/tasks/?")


def test_every_operation_is_the_same_without_the_last_slash(root: APIClient, contract: Contract) -> None:
    headers = {"If-Match": "*"}
    for method, path in contract.operations():
        url = filled(path)
        plain, bare = (
            root.generic(method.upper(), given, "{}", "application/json", headers=headers)
            for given in (url, url.rstrip("/"))
        )
        assert bare.status_code == plain.status_code, url
        assert "Location" not in bare, url


def test_an_address_that_is_none_with_the_slash_either_is_no_redirect(writer: APIClient) -> None:
    problem(writer.post("/api/nothing", {}), 404)


# --- Query parameters ---


def test_an_operation_knows_the_parameters_of_its_schema(contract: Contract) -> None:
    known = {}
    for path, item in contract.document["paths"].items():
        for method, operation in item.items():
            names = {found["name"] for found in operation.get("parameters", []) if found["in"] == "query"}
            known[method, path] = names
    for (method, path), names in known.items():
        match = get_resolver().resolve(filled(path))
        view = match.func.cls()
        view.action = match.func.actions[method]
        for name, value in match.func.initkwargs.items():
            setattr(view, name, value)
        allowed = set(parameters.allowed(view)) - {selection.NAME}  # which generated clients have no use for
        if (method, path) == ("get", "/api/posts/{slug}/"):
            allowed -= parameters.filter_names(view.filterset_class)  # allowed, and without a meaning
        assert allowed == names, (method, path)


def test_an_unknown_parameter_is_refused_by_name_and_nothing_is_done(
    root: APIClient, contract: Contract
) -> None:
    for method, path in contract.operations():
        answer = root.generic(method.upper(), f"{filled(path)}?colour=green", "{}", "application/json")
        found = problem(answer, 400)
        assert set(found["errors"]) == {"colour"}, path
    problem(root.post("/api/tasks/?dry_run=1", {"topic": "Trees"}), 400)
    assert not ContentTask.objects.exists()


def test_a_user_who_may_not_call_an_operation_does_not_learn_its_parameters() -> None:
    problem(APIClient().get("/api/tasks/?colour=green"), 401)
    problem(caller("Writers").get("/api/audit/?colour=green"), 403)


WRONG = [
    "tasks/?breached=banana", "tasks/?breached=", "tasks/?breached=2", "tasks/?status=", "tasks/?status=x",
    "tasks/?status=pending&status=x", "tasks/?update_state=none", "tasks/?error_kind=1", "tasks/?page_size=0",
    "tasks/?page_size=abc", "tasks/?page_size=-1", "tasks/?page_size=", "tasks/?page_size=1.5",
    "tasks/?page_size=%EF%BC%91", "tasks/?category=a&category=b", "tasks/?topic=a%00b",
    "tasks/?created_after=", "tasks/?created_after=tomorrow", "tasks/?created_after=2026-13-45T00:00:00Z",
    "tasks/?created_before=2026-02-30T00:00:00Z", "tasks/?created_after=99999-01-01T00:00:00Z",
    "tasks/?assignee=%00", "tasks/?reviewer=%00",
    "decisions/?draft=one", "decisions/?draft=", "decisions/?draft=-1", "decisions/?draft=NaN",
    "decisions/?draft=1e400", "decisions/?draft=1.5", "decisions/?task=9223372036854775808",
    "decisions/?task=" + "9" * 5000, "decisions/?draft=1&draft=2", "decisions/?decision=maybe",
    "decisions/?reason_code=none", "audit/?object_id=1e99", "audit/?task=Infinity", "audit/?at_after=9",
    "audit/?actor_name=%00", "posts/?search=%00", "posts/?category=%00", "posts/?tag=a&tag=b",
    "drafts/1/blame/?version=99999999999", "drafts/1/blame/?version=%00", "tasks/1/events/?last_event_id=-1",
    "audit/verify/?head=%00", "audit/verify/?head=" + "9" * 99 + ":a",
]  # fmt: skip
INSTANTS = ["tasks/?created", "decisions/?decided", "audit/?at"]
OUT_OF_RANGE = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+00:01"]
WRONG += [
    f"{name}_{side}={quote(time)}"
    for name in INSTANTS
    for side in ("after", "before")
    for time in OUT_OF_RANGE
]


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_value_is_refused_by_the_name_of_its_parameter(root: APIClient, query: str) -> None:
    make_draft()
    if "drafts/1/" in query or "tasks/1/" in query:
        draft = make_draft()
        query = query.replace("drafts/1/", f"drafts/{draft.pk}/").replace(
            "tasks/1/", f"tasks/{draft.task_id}/"
        )
    found = problem(root.get(f"/api/{query}"), 400)
    assert set(found["errors"]) == {query.partition("?")[2].partition("=")[0]}


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00+23:59"]
)
def test_the_first_and_the_last_year_are_times_like_others(root: APIClient, time: str) -> None:
    make_draft()
    for name in INSTANTS:
        for side in ("after", "before"):
            assert root.get(f"/api/{name}_{side}={quote(time)}").status_code == 200


def test_right_values_are_taken(root: APIClient) -> None:
    approve(make_draft())
    for query, count in {
        "tasks/?breached=false": 1, "tasks/?breached=true": 0, "tasks/?breached=False": 1,
        "tasks/?status=approved&status=failed": 1, "tasks/?category=": 1, "tasks/?page_size=100000": 1,
        "decisions/?draft=9223372036854775807": 0, "decisions/?task=0": 0, "tasks/?format=json": 1,
    }.items():  # fmt: skip
        assert len(root.get(f"/api/{query}").json()["results"]) == count, query


def test_a_cursor_that_nobody_was_given_is_404(root: APIClient) -> None:
    make_post()
    positions = [
        *OUT_OF_RANGE, "\x00", "9" * 30, "9" * 5000, "NaN", "-1", "", "é", "infinity", "2026-01-01",
        "0001-01-01 00:00:00+23:59", "epoch", "\ud7ff",
    ]  # fmt: skip
    lists = ["tasks", "decisions", "audit", "posts", "webhooks"]
    for position in positions:
        for sides in ("p={}", "r=1&p={}", "o=5&p={}", "o=-1&p={}", "o=99999999999999999999&p={}"):
            cursor = base64.b64encode(sides.format(quote(position)).encode()).decode()
            for name in lists:
                answer = root.get(f"/api/{name}/", {"cursor": cursor})
                assert answer.status_code in {200, 404}, (name, position, sides, answer.content)
