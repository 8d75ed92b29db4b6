"""What a run has written is saved however it ends, and a failing advisory stage does not end a run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tasks import actions
from tasks.engine import runner
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tasks.pipeline.errors import LeaseLost
from tasks.pipeline.stages import inspection
from tests.model_server import ModelServer, Reply, critique_text, model_server

__all__ = ["model_server"]

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = (
    "A row of street trees cools the pavement below it by several degrees on a summer day.\n\n"
    "Shade from a crown keeps asphalt from storing the heat of the afternoon until the night.\n\n"
    "Young trees need water by the bucket in their first three summers after planting."
)
PART = "A row of street trees cools the pavement. " * 20


@pytest.fixture(autouse=True)
def models(settings: Any, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    settings.PIPELINE_MODELS = ["openai:gpt-4o-mini"]
    settings.OPENAI_BASE_URL = model_server.base_url
    monkeypatch.setattr(runner, "ADVICE_PAUSE_SECONDS", 0.05)
    return model_server


def file_task(**fields: Any) -> ContentTask:
    return actions.file_brief(
        {"topic": "Street trees", **fields}, [{"title": "Trees", "text": SOURCE}], by=None
    )


def written(task: ContentTask) -> ContentTask:
    write_one(task.pk)
    task.refresh_from_db()
    return task


def only_version(task: ContentTask) -> tuple[str, str, str]:
    version = Draft.objects.get(task=task).versions.get()
    return version.body, version.history_change_reason, version.written_by


def in_the_middle_of(server: ModelServer, stage: str, task: ContentTask, then: Callable[[], Any]) -> None:
    """Let a worker write until a model has begun in this stage, then do something."""
    worker = threading.Thread(target=_write, args=(task.pk,))
    worker.start()
    deadline = time.monotonic() + 20
    while not (found := [one for one in server.requests if one.stage == stage]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert found[0].started.wait(10)
    time.sleep(0.3)  # the first words have arrived by then
    then()
    worker.join(20)
    assert not worker.is_alive()


def _write(task_id: int) -> None:
    try:
        write_one(task_id)
    finally:
        connection.close()


# --- Unfinished texts are saved --------------------------------------------------------------------------


def test_a_budget_that_ends_in_the_draft_leaves_it_as_far_as_it_was_paid_for(models: ModelServer) -> None:
    models.for_stage("draft", Reply(PART, endless="and so on ", piece_delay_seconds=0.0005))
    task = written(file_task(budget_usd="0.0015"))

    assert (task.status, task.error_kind) == (Status.FAILED, "budget")
    assert "budget_usd" in task.error
    body, reason, writer = only_version(task)
    assert body.startswith(PART)
    assert (reason, writer) == ("broke off in draft: unfinished", "openai:gpt-4o-mini")
    assert models.requests[-1].disconnected.wait(2)
    assert task.cost_usd
    assert 0 < task.cost_usd <= 0.0015 * 1.05


@pytest.mark.parametrize("fault", ["drop", "truncate"])
def test_a_stream_that_breaks_off_leaves_what_came_of_it(models: ModelServer, fault: Any) -> None:
    models.for_stage("draft", Reply(PART, fault=fault))
    task = written(file_task(max_attempts=1))
    assert (task.status, task.error_kind) == (Status.FAILED, "provider_unavailable")
    body, reason, _ = only_version(task)
    assert PART.startswith(body)
    assert len(body) > 300
    assert reason == "broke off in draft: unfinished"


def test_an_attempt_that_is_followed_by_another_leaves_its_text_too(models: ModelServer) -> None:
    models.for_stage("draft", Reply(PART, fault="drop"))
    task = written(file_task())
    assert task.status == Status.PENDING
    ContentTask.objects.filter(pk=task.pk).update(run_after=None)
    written(task)
    assert task.status == Status.AWAITING_APPROVAL
    reasons = [row.history_change_reason for row in task.draft.versions.order_by("version")]
    assert reasons[0] == "broke off in draft: unfinished"
    assert reasons[1].startswith("draft: ")


def test_of_several_models_that_break_off_the_longest_text_is_saved_with_its_writer(
    settings: Any, models: ModelServer
) -> None:
    settings.MODEL_FOR = {"creative": ["openai:gpt-4o-mini", "openai:gpt-4o"]}
    plan = {"title": "Trees", "sections": [{"heading": "Shade", "points": []}]}
    models.for_model("gpt-4o", Reply("Trees cool", fault="drop"))
    models.for_stage("outline", json.dumps(plan))
    models.for_stage("draft", Reply(PART, fault="drop"))
    task = written(file_task(max_attempts=1))
    assert task.status == Status.FAILED
    body, _, writer = only_version(task)
    assert PART.startswith(body)
    assert len(body) > 300
    assert writer == "openai:gpt-4o-mini"


@pytest.mark.parametrize("limit", ["timeout_seconds", "stage_timeout_seconds"])
def test_a_time_limit_leaves_what_was_written(models: ModelServer, limit: str) -> None:
    models.for_stage("draft", *[Reply(PART * 2, piece_delay_seconds=0.02)] * 2)
    task = written(file_task(**{limit: 3, "max_attempts": 1}))
    assert (task.status, task.error_kind) == (Status.FAILED, "timeout")
    assert only_version(task)[1] == "broke off in draft: unfinished"


@pytest.mark.parametrize(
    ("verb", "status", "reason"),
    [
        (actions.cancel, Status.CANCELLED, "cancelled in draft: unfinished"),
        (actions.hold, Status.ON_HOLD, "on hold in draft: unfinished"),
    ],
)
def test_a_person_who_stops_a_task_finds_what_was_written(
    models: ModelServer, verb: Any, status: Status, reason: str
) -> None:
    models.for_stage("draft", Reply(PART, fault="stall"))
    task = file_task()
    in_the_middle_of(
        models, "draft", task, lambda: verb(ContentTask.objects.get(pk=task.pk), by=None, reason="Stop")
    )
    task.refresh_from_db()
    assert task.status == status
    assert only_version(task)[1] == reason


def test_a_held_task_goes_on_and_its_text_replaces_the_unfinished_one(models: ModelServer) -> None:
    models.for_stage("draft", Reply(PART, fault="stall"))
    task = file_task()
    in_the_middle_of(
        models, "draft", task, lambda: actions.hold(ContentTask.objects.get(pk=task.pk), by=None)
    )
    task.refresh_from_db()
    actions.resume(task, by=None)
    written(task)
    assert task.status == Status.AWAITING_APPROVAL
    assert critics_score(task) == 81


def test_a_text_that_could_not_be_judged_is_saved_whole(models: ModelServer) -> None:
    models.for_stage("critique", Reply(fault="hang"))
    task = file_task()
    in_the_middle_of(
        models, "critique", task, lambda: actions.cancel(ContentTask.objects.get(pk=task.pk), by=None)
    )
    body, reason, _ = only_version(task)
    assert "street trees" in body
    assert reason == "cancelled in critique: unfinished"


def test_a_text_that_was_saved_unjudged_gets_its_score_from_the_next_attempt(models: ModelServer) -> None:
    models.for_stage("critique", Reply(fault="hang"))
    task = file_task(timeout_seconds=3)
    written(task)
    assert task.status == Status.FAILED
    assert Draft.objects.get(task=task).score is None
    ContentTask.objects.filter(pk=task.pk).update(timeout_seconds=60, quality_threshold=60)
    actions.retry(task, by=None)
    written(task)
    assert task.status == Status.AWAITING_APPROVAL
    assert task.draft.versions.get(version=1).history_change_reason == "broke off in critique: unfinished"
    assert critics_score(task, version=1) == 62, "by the critic in its second call"
    assert task.draft.versions.get(version=2).score is not None


def test_nothing_is_saved_by_a_run_that_has_lost_its_lease(
    models: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(self: runner.Run) -> None:
        self.unsaved.text = PART
        raise LeaseLost("gone")

    monkeypatch.setattr(runner.Run, "_produce", lost)
    task = written(file_task())
    assert task.status == Status.PENDING or task.status == Status.IN_PROGRESS
    assert not Draft.objects.filter(task=task).exists()


# --- Advice ---------------------------------------------------------------------------------------------


def critics_score(task: ContentTask, version: int | None = None) -> int:
    """What the critic gave a version, before the checks took anything off."""
    report = task.draft.quality_reports.get(version=version or task.draft.version)
    score: int = report.critique["score"]
    return score


def skipped(task: ContentTask) -> dict[str, str]:
    report = task.draft.quality_reports.get(version=task.draft.version)
    return {found["check"]: found["message"] for found in report.results if found["status"] == "skipped"}


def test_a_critic_who_is_out_is_skipped_with_the_reason_and_never_counts_as_passed(
    models: ModelServer,
) -> None:
    models.for_stage("critique", *[Reply(status=500)] * 9)
    task = written(file_task())

    assert (task.status, task.error) == (Status.AWAITING_APPROVAL, "")
    assert models.stages.count("critique") == 2, "it is called once more, and then skipped"
    assert "refine" not in models.stages, "whether that is better would be unknown"
    assert "No critic has judged this text. openai:gpt-4o-mini is unavailable" in skipped(task)["critique"]
    assert task.draft.score is None
    assert task.draft.seo_title, "what came after it was done"


def test_a_critic_who_is_out_for_a_moment_is_asked_again(models: ModelServer) -> None:
    models.for_stage("critique", Reply(status=503))
    task = written(file_task())
    assert (task.status, critics_score(task)) == (Status.AWAITING_APPROVAL, 81)
    assert "critique" not in skipped(task)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401),
        Reply("I would rather talk about something else."),
        Reply('{"score": 7000}'),
        Reply(fault="truncate"),
        Reply("word " * 30, finish_reason="length"),
        Reply("", finish_reason="content_filter"),
        Reply(body=b'data: {"choices": 7}\n\n'),
    ],
    ids=["key", "no JSON", "invalid", "breaks off", "length", "refusal", "rubbish"],
)
@pytest.mark.parametrize("stage", ["critique", "seo", "research"])
def test_whatever_an_adviser_answers_the_draft_goes_to_the_human(
    models: ModelServer, stage: str, reply: Reply
) -> None:
    models.for_stage(stage, *[reply] * 9)
    task = written(file_task())
    assert task.status == Status.AWAITING_APPROVAL, task.error
    assert task.draft.body
    check = {"research": "research_notes"}.get(stage, stage)
    assert "openai:gpt-4o-mini" in skipped(task)[check]
    failed = task.stage_runs.filter(output__isnull=True)
    assert {run.key for run in failed} == {{"research": "research-notes"}.get(stage, stage)}


def test_an_adviser_that_exceeds_its_time_is_skipped(models: ModelServer) -> None:
    models.for_stage("seo", Reply(fault="hang"))
    task = written(file_task(stage_timeout_seconds=2))
    assert task.status == Status.AWAITING_APPROVAL
    assert "stage_timeout_seconds" in skipped(task)["seo"]
    assert models.stages.count("seo") == 1, "what takes too long is not begun again"


def test_a_revision_that_nobody_could_judge_stays_on_record_and_the_judged_text_stands(
    models: ModelServer,
) -> None:
    models.for_stage("critique", critique_text(62), *[Reply(status=401)] * 3)
    task = written(file_task())
    reasons = [row.history_change_reason for row in task.draft.versions.order_by("version")]
    first, _, last = task.draft.versions.order_by("version")
    assert reasons == [f"draft: {first.score}", f"refine 1: {first.score} → not scored", "seo"]
    assert first.body == last.body
    assert critics_score(task) == 62
    assert "before revision 1 was used" in skipped(task)["revisions"]


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), KeyError("x")])
def test_checks_that_break_are_skipped(
    models: ModelServer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(inspection, "assess", broken)
    task = written(file_task())
    assert task.status == Status.AWAITING_APPROVAL
    assert type(error).__name__ in skipped(task)["checks"]


def test_the_offline_writers_digest_needs_no_checks_either(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    settings.PIPELINE_MODELS = []
    monkeypatch.setattr(inspection, "assess", broken)
    task = written(file_task())
    assert task.status == Status.AWAITING_APPROVAL
    assert task.draft.score is None
    assert "MemoryError" in skipped(task)["checks"]


def test_a_budget_that_ends_before_the_critic_brings_the_draft_to_the_human(models: ModelServer) -> None:
    models.for_stage("critique", Reply("{", endless="and so on ", piece_delay_seconds=0.0005))
    task = written(file_task(budget_usd="0.0020"))
    assert task.status == Status.AWAITING_APPROVAL
    assert "The budget of $0.002" in skipped(task)["critique"]
    assert "budget_usd" in skipped(task)["seo"]
    assert "seo" not in models.stages, "no call is made that cannot be paid"
    assert task.cost_usd
    assert task.cost_usd <= 0.0021


@pytest.mark.parametrize("stage", ["outline", "draft"])
def test_what_does_not_only_advise_still_fails_the_task(models: ModelServer, stage: str) -> None:
    models.for_stage(stage, *[Reply(status=401)] * 3)
    task = written(file_task())
    assert (task.status, task.error_kind) == (Status.FAILED, "provider_error")
