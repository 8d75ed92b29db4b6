"""What holds for the API as a whole: who may call it, how it refuses, and how it describes itself."""

import json
from uuid import uuid4

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from contentpipeline.roles import GROUP_OF_ROLE
from tasks.models import ContentTask
from tests.callers import bearer, caller, problem, token_of
from tests.factories import make_draft, make_task
from tests.publishing.factories import approved_update, edit_live, make_post

pytestmark = pytest.mark.django_db

EVERYONE = {"writer", "editor", "publisher", "auditor", "integration"}
FILING = {"writer", "editor", "integration"}
EDITING = {"writer", "editor"}

WHO_MAY = {
    ("get", "/api/me/"): EVERYONE,
    ("get", "/api/drafts/"): EVERYONE,
    ("post", "/api/drafts/{id}/cover/"): EDITING,
    ("delete", "/api/drafts/{id}/cover/"): EDITING,
    ("get", "/api/drafts/{id}/links/"): {"editor", "auditor"},
    ("post", "/api/drafts/{id}/links/"): {"editor"},
    ("delete", "/api/drafts/{id}/links/{link}/"): {"editor"},
    ("get", "/api/images/"): EVERYONE,
    ("post", "/api/images/"): EDITING,
    ("get", "/api/images/{id}/"): EVERYONE,
    ("patch", "/api/images/{id}/"): EDITING,
    ("post", "/api/images/{id}/replace/"): EDITING,
    ("delete", "/api/images/{id}/"): {"editor"},
    ("get", "/api/categories/"): EVERYONE,
    ("get", "/api/categories/{slug}/"): EVERYONE,
    ("get", "/api/tags/"): EVERYONE,
    ("get", "/api/tags/{slug}/"): EVERYONE,
    ("get", "/api/redirects/"): EVERYONE,
    ("get", "/api/redirects/{id}/"): EVERYONE,
    ("get", "/api/guidelines/"): EVERYONE,
    ("post", "/api/guidelines/"): {"editor"},
    ("get", "/api/guidelines/{id}/"): EVERYONE,
    ("delete", "/api/guidelines/{id}/"): {"editor"},
    ("post", "/api/tasks/batch/"): FILING,
    ("get", "/api/tasks/"): EVERYONE,
    ("post", "/api/tasks/"): FILING,
    ("get", "/api/tasks/{id}/"): EVERYONE,
    ("get", "/api/tasks/{id}/stages/"): EVERYONE,
    ("get", "/api/tasks/{id}/calls/"): EVERYONE,
    ("get", "/api/tasks/{id}/sources/"): EVERYONE,
    ("get", "/api/tasks/{id}/events/"): EVERYONE,
    ("get", "/api/tasks/{id}/history/"): EVERYONE,
    ("get", "/api/tasks/metrics/"): EVERYONE,
    ("post", "/api/tasks/bulk/"): FILING,
    ("post", "/api/tasks/assign/"): FILING,
    ("post", "/api/tasks/{id}/assign/"): FILING,
    ("post", "/api/tasks/forecast/"): FILING,
    ("post", "/api/tasks/{id}/cancel/"): FILING,
    ("post", "/api/tasks/{id}/retry/"): FILING,
    ("post", "/api/tasks/{id}/replay/"): FILING,
    ("post", "/api/tasks/{id}/hold/"): FILING,
    ("post", "/api/tasks/{id}/resume/"): FILING,
    ("get", "/api/sources/"): EVERYONE,
    ("get", "/api/sources/{id}/"): EVERYONE,
    ("get", "/api/sources/{id}/readings/"): EVERYONE,
    ("get", "/api/sources/{id}/readings/{reading}/"): EVERYONE,
    ("get", "/api/sources/{id}/snapshot/"): EVERYONE,
    ("post", "/api/sources/{id}/reread/"): FILING,
    ("get", "/api/claims/"): EVERYONE,
    ("get", "/api/drafts/{id}/"): EVERYONE,
    ("get", "/api/drafts/{id}/claims/"): EVERYONE,
    ("patch", "/api/drafts/{id}/"): EDITING,
    ("get", "/api/drafts/{id}/preview/"): EVERYONE,
    ("get", "/api/drafts/{id}/versions/"): EVERYONE,
    ("get", "/api/drafts/{id}/versions/{number}/"): EVERYONE,
    ("get", "/api/drafts/{id}/versions/{number}/diff/{other}/"): EVERYONE,
    ("get", "/api/drafts/{id}/versions/{number}/hunks/{other}/"): EVERYONE,
    ("post", "/api/drafts/{id}/hunks/"): EDITING,
    ("get", "/api/drafts/{id}/proposals/"): EVERYONE,
    ("post", "/api/drafts/{id}/proposals/"): EDITING,
    ("get", "/api/drafts/{id}/proposals/{proposal}/"): EVERYONE,
    ("post", "/api/drafts/{id}/proposals/{proposal}/accept/"): EDITING,
    ("post", "/api/drafts/{id}/proposals/{proposal}/dismiss/"): EDITING,
    ("post", "/api/drafts/{id}/versions/{number}/restore/"): EDITING,
    ("get", "/api/drafts/{id}/blame/"): EVERYONE,
    ("get", "/api/drafts/{id}/locks/"): EVERYONE,
    ("post", "/api/drafts/{id}/locks/"): {"editor"},
    ("delete", "/api/drafts/{id}/locks/{sha256}/"): {"editor"},
    ("get", "/api/drafts/{id}/quality/"): EVERYONE,
    ("get", "/api/drafts/{id}/decisions/"): EVERYONE,
    ("post", "/api/drafts/{id}/decisions/"): {"editor"},
    ("get", "/api/drafts/{id}/comments/"): EVERYONE,
    ("post", "/api/drafts/{id}/comments/"): EDITING,
    ("patch", "/api/drafts/{id}/comments/{comment}/"): EDITING,
    ("delete", "/api/drafts/{id}/comments/{comment}/"): EDITING,
    ("post", "/api/drafts/{id}/comments/{comment}/replies/"): EDITING,
    ("post", "/api/drafts/{id}/comments/{comment}/resolve/"): EDITING,
    ("post", "/api/drafts/{id}/comments/{comment}/reopen/"): EDITING,
    ("post", "/api/drafts/{id}/publish/"): {"publisher"},
    ("get", "/api/drafts/{id}/schedule/"): EVERYONE,
    ("post", "/api/drafts/{id}/dossier/"): {"editor", "auditor"},
    ("delete", "/api/drafts/{id}/schedule/"): {"publisher"},
    ("get", "/api/decisions/"): EVERYONE,
    ("get", "/api/decisions/{id}/"): EVERYONE,
    ("get", "/api/audit/"): {"editor", "auditor"},
    ("get", "/api/audit/{seq}/"): {"editor", "auditor"},
    ("get", "/api/audit/verify/"): {"editor", "auditor"},
    ("post", "/api/posts/{slug}/unpublish/"): {"publisher"},
    ("get", "/api/posts/{slug}/withdrawal/"): EVERYONE,
    ("delete", "/api/posts/{slug}/withdrawal/"): {"publisher"},
    ("get", "/api/tokens/"): EVERYONE,
    ("post", "/api/tokens/"): EVERYONE,
    ("get", "/api/tokens/{id}/"): EVERYONE,
    ("delete", "/api/tokens/{id}/"): EVERYONE,
    ("post", "/api/tokens/{id}/rotate/"): EVERYONE,
    ("get", "/api/webhooks/"): {"integration"},
    ("post", "/api/webhooks/"): {"integration"},
    ("get", "/api/webhooks/{id}/"): {"integration"},
    ("patch", "/api/webhooks/{id}/"): {"integration"},
    ("delete", "/api/webhooks/{id}/"): {"integration"},
    ("post", "/api/webhooks/{id}/rotate-secret/"): {"integration"},
    ("post", "/api/webhooks/{id}/ping/"): {"integration"},
    ("get", "/api/webhooks/{id}/deliveries/"): {"integration"},
    ("post", "/api/webhooks/{id}/deliveries/{delivery}/redeliver/"): {"integration"},
}
EDIT, RESTORE, DECIDE, PUBLISH = (
    ("patch", "/api/drafts/{id}/"),
    ("post", "/api/drafts/{id}/versions/{number}/restore/"),
    ("post", "/api/drafts/{id}/decisions/"),
    ("post", "/api/drafts/{id}/publish/"),
)
WHO_MAY_WITH_WHAT_IS_LIVE = {
    EDIT: {"editor"},
    RESTORE: {"editor"},
    DECIDE: {"editor"},
    PUBLISH: {"publisher"},
}
PUBLIC = {("get", "/api/posts/"), ("get", "/api/posts/{slug}/"), ("get", "/api/suggestions/")}


