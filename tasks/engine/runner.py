"""Runs one task that a worker has taken: drives its pipeline, saves what each stage returns, and ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, get_type_hints

from django.conf import settings
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.utils import timezone

from tasks.covers import covers_for
from tasks.engine import spending
from tasks.engine.call_spans import trace_call
from tasks.engine.checkpoints import (
    CallMade,
    Lease,
    RunEnded,
    StageEntered,
    StageError,
    StageFinished,
)
from tasks.engine.compute import ComputePoolLost
from tasks.engine.exchanges import RunExchanges
from tasks.engine.mapping import LeasedTask, mark_unusable
from tasks.engine.retries import pause_seconds
from tasks.engine.run_context import RunContext
from tasks.engine.source_archive import DatabaseArchive
from tasks.engine.stage_progress import progress_of
from tasks.engine.versions import UnsavedText, is_in_a_version, save_unfinished, save_version
from tasks.forecasts import store_forecast
from tasks.lifecycle import Status
from tasks.models import ContentTask, Stage
from tasks.pipeline.errors import (
    LeaseLost,
    ParagraphLocked,
    ProviderUnavailable,
    StageBroke,
    StageFailed,
    StageTimeout,
    TaskTimeout,
)
from tasks.pipeline.orchestrator import is_advisory
from tasks.pipeline.providers import LanguageModel, Providers
from tasks.pipeline.providers.web.pages_on_demand import PagesOnDemand
from tasks.pipeline.types import Article, Assessment, Output, Research, Role
from tasks.site_facts import link_lookup, look_up_site_for
from tasks.tracing import span
from tasks.web_search import configured_search

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_calls.budget import BudgetRequest
    from tasks.pipeline.providers.model_calls.calls import CallRecord
    from tasks.pipeline.providers.model_calls.model_chain import ModelChain

logger = logging.getLogger(__name__)

CONNECTION_LOST = (OperationalError, InterfaceError, InternalError, ComputePoolLost)
"""After one of these a worker cannot hold its leases any more."""

BUDGET_RETRY_SECONDS = 1.0
"""Before the day's budget is asked again: others may release a part of it."""
ADVICE_PAUSE_SECONDS = 2.0
"""Before an advisory stage asks a service that was unavailable once more; then the run goes on without."""


