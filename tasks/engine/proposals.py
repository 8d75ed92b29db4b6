"""Works on proposals: a worker takes those that wait, calls the model, and saves what it replied.

There is no lease to renew: a proposal names its worker, and one whose worker is no longer registered is taken
by another. Dismissing one stops its call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.db import DataError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from tasks.engine import spending
from tasks.engine.active_runs import RELEASE_SECONDS
from tasks.engine.mapping import article_of, brief_of, research_of
from tasks.engine.runner import CONNECTION_LOST
from tasks.guidance import guidelines_for
from tasks.models import ContentTask, Proposal
from tasks.pipeline.errors import LeaseLost, StageBroke, StageFailed, StageTimeout
from tasks.pipeline.passages import DraftPassage, ProposedText
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.propose_titles import propose_titles
from tasks.pipeline.stages.rewrite_paragraph import rewrite_paragraph
from tasks.pipeline.stages.shorten import shorten
from tasks.pipeline.text.paragraphs import heading_text, paragraphs
from tasks.pipeline.types import Article, Brief, Research, Role
from tasks.source_records import file_readings

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_calls.budget import BudgetRequest
    from tasks.pipeline.providers.model_calls.calls import CallRecord
    from tasks.pipeline.providers.model_servers.vendor_pool import Vendors

logger = logging.getLogger(__name__)

POLL_SECONDS = 2.0
BUDGET_RETRY_SECONDS = 1.0
MAX_ATTEMPTS = 3
"""How many workers may end while they work on it."""

TAKE = """
    UPDATE tasks_proposal SET lease_owner = %(owner)s, attempts = attempts + 1, started_at = now()
    WHERE id IN (
        SELECT id FROM tasks_proposal proposal
        WHERE status = 'waiting' AND NOT EXISTS (SELECT FROM tasks_worker WHERE id = proposal.lease_owner)
        ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


@dataclass(frozen=True)
class ProposalInputs:
    """A proposal with all that its stage takes."""

    proposal: Proposal
    task: ContentTask
    brief: Brief
    research: Research
    article: Article
    passage: DraftPassage
    spent_usd: Decimal


class ProposalTaker:
    """The proposals of one worker.

    Both callables run a function where the database may be waited for; `polling` is used again and again.
    """

    def __init__(
        self,
        worker_id: int,
        vendors: Vendors,
        polling: Callable[..., Awaitable[Any]],
        in_thread: Callable[..., Awaitable[Any]],
        check_fence: Callable[[], None],
        max_in_flight: int,
    ) -> None:
        self._polling = polling
        self._worker_id = worker_id
        self._vendors = vendors
        self._in_thread = in_thread
        self._check_fence = check_fence
        self._max_in_flight = max_in_flight
        self._working: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._broken: BaseException | None = None
        """What ended the work on a proposal: this worker has to end, so that another takes it."""

    def wake(self) -> None:
        self._wake.set()

    def stop(self, proposal_id: int) -> None:
        """It is not wanted any more: close the model's stream."""
        if work := self._working.get(proposal_id):
            work.cancel()

    async def run(self) -> NoReturn:
        """Take and work until cancelled; then every call is stopped. Raises one of CONNECTION_LOST."""
        try:
            while True:
                self._wake.clear()
                if self._broken is not None:
                    raise self._broken
                await self.take()
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    pass
        finally:
            works = list(self._working.values())
            for work in works:
                work.cancel()
            if works:
                await asyncio.wait(works, timeout=RELEASE_SECONDS)

    async def take(self) -> None:
        """Begin with what waits, and stop what was dismissed while its notification was lost."""
        if self._working:
            wanted = await self._polling(still_wanted, self._worker_id)
            for proposal_id in self._working.keys() - wanted:
                self.stop(proposal_id)
        if room := self._max_in_flight - len(self._working):
            for found in await self._polling(take_proposals, self._worker_id, room):
                work = asyncio.create_task(self._work(found))
                self._working[found.proposal.pk] = work
                work.add_done_callback(partial(self._on_done, found.proposal.pk))

    async def until_done(self) -> None:
        while self._working:
            await asyncio.wait(list(self._working.values()))

    def _on_done(self, proposal_id: int, work: asyncio.Task[None]) -> None:
        self._working.pop(proposal_id, None)
        self.wake()
        if not work.cancelled():
            self._broken = self._broken or work.exception()

    async def _work(self, found: ProposalInputs) -> None:
        writer = _Writer(found, self._worker_id, self._vendors, self._in_thread, self._check_fence)
        try:
            end = await writer.end()
        except LeaseLost:
            return
        finally:
            await asyncio.shield(writer.release())
        try:
            await self._in_thread(finish, found.proposal.pk, self._worker_id, end)
        except (DataError, ValueError):
            logger.exception("The reply to proposal %s was refused", found.proposal.pk)
            end = _failed("The model's reply cannot be stored. See the log, or ask again.", StageBroke.kind)
            await self._in_thread(finish, found.proposal.pk, self._worker_id, end)


class _Writer:
    """Calls the model for one proposal, within its budget and its time."""

    def __init__(
        self,
        found: ProposalInputs,
        worker_id: int,
        vendors: Vendors,
        in_thread: Callable[..., Awaitable[Any]],
        check_fence: Callable[[], None],
    ) -> None:
        self._found = found
        self._vendors = vendors
        self._in_thread = in_thread
        self._check_fence = check_fence
        self._has_reserved = False
        self._model = ""

    async def end(self) -> dict[str, Any]:
        """The fields of the proposal that say how it ended. Raises LeaseLost."""
        try:
            proposed = await self._within_limit()
        except (LeaseLost, *CONNECTION_LOST):
            raise
        except StageFailed as error:
            return _failed(str(error), error.kind)
        except Exception as error:
            logger.exception("Proposal %s broke", self._found.proposal.pk)
            return _failed(f"A program error ended it: {type(error).__name__}. See the log.", StageBroke.kind)
        return {
            "status": Proposal.State.READY,
            "texts": list(proposed.texts),
            "notes": list(proposed.notes),
            "written_by": proposed.written_by or self._model,
        }

    async def release(self) -> None:
        """A stop may have come between a reservation and the call it was for."""
        if self._has_reserved:
            await self._in_thread(spending.release_for_proposal, self._found.proposal.pk)

    async def _within_limit(self) -> ProposedText:
        seconds = self._found.task.stage_timeout_seconds
        try:
            async with asyncio.timeout(seconds) as limit:
                return await propose(self._found, self._language_model())
        except TimeoutError:
            if not limit.expired():
                raise
            raise StageTimeout(f"It was not done after {seconds} seconds (stage_timeout_seconds).") from None

    def _language_model(self) -> LanguageModel:
        from tasks.pipeline.providers.model_calls.model_chain import (
            ModelChain,  # loads aiohttp, as do vendors
        )

        task = self._found.task
        return ModelChain(
            {role: tuple(settings.MODEL_FOR.get(role, settings.PIPELINE_MODELS)) for role in Role},
            self._vendors,
            on_call=self._book,
            before_call=self._check_fence,
            budget_usd=settings.TASK_BUDGET_USD if task.budget_usd is None else task.budget_usd,
            spent_usd=self._found.spent_usd,
            call_timeout_seconds=task.stage_timeout_seconds,
            reserve=self._reserve,
            release=self.release,
        )

    async def _reserve(self, request: BudgetRequest) -> Decimal:
        """Wait until the day's budget has room. Raises BudgetExceeded when it will have none today."""
        self._has_reserved = True
        while True:
            granted: Decimal | None = await self._in_thread(
                spending.reserve_for_proposal, self._found.proposal.pk, request
            )
            if granted is not None:
                return granted
            await asyncio.sleep(BUDGET_RETRY_SECONDS)

    async def _book(self, record: CallRecord) -> None:
        self._model = f"{record.provider}:{record.model}"
        await self._in_thread(spending.book_for_proposal, self._found.proposal, self._found.task, record)


async def propose(found: ProposalInputs, llm: LanguageModel) -> ProposedText:
    """Run the stage of its kind."""
    proposal, brief, research = found.proposal, found.brief, found.research
    match Proposal.Kind(proposal.kind):
        case Proposal.Kind.PARAGRAPH:
            return await rewrite_paragraph(brief, research, found.passage, proposal.instruction, llm)
        case Proposal.Kind.SHORTEN:
            share = proposal.share_percent or 0
            return await shorten(brief, research, found.passage, share, proposal.instruction, llm)
        case Proposal.Kind.TITLES:
            return await propose_titles(brief, found.article, proposal.instruction, llm)


# --- In the database's thread ---------------------------------------------------------------------------


def take_proposals(worker_id: int, limit: int) -> list[ProposalInputs]:
    """Take up to `limit` proposals, the oldest first; one whose workers keep ending has failed."""
    # A cheaper look than taking none, which a worker that waits does every two seconds.
    if not Proposal.objects.filter(status=Proposal.State.WAITING).exists():
        return []
    return _take(worker_id, limit)


@transaction.atomic
def _take(worker_id: int, limit: int) -> list[ProposalInputs]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"owner": worker_id, "limit": limit})
        ids = [proposal_id for (proposal_id,) in cursor.fetchall()]
    if not ids:
        return []
    found = []
    rows = Proposal.objects.filter(pk__in=ids).select_related("draft__task").order_by("id")
    for proposal in rows:
        if proposal.attempts > MAX_ATTEMPTS:
            error = f"{MAX_ATTEMPTS} workers ended while they worked on it. Check the workers' log."
            finish(proposal.pk, worker_id, _failed(error, "worker_died"))
        else:
            found.append(_inputs(proposal))
    return found