def address(path, draft, post):
    number = (
        draft.task_id if "/tasks/" in path else post.approval_id if "/decisions/{id}" in path else draft.pk
    )
    return path.format(
        id=16 * "a" if "/tokens/" in path else 64 * "a" if "/images/" in path else number,
        link=1,
        number=1,
        other=1,
        sha256=64 * "a",
        seq=1,
        comment=1,
        reading=1,
        proposal=1,
        slug=post.slug,
        delivery=uuid4(),
    )


@pytest.fixture
def draft():
    return make_draft()


@pytest.fixture
def post():
    return make_post()


def test_only_the_roles_that_may_use_an_endpoint_can(draft, post, subtests):
    callers = {role: caller(group) for role, group in GROUP_OF_ROLE.items()}
    for (method, path), roles in WHO_MAY.items():
        with subtests.test(method=method, path=path), transaction.atomic():
            url = address(path, draft, post)
            for role in EVERYONE - roles:
                problem(getattr(callers[role], method)(url, {}), 403)
            # Last, because these change what is there.
            for role in roles:
                answer = getattr(callers[role], method)(url, {})
                assert answer.status_code not in {401, 403, 405, 500}, (role, answer.content)
            transaction.set_rollback(True)  # the next endpoint finds all as it was


@pytest.mark.parametrize(("method", "path"), WHO_MAY_WITH_WHAT_IS_LIVE)
def test_only_the_roles_that_may_change_what_is_live_can(method, path, post):
    draft = approved_update(post) if "publish" in path else edit_live(post)
    url = address(path, draft, post)
    posted = {
        EDIT: {"summary": "Other."},
        RESTORE: {},
        DECIDE: {"decision": "approve", "version": 2, "content_sha256": draft.content_sha256},
        PUBLISH: {"correction": {"kind": "minor"}},
    }[method, path]
    for role in sorted(GROUP_OF_ROLE, key=lambda role: role in WHO_MAY_WITH_WHAT_IS_LIVE[method, path]):
        client = caller(GROUP_OF_ROLE[role])
        headers = {"headers": {"If-Match": "*"}} if method == "patch" else {}
        answer = getattr(client, method)(url, posted, **headers)
        if role in WHO_MAY_WITH_WHAT_IS_LIVE[method, path]:
            assert answer.status_code in {200, 201}, (role, answer.content)
        else:
            problem(answer, 403)


