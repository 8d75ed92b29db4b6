"""What every response of the API says about itself, and in which forms a token is taken."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from contentpipeline.log_format import JSONFormatter
from publishing.site import public_pages
from tests.callers import bearer, caller, problem, token_of
from tests.factories import make_task
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


# --- X-Request-Id ---


@pytest.mark.parametrize("given", ["a", "7f0c-4A_b.c~d:e/f+g=", "x" * 128])
def test_the_name_that_a_client_gives_its_request_is_used(given: str) -> None:
    assert caller("Writers").get("/api/tasks/", headers={"X-Request-Id": given})["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "a b", "é", "x" * 129, '"', "a\x00b", "<script>"])
def test_another_name_is_made_where_it_could_not_be_written_to_a_log(given: str) -> None:
    found = {
        caller("Writers").get("/api/tasks/", headers={"X-Request-Id": given})["X-Request-Id"] for _ in "ab"
    }
    assert len(found) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in found)


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/tasks/", "/admin/login/", "/api/tasks/99/"])
def test_refusals_and_pages_have_one_too(path: str) -> None:
    assert Client().get(path)["X-Request-Id"]


def test_a_page_that_the_cache_repeats_has_none() -> None:
    page = Client().get(make_post().get_absolute_url(), **{public_pages.ENVIRON_KEY: True})
    assert page.has_header(public_pages.HEADER)
    assert not page.has_header("X-Request-Id")


def test_what_is_logged_of_a_request_names_it(caplog: pytest.LogCaptureFixture) -> None:
    lines: list[dict[str, Any]] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JSONFormatter().format(record)))

    handler = Handler()
    logging.getLogger("django.request").addHandler(handler)
    try:
        caller("Auditors").get("/api/tasks/99/", headers={"X-Request-Id": "mine"})
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert [(line["request_id"], line["status"]) for line in lines] == [("mine", 404)]


# --- RateLimit ---


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"anon": "2/min", "user": "3/min", "search": "5/min"}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)


def left(response: Any) -> list[tuple[str, int]]:
    found = re.findall(r'"(\w+)";r=(\d+);t=(\d+)', response["RateLimit"])
    assert all(1 <= int(seconds) <= 60 for *_, seconds in found)
    return [(name, int(remaining)) for name, remaining, _ in found]


def test_each_response_says_how_many_requests_are_left(few: None) -> None:
    client = caller("Writers")
    first = client.get("/api/tasks/")
    assert first["RateLimit-Policy"] == '"user";q=3;w=60'
    found = [left(client.get("/api/tasks/")) for _ in range(3)]
    assert [left(first), *found] == [[("user", 2)], [("user", 1)], [("user", 0)], [("user", 0)]]
    refused = client.get("/api/tasks/")
    problem(refused, 429)
    assert left(refused) == [("user", 0)]


def test_a_search_names_the_limit_that_counts_it(few: None) -> None:
    answer = APIClient().get("/api/posts/", {"search": "trees"})
    assert left(answer) == [("search", 4)]
    assert left(APIClient().get("/api/posts/")) == [("anon", 1), ("user", 2)]


def test_an_unknown_address_counts_for_nothing(few: None) -> None:
    assert not APIClient().get("/api/nothing/").has_header("RateLimit")


# --- Bearer ---


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "bearer", "BEARER"])
def test_a_token_is_taken_under_either_name(scheme: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"{scheme} {token_of('wanda', 'writer')}")
    assert client.get("/api/tasks/").status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer " + "a" * 64, "Bearer \xff"])
def test_a_wrong_bearer_token_is_refused(header: str) -> None:
    refused = APIClient().get("/api/tasks/", HTTP_AUTHORIZATION=header)
    problem(refused, 401)
    assert refused["WWW-Authenticate"] == "Token"


# --- Who one is ---


def test_a_program_reads_who_it_is_and_what_it_may() -> None:
    found = bearer(token_of("ina", "integration")).get("/api/me/").json()
    assert (found["username"], found["roles"]) == ("ina", ["Integrations"])
    assert "tasks.add_contenttask" in found["permissions"]
    assert "approvals.add_decision" not in found["permissions"]
    assert found["token"]["scopes"] is None
    assert found["token"]["expires_at"]


def test_with_a_scope_it_may_less() -> None:
    client = bearer(token_of("rita", "editor"))
    made = client.post("/api/tokens/", {"name": "Reader", "scopes": ["read"]}).json()
    reader = bearer(made["key"])
    found = reader.get("/api/me/").json()
    assert found["token"] == {
        "id": made["id"], "name": "Reader", "scopes": ["read"], "expires_at": made["expires_at"],
    }  # fmt: skip
    assert "tasks.view_draft" in found["permissions"]
    assert "approvals.add_decision" not in found["permissions"]
    assert reader.get(f"/api/tasks/{make_task().pk}/").status_code == 200


def test_without_an_account_there_is_nothing_to_read() -> None:
    problem(APIClient().get("/api/me/"), 401)
    problem(caller("Writers").post("/api/me/"), 405)


# --- Scripts of other sites ---


@pytest.fixture
def shop(settings: Any) -> dict[str, str]:
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    return {"Origin": "https://shop.example"}


def test_a_script_of_a_named_site_reads_posts_without_credentials(shop: dict[str, str]) -> None:
    post = make_post()
    for path in ("/api/posts/", f"/api/posts/{post.slug}/"):
        answer = APIClient().get(path, headers=shop)
        assert answer["Access-Control-Allow-Origin"] == "https://shop.example"
        assert "ETag" in answer["Access-Control-Expose-Headers"]
        assert not answer.has_header("Access-Control-Allow-Credentials")


def test_other_sites_and_other_addresses_get_no_such_header(shop: dict[str, str]) -> None:
    post = make_post()
    other = APIClient().get("/api/posts/", headers={"Origin": "https://evil.example"})
    assert not other.has_header("Access-Control-Allow-Origin")
    for path in ("/api/tasks/", f"/api/posts/{post.slug}/unpublish/", "/api/me/", "/admin/login/"):
        assert not caller("Editors").get(path, headers=shop).has_header("Access-Control-Allow-Origin")


def test_a_preflight_allows_reading_alone(shop: dict[str, str]) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = APIClient().options("/api/posts/", headers=shop | asked)
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "authorization" not in answer["Access-Control-Allow-Headers"]


def test_by_default_no_site_may() -> None:
    answer = APIClient().get("/api/posts/", headers={"Origin": "https://shop.example"})
    assert not answer.has_header("Access-Control-Allow-Origin")
