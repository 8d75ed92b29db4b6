"""A request that is sent again under the same Idempotency-Key is done once, whatever it asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from approvals.models import AuditEntry, DraftComment, Webhook, WebhookDelivery
from approvals.webhooks import subscriptions
from publishing.models import MediaItem
from tasks.api import idempotency
from tasks.lifecycle import Status
from tasks.models import (
    ContentTask,
    Draft,
    IdempotencyKey,
    ParagraphLock,
    Proposal,
    RecordedExchange,
    SourceReading,
)
from tasks.pipeline.text.paragraphs import paragraph_sha256, paragraphs
from tests.callers import bearer, caller, problem
from tests.factories import approve, make_draft, make_task, make_user
from tests.openapi import Contract
from tests.publishing.factories import make_post
from tests.publishing.pictures import make_image
from tests.tasks.test_source_records import store_unread

pytestmark = pytest.mark.django_db

TOKEN = {"name": "CMS import", "scopes": ["briefs"]}
HOOK = {"url": "https://hooks.example.org/desk", "events": ["task.failed"]}
REASON = {"reason": "Because."}


@dataclass
class Case:
    operation: str
    """As in the schema."""
    prepare: Callable[[], Any]
    """Returns what the placeholders of the address stand for."""
    body: dict[str, Any] | Callable[[], dict[str, Any]] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    secret: str = ""
    """The field of the response that is null when it is sent again."""


def task(status: Status = Status.PENDING) -> dict[str, Any]:
    return {"id": make_task(status=status).pk}


def draft(**fields: Any) -> dict[str, Any]:
    return {"id": make_draft(**fields).pk, "number": 1}


def approved() -> dict[str, Any]:
    found = make_draft()
    approve(found)
    return {"id": found.pk}


def commented(**fields: Any) -> dict[str, Any]:
    found, author = make_draft(), make_user("root")
    made = DraftComment.objects.create(draft=found, version=1, text="Why?", author=author, **fields)
    return {"id": found.pk, "comment": made.pk}


def assignable() -> dict[str, Any]:
    make_user("walter", "Writers")
    return task()


def token() -> dict[str, Any]:
    made, _ = AuthToken.objects.create(user=make_user("root"))
    return {"id": made.details.public_name}


def hook() -> dict[str, Any]:
    made, _ = subscriptions.subscribe(HOOK["url"], HOOK["events"], by=make_user("root"))
    return {"id": made.pk, "delivery": subscriptions.ping(made).uid}


def stored() -> dict[str, Any]:
    """A source whose document no reader could read so far."""
    return {"id": store_unread(b"Shade cools a street by several degrees.").source_id}


def read() -> dict[str, Any]:
    found = Draft.objects.get()
    return {"decision": "approve", "version": 1, "content_sha256": found.content_sha256}


def first_paragraph() -> dict[str, Any]:
    return {"sha256": paragraph_sha256(paragraphs(Draft.objects.get().body)[0])}


def newer() -> dict[str, Any]:
    found = make_draft()
    found.save_version({"summary": "Second."}, reason="edited")
    return {"id": found.pk, "number": 1}


def proposed() -> dict[str, Any]:
    found = make_draft()
    ready = Proposal.objects.create(
        draft=found, kind="titles", version=1, asked_by_name="Emil", status="ready", texts=["Cool streets"]
    )
    return {"id": found.pk, "proposal": ready.pk}


def recorded() -> dict[str, Any]:
    found = make_task()
    RecordedExchange.objects.create(task=found, run=1, key="brief", kind="brief", reply={})
    return {"id": found.pk}


def pictured() -> dict[str, Any]:
    item = MediaItem.objects.create(image=make_image(), title="Trees", added_by_name="root")
    return {"id": item.image_id}


UPLOADS = {"POST /api/images/", "POST /api/images/{id}/replace/"}
"""Forms with files: see test_an_upload_that_is_sent_again_under_its_key_is_done_once."""
CASES = [
    Case("POST /api/tasks/", dict, {"topic": "Trees"}),
    Case("POST /api/tasks/bulk/", lambda: task() | {"id": 0},
         lambda: {"action": "hold", "ids": [ContentTask.objects.get().pk, 2**40]}),
    Case("POST /api/tasks/{id}/assign/", assignable, {"assignee": "walter"}),
    Case("POST /api/tasks/assign/", lambda: assignable() | {"id": 0},
         lambda: {"assignee": "walter", "ids": [ContentTask.objects.get().pk, 2**40]}),
    Case("POST /api/tasks/{id}/cancel/", task, REASON),
    Case("POST /api/tasks/{id}/hold/", task, REASON),
    Case("POST /api/tasks/{id}/resume/", lambda: task(Status.ON_HOLD), REASON),
    Case("POST /api/tasks/{id}/retry/", lambda: task(Status.FAILED), REASON | {"max_attempts": 5}),
    Case("POST /api/sources/{id}/reread/", stored, {}),
    Case("PATCH /api/drafts/{id}/", draft, {"summary": "Other."}, {"If-Match": "*"}),
    Case("POST /api/drafts/{id}/versions/{number}/restore/", newer),
    Case("POST /api/drafts/{id}/locks/", draft, first_paragraph),
    Case("POST /api/drafts/{id}/comments/", draft, {"version": 1, "text": "Why?"}),
    Case("PATCH /api/drafts/{id}/comments/{comment}/", commented, {"text": "Why so?"}),
    Case("POST /api/drafts/{id}/comments/{comment}/replies/", commented, {"text": "Because."}),
    Case("POST /api/drafts/{id}/comments/{comment}/resolve/", commented),
    Case("POST /api/drafts/{id}/comments/{comment}/reopen/",
         lambda: commented(resolved_at=timezone.now(), resolved_by_name="edna")),
    Case("POST /api/drafts/{id}/decisions/", draft, read),
    Case("POST /api/drafts/{id}/publish/", approved, {}),
    Case("POST /api/drafts/{id}/dossier/", draft),
    Case("POST /api/drafts/{id}/proposals/", draft, {"kind": "titles"}),
    Case("POST /api/drafts/{id}/proposals/{proposal}/accept/", proposed, headers={"If-Match": "*"}),
    Case("POST /api/drafts/{id}/proposals/{proposal}/dismiss/", proposed),
    Case("POST /api/drafts/{id}/hunks/", newer, {"from_version": 1, "to_version": 2, "accept": []},
         {"If-Match": "*"}),
    Case("POST /api/tasks/forecast/", dict, {"topic": "Trees"}),
    Case("POST /api/tasks/{id}/replay/", recorded, {}),
    Case("POST /api/posts/{slug}/unpublish/", lambda: {"slug": make_post().slug}, REASON),
    Case("POST /api/tasks/batch/", dict, {"briefs": [{"topic": "Trees"}]}),
    Case("POST /api/guidelines/", dict, {"category": "City", "text": "Say how old the trees are."}),
    Case("POST /api/drafts/{id}/links/", draft, {"days": 1}, secret="url"),
    Case("POST /api/drafts/{id}/cover/", draft, lambda: {"image": make_image().name, "alt": "Trees"},
         {"If-Match": "*"}),
    Case("PATCH /api/images/{id}/", pictured, {"title": "Avenue"}),
    Case("POST /api/tokens/", dict, TOKEN),
    Case("POST /api/tokens/{id}/rotate/", token),
    Case("POST /api/webhooks/", dict, HOOK),
    Case("PATCH /api/webhooks/{id}/", hook, {"description": "The CMS"}),
    Case("POST /api/webhooks/{id}/rotate-secret/", hook),
    Case("POST /api/webhooks/{id}/ping/", hook),
    Case("POST /api/webhooks/{id}/deliveries/{delivery}/redeliver/", hook),
]  # fmt: skip


@pytest.fixture
def root(settings: Any) -> APIClient:
    settings.PIPELINE_MODELS = ["openai:m"]
    return caller(user=make_user("root", is_staff=True, is_superuser=True))


def state() -> tuple[Any, ...]:
    """What an effect would change."""
    models = (AuditEntry, AuthToken, ContentTask, Draft, DraftComment, ParagraphLock, Proposal, SourceReading,
              Webhook, WebhookDelivery)  # fmt: skip
    rows = tuple(tuple(model.objects.order_by("pk").values_list()) for model in models)
    return rows, tuple(Draft.history.values_list("history_id"))


def test_every_post_and_patch_is_a_case() -> None:
    operations = {f"{method.upper()} {path}" for method, path in Contract().operations()}
    assert {case.operation for case in CASES} | UPLOADS == {
        operation for operation in operations if operation.startswith(("POST", "PATCH"))
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.operation)
def test_what_is_sent_again_is_done_once_and_answered_alike(case: Case, root: APIClient) -> None:
    method, _, path = case.operation.partition(" ")
    path = path.format(**case.prepare())
    body = json.dumps(case.body() if callable(case.body) else case.body or {})

    def send(body: str, key: str = "k") -> Any:
        headers = case.headers | {"Idempotency-Key": key}
        return root.generic(method, path, body, "application/json", headers=headers)

    first = send(body)
    assert first.status_code in {200, 201, 202}, first.content
    after = state()
    again = send(body)
    assert again.status_code == first.status_code
    if case.secret:
        assert again.json() == first.json() | {case.secret: None}
    else:
        assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    for name in ("Location", "ETag", "Cache-Control"):
        assert again.get(name) == first.get(name)
    other = json.dumps(json.loads(body) | {"reason": "Another one."})
    assert problem(send(other), 422)["type"] == "urn:problem:idempotency-key-reused"
    assert state() == after


def comment(client: APIClient, draft: Draft, text: str = "Why?", **headers: str) -> Any:
    body = {"version": 1, "text": text}
    return client.post(f"/api/drafts/{draft.pk}/comments/", body, headers={"Idempotency-Key": "k"} | headers)


def test_a_key_holds_for_one_address(root: APIClient) -> None:
    one, other = make_draft(), make_draft()
    assert comment(root, one).status_code == 201
    problem(comment(root, other), 422)
    problem(root.patch(f"/api/drafts/{one.pk}/", {}, headers={"Idempotency-Key": "k", "If-Match": "*"}), 422)


def test_another_version_to_change_is_another_request(root: APIClient) -> None:
    draft = make_draft()
    etag = f'"1.{draft.content_sha256}"'

    def edit(if_match: str) -> Any:
        headers = {"Idempotency-Key": "k", "If-Match": if_match}
        return root.patch(f"/api/drafts/{draft.pk}/", {"summary": "New."}, headers=headers)

    assert edit(etag).status_code == 200
    assert edit(etag)["ETag"].startswith('"2.')
    problem(edit(f'"2.{draft.content_sha256}"'), 422)


def test_a_refusal_is_not_stored(root: APIClient) -> None:
    draft = make_draft()
    problem(comment(root, draft, text=""), 400)
    assert comment(root, draft).status_code == 201
    problem(comment(root, make_draft(), text=""), 422)


def test_a_user_who_may_no_longer_do_it_gets_no_stored_answer() -> None:
    draft, client = make_draft(), caller("Editors")
    assert comment(client, draft).status_code == 201
    client.user.groups.clear()
    client.force_authenticate(type(client.user).objects.get(pk=client.user.pk))
    problem(comment(client, draft), 403)


def test_without_its_answer_nothing_is_done(root: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> None:
        raise RuntimeError("the process dies here")

    draft = make_draft()
    root.raise_request_exception = False
    monkeypatch.setattr(idempotency, "_as_stored", crash)
    problem(comment(root, draft), 500)
    assert not DraftComment.objects.exists()
    monkeypatch.undo()
    assert "Idempotent-Replayed" not in comment(root, draft)
    assert DraftComment.objects.count() == 1


def test_a_stored_answer_holds_no_key_of_a_token_and_is_given_with_it(root: APIClient) -> None:
    made = root.post("/api/tokens/", TOKEN, headers={"Idempotency-Key": "made"}).json()
    assert made["key"] not in json.dumps(list(IdempotencyKey.objects.values_list("answer", flat=True)))
    assert root.post("/api/tokens/", TOKEN, headers={"Idempotency-Key": "made"}).json() == made
    assert bearer(made["key"]).get("/api/tasks/").status_code == 200


def test_a_stored_answer_holds_no_secret_and_is_given_with_it(root: APIClient) -> None:
    made = root.post("/api/webhooks/", HOOK, headers={"Idempotency-Key": "made"}).json()
    rotate = f"/api/webhooks/{made['id']}/rotate-secret/"
    rotated = root.post(rotate, headers={"Idempotency-Key": "rotated"}).json()
    stored = json.dumps(list(IdempotencyKey.objects.values_list("answer", flat=True)))
    for found in (made, rotated):
        assert len(found["secret"]) >= 43
        assert found["secret"] not in stored
    assert root.post("/api/webhooks/", HOOK, headers={"Idempotency-Key": "made"}).json() == made
    assert root.post(rotate, headers={"Idempotency-Key": "rotated"}).json() == rotated


def test_stored_answers_are_removed_after_a_day(root: APIClient) -> None:
    from tasks.housekeeping import delete_old_rows

    comment(root, make_draft())
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=23))
    delete_old_rows()
    assert IdempotencyKey.objects.exists()
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    delete_old_rows()
    assert not IdempotencyKey.objects.exists()


def test_a_body_that_cannot_be_read_is_refused_with_a_key_too(root: APIClient) -> None:
    bodies = ["{", "[" * 5000, '{"version": 1e400, "text": "a"}', '{"text": ' + "[" * 900 + "]" * 900 + "}"]
    for body in bodies:
        for headers in ({}, {"Idempotency-Key": "k"}):
            at = f"/api/drafts/{make_draft().pk}/comments/"
            problem(root.generic("POST", at, body, "application/json", headers=headers), 400)


@pytest.mark.django_db(transaction=True)
def test_of_the_same_request_sent_many_times_at_once_one_is_done() -> None:
    draft, user = make_draft(), make_user("edna", "Editors")

    def send(_: int) -> tuple[int, int]:
        try:
            answer = comment(caller(user=user), draft)
            return answer.status_code, answer.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    assert DraftComment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_request_does_not_wait_for_its_twin_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 1)
    draft, user = make_draft(), make_user("edna", "Editors")
    has_begun, may_end = Event(), Event()

    def work_for_long() -> None:
        try:
            with transaction.atomic():
                IdempotencyKey.objects.create(user=user, key="k", request_sha256="")
                has_begun.set()
                may_end.wait(20)
                transaction.set_rollback(True)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work_for_long)
        assert has_begun.wait(10)
        try:
            answer = comment(caller(user=user), draft)
        finally:
            may_end.set()
    assert problem(answer, 409)["type"] == "urn:problem:request-in-progress"
    assert int(answer["Retry-After"]) > 0
    assert not DraftComment.objects.exists()
    assert comment(caller(user=user), draft).status_code == 201
