"""Runs one task: takes it, drives its pipeline, saves what each stage returns, and ends it.

The row is the truth. A task that is cancelled or put on hold elsewhere is noticed here within
`WATCH_SECONDS`; the pipeline is then cancelled, which closes the model's stream.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_type_hints

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from tasks.engine.mapping import brief_of, content_of, mark_unusable, save_report
from tasks.engine.ownership import owned
from tasks.errors import ProviderUnavailable, StageFailed, TransitionRefused
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, ModelCall, Stage, StageRun
from tasks.orchestrator import produce_article
from tasks.providers import LanguageModel, Providers
from tasks.providers.pages import GuardedPages
from tasks.types import Article, Output, Research, Role, Step
from tasks.types import QualityReport as Report

if TYPE_CHECKING:
    from tasks.providers.calls import CallRecord
    from tasks.providers.vendors import Access

logger = logging.getLogger(__name__)

WATCH_SECONDS = 0.25
PROGRESS = {
    Stage.RESEARCH: 5,
    Stage.OUTLINE: 20,
    Stage.DRAFT: 30,
    Stage.CRITIQUE: 55,
    Stage.REFINE: 65,
    Stage.SEO: 90,
}
"""How far a run has come, in percent, when it enters a stage."""


class Stopped(Exception):
    """The task was cancelled, put on hold or taken by somebody else while it ran."""


def run(task_id: int) -> None:
    """Take the task if it is waiting, and produce its draft. Returns when the task has moved on.

    A task that is already running in a living process, or is not waiting, is left alone.
    """
    with owned(task_id) as is_ours:
        if not is_ours:
            return
        _run(task_id)
    # Only now: a job that arrived while we held the lock found the task taken, and is gone.
    _queue_if_waiting(task_id)


def _run(task_id: int) -> None:
    task = ContentTask.objects.get(pk=task_id)
    if task.status == Status.IN_PROGRESS:
        _take_over(task)
    if task.status != Status.PENDING:
        return
    try:
        task.move_to(Status.IN_PROGRESS, attempts=task.attempts + 1, started_at=timezone.now(), error="")
    except TransitionRefused:
        return
    _finish(task, *_outcome(task))


def _queue_if_waiting(task_id: int) -> None:
    from tasks.actions import queue  # the verbs call this module's job by name, this module the verb

    for task in ContentTask.objects.filter(pk=task_id, status=Status.PENDING):
        # Trying at once would use up every attempt within a second of an outage: `recovery` does it later.
        if not task.waits_for_a_retry:
            queue(task)


def _take_over(task: ContentTask) -> None:
    """Release a task whose process is dead: we hold its lock, so nobody runs it."""
    if task.attempts < task.max_attempts:
        task.move_to(Status.PENDING, reason="The process that was writing it ended.")
        return
    reason = f"The process that was writing it ended {task.attempts} times, the last time in: {task.stage}."
    task.move_to(Status.FAILED, reason=reason, error=reason, finished_at=timezone.now())


def _outcome(task: ContentTask) -> tuple[Status | None, str]:
    """Run the pipeline; return the status it leads to and why, or None when somebody else decided."""
    try:
        async_to_sync(_produce)(task)
    except Stopped:
        return None, ""
    except ProviderUnavailable as error:
        if task.attempts < task.max_attempts:
            return Status.PENDING, str(error)
        return Status.FAILED, str(error)
    except StageFailed as error:
        return Status.FAILED, str(error)
    except Exception as error:  # whatever it was, the task must not stay in progress
        logger.exception("Task %s failed", task.pk)
        return (
            Status.FAILED,
            f"The stage {task.stage} broke: {type(error).__name__}. See the log; retry resumes here.",
        )
    return Status.AWAITING_APPROVAL, ""


def _finish(task: ContentTask, status: Status | None, reason: str) -> None:
    if status is None:
        return
    ended: dict[str, Any] = {"finished_at": timezone.now(), "error": reason}
    if status == Status.AWAITING_APPROVAL:
        ended |= {"progress": 100, "stage": ""}
    try:
        task.move_to(status, reason=reason, **ended)
    except TransitionRefused:
        logger.info("Task %s was moved while it ended", task.pk)


async def _produce(task: ContentTask) -> None:
    """Raises Stopped, or StageFailed when the task's own time is over."""
    limit = asyncio.timeout(task.timeout_seconds)
    try:
        async with limit, _providers(task) as providers:
            saved = await sync_to_async(_saved_outputs)(task)
            brief = await sync_to_async(brief_of)(task)
            steps, versions = _saved_steps(task, saved), _kept_versions(task)
            await _until_done_or_stopped(task, produce_article(brief, providers, steps, versions))
    except TimeoutError:
        if not limit.expired():
            raise
        raise StageFailed(
            f"Not done after {task.timeout_seconds} seconds (timeout_seconds): raise the limit and retry."
        ) from None


async def _until_done_or_stopped(task: ContentTask, pipeline: Coroutine[Any, Any, Article]) -> None:
    work = asyncio.create_task(pipeline)
    watch = asyncio.create_task(_until_stopped(task))
    try:
        await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await watch  # raises what it failed with, if it did
            raise Stopped
        await work
    finally:
        for part in (work, watch):
            part.cancel()
        await asyncio.gather(work, watch, return_exceptions=True)