def test_an_account_without_a_role_and_a_caller_without_an_account_see_nothing(draft, post, subtests):
    nobody = caller()
    for method, path in WHO_MAY:
        with subtests.test(method=method, path=path):
            url = address(path, draft, post)
            if path != "/api/me/":
                problem(getattr(nobody, method)(url, {}), 403)
            answer = getattr(APIClient(), method)(url, {})
            problem(answer, 401)
            assert answer["WWW-Authenticate"] == "Token"


def test_the_table_of_permissions_names_every_endpoint():
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    assert {(method, path) for path, methods in paths.items() for method in methods} == set(WHO_MAY) | PUBLIC


@pytest.mark.parametrize(("method", "path"), sorted(PUBLIC))
def test_posts_are_for_everyone(method, path, post):
    assert getattr(APIClient(), method)(path.format(slug=post.slug)).status_code == 200


@pytest.mark.parametrize(
    "header", ["Token", "Token wrong", "Token " + "a" * 64, "Token a b", "Bearer abc", "Token \xe4"]
)
def test_a_wrong_token_is_401(header):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    problem(client.get("/api/tasks/"), 401)


def test_a_token_of_a_deleted_or_inactive_account_is_worth_nothing():
    client = bearer(token_of("nora", "writer"))
    from django.contrib.auth.models import User

    User.objects.update(is_active=False)
    problem(client.get("/api/tasks/"), 401)
    User.objects.all().delete()
    problem(client.get("/api/tasks/"), 401)


def test_a_session_needs_the_csrf_token():
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(caller("Writers").user)
    assert client.get("/api/tasks/").status_code == 200
    assert "CSRF" in problem(client.post("/api/tasks/", {"topic": "Trees"}), 403)["detail"]


def test_the_alias_of_tasks_is_the_same(draft):
    client = caller("Writers")
    for path in (
        "",
        f"{draft.task_id}/",
        f"{draft.task_id}/stages/",
        f"{draft.task_id}/history/",
        "metrics/",
    ):
        plain, alias = client.get(f"/api/tasks/{path}"), client.get(f"/api/content/tasks/{path}")
        assert alias.status_code == plain.status_code == 200
        assert alias.json() == plain.json()
    filed = client.post("/api/content/tasks/", {"topic": "By the alias"})
    assert filed.status_code == 201
    assert filed["Location"].endswith(f"/api/tasks/{filed.json()['id']}/")


