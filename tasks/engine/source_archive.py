"""Stores what a run read: the documents of its sources, fenced by its lease as every write of a run is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from tasks.engine.checkpoints import Lease
from tasks.lifecycle import Status
from tasks.models import ContentTask, Source, SourceBytes
from tasks.pipeline.errors import LeaseLost
from tasks.signals import source_stored
from tasks.source_records import bytes_row, store_page, usable_text

if TYPE_CHECKING:
    from tasks.pipeline.providers import FetchedPage
    from tasks.pipeline.reading.types import Reading
    from tasks.pipeline.search_results import SearchResult

TITLE_CHARACTERS = 300


@dataclass(frozen=True)
class DatabaseArchive:
    """The SourceArchive of one run. `in_thread` runs a function where the database may be waited for."""

    lease: Lease
    in_thread: Callable[..., Awaitable[Any]]

    async def save(self, number: int, page: FetchedPage, reading: Reading | None) -> None:
        await self.in_thread(_pack_and_store, self.lease, number, page, reading)

    async def add(self, number: int, result: SearchResult, page: FetchedPage, reading: Reading) -> int:
        added: int = await self.in_thread(_pack_and_add, self.lease, number, result, page, reading)
        return added


def _pack_and_add(
    lease: Lease, number: int, result: SearchResult, page: FetchedPage, reading: Reading
) -> int:
    return add_found(lease, number, result, page, bytes_row(page.body), reading)


def _pack_and_store(lease: Lease, number: int, page: FetchedPage, reading: Reading | None) -> None:
    store(lease, number, page, bytes_row(page.body), reading)


@transaction.atomic
def store(lease: Lease, number: int, page: FetchedPage, row: SourceBytes, reading: Reading | None) -> None:
    """Store all of it, or nothing. Raises LeaseLost when the lease has ended, or the task was stopped."""
    source = Source.objects.defer("text").filter(task=_held(lease), number=number).first()
    if source is None:
        return  # it was deleted meanwhile, past the pages that refuse that
    _store_document(source, page, row, reading)


@transaction.atomic
def add_found(
    lease: Lease, number: int, result: SearchResult, page: FetchedPage, row: SourceBytes, reading: Reading
) -> int:
    """Make a page that was found a source of the task, with its document; return its number.

    An address that is a source already gets its newer document. Raises LeaseLost as `store` does.
    """
    task = _held(lease)
    numbers = dict(Source.objects.filter(task=task).values_list("url", "number"))
    source = Source.objects.defer("text").filter(task=task, url=result.url).first()
    if source is None:
        free = number if number not in numbers.values() else max(numbers.values()) + 1
        source = Source(
            task=task,
            number=free,
            title=usable_text(reading.title or result.title)[:TITLE_CHARACTERS],
            url=result.url,
            found_by=result.engine,
            found_query=result.query,
            found_rank=result.rank,
            found_at=page.fetched_at,
        )
        source.save()
    _store_document(source, page, row, reading)
    return source.number


def _held(lease: Lease) -> ContentTask:
    """The task, its row locked, as long as the run has it. Raises LeaseLost."""
    held = ContentTask.objects.select_for_update().only("status", "lease_epoch").get(pk=lease.task_id)
    if (held.status, held.lease_epoch) != (Status.IN_PROGRESS, lease.epoch):
        raise LeaseLost(f"The lease of task {lease.task_id} has ended.")
    return held


def _store_document(source: Source, page: FetchedPage, row: SourceBytes, reading: Reading | None) -> None:
    snapshot, read = store_page(source, page, row, reading)
    source_stored.send(Source, snapshot=snapshot, reading=read, by=None)