def still_wanted(worker_id: int) -> set[int]:
    mine = Proposal.objects.filter(lease_owner=worker_id, status=Proposal.State.WAITING)
    return set(mine.values_list("pk", flat=True))


def finish(proposal_id: int, worker_id: int, end: dict[str, Any]) -> None:
    """Save how it ended, unless it was dismissed or another worker has it by now."""
    own = Proposal.objects.filter(pk=proposal_id, lease_owner=worker_id, status=Proposal.State.WAITING)
    own.update(**end, finished_at=timezone.now(), lease_owner=None)


def _failed(error: str, kind: str) -> dict[str, Any]:
    return {"status": Proposal.State.FAILED, "error": error, "error_kind": kind}


def _inputs(proposal: Proposal) -> ProposalInputs:
    task = proposal.draft.task
    as_read = proposal.draft.history.get(version=proposal.version)
    article = article_of(as_read.instance)
    brief = brief_of(task, file_readings(task.sources.all()))
    brief = brief.model_copy(update={"category_guidance": guidelines_for([task]).get(task.pk, ())})
    spent: Decimal | None = task.calls.aggregate(usd=Sum("cost_usd"))["usd"]
    return ProposalInputs(
        proposal, task, brief, research_of(task), article, _passage(proposal, article), spent or Decimal(0)
    )


def _passage(proposal: Proposal, article: Article) -> DraftPassage:
    texts = paragraphs(article.body)
    start, end = proposal.position, proposal.position + len(proposal.paragraphs)
    headings = (heading for text in reversed(texts[:start]) if (heading := heading_text(text)))
    return DraftPassage(
        text=proposal.original,
        title=article.title,
        section=next(headings, ""),
        before=texts[start - 1] if start else "",
        after=texts[end] if end < len(texts) else "",
        citations=article.citations,
    )