MALFORMED = [
    ("post", "/api/tasks/", b"", "application/json"),
    ("post", "/api/tasks/", b"{", "application/json"),
    ("post", "/api/tasks/", b"\xff\xfe", "application/json"),
    ("post", "/api/tasks/", b"null", "application/json"),
    ("post", "/api/tasks/", b"[]", "application/json"),
    ("post", "/api/tasks/", b'"topic"', "application/json"),
    ("post", "/api/tasks/", b'{"topic": NaN}', "application/json"),
    ("post", "/api/tasks/", b"[" * 100_000, "application/json"),
    ("post", "/api/tasks/", b'{"topic": "a\\u0000b"}', "application/json"),
    ("post", "/api/tasks/", b'{"topic": "\\ud800"}', "application/json"),
    ("post", "/api/tasks/", b'{"topic": {"a": 1}}', "application/json"),
    ("post", "/api/tasks/", b"{}", "application/json; charset=nonsense"),
    ("post", "/api/tasks/bulk/", b'{"action": "cancel", "ids": {}}', "application/json"),
    ("post", "/api/tasks/bulk/", b'{"action": "delete", "ids": [1]}', "application/json"),
    ("post", "/api/tasks/bulk/", b'{"action": "cancel", "ids": [99999999999999999999]}', "application/json"),
    ("post", "/api/tasks/{id}/cancel/", b'{"reason": ["a"]}', "application/json"),
    ("post", "/api/tasks/{id}/cancel/", b'{"why": "a"}', "application/json"),
    ("post", "/api/drafts/{id}/decisions/", b'{"decision": "maybe"}', "application/json"),
    ("post", "/api/drafts/{id}/comments/", b'{"version": 1, "text": ""}', "application/json"),
    ("post", "/api/drafts/{id}/comments/", b'{"version": 9, "text": "Why?"}', "application/json"),
    ("get", "/api/tasks/?status=finished", None, None),
    ("get", "/api/tasks/?created_after=yesterday", None, None),
    ("get", "/api/tasks/?topic=%00", None, None),
    ("get", "/api/decisions/?draft=one", None, None),
    ("get", "/api/audit/?at_after=9", None, None),
    ("get", "/api/audit/verify/?head=9", None, None),
]


def test_malformed_input_is_400(draft, subtests):
    client = caller("Editors")
    for method, path, body, content_type in MALFORMED:
        with subtests.test(method=method, path=path, body=body):
            url = path.format(id=draft.task_id if "tasks" in path else draft.pk)
            answer = client.get(url) if body is None else client.generic(method, url, body, content_type)
            problem(answer, 400)


NOT_THERE = [
    "/api/tasks/0/", "/api/tasks/99999999999999999999999/", "/api/drafts/0/", "/api/drafts/0/versions/1/",
    "/api/posts/nothing/", "/api/posts/%00/", "/api/audit/0/", "/api/decisions/0/",
    "/api/tasks/0/history/", "/api/tasks/?cursor=nonsense", "/api/tasks/?cursor=cD1hYmM%3D",
    "/api/tasks/?cursor=%C3%A4",
    "/api/posts/?cursor=cD1hYmM%3D", "/api/posts/?search=trees&cursor=cD1hYmM%3D",
]  # fmt: skip


def test_what_is_not_there_is_404(post, subtests):
    client = caller("Editors")
    for path in NOT_THERE:
        with subtests.test(path=path):
            answer = client.get(path)
            assert answer.status_code == 404, answer.content


def test_other_methods_and_media_types_are_named_as_such():
    client = caller("Writers")
    problem(client.delete(f"/api/tasks/{make_task().pk}/"), 405)
    problem(client.generic("POST", "/api/tasks/", b"topic=a", "application/x-www-form-urlencoded"), 415)
    problem(client.get("/api/tasks/", HTTP_ACCEPT="text/csv"), 406)


def test_a_body_of_many_megabytes_is_refused_before_it_is_parsed():
    body = json.dumps({"topic": "a" * 6_000_000}).encode()
    problem(caller("Writers").generic("POST", "/api/tasks/", body, "application/json"), 413)
    assert not ContentTask.objects.exists()


def test_calling_too_often_says_when_to_come_back(monkeypatch):
    from rest_framework.throttling import UserRateThrottle

    monkeypatch.setattr(UserRateThrottle, "rate", "1/min", raising=False)
    client = caller("Writers")
    assert client.get("/api/tasks/").status_code == 200
    answer = client.get("/api/tasks/")
    problem(answer, 429)
    assert int(answer["Retry-After"]) > 0


def test_the_schema_is_valid_and_complete(capsys):
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    assert APIClient().get("/api/schema/").status_code == 200


def test_the_documentation_page_runs_under_the_policy_of_the_site(live_server, page):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    policy = page.goto(f"{live_server.url}/api/docs/").headers["content-security-policy"]
    assert "unsafe" not in policy
    page.get_by_text("File a brief").first.click()
    page.get_by_role("button", name="Try it out").first.click()
    assert complaints == []


@pytest.mark.parametrize("part", ["", "stages/", "calls/", "history/"])
def test_a_number_that_is_longer_than_any_is_not_found(part):
    problem(caller("Editors").get(f"/api/tasks/{'1' * 5000}/{part}"), 404)


def test_a_refusal_that_repeats_what_cannot_be_encoded_is_still_an_answer():
    body = '{"topic": "Trees", "\\ud800": 1}'
    found = problem(caller("Editors").post("/api/tasks/", body, content_type="application/json"), 400)
    assert set(found["errors"]) == {"?"}