async def _until_stopped(task: ContentTask) -> None:
    while await ContentTask.objects.filter(pk=task.pk, status=Status.IN_PROGRESS, run=task.run).aexists():
        await asyncio.sleep(WATCH_SECONDS)


def _saved_outputs(task: ContentTask) -> dict[str, Any]:
    done = task.stage_runs.filter(run=task.run, output__isnull=False)
    return dict(done.values_list("key", "output"))


def _saved_steps(task: ContentTask, saved: dict[str, Any]) -> Step:
    """The one bridge between a pipeline and the database: what is saved is not run again."""

    async def step(stage: Callable[..., Awaitable[Output]], *inputs: object, key: str = "") -> Output:
        key = key or stage.__name__
        output_type: type[Output] = get_type_hints(stage)["return"]
        if key in saved:
            return output_type.model_validate(saved[key])
        started_at = timezone.now()
        await sync_to_async(_enter)(task, key)
        try:
            output = await _within(task.stage_timeout_seconds, stage(*inputs), key)
        except Exception as error:
            await _record(task, key, started_at, error=str(error) or type(error).__name__)
            raise
        await _record(task, key, started_at, output=output.model_dump(mode="json"))
        if isinstance(output, Research):
            await sync_to_async(mark_unusable)(task, output)
        return output

    return step


async def _within(seconds: int, work: Awaitable[Output], key: str) -> Output:
    try:
        async with asyncio.timeout(seconds) as deadline:
            return await work
    except TimeoutError:
        if not deadline.expired():
            raise
        raise ProviderUnavailable(
            f"The stage {key} was not done after {seconds} seconds (stage_timeout_seconds)."
        ) from None


def _enter(task: ContentTask, key: str) -> None:
    task.stage = Stage(key.partition("-")[0])
    task.progress = max(task.progress, PROGRESS[task.stage])
    still_ours = ContentTask.objects.filter(pk=task.pk, status=Status.IN_PROGRESS, run=task.run)
    if not still_ours.update(stage=task.stage, progress=task.progress):
        raise Stopped


async def _record(task: ContentTask, key: str, started_at: Any, **result: Any) -> None:
    await StageRun.objects.acreate(
        task=task, run=task.run, attempt=task.attempts, key=key, started_at=started_at, **result
    )


def _kept_versions(task: ContentTask) -> Callable[..., Awaitable[None]]:
    async def keep(article: Article, report: Report, *, reason: str, key: str) -> None:
        await sync_to_async(_keep_version)(task, article, report, reason, f"version-{key}")

    return keep


@transaction.atomic
def _keep_version(task: ContentTask, article: Article, report: Report, reason: str, key: str) -> None:
    held = ContentTask.objects.select_for_update().get(pk=task.pk)
    if held.status != Status.IN_PROGRESS or held.run != task.run:
        raise Stopped
    if task.stage_runs.filter(run=task.run, key=key).exists():
        return
    draft = Draft.objects.filter(task=task).first() or Draft(task=task)
    draft.save_version(content_of(article), reason=reason, written_by=article.written_by, score=report.score)
    save_report(draft, report, article.editor_notes)
    task.stage_runs.create(
        run=task.run,
        attempt=task.attempts,
        key=key,
        started_at=timezone.now(),
        output={"version": draft.version},
    )


@asynccontextmanager
async def _providers(task: ContentTask) -> AsyncIterator[Providers]:
    pages = GuardedPages(
        allow_private_networks=settings.FETCH_ALLOW_PRIVATE_NETWORKS, site_url=settings.SITE_URL
    )
    async with _language_model(task) as llm:
        yield Providers(pages=pages, llm=llm)


@asynccontextmanager
async def _language_model(task: ContentTask) -> AsyncIterator[LanguageModel | None]:
    if not settings.PIPELINE_MODELS:
        yield None
        return
    # Imported here: the web server never needs it, and the vendors' packages take seconds to load.
    from tasks.providers.models import ModelChain

    async def book(call: CallRecord) -> None:
        await ModelCall.objects.acreate(task=task, run=task.run, **asdict(call))

    spent_usd = await sync_to_async(_spent_usd)(task)
    budget_usd = settings.TASK_BUDGET_USD if task.budget_usd is None else task.budget_usd
    chain_for = {role: tuple(settings.MODEL_FOR.get(role, settings.PIPELINE_MODELS)) for role in Role}
    async with ModelChain(
        chain_for, _access(), on_call=book, budget_usd=budget_usd, spent_usd=spent_usd,
        call_timeout_seconds=task.stage_timeout_seconds,
    ) as llm:  # fmt: skip
        yield llm


def _access() -> Access:
    from tasks.providers.vendors import Access

    return Access(
        openai_api_key=settings.OPENAI_API_KEY,
        openai_base_url=settings.OPENAI_BASE_URL,
        anthropic_api_key=settings.ANTHROPIC_API_KEY,
    )


def _spent_usd(task: ContentTask) -> Decimal:
    return task.calls.aggregate(spent=Sum("cost_usd"))["spent"] or Decimal(0)
