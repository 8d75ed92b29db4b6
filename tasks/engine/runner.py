"""Runs one task that a worker has taken: drives its pipeline, saves what each stage returns, and ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.utils import timezone

from tasks.engine.checkpoints import Called, Checkpoints, Ended, Entered, Failed, Finished, Lease
from tasks.engine.compute import ComputingLost
from tasks.engine.mapping import brief_of, content_of, mark_unusable, save_report
from tasks.engine.retries import pause_seconds
from tasks.errors import (
    LeaseLost,
    ParagraphLocked,
    ProviderUnavailable,
    StageFailed,
    StageTimeout,
    TaskTimeout,
)
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, Stage
from tasks.providers import LanguageModel, Providers
from tasks.providers.pages_on_demand import PagesOnDemand
from tasks.text.locks import anchored, with_locked
from tasks.text.titles import slug
from tasks.types import Article, Brief, KeepVersion, Output, Research, Role, Step
from tasks.types import QualityReport as Report

if TYPE_CHECKING:
    from tasks.providers.calls import CallRecord
    from tasks.providers.vendors import Vendors

logger = logging.getLogger(__name__)

CONNECTION_LOST = (OperationalError, InterfaceError, InternalError, ComputingLost)
"""After one of these a worker can promise nothing any more."""

Pipeline = Callable[[Brief, Providers, Step, KeepVersion], Awaitable[Article]]

PROGRESS = {
    Stage.RESEARCH: 5,
    Stage.OUTLINE: 20,
    Stage.DRAFT: 30,
    Stage.CRITIQUE: 55,
    Stage.REFINE: 65,
    Stage.IMAGE: 80,
    Stage.SEO: 90,
    Stage.FORMAT: 95,
}
"""How far a run has come, in percent, when it enters a stage."""


@dataclass(frozen=True)
class Host:
    """What a worker lends to its runs."""

    checkpoints: Checkpoints
    in_thread: Callable[..., Awaitable[Any]]
    """Runs a function where the database may be waited for."""
    pipeline: Pipeline
    check_fence: Callable[[], None]
    """Raises LeaseLost when this worker may have been taken for dead: nothing new may begin then."""
    vendors: Vendors | None
    """Of language models; None for the offline writer."""


@dataclass
class Run:
    """One claimed task and the work on it."""

    task: ContentTask
    host: Host
    lease: Lease = field(init=False)
    writing: tuple[str, str] = ("", "")
    """The stage in which a model is writing, and its text so far."""
    unkept: Article | str = ""
    """An article, or the text of one that is being drafted, of which no version has been kept yet."""
    last_call: CallRecord | None = None

    def __post_init__(self) -> None:
        self.lease = Lease(self.task.pk, self.task.lease_epoch)

    async def work(self) -> None:
        """Produce the article and end the task, whatever happens. When cancelled, somebody else has ended it.

        Raises one of CONNECTION_LOST.
        """
        try:
            end = await self._outcome()
            await self.host.checkpoints.save(self.lease, end)
        except LeaseLost:
            logger.info("Task %s is somebody else's by now", self.task.pk)

    async def keep_unfinished(self) -> None:
        """Make what there was of the text a version when its task is cancelled: it was paid for."""
        if isinstance(self.unkept, Article):
            content, author = content_of(self.unkept), self.unkept.written_by
        elif self.unkept.strip():
            title, call = self.task.topic, self.last_call
            content = {"title": title, "slug": slug(title), "body": self.unkept}
            content |= {"category": self.task.category, "tags": self.task.tags}
            author = f"{call.provider}:{call.model}" if call else "a language model"
        else:
            return
        await self.host.in_thread(_keep_unfinished, self.lease, content, author)

    async def _outcome(self) -> Ended:
        try:
            await self._produce()
        except (LeaseLost, *CONNECTION_LOST):
            raise
        except ProviderUnavailable as error:
            if self.task.attempts < self.task.max_attempts:
                return self._to_be_retried(error)
            return self._failed(str(error), error.kind)
        except StageFailed as error:
            return self._failed(str(error), error.kind)
        except Exception as error:  # whatever it was, the task must not stay in progress
            logger.exception("Task %s failed", self.task.pk)
            what = f"The stage {self.task.stage} broke: {type(error).__name__}."
            return self._failed(f"{what} See the log; retry resumes here.", "bug")
        return self._ended(Status.AWAITING_APPROVAL, "", "", progress=100, stage="")

    def _to_be_retried(self, error: ProviderUnavailable) -> Ended:
        pause = pause_seconds(self.task.attempts, error.retry_after_seconds)
        run_after = timezone.now() + timedelta(seconds=pause)
        return self._ended(Status.PENDING, str(error), error.kind, run_after=run_after)

    def _failed(self, error: str, kind: str) -> Ended:
        return self._ended(Status.FAILED, error, kind)

    def _ended(self, status: Status, error: str, kind: str, **fields: Any) -> Ended:
        fields |= {"error": error, "error_kind": kind, "lease_owner": None, "finished_at": timezone.now()}
        return Ended(self.task, status, error, fields)

    async def _produce(self) -> None:
        """Raises TaskTimeout when the task's own time is over."""
        deadline_at = self.task.deadline_at
        limit = asyncio.timeout((deadline_at - timezone.now()).total_seconds())
        try:
            async with limit:
                await self.host.pipeline(brief_of(self.task), self._providers(), self._step, self._keep)
        except TimeoutError:
            if not limit.expired():
                raise
            error = TaskTimeout(
                f"Not done after {self.task.timeout_seconds} seconds (timeout_seconds): "
                "raise the limit and retry; finished stages are kept."
            )
            self._tell_failure(self.task.stage or "start", deadline_at, error, breached_at=deadline_at)
            raise error from None

    async def _step(self, stage: Callable[..., Awaitable[Output]], *inputs: object, key: str = "") -> Output:
        """The one bridge between a pipeline and the database: what is saved is not run again."""
        key = key or stage.__name__
        output_type: type[Output] = _returned_by(stage)
        if key in self.task.saved_outputs:
            return self._noted(output_type.model_validate(self.task.saved_outputs[key]))
        self.host.check_fence()
        self._enter(Stage(key.partition("-")[0]))
        started_at = timezone.now()
        try:
            output = await self._within_limit(stage(*inputs), key, started_at)
        except StageTimeout as error:
            limit_at = started_at + timedelta(seconds=self.task.stage_timeout_seconds)
            self._tell_failure(key, started_at, error, breached_at=limit_at)
            raise
        except Exception as error:
            self._tell_failure(key, started_at, error)
            raise
        await self._save(key, output.model_dump(mode="json"), started_at)
        if isinstance(output, Research):
            await self.host.in_thread(mark_unusable, self.task, output)
        return self._noted(output)

    def _noted(self, output: Output) -> Output:
        if isinstance(output, Article):
            self.unkept = output
        return output

    def _enter(self, stage: Stage) -> None:
        self.task.stage, self.task.progress = stage, max(self.task.progress, PROGRESS[stage])
        self.host.checkpoints.tell(self.lease, Entered(stage, self.task.progress))

    async def _within_limit(self, work: Awaitable[Output], key: str, started_at: datetime) -> Output:
        seconds = self.task.stage_timeout_seconds
        try:
            async with asyncio.timeout(seconds) as deadline:
                return await work
        except TimeoutError:
            if not deadline.expired():
                raise
            raise StageTimeout(
                f"The stage {key} was not done after {seconds} seconds (stage_timeout_seconds)."
            ) from None

    def _tell_failure(
        self, key: str, started_at: datetime, error: Exception, breached_at: datetime | None = None
    ) -> None:
        if isinstance(error, (LeaseLost, *CONNECTION_LOST)):
            return
        failed = Failed(
            self.task.run,
            self.task.attempts,
            key,
            str(error) or type(error).__name__,
            getattr(error, "kind", "bug"),
            started_at,
            timezone.now(),
            breached_at,
        )
        self.host.checkpoints.tell(self.lease, failed)

    async def _save(self, key: str, output: Any, started_at: datetime) -> None:
        finished = Finished(self.task.run, self.task.attempts, key, output, started_at, timezone.now())
        await self.host.checkpoints.save(self.lease, finished)

    async def _keep(self, article: Article, report: Report, *, reason: str, key: str) -> None:
        key = f"version-{key}"
        if key not in self.task.saved_outputs:
            await self.host.in_thread(_keep_version, self.task, self.lease, article, report, reason, key)
        self.unkept = ""

    def _providers(self) -> Providers:
        pages = PagesOnDemand(
            allow_private_networks=settings.FETCH_ALLOW_PRIVATE_NETWORKS, site_url=settings.SITE_URL
        )
        return Providers(pages=pages, llm=self._language_model())

    def _language_model(self) -> LanguageModel | None:
        if self.host.vendors is None:
            return None
        from tasks.providers.models import ModelChain  # brings aiohttp along, as do vendors

        budget_usd = settings.TASK_BUDGET_USD if self.task.budget_usd is None else self.task.budget_usd
        return ModelChain(
            {role: tuple(settings.MODEL_FOR.get(role, settings.PIPELINE_MODELS)) for role in Role},
            self.host.vendors,
            on_call=self._book,
            on_text=self._note_text,
            before_call=self.host.check_fence,
            budget_usd=budget_usd,
            spent_usd=Decimal(self.task.spent_usd),
            call_timeout_seconds=self.task.stage_timeout_seconds,
        )

    async def _book(self, record: CallRecord) -> None:
        self.last_call = record
        await self.host.checkpoints.save(self.lease, Called(self.task.run, record))

    def _note_text(self, stage: str, text: str) -> None:
        self.writing = (stage, text)
        if stage == Stage.DRAFT:
            self.unkept = text


