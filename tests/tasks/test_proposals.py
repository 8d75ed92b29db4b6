"""Proposals from the request to the version, with a real worker and a model over real HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from approvals.models import AuditEntry
from approvals.rules import has_own_part
from contentpipeline.processes.stop_flag import StopFlag
from tasks import actions
from tasks.engine import spending
from tasks.engine.proposals import MAX_ATTEMPTS, finish, still_wanted, take_proposals
from tasks.engine.worker import PipelineWorker
from tasks.errors import NoModel, ProposalOutdated, TransitionRefused
from tasks.models import Draft, ModelCall, Proposal
from tasks.pipeline.errors import BudgetExceeded, ParagraphLocked
from tasks.pipeline.text.paragraphs import paragraph_sha256, paragraphs
from tasks.proposals import accept_proposal, dismiss_proposal, request_proposal
from tasks.version_costs import costs_of_versions
from tests.callers import caller, problem
from tests.factories import make_draft, make_task, make_user, make_worker
from tests.model_server import ModelServer, Reply, model_server
from tests.tasks.test_spending import record, wish

__all__ = ["model_server"]

pytestmark = pytest.mark.django_db(transaction=True)

FIRST, SECOND, THIRD = (
    "Trees cool a street by shade [1]. A crown of ten metres shades the pavement all day long.",
    "Roots need room. They find it under the pavement.",
    "Leaves give off water. They do so by day.",
)
BODY = f"{FIRST}\n\n## Roots\n\n{SECOND}\n\nBetween them.\n\n{THIRD}"


@pytest.fixture
def with_model(settings: Any, model_server: ModelServer) -> ModelServer:
    settings.PIPELINE_MODELS = ["openai:gpt-4o-mini"]
    settings.OPENAI_BASE_URL = model_server.base_url
    return model_server


@pytest.fixture
def worker(with_model: ModelServer, draft: Draft) -> Iterator[ModelServer]:
    """A worker that works until the test ends; the draft is there first, as it would write its task."""
    stop = StopFlag()

    def work() -> None:
        try:
            PipelineWorker(stop_signal=stop).run()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield with_model
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def draft() -> Draft:
    return make_draft(body=BODY)


def sha(text: str) -> str:
    return paragraph_sha256(text)


def wait_until(holds: Callable[[], Any], seconds: float = 15) -> Any:
    until = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def ended(proposal_id: int) -> Proposal:
    rows = Proposal.objects.exclude(status=Proposal.State.WAITING)
    return wait_until(lambda: rows.filter(pk=proposal_id).first())  # type: ignore[no-any-return]


def test_a_paragraph_titles_and_a_shorter_passage_become_versions_over_the_api(
    worker: ModelServer, draft: Draft
) -> None:
    client = caller("Editors")
    url = f"/api/drafts/{draft.pk}/proposals/"

    def ask(**asked: Any) -> dict[str, Any]:
        made = client.post(url, asked, format="json")
        assert made.status_code == 201, made.content
        ended(made.json()["id"])
        return client.get(f"{url}{made.json()['id']}/").json()  # type: ignore[no-any-return]

    def accept(found: dict[str, Any], **chosen: Any) -> dict[str, Any]:
        assert found["status"] == "ready", found
        etag = client.get(f"/api/drafts/{draft.pk}/")["ETag"]
        headers = {"If-Match": etag}
        taken = client.post(f"{url}{found['id']}/accept/", chosen, format="json", headers=headers)
        assert taken.status_code == 200, taken.content
        return taken.json()  # type: ignore[no-any-return]

    asked = {"kind": "paragraph", "paragraph": sha(FIRST), "instruction": "Say it again"}
    found = ask(**asked)
    assert (found["texts"], found["model"]) == ([f"{FIRST} It was written again."], "openai:gpt-4o-mini")
    assert found["cost_usd"] > 0
    saved = accept(found)
    assert saved["body"] == BODY.replace(FIRST, f"{FIRST} It was written again.")
    assert (saved["version"], saved["citations"]) == (2, draft.citations)

    found = ask(kind="shorten", paragraph=sha(SECOND), last_paragraph=sha(THIRD), share_percent=30)
    assert found["original"] == f"{SECOND}\n\nBetween them.\n\n{THIRD}"
    shorter = "Roots need room.\n\nBetween them.\n\nLeaves give off water."
    assert accept(found)["body"].endswith(f"## Roots\n\n{shorter}")

    found = ask(kind="titles")
    assert len(found["texts"]) == 3
    saved = accept(found, choice=1)
    assert (saved["title"], saved["slug"]) == ("What shade is worth", draft.slug)

    versions = draft.history.order_by("version").values_list("history_change_reason", "author", "written_by")
    who, both = client.user.pk, f"{client.user.username} with openai:gpt-4o-mini"  # type: ignore[attr-defined]
    assert list(versions)[1:] == [
        ("redid a paragraph: Say it again", who, both),
        ("shortened 3 paragraphs by 30 %", who, both),
        ("took title 2 of 3", who, both),
    ]
    draft.refresh_from_db()
    assert has_own_part(draft, client.user), "who took it may not approve it"  # type: ignore[attr-defined]
    calls = list(draft.task.calls.values_list("stage", "prompt_version", "outcome"))
    prompts = {"paragraph": "paragraph 2", "shorten": "shorten 2", "titles": "titles 1"}
    assert calls == [(kind, prompt, "ok") for kind, prompt in prompts.items()]
    assert all(cost for version, cost in costs_of_versions(draft).items() if version > 1)
    assert spending.today().reserved_usd == 0
    entry = AuditEntry.objects.filter(action="draft.changed", task_id=draft.task_id).order_by("seq").first()
    assert entry is not None
    assert "Say it again" in entry.data["reason"]
    assert problem(client.post(f"{url}{found['id']}/accept/", {}, headers={"If-Match": "*"}), 409)


def test_dismissing_closes_the_models_stream_and_failures_say_why(worker: ModelServer, draft: Draft) -> None:
    editor = make_user("erika", "Editors")
    worker.for_stage("paragraph", Reply("Trees", fault="stall"))
    asked = request_proposal(draft, "paragraph", by=editor, first=sha(FIRST), instruction="Shorter")
    request = worker.wait_for(1)
    assert request.started.wait(10)
    dismiss_proposal(asked)
    assert request.disconnected.wait(5)
    wait_until(lambda: ModelCall.objects.filter(outcome="cancelled").exists())
    worker.for_stage("paragraph", "Nothing is cited.", "Nothing is cited.")
    failed = ended(request_proposal(draft, "paragraph", by=editor, first=sha(FIRST), instruction="Go").pk)
    assert (failed.status, failed.error_kind) == ("failed", "provider_error")
    assert "[1]" in failed.error
    worker.for_stage("paragraph", "Shade \x00cools [1].")
    odd = ended(request_proposal(draft, "paragraph", by=editor, first=sha(FIRST), instruction="Go").pk)
    assert odd.status in {"ready", "failed"}, "whatever a model sends, the request ends"
    draft.task.budget_usd = Decimal(0)
    draft.task.save(update_fields=["budget_usd"])
    broke = ended(request_proposal(draft, "titles", by=editor).pk)
    assert (broke.error_kind, "budget_usd" in broke.error) == ("budget", True)
    asked.refresh_from_db()
    assert asked.status == "dismissed"
    draft.refresh_from_db()
    assert draft.version == 1


def test_what_cannot_be_asked_for_is_refused_with_a_remedy(with_model: ModelServer, settings: Any) -> None:
    draft, editor = make_draft(body=BODY), make_user("erika", "Editors")
    client = caller("Editors")
    url = f"/api/drafts/{draft.pk}/proposals/"
    for sent, field in [
        ({}, "kind"),
        ({"kind": "poem"}, "kind"),
        ({"kind": "paragraph", "paragraph": sha(FIRST)}, "instruction"),
        ({"kind": "paragraph", "instruction": "Shorter"}, "paragraph"),
        ({"kind": "titles", "paragraph": sha(FIRST)}, "paragraph"),
        ({"kind": "shorten", "paragraph": sha(FIRST)}, "share_percent"),
        ({"kind": "shorten", "paragraph": sha(FIRST), "share_percent": 95}, "share_percent"),
        ({"kind": "titles", "instruction": "x" * 1001}, "instruction"),
    ]:
        assert field in problem(client.post(url, sent, format="json"), 400)["errors"], sent
    with pytest.raises(ProposalOutdated):
        request_proposal(draft, "paragraph", by=editor, first=sha("Not there"), instruction="Shorter")
    with pytest.raises(ValidationError, match="above"):
        request_proposal(
            draft, "shorten", by=editor, first=sha("Between them."), last=sha(FIRST), share_percent=20
        )
    actions.lock_paragraph(draft, sha(FIRST), by=editor)
    with pytest.raises(ParagraphLocked):
        request_proposal(draft, "paragraph", by=editor, first=sha(FIRST), instruction="Shorter")
    assert Proposal.objects.count() == 0
    settings.PIPELINE_MODELS = []
    with pytest.raises(NoModel):
        request_proposal(draft, "titles", by=editor)
    assert problem(client.post(url, {"kind": "titles"}, format="json"), 409)["type"] == "urn:problem:no-model"


def ready(draft: Draft, *, first: str, text: str) -> Proposal:
    """A proposal to replace a paragraph, as a worker leaves it."""
    asked = request_proposal(
        draft, "paragraph", by=make_user("erika", "Editors"), first=sha(first), instruction="Shorter"
    )
    Proposal.objects.filter(pk=asked.pk).update(status="ready", texts=[text], written_by="openai:m")
    asked.refresh_from_db()
    return asked


def test_a_proposal_fits_a_text_that_changed_elsewhere_and_no_other(with_model: ModelServer) -> None:
    draft, erika = make_draft(body=BODY), make_user("erika", "Editors")
    asked = ready(draft, first=FIRST, text="Shade cools [1], water too [2].")
    draft.task.sources.create(number=2, title="Water", url="https://example.org/water", text="Water.")
    actions.edit_draft(draft, {"body": "A new opening.\n\n" + BODY}, by=make_user("wanda"))
    accept_proposal(asked, 0, by=erika)
    draft = Draft.objects.get(pk=draft.pk)
    assert paragraphs(draft.body)[:2] == ["A new opening.", "Shade cools [1], water too [2]."]
    assert draft.citations[1] == {"number": 2, "title": "Water", "url": "https://example.org/water"}
    gone = ready(draft, first="A new opening.", text="Other.")
    actions.edit_draft(
        draft, {"body": draft.body.replace("A new opening.", "Edited.")}, by=make_user("wanda")
    )
    with pytest.raises(ProposalOutdated):
        accept_proposal(gone, 0, by=erika)
    assert Proposal.objects.get(pk=gone.pk).status == "ready", "what was proposed is not lost"
    with pytest.raises(TransitionRefused, match="as version 3"):
        accept_proposal(asked, 0, by=erika)


def test_a_task_that_goes_back_to_work_or_is_cancelled_wants_no_proposals(with_model: ModelServer) -> None:
    draft, erika = make_draft(body=BODY), make_user("erika", "Editors")
    asked = request_proposal(draft, "titles", by=erika)
    actions.request_rework(draft.task, by=erika, reason_code="style", reason="Too stiff for our readers.")
    asked.refresh_from_db()
    assert asked.status == "dismissed"
    with pytest.raises(TransitionRefused):
        request_proposal(draft, "titles", by=erika)


def test_a_dead_workers_proposal_is_taken_by_another_and_its_call_is_booked(with_model: ModelServer) -> None:
    draft = make_draft(body=BODY)
    asked = request_proposal(draft, "titles", by=make_user("erika", "Editors"))
    alive = make_worker()
    for attempt in range(MAX_ATTEMPTS):
        (taken,) = take_proposals(999_000 + attempt, 5)
        assert taken.proposal.pk == asked.pk
    assert spending.reserve_for_proposal(asked.pk, wish("0.01")) == Decimal("0.01")
    assert spending.today().reserved_usd == Decimal("0.01")
    spending.book_lost([999_000 + MAX_ATTEMPTS - 1])
    assert spending.today().reserved_usd == 0
    assert [(call.outcome, call.cost_usd) for call in draft.task.calls.all()] == [("lost", Decimal("0.0005"))]
    assert take_proposals(alive.pk, 5) == []
    asked.refresh_from_db()
    assert (asked.status, asked.error_kind, asked.cost_usd) == ("failed", "worker_died", Decimal("0.0005"))


def test_a_live_workers_proposal_is_left_alone_and_a_late_reply_of_a_dismissed_one_is_dropped(
    with_model: ModelServer,
) -> None:
    draft, alive = make_draft(body=BODY), make_worker()
    asked = request_proposal(draft, "titles", by=make_user("erika", "Editors"))
    assert len(take_proposals(alive.pk, 5)) == 1
    assert take_proposals(make_worker().pk, 5) == []
    dismiss_proposal(asked)
    assert still_wanted(alive.pk) == set()
    finish(asked.pk, alive.pk, {"status": "ready", "texts": ["Late"]})
    asked.refresh_from_db()
    assert (asked.status, asked.texts) == ("dismissed", [])


def test_the_days_budget_counts_what_proposals_reserve(with_model: ModelServer, settings: Any) -> None:
    settings.DAILY_BUDGET_USD = Decimal("0.01")
    draft = make_draft(body=BODY)
    first, second = (request_proposal(draft, "titles", by=make_user("erika", "Editors")) for _ in range(2))
    assert spending.reserve_for_proposal(first.pk, wish("1")) == Decimal("0.01")
    assert spending.reserve_for_proposal(second.pk, wish("1")) is None
    spending.book_for_proposal(first, draft.task, record("0.004"))
    assert spending.reserve_for_proposal(second.pk, wish("1")) == Decimal("0.006")
    spending.release_for_proposal(second.pk)
    spending.book_for_proposal(second, make_task(), record("0.01"))
    with pytest.raises(BudgetExceeded):
        spending.reserve_for_proposal(second.pk, wish("1"))
