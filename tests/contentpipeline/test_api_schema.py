"""What the server sends is what its schema says, in every state that a task can be in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from approvals.models import Verdict, Webhook
from approvals.webhooks import subscriptions
from publishing.models import Post, Redirect
from publishing.schedule import schedule
from tasks import actions
from tasks.lifecycle import Status
from tasks.models import ContentTask, ModelCall, Proposal, QualityReport, RecordedExchange, StageRun
from tasks.pipeline.text.paragraphs import paragraph_sha256, paragraphs
from tests.callers import caller
from tests.claims import save_ledger
from tests.factories import ago, approve, decide_on, make_draft, make_task, make_user, make_worker
from tests.openapi import Contract, held_client
from tests.publishing.factories import approved_update, edit_live, make_post
from tests.publishing.pictures import make_illustrated_post, png
from tests.tasks.test_source_records import store_unread

pytestmark = pytest.mark.django_db

NO = {"reason_code": "style", "reason": "Too stiff for our readers."}


@pytest.fixture
def contract() -> Contract:
    return Contract()


@pytest.fixture
def client(contract: Contract) -> Any:
    """A user who may do everything."""
    user = make_user("root", is_staff=True, is_superuser=True)
    return held_client(caller(user=user), contract)


@pytest.fixture(autouse=True)
def _private_networks(settings: Any) -> None:
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    settings.PIPELINE_MODELS = ["openai:m"]


def the_same_in_every_state() -> None:
    """Tasks and drafts in every state, with every optional field set in some and empty in others."""
    actions.file_brief({"topic": "Filed", "due_at": timezone.now()}, [{"url": "https://x.org/"}], by=None)
    make_task(topic="Scheduled", run_after=timezone.now(), category="", tags=[], budget_usd="0.5")
    busy = make_task(topic="Busy")
    busy.move_to(Status.IN_PROGRESS, stage="draft", progress=40, started_at=ago(minutes=9))
    busy.move_to(Status.FAILED, error="It did not answer.", error_kind="provider_unavailable",
                 finished_at=timezone.now())  # fmt: skip
    ContentTask.objects.filter(pk=busy.pk).update(breached_at=ago(minutes=1), breached_stage="draft")
    StageRun.objects.create(task=busy, run=1, attempt=1, key="refine-1", started_at=ago(minutes=2))
    for cost, outcome in (("0.01", "ok"), (None, "failed")):
        ModelCall.objects.create(
            task=busy, run=1, stage="draft", role="creative", provider="openai", model="m",
            duration_ms=5, outcome=outcome, cost_usd=cost, input_tokens=3,
        )  # fmt: skip
    for status in (Status.CANCELLED, Status.ON_HOLD):
        make_task().move_to(status)
    running = make_task(topic="Running")
    running.move_to(Status.IN_PROGRESS, stage="research", progress=5, started_at=timezone.now())
    make_worker()
    awaiting = make_draft(slug="bäume-straße", category="", tags=[], citations=[])
    _check(awaiting)
    for verdict in (Verdict.REJECT, Verdict.REQUEST_CHANGES):
        decide_on(make_draft(), verdict)
    approve(planned := make_draft())
    schedule(planned, timezone.now() + timedelta(days=2), zone="UTC", by=make_user("pia", "Publishers"))
    make_post("Straße", slug="straße", category="Städte")
    make_illustrated_post("Avenues")
    edit_live(make_post("With a newer text"))
    approved_update(make_post("With an approved newer text"))


def _check(draft: Any) -> None:
    QualityReport.objects.create(
        draft=draft, version=draft.version, score=None, critique={"score": 61, "problems": ["Dry."]},
        results=[{"check": "length", "status": "skipped", "severity": "advisory", "message": "No target.",
                  "evidence": []}],
        editor_notes=["Shorter."],
    )  # fmt: skip
    save_ledger(draft)


def ids(client: Any, path: str, name: str = "id") -> list[Any]:
    """Of all there are, page by page."""
    found, url = [], f"{path}?page_size=7"
    while url:
        page = client.get(url).json()
        found += [row[name] for row in page["results"]]
        url = page["next"]
    return found


LISTED = {
    "drafts": "id", "images": "id", "categories": "slug", "tags": "slug", "redirects": "id",
    "guidelines": "id",
}  # fmt: skip


def manage_resources(client: Any) -> None:
    """Images, covers, links, guidelines, and many briefs at once."""
    described = {"alt": "Trees along a street", "credit": "Edda Tor"}
    image = client.post("/api/images/", {"file": png(), **described}, format="multipart").json()
    client.patch(f"/api/images/{image['id']}/", {"title": "Avenue", "focal_x": 20})
    draft = make_draft()
    at, current = f"/api/drafts/{draft.pk}/", {"headers": {"If-Match": "*"}}
    client.post(f"{at}cover/", {"image": image["id"]}, **current)
    client.delete(f"{at}cover/", **current)
    link = client.post(f"{at}links/", {"days": 1}).json()
    client.get(f"{at}links/")
    client.delete(f"{at}links/{link['id']}/")
    replace = f"/api/images/{image['id']}/replace/"
    newer = client.post(replace, {"file": png(900)}, format="multipart").json()
    client.delete(f"/api/images/{newer['id']}/")
    guideline = {"category": "City", "text": "Say how old the trees are."}
    made = client.post("/api/guidelines/", guideline).json()
    client.get("/api/guidelines/")
    client.get(f"/api/guidelines/{made['id']}/")
    client.delete(f"/api/guidelines/{made['id']}/")
    client.post("/api/tasks/batch/", {"briefs": [{"topic": "One"}, {"topic": "Two"}]})
    Redirect.objects.create(slug="former", post=Post.objects.all()[0])


def read_everything(client: Any) -> None:
    for task in ids(client, "/api/tasks/"):
        for part in ("", "stages/", "sources/", "calls/", "history/", "events/"):
            client.get(f"/api/tasks/{task}/{part}")
    client.get("/api/tasks/metrics/")
    client.get("/api/claims/")
    for source in ids(client, "/api/sources/"):
        for part in ("", "readings/"):
            client.get(f"/api/sources/{source}/{part}")
        for reading in ids(client, f"/api/sources/{source}/readings/"):
            client.get(f"/api/sources/{source}/readings/{reading}/")
            client.get(f"/api/sources/{source}/snapshot/")
    drafts = [row for task in ContentTask.objects.all() if hasattr(task, "draft") for row in [task.draft]]
    for draft in drafts:
        at = f"/api/drafts/{draft.pk}/"
        parts = (
            "",
            "versions/",
            "blame/",
            "locks/",
            "preview/",
            "claims/",
            "quality/",
            "decisions/",
            "comments/",
            "schedule/",
        )
        for part in (*parts, "versions/1/", f"versions/1/diff/{draft.version}/"):
            client.get(at + part)
        client.get(f"{at}versions/1/diff/{draft.version}/?view=rendered")
    for slug in ids(client, "/api/posts/", "slug"):
        client.get(f"/api/posts/{slug}/")
    client.get("/api/posts/?search=trees")
    for decision in ids(client, "/api/decisions/"):
        client.get(f"/api/decisions/{decision}/")
    for seq in ids(client, "/api/audit/", "seq"):
        client.get(f"/api/audit/{seq}/")
    client.get("/api/me/")
    client.get("/api/suggestions/?q=str")
    for resource, key in LISTED.items():
        for found in ids(client, f"/api/{resource}/", key):
            client.get(f"/api/{resource}/{found}/")
    client.get("/api/audit/verify/")


@pytest.mark.slow
def test_answers_keep_to_the_schema_in_every_state(client, contract):
    the_same_in_every_state()
    read_everything(client)
    change_everything(client)
    manage_tokens(client)
    manage_webhooks(client)
    manage_resources(client)
    read_everything(client)
    assert set(ContentTask.objects.values_list("status", flat=True)) == set(Status)
    assert set(contract.operations()) - contract.seen == set()


def change_everything(client: Any) -> None:
    """Every verb on a task or a draft, with success; and what is refused, for what the refusal looks like."""
    client.post("/api/tasks/", {"topic": ""})
    task = client.post("/api/tasks/", {"topic": "Trees", "sources": [{"title": "A", "text": "B."}]}).json()
    assert task["stage"] == "", "the contract: a task that no stage has begun of has none"
    for verb in ("hold", "resume", "cancel", "retry", "retry"):
        client.post(f"/api/tasks/{task['id']}/{verb}/", {"reason": "Because."})
    client.post("/api/tasks/bulk/", {"action": "hold", "ids": [task["id"], 2**40]})
    document = store_unread(b"Shade cools a street by several degrees.")
    for _ in range(2):
        client.post(f"/api/sources/{document.source_id}/reread/")
    client.post(f"/api/sources/{store_unread(b'%PDF-1.7 rubbish').source_id}/reread/")
    client.get("/api/tasks/?status=nonsense")
    client.get("/api/tasks/0/")
    draft = make_draft()
    at = f"/api/drafts/{draft.pk}/"
    client.patch(at, {"summary": "Other."})
    assert client.patch(at, {"summary": "Other."}, headers={"If-Match": "*"}).status_code == 200
    client.post(f"{at}versions/1/restore/")
    sha256 = paragraph_sha256(paragraphs(draft.body)[0])
    client.post(f"{at}locks/", {"sha256": sha256})
    client.get(f"{at}blame/")
    client.get(f"{at}locks/")
    client.delete(f"{at}locks/{sha256}/")
    discuss(client, f"{at}comments/")
    assign_people(client, task["id"])
    client.post(f"{at}dossier/")
    publish_and_withdraw(client)
    take_parts(client)
    forecast_and_replay(client)


def discuss(client: Any, at: str) -> None:
    """A thread with a reply, which is resolved, opened again and left with an edited comment."""
    make_user("edna", "Editors")
    comment = client.post(at, {"version": 3, "text": "Why? Ask @edna and @nobody."}).json()
    assert (comment["mentioned"], comment["unknown_names"]) == (["edna"], ["nobody"])
    thread = f"{at}{comment['id']}/"
    edited = client.patch(thread, {"text": "Why so? Ask @edna."}).json()
    assert edited["edited_at"]
    reply = client.post(f"{thread}replies/", {"text": "Because."}).json()
    assert reply["parent"] == comment["id"]
    assert client.post(f"{at}{reply['id']}/replies/", {"text": "And?"}).status_code == 400
    client.get(at)
    assert client.delete(thread).status_code == 409
    assert client.post(f"{thread}resolve/").json()["resolved_by_name"] == "root"
    client.get(at)
    assert client.post(f"{thread}reopen/").json()["resolved_at"] is None
    second = client.post(f"{thread}replies/", {"text": "Never mind."}).json()
    assert client.delete(f"{at}{second['id']}/").status_code == 204
    assert client.patch(f"{at}{second['id']}/", {"text": "Gone."}).status_code == 404
    assert client.patch(thread, {"text": ""}).status_code == 400


def assign_people(client: Any, task: int) -> None:
    make_user("walter", "Writers")
    make_user("erika", "Editors")
    for people in ({"assignee": "walter", "reviewer": "erika"}, {"reviewer": None}):
        assert client.post(f"/api/tasks/{task}/assign/", people).status_code == 200
    for wrong in ({}, {"assignee": "nobody"}, {"reviewer": "walter"}):
        assert client.post(f"/api/tasks/{task}/assign/", wrong).status_code == 400
    rows = client.post("/api/tasks/assign/", {"ids": [task, 2**40], "reviewer": "erika"}).json()["results"]
    assert [row["ok"] for row in rows] == [True, False]


def take_parts(client: Any) -> None:
    """What a model proposes for a part of a text, and the hunks of what it wrote."""
    draft = make_draft()
    at = f"/api/drafts/{draft.pk}/"
    for asked in ({"kind": "paragraph"}, {"kind": "titles"}, {"kind": "titles"}):
        client.post(f"{at}proposals/", asked)
    first, second = ids(client, f"{at}proposals/")
    Proposal.objects.filter(pk=first).update(status="ready", texts=["Cool streets"], written_by="openai:m")
    for proposal in (first, second):
        client.get(f"{at}proposals/{proposal}/")
    accepted = client.post(f"{at}proposals/{first}/accept/", {"choice": 0}, headers={"If-Match": "*"})
    assert accepted.status_code == 200
    assert client.post(f"{at}proposals/{second}/dismiss/").status_code == 200
    assert client.post(f"{at}proposals/{first}/dismiss/").status_code == 409
    (hunk,) = client.get(f"{at}versions/1/hunks/2/").json()["hunks"]
    given = {"from_version": 1, "to_version": 2, "accept": [hunk["id"]]}
    for body in (given, given | {"accept": ["none"]}, given | {"to_version": 9}):
        client.post(f"{at}hunks/", body, headers={"If-Match": "*"})


def forecast_and_replay(client: Any) -> None:
    client.post("/api/tasks/forecast/", {"topic": "Trees", "sources": [{"title": "A", "text": "B."}]})
    client.post("/api/tasks/forecast/", {"topic": ""})
    task = make_task()
    RecordedExchange.objects.create(task=task, run=1, key="brief", kind="brief", reply={})
    assert client.post(f"/api/tasks/{task.pk}/replay/", {"branch": "seo"}).status_code == 201
    client.post(f"/api/tasks/{task.pk}/replay/", {"run": 7})


def publish_and_withdraw(client: Any) -> None:
    draft = make_draft()
    at = f"/api/drafts/{draft.pk}/"
    read = {"version": draft.version, "content_sha256": draft.content_sha256}
    client.post(f"{at}publish/")
    client.post(f"{at}decisions/", read | {"decision": "reject"})
    client.post(f"{at}decisions/", read | {"decision": "approve", "version": 9})
    made = client.post(f"{at}decisions/", read | {"decision": "approve"}).json()
    assert made["reason_code"] == ""
    soon = (timezone.now() + timedelta(days=1)).isoformat()
    assert client.post(f"{at}publish/", {"publish_at": soon}).status_code == 202
    client.get(f"{at}schedule/")
    client.delete(f"{at}schedule/")
    post = client.post(f"{at}publish/").json()
    update = approved_update(make_post("Updated over the API"))
    updated = client.post(f"/api/drafts/{update.pk}/publish/", {"correction": {"kind": "minor"}})
    assert updated.status_code == 200
    withdraw(client, f"/api/posts/{post['slug']}/", soon)
    client.get(f"/api/posts/{post['slug']}/")
    no = make_draft()
    client.post(f"/api/drafts/{no.pk}/decisions/", {
        "decision": "reject", "version": 1, "content_sha256": no.content_sha256, **NO,
    })  # fmt: skip


def withdraw(client: Any, at: str, soon: str) -> None:
    """First as a plan, which is read and removed, then at once."""
    assert client.get(f"{at}withdrawal/").status_code == 404
    assert client.post(f"{at}unpublish/", {"reason": "Outdated.", "at": soon}).status_code == 202
    assert client.get(f"{at}withdrawal/").status_code == 200
    assert client.delete(f"{at}withdrawal/").status_code == 204
    assert client.post(f"{at}unpublish/", {"reason": "Withdrawn."}).status_code == 200


def manage_tokens(client: Any) -> None:
    made = client.post("/api/tokens/", {"name": "CMS import", "scopes": ["read"], "expires_at": None}).json()
    at = f"/api/tokens/{made['id']}/"
    client.get(at)
    client.post(f"{at}rotate/", {"overlap_hours": 1})
    client.post(f"{at}rotate/")
    client.get("/api/tokens/")
    client.delete(at)


def manage_webhooks(client: Any) -> None:
    subscription = {"url": "http://127.0.0.1:9/hook", "events": ["task.failed"]}
    hook = client.post("/api/webhooks/", subscription).json()
    at = f"/api/webhooks/{hook['id']}/"
    client.post("/api/webhooks/", subscription)
    client.get("/api/webhooks/")
    client.get(at)
    client.patch(at, {"description": "The CMS"})
    client.post(f"{at}rotate-secret/")
    sent = client.post(f"{at}ping/").json()
    client.post(f"{at}deliveries/{sent['id']}/redeliver/")
    client.get(f"{at}deliveries/")
    subscriptions.deactivate(Webhook.objects.get(pk=hook["id"]), "It is gone.")
    client.get(f"{at}deliveries/")
    client.post(f"{at}ping/")
    client.get(at)
    client.delete(at)
