"""A whole run with a language model over real HTTP, on the real database."""

import threading
import time

import pytest
from django.db import connection

from approvals.models import AuditEntry
from tasks import actions
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tasks.sample import file_sample_brief
from tests.model_server import Reply, model_server  # noqa: F401  (a fixture)


@pytest.fixture
def with_model(settings, model_server):  # noqa: F811
    settings.PIPELINE_MODELS = ["openai:gpt-test"]
    settings.OPENAI_BASE_URL = model_server.base_url
    return model_server


@pytest.mark.django_db(transaction=True)
def test_a_model_refines_until_the_score_is_met_and_every_pass_is_a_version(with_model):
    task = file_sample_brief(None)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error) == (Status.AWAITING_APPROVAL, "")
    versions = task.draft.history.order_by("version").values_list(
        "history_change_reason", "score", "written_by"
    )
    reasons, scores, writers = zip(*versions, strict=True)
    draft, refined, *_ = scores
    assert reasons[:2] == (f"draft: {draft}", f"refine 1: {draft} → {refined}")
    assert reasons[-1] == "seo"
    assert draft < refined <= 81
    assert draft < 62, "what the checks found is taken off what the critic said"
    assert set(writers) == {"openai:gpt-test"}
    assert task.draft.quality_reports.count() == len(versions)
    assert [call.stage for call in task.calls.all()] == with_model.stages
    assert {call.prompt_version.partition(" ")[0] for call in task.calls.all()} == {
        "notes", "outline", "section", "critique", "refine", "seo"
    }  # fmt: skip
    assert all(call.outcome == "ok" and call.input_tokens for call in task.calls.all())
    assert task.cost_usd is None, "a model without a known price is unpriced, not free"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("vendor", ["openai-responses", "anthropic", "google"])
def test_a_run_works_by_each_of_the_other_protocols(settings, model_server, vendor):  # noqa: F811
    settings.PIPELINE_MODELS = [f"{vendor}:writer-1"]
    setting = f"{vendor.partition('-')[0].upper()}_BASE_URL"
    setattr(settings, setting, model_server.base_url.removesuffix("/v1"))
    task = file_sample_brief(None)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error) == (Status.AWAITING_APPROVAL, "")
    assert {version.written_by for version in task.draft.versions} == {f"{vendor}:writer-1"}
    assert all(call.outcome == "ok" and call.input_tokens == 1000 for call in task.calls.all())
    structured = [request.body for request in model_server.requests if request.stage == "critique"]
    enforced = {"openai-responses": "text", "anthropic": "tool_choice", "google": "generationConfig"}[vendor]
    assert all(enforced in body for body in structured)


@pytest.mark.django_db(transaction=True)
def test_a_reviewers_reason_reaches_the_model_in_the_next_run(with_model, django_user_model):
    task = file_sample_brief(None)
    write_one(task.pk)
    task.refresh_from_db()
    editor = django_user_model.objects.create_user("erin")
    actions.request_rework(task, by=editor, reason_code="style", reason="Use fewer figures in the opening.")
    asked_before = len(with_model.requests)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.run) == (Status.AWAITING_APPROVAL, 2)
    drafting = [request for request in with_model.requests[asked_before:] if request.stage == "draft"]
    assert "Use fewer figures in the opening." in drafting[0].prompt


@pytest.mark.django_db(transaction=True)
def test_a_model_that_is_out_is_tried_again_and_finished_stages_are_not(with_model, settings):
    with_model.for_stage("draft", *[Reply(status=503)] * 2)
    task = file_sample_brief(None)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.attempts) == (Status.PENDING, 1)
    assert "gpt-test" in task.error
    for _ in range(2):
        ContentTask.objects.filter(pk=task.pk).update(run_after=None)
        write_one(task.pk)
    task.refresh_from_db()
    assert task.status == Status.AWAITING_APPROVAL
    assert with_model.stages.count("outline") == 1
    failed = task.stage_runs.filter(output__isnull=True)
    assert [(run.key, run.attempt, run.error_kind) for run in failed] == [
        ("draft-1-of-4", 1, "provider_unavailable"), ("draft-1-of-4", 2, "provider_unavailable")
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_spent_budget_stops_the_run_with_a_remedy(with_model):
    task = file_sample_brief(None)
    ContentTask.objects.filter(pk=task.pk).update(budget_usd=0)
    write_one(task.pk)
    task.refresh_from_db()
    assert task.status == Status.FAILED
    assert "budget_usd" in task.error
    assert with_model.requests == []


@pytest.mark.django_db(transaction=True)
def test_cancelling_closes_the_models_stream_and_makes_no_further_call(with_model):
    with_model.for_stage("draft", Reply("Trees cool", fault="stall"))
    task = file_sample_brief(None)
    worker = threading.Thread(target=run_and_disconnect, args=(task.pk,))
    worker.start()
    drafting = with_model.wait_for(3, seconds=30)
    assert drafting.started.wait(10)
    time.sleep(0.3)  # the first words have arrived by then
    cancelled_at = time.monotonic()
    actions.cancel(ContentTask.objects.get(pk=task.pk), by=None, reason="Not needed any more")
    assert drafting.disconnected.wait(10)
    assert drafting.disconnected_at - cancelled_at < 5
    worker.join(10)
    assert len(with_model.requests) == 3
    call = task.calls.last()
    assert (call.outcome, call.is_estimated) == ("cancelled", True)
    task.refresh_from_db()
    assert task.status == Status.CANCELLED
    version = task.draft.versions.get()
    assert (version.history_change_reason, version.written_by) == (
        "cancelled in draft: unfinished", "openai:gpt-test"
    )  # fmt: skip
    assert version.body
    cancelled = AuditEntry.objects.get(task_id=task.pk, action="task.cancelled")
    assert cancelled.data["reason"] == "Not needed any more"


def run_and_disconnect(task_id):
    try:
        write_one(task_id)
    finally:
        connection.close()
