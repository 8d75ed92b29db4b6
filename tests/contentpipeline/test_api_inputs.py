"""Whatever is put into any field of any body, header or address: it is taken or refused, and never fails."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from approvals.models import DraftComment
from approvals.webhooks import subscriptions
from tasks.lifecycle import Status
from tasks.models import Proposal
from tests.callers import caller
from tests.factories import make_draft, make_task, make_user
from tests.openapi import Contract
from tests.publishing.factories import make_post
from tests.tasks.test_source_records import a_source, keep, page_of, reading_of

pytestmark = pytest.mark.django_db

VALUES: list[Any] = [
    None, True, -1, 1.5, 2**31, 2**63, 10**30, "", "\x00", "\ud800", "\u202e\u2028\ufeff", "é" * 3000,
    "9" * 5000, "NaN", "1e400", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00Z", "https://[", "https://a\x00b/", "https://" + "a" * 300 + ".org/",
    "https://user:pw@x.org:99999/", "%s%n{0}{}", [], [None], ["\x00"], ["\ud800"], [[]], [{}], ["a"] * 2000,
    {}, {"a": {}}, [{"url": 1}], [{"text": "\x00"}], {"kind": [], "note": {}},
    [{"number": 2**70, "title": "\ud800", "url": "https://["}],
]  # fmt: skip
PASSING = [
    None, 1, 2**31, 2**63, "a", "é" * 3000, "\ud800", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59",
    "https://user:pw@x.org:99999/", [], ["a"] * 40,
]  # fmt: skip
RAW = [
    b"", b"{", b"null", b"[]", b"\xff\xfe", b"\x00", b'{"a": NaN}', b'{"\\ud800": 1}', b'{"a\\u0000": 1}',
    b'{"reason": 1e400}', b'{"reason": ' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a":' * 5000,
    b'{"reason": ' + b"[" * 400 + b"]" * 400 + b"}", '{"reason": "é"}'.encode("utf-16"),
]  # fmt: skip
TYPES = [
    "application/json; charset=utf-16", "application/json; charset=nonsense", "text/plain", "", "a/b/c",
    "*/*", "multipart/form-data", "multipart/form-data; boundary=\xff", "application/x-www-form-urlencoded",
    "application/json; charset=" + "a" * 300,
]  # fmt: skip
HEADERS = ["", "*", '"1', '"\xff"', "a" * 7000, '"1.abc", "2"', "\t", "-1", "9" * 400, ",", "W/*"]


@pytest.fixture
def root() -> APIClient:
    return caller(user=make_user("root", is_staff=True, is_superuser=True))


@pytest.fixture
def contract() -> Contract:
    return Contract()


@pytest.fixture
def there() -> dict[str, Any]:
    """What addresses name, by their placeholders."""
    draft, post = make_draft(), make_post()
    comment = DraftComment.objects.create(draft=draft, version=1, text="Why?")
    hook, _ = subscriptions.subscribe(
        "https://x.org/", ["task.failed"], by=make_user("root", is_superuser=True)
    )
    token, _ = AuthToken.objects.create(user=make_user("root"))
    document = keep(a_source(), page_of(), reading_of())
    proposal = Proposal.objects.create(draft=draft, kind="titles", version=1, asked_by_name="Emil")
    return {
        "proposal": proposal.pk, "tokens": token.details.public_name,
        "sources": document.source_id, "reading": document.readings.get().pk, "drafts": draft.pk,
        "tasks": make_task(status=Status.FAILED).pk, "webhooks": hook.pk, "slug": post.slug,
        "decisions": post.approval_id, "comment": comment.pk, "number": 1, "other": 1, "seq": 1,
        "sha256": 64 * "a", "delivery": uuid4(), "link": 1, "images": 64 * "a", "redirects": 1,
        "guidelines": 1,
    }  # fmt: skip


def url(path: str, there: dict[str, Any]) -> str:
    return path.format(**there, id=there.get(path.split("/")[2]))


def send(
    client: APIClient, method: str, at: str, body: Any, kind: str = "application/json", **headers: str
) -> None:
    """Raises what the application raises, and AssertionError for any other failure."""
    with transaction.atomic():
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = client.generic(method.upper(), at, data, kind, headers={"If-Match": "*"} | headers)
        assert answer.status_code < 500, (method, at, body, answer.content)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", (method, at, body)
            answer.json()
        transaction.set_rollback(True)  # the next one finds all as it was


def bodies_of(contract: Contract, operation: dict[str, Any]) -> dict[str, Any]:
    """The fields that an operation takes."""
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    schemas = contract.document["components"]["schemas"]
    return schemas[reference]["properties"] if reference else {}


RIGHT = {
    "topic": "Trees", "action": "hold", "ids": [1], "decision": "reject", "version": 1,
    "content_sha256": 64 * "a", "sha256": 64 * "a", "text": "Why?", "url": "https://x.org/",
    "events": ["task.failed"], "reason_code": "style", "reason": "Too stiff for our readers.",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)  # some 5,000 requests
def test_no_value_of_any_field_is_a_fault(root: APIClient, contract: Contract, there: dict[str, Any]) -> None:
    for method, path in contract.operations():
        fields = bodies_of(contract, contract.document["paths"][path][method])
        for value in VALUES if fields else ():
            send(root, method, url(path, there), dict.fromkeys(fields, value))
        # What one field is refused for must not hide what another one lets pass.
        right = {name: RIGHT[name] for name in fields if name in RIGHT}
        for name in fields:
            for value in PASSING:
                send(root, method, url(path, there), right | {name: value})


def test_no_body_is_a_fault(root: APIClient, contract: Contract, there: dict[str, Any]) -> None:
    for method, path in contract.operations():
        if method in {"post", "patch"}:
            for body in RAW:
                send(root, method, url(path, there), body)
    for body in RAW:
        send(root, "post", "/api/tasks/", body, **{"Idempotency-Key": "k"})
    for kind in TYPES:
        for body in (b"{}", b"", b"a=1", b"--a\r\n"):
            send(root, "post", "/api/tasks/", body, kind)


def test_no_header_is_a_fault(root: APIClient, there: dict[str, Any]) -> None:
    draft, task = f"/api/drafts/{there['drafts']}/", f"/api/tasks/{there['tasks']}/"
    for value in HEADERS:
        for name in ("If-None-Match", "Accept", "Accept-Language", "X-Forwarded-For", "Range"):
            send(root, "get", draft, {}, **{name: value})
        send(root, "patch", draft, {"summary": "Other."}, **{"If-Match": value})
        send(root, "patch", draft, {"summary": "Other."}, **{"Idempotency-Key": value})
        send(root, "get", f"{task}events/", {}, **{"Last-Event-ID": value})
        send(root, "post", "/api/tasks/", {}, **{"Content-Length": value})


def test_no_token_is_a_fault() -> None:
    tokens = ["Token", "Token \x00", "Token é", "Token " + "a" * 7000, "Basic YTpi", "Bearer a", "token a b"]
    for value in [*HEADERS, *tokens]:
        send(APIClient(), "get", "/api/tasks/", {}, Authorization=value)
        send(APIClient(), "get", "/api/posts/", {}, Authorization=value)
    for value in [*HEADERS, r'"\000aaaaaaaa"', r'"\377aaaaaaaa"', "é" * 8, "%00" * 8]:
        send(APIClient(), "get", "/api/tasks/", {}, Cookie=f"sessionid={value}; csrftoken={value}")
        assert Client().get("/admin/", headers={"Cookie": f"sessionid={value}"}).status_code == 302


@pytest.mark.slow
def test_no_part_of_an_address_is_a_fault(root: APIClient, contract: Contract, there: dict[str, Any]) -> None:
    parts = [
        "0",
        "-1",
        "9" * 18,
        "9" * 19,
        "9" * 5000,
        "%00",
        "%FF",
        "a%2Fb",
        "..",
        "1%0d%0aX:1",
        "１",
        "NaN",
    ]
    names = ("id", "number", "other", "comment", "reading", "seq", "slug", "sha256", "delivery")
    for method, path in contract.operations():
        for name in names:
            for part in parts if f"{{{name}}}" in path else ():
                at = path.format(**({"id": there.get(path.split("/")[2])} | there | {name: part}))
                send(root, method, at, {})