@cache
def _returned_by(stage: Callable[..., Any]) -> Any:
    return get_type_hints(stage)["return"]


@transaction.atomic
def _keep_version(
    task: ContentTask, lease: Lease, article: Article, report: Report, reason: str, key: str
) -> None:
    held = ContentTask.objects.select_for_update().get(pk=task.pk)
    if (held.status, held.lease_epoch) != (Status.IN_PROGRESS, lease.epoch):
        raise LeaseLost(f"The lease of task {task.pk} has ended.")
    draft = Draft.objects.filter(task=held).first() or Draft(task=held)
    content = _with_locked(draft, content_of(article))
    draft.save_version(content, reason=reason, written_by=article.written_by, score=report.score)
    save_report(draft, report, article.editor_notes)
    held.stage_runs.create(
        run=held.run,
        attempt=held.attempts,
        key=key,
        started_at=timezone.now(),
        output={"version": draft.version},
    )


@transaction.atomic
def _keep_unfinished(lease: Lease, content: Mapping[str, Any], written_by: str) -> None:
    """Only while the task is as the cancelling left it: nothing that came later is written over."""
    task = ContentTask.objects.select_for_update().get(pk=lease.task_id)
    if (task.status, task.lease_epoch) != (Status.CANCELLED, lease.epoch):
        return
    draft = Draft.objects.filter(task=task).first() or Draft(task=task)
    reason = f"cancelled in {task.stage}: unfinished"
    try:
        draft.save_version(_with_locked(draft, content), reason=reason, written_by=written_by)
    except ParagraphLocked:
        logger.info("What task %s was writing has no place for a locked paragraph", task.pk)


def _with_locked(draft: Draft, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content with what is locked by now: stages that ran before did not know of it."""
    locks = list(draft.locks.values_list("text", flat=True)) if draft.pk else []
    if not locks:
        return content
    return {**content, "body": with_locked(content["body"], anchored(draft.body, locks))}
