"""The headers that protect readers and editors, on every kind of page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from publishing.models import Post
from publishing.publish import unpublish
from tests.factories import make_draft, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
POLICY = {
    "default-src": "'self'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'",
}  # fmt: skip
PUBLIC = {
    "/": 200, "/?page=9": 404, "/posts/street-trees/": 200, "/posts/withdrawn/": 410, "/posts/nowhere/": 404,
    "/posts/street-trees": 301, "/category/city/": 200, "/tag/trees/": 200, "/search/": 200,
    "/search/?q=trees": 200, "/feed/": 200, "/feed/atom/": 200, "/feed.json": 200, "/sitemap.xml": 200,
    "/robots.txt": 200, "/nowhere": 404, "/archive/1999/13/": 404,
}  # fmt: skip
MACHINES = {
    "/health/live/": 200, "/health/ready/": 200, "/metrics": 401, "/api/posts/": 200, "/api/tasks/": 401,
    "/api/": 401, "/api/schema/": 200, "/api/nowhere/": 404,
}  # fmt: skip
ADMIN = [
    "/admin/", "/admin/desk/", "/admin/desk/{draft}/", "/admin/desk/999999/", "/admin/tasks/contenttask/",
    "/admin/tasks/contenttask/add/", "/admin/tasks/contenttask/{task}/change/", "/admin/tasks/dashboard/",
    "/admin/tasks/prompts/",
    "/admin/tasks/checks/",
    "/admin/tasks/checks/length/",
    "/admin/publishing/post/", "/admin/publishing/post/{post}/change/", "/admin/auth/user/",
    "/admin/password_change/",
]  # fmt: skip


@pytest.fixture
def post() -> Post:
    gone = make_post("Withdrawn", slug="withdrawn")
    unpublish(gone, by=make_user("publisher", "Publishers"))
    return make_post("Street trees", slug="street-trees")


def policy_of(response: Any) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: " ".join(sorted(value.split())) for name, _, value in directives}


def protected(response: Any) -> None:
    assert {name: response[name] for name in HEADERS} == HEADERS
    assert policy_of(response) == POLICY
    denied = response["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(denied)
    assert all(feature.endswith("=()") for feature in denied)
    assert "Strict-Transport-Security" not in response, "there is no https here"


def test_what_anybody_may_ask_for_is_protected(post: Post, subtests: pytest.Subtests) -> None:
    for path, status in (PUBLIC | MACHINES).items():
        with subtests.test(path=path):
            response = Client().get(path)
            assert response.status_code == status
            protected(response)
            assert not response.cookies
            assert "Cookie" not in response.get("Vary", "") or path not in PUBLIC


def test_what_editors_see_is_protected_and_no_copy_of_it_stays(post: Post, subtests: pytest.Subtests) -> None:
    editor, draft = Client(), make_draft()
    editor.force_login(make_user("ada", is_staff=True, is_superuser=True))
    for path in ADMIN:
        address = path.format(draft=draft.pk, task=draft.task_id, post=post.pk)
        with subtests.test(address=address):
            response = editor.get(address)
            assert response.status_code in {200, 404}
            protected(response)
            assert "no-store" in response["Cache-Control"]
            refused = Client().get(address)
            assert refused.status_code in {302, 403, 404}
            protected(refused)


def test_the_login_and_its_refusal_are_protected(client: Client) -> None:
    protected(client.get("/admin/login/"))
    strict = Client(enforce_csrf_checks=True)
    refused = strict.post("/admin/login/", {"username": "x"})
    assert refused.status_code == 403
    protected(refused)


def test_the_page_of_the_api_may_show_one_style_that_is_known(client: Client) -> None:
    found = policy_of(client.get("/api/docs/"))
    style = found.pop("style-src").split()
    assert found == {name: value for name, value in POLICY.items() if name != "style-src"}
    assert len(style) == 2
    assert style[0] == "'self'"
    assert style[1].startswith("'sha256-")


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/nowhere", "/api/tasks/"])
def test_over_https_hsts_is_sent(client: Client, settings: Any, path: str) -> None:
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    assert client.get(path, secure=True)["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in client.get(path)


def test_a_host_that_is_not_ours_gets_no_hsts(client: Client) -> None:
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert b"evil.example" not in response.content
