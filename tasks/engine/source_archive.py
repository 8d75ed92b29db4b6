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
from tasks.source_records import bytes_row, store_page

if TYPE_CHECKING:
    from tasks.pipeline.providers import FetchedPage
    from tasks.pipeline.reading.types import Reading


@dataclass(frozen=True)
class DatabaseArchive:
    """The SourceArchive of one run. `in_thread` runs a function where the database may be waited for."""

    lease: Lease
    in_thread: Callable[..., Awaitable[Any]]

    async def save(self, number: int, page: FetchedPage, reading: Reading | None) -> None:
        await self.in_thread(_pack_and_store, self.lease, number, page, reading)


def _pack_and_store(lease: Lease, number: int, page: FetchedPage, reading: Reading | None) -> None:
    store(lease, number, page, bytes_row(page.body), reading)


@transaction.atomic
def store(lease: Lease, number: int, page: FetchedPage, row: SourceBytes, reading: Reading | None) -> None:
    """Store all of it, or nothing. Raises LeaseLost when the lease has ended, or the task was stopped."""
    held = ContentTask.objects.select_for_update().only("status", "lease_epoch").get(pk=lease.task_id)
    if (held.status, held.lease_epoch) != (Status.IN_PROGRESS, lease.epoch):
        raise LeaseLost(f"The lease of task {lease.task_id} has ended.")
    source = Source.objects.defer("text").filter(task=held, number=number).first()
    if source is None:
        return  # it was deleted meanwhile, past the pages that refuse that
    snapshot, read = store_page(source, page, row, reading)
    source_stored.send(Source, snapshot=snapshot, reading=read, by=None)