@dataclass
class Run:
    """One leased task and the work on it."""

    leased: LeasedTask
    context: RunContext
    writing: tuple[str, str] = ("", "")
    """The stage in which a model is writing, and its text so far."""
    unsaved: UnsavedText = field(default_factory=UnsavedText)
    last_call: CallRecord | None = None
    chain: ModelChain | None = None
    has_reserved: bool = False
    """Whether an amount was reserved for one of its calls."""

    @property
    def task(self) -> ContentTask:
        return self.leased.task

    @cached_property
    def lease(self) -> Lease:
        return Lease(self.task.pk, self.task.lease_epoch)

    @property
    def text_so_far(self) -> tuple[str, str]:
        """The stage in which a model is writing, and all that it has written in it."""
        stage, text = self.writing
        return stage, self.unsaved.with_parts(text) if stage == Stage.DRAFT else text

    async def work(self) -> None:
        """Produce the article and end the task, whatever happens. When cancelled, someone else has ended it.

        Raises one of CONNECTION_LOST.
        """
        with span("task", task_id=self.task.pk, attempt=self.task.attempts):
            try:
                end = await self._outcome()
                await self.context.checkpoints.save(self.lease, end)
            except LeaseLost:
                logger.info("The lease of task %s has been lost", self.task.pk)

    async def save_after_stop(self) -> None:
        """The task was cancelled or put on hold: save what there is of the text, which was paid for."""
        await self._save_unfinished()
        await self._release_reservation()

    async def _release_reservation(self) -> None:
        """A stop or a time limit may have come between a reservation and the call it was for."""
        if self.has_reserved:
            await self._release()

    async def _save_unfinished(self) -> None:
        """Make a version of what was written and is in none."""
        found = self.unsaved.content(self.task, self._writer())
        if found is None:
            return
        try:
            await self.context.in_thread(save_unfinished, self.lease, *found)
        except CONNECTION_LOST:
            raise
        except (DatabaseError, ValueError):
            # This must not stop the task from ending.
            logger.exception("The unfinished text of task %s could not be saved", self.task.pk)

    def _writer(self) -> str:
        call = self.last_call
        return f"{call.provider}:{call.model}" if call else "a language model"

    async def _outcome(self) -> RunEnded:
        end = await self._end()
        # A text that has no place for a locked paragraph was refused: the current one stays.
        if end.status != Status.AWAITING_APPROVAL and end.fields["error_kind"] != ParagraphLocked.kind:
            await self._save_unfinished()
        await self._release_reservation()
        return end

    async def _end(self) -> RunEnded:
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
            broke = self._broke(error)
            return self._failed(str(broke), broke.kind)
        return self._ended(Status.AWAITING_APPROVAL, "", "", progress=100, stage="")

    def _broke(self, error: Exception) -> StageBroke:
        logger.error("Task %s: the stage %s broke", self.task.pk, self.task.stage, exc_info=error)
        what = f"The stage {self.task.stage} broke: {type(error).__name__}."
        return StageBroke(f"{what} See the log; retry resumes here.")

    def _to_be_retried(self, error: ProviderUnavailable) -> RunEnded:
        pause = pause_seconds(self.task.attempts, error.retry_after_seconds)
        run_after = timezone.now() + timedelta(seconds=pause)
        return self._ended(Status.PENDING, str(error), error.kind, run_after=run_after)

    def _failed(self, error: str, kind: str) -> RunEnded:
        return self._ended(Status.FAILED, error, kind)

    def _ended(self, status: Status, error: str, kind: str, **fields: Any) -> RunEnded:
        fields |= {"error": error, "error_kind": kind, "lease_owner": None, "finished_at": timezone.now()}
        return RunEnded(self.task, status, error, fields)

    async def _produce(self) -> None:
        """Raises TaskTimeout when the task's own time is over."""
        deadline_at = self.task.deadline_at or timezone.now()  # set when the lease was taken
        limit = asyncio.timeout((deadline_at - timezone.now()).total_seconds())
        try:
            async with limit:
                if self.context.vendors is not None and self.task.run == 1:
                    await self.context.in_thread(store_forecast, self.task)
                exchanges = RunExchanges(self.task, self.context.in_thread)
                brief = await exchanges.brief(self.leased.brief)
                providers = exchanges.around(self._providers())
                look_up_site_for(self.task.pk, self.context.in_thread, providers.links, is_fetched_now=True)
                await self.context.pipeline(brief, providers, self._step, self._save_version)
        except TimeoutError:
            if not limit.expired():
                raise
            error = TaskTimeout(
                f"Not done after {self.task.timeout_seconds} seconds (timeout_seconds): "
                "raise the limit and retry; finished stages are kept."
            )
            self._record_failure(self.task.stage or "start", deadline_at, error, breached_at=deadline_at)
            raise error from None

    async def _step(self, stage: Callable[..., Awaitable[Output]], *inputs: object, key: str = "") -> Output:
        """The one bridge between a pipeline and the database: what is saved is not run again."""
        key = key or stage.__name__
        output_type: type[Output] = _returned_by(stage)
        if key in self.leased.saved_outputs:
            output = output_type.model_validate(self.leased.saved_outputs[key])
            if not is_in_a_version(key, self.leased.saved_outputs):
                self.unsaved.add(output)
            return output
        self.context.check_fence()
        self._enter(key)
        try:
            output, started_at = await self._run(stage, inputs, key)
        except ProviderUnavailable as error:
            if isinstance(error, StageTimeout) or not is_advisory(key):
                raise
            await asyncio.sleep(ADVICE_PAUSE_SECONDS)
            output, started_at = await self._run(stage, inputs, key)
        await self._save(key, output.model_dump(mode="json"), started_at)
        if isinstance(output, Research):
            await self.context.in_thread(mark_unusable, self.task, output)
        self.unsaved.add(output)
        return output

    async def _run(
        self, stage: Callable[..., Awaitable[Output]], inputs: tuple[object, ...], key: str
    ) -> tuple[Output, datetime]:
        """Return what the stage returns, and when it began. Raises StageFailed, or what ends the run."""
        started_at = timezone.now()
        try:
            with span(f"stage {key.partition('-')[0]}", stage=key):
                return await self._within_limit(stage(*inputs), key, started_at), started_at
        except StageTimeout as error:
            limit_at = started_at + timedelta(seconds=self.task.stage_timeout_seconds)
            self._record_failure(key, started_at, error, breached_at=limit_at)
            raise
        except (LeaseLost, *CONNECTION_LOST):
            raise
        except StageFailed as error:
            self._record_failure(key, started_at, error)
            raise
        except Exception as error:
            self._record_failure(key, started_at, error)
            raise self._broke(error) from error

    def _enter(self, key: str) -> None:
        stage = Stage(key.partition("-")[0])
        self.task.stage, self.task.progress = stage, max(self.task.progress, progress_of(key))
        self.context.checkpoints.enqueue(self.lease, StageEntered(stage, self.task.progress))

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

    def _record_failure(
        self, key: str, started_at: datetime, error: Exception, breached_at: datetime | None = None
    ) -> None:
        failed = StageError(
            self.task.run,
            self.task.attempts,
            key,
            str(error) or type(error).__name__,
            getattr(error, "kind", "bug"),
            started_at,
            timezone.now(),
            breached_at,
        )
        self.context.checkpoints.enqueue(self.lease, failed)

    async def _save(self, key: str, output: Any, started_at: datetime) -> None:
        finished = StageFinished(self.task.run, self.task.attempts, key, output, started_at, timezone.now())
        await self.context.checkpoints.save(self.lease, finished)

    async def _save_version(self, article: Article, report: Assessment, *, reason: str, key: str) -> None:
        key = f"version-{key}"
        if key not in self.leased.saved_outputs:
            await self.context.in_thread(save_version, self.task, self.lease, article, report, reason, key)
        self.unsaved = UnsavedText()

    def _providers(self) -> Providers:
        pages = PagesOnDemand(
            allow_private_networks=settings.FETCH_ALLOW_PRIVATE_NETWORKS, site_url=settings.SITE_URL
        )
        archive = DatabaseArchive(self.lease, self.context.in_thread)
        # Links are one part of an inspection, which has its own limit of time.
        links = link_lookup(most_seconds=self.task.stage_timeout_seconds / 3)
        search, llm = configured_search(), self._language_model()
        covers = covers_for(self.task.pk, self.context.in_thread)
        return Providers(pages=pages, llm=llm, archive=archive, links=links, search=search, covers=covers)

    def _language_model(self) -> LanguageModel | None:
        if self.context.vendors is None:
            return None
        from tasks.pipeline.providers.model_calls.model_chain import (
            ModelChain,  # loads aiohttp, as do vendors
        )

        budget_usd = settings.TASK_BUDGET_USD if self.task.budget_usd is None else self.task.budget_usd
        self.chain = ModelChain(
            {role: tuple(settings.MODEL_FOR.get(role, settings.PIPELINE_MODELS)) for role in Role},
            self.context.vendors,
            on_call=self._book,
            on_text=self._note_text,
            before_call=self.context.check_fence,
            budget_usd=budget_usd,
            spent_usd=self.leased.spent_usd,
            call_timeout_seconds=self.task.stage_timeout_seconds,
            reserve=self._reserve,
            release=self._release,
        )
        return self.chain

    async def _reserve(self, request: BudgetRequest) -> Decimal:
        """Wait until the day's budget has room. Raises BudgetExceeded when it will have none today."""
        self.has_reserved = True
        while True:
            granted: Decimal | None = await self.context.in_thread(
                spending.reserve, self.context.worker_id, self.lease, self.task.run, request
            )
            if granted is not None:
                return granted
            await asyncio.sleep(BUDGET_RETRY_SECONDS)

    async def _release(self) -> None:
        await self.context.in_thread(spending.release, self.lease)

    async def _book(self, record: CallRecord) -> None:
        self.last_call = record
        trace_call(record)
        # Nothing is reserved for a model without a price.
        called = CallMade(self.task.run, record, is_reserved=record.cost_usd is not None)
        await self.context.checkpoints.save(self.lease, called)

    def _note_text(self, stage: str, text: str) -> None:
        self.writing = (stage, text)
        if stage == Stage.DRAFT:
            self.unsaved.note(text, self._writer())


@cache
def _returned_by(stage: Callable[..., Any]) -> Any:
    return get_type_hints(stage)["return"]
