"""What sources were, as rows: the bytes of a document, where they came from, and what was read from them."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from tasks.models import ContentTask, Source, SourceBytes, SourceReading, SourceSnapshot
from tasks.pipeline.stages.source_notes import about_source

if TYPE_CHECKING:
    from tasks.pipeline.providers import FetchedPage
    from tasks.pipeline.reading.types import Reading

COMPRESSION_LEVEL = 3
SAMPLE_BYTES = 64_000
WORTH_IT = 0.9
"""Bytes that would not become smaller than this share of themselves are stored as they are."""

_NOT_STORED = re.compile("[\x00\ud800-\udfff]")


@transaction.atomic
def store_files(sources: Sequence[Source], *, are_new: bool = False) -> list[SourceReading]:
    """Store the files that sources came with, and return what was read from them.

    Three statements for new sources, however many there are, and none without a file.
    """
    having = [(source, source.file) for source in sources if source.file is not None]
    if not having:
        return []
    contents = [_content(source, bytes_row(file.data), is_new=are_new) for source, file in having]
    SourceBytes.objects.bulk_create(row for row in contents if row._state.adding)
    now = timezone.now()
    snapshots = SourceSnapshot.objects.bulk_create(
        SourceSnapshot(
            source=source,
            content=content,
            origin=SourceSnapshot.Origin.UPLOADED,
            media_type=file.media_type[:255],
            file_name=usable_text(file.name, 255),
            fetched_at=now,
            uploaded_by=file.by,
            uploaded_by_name=file.by.get_username() if file.by else "",
        )
        for (source, file), content in zip(having, contents, strict=True)
    )
    for source, _ in having:
        source.file = None
    return SourceReading.objects.bulk_create(
        reading_row(snapshot, file.reading) for snapshot, (_, file) in zip(snapshots, having, strict=True)
    )


@transaction.atomic
def store_page(
    source: Source, page: FetchedPage, row: SourceBytes, reading: Reading | None
) -> tuple[SourceSnapshot, SourceReading | None]:
    """Store what a run fetched for a source, or the text that was typed, and what was read from it.

    `row` has the bytes of the page: packing many takes a while, and is done before a transaction begins.
    """
    content = _content(source, row)
    if content._state.adding:
        content.save(force_insert=True)
    is_typed = not page.final_url
    snapshot = _typed(source, content) if is_typed else None
    if snapshot is None:
        snapshot = SourceSnapshot.objects.create(
            source=source,
            content=content,
            origin=SourceSnapshot.Origin.TYPED if is_typed else SourceSnapshot.Origin.FETCHED,
            media_type="" if is_typed else usable_text(page.content_type, 255),
            requested_url=usable_text(page.requested_url),
            final_url=usable_text(page.final_url),
            file_name="" if is_typed else usable_text(page.name, 255),
            fetched_at=page.fetched_at or timezone.now(),
        )
    if reading is None:
        return snapshot, None
    read = reading_row(snapshot, reading)
    SourceReading.objects.bulk_create([read], ignore_conflicts=True)
    return snapshot, read


def bytes_row(data: bytes) -> SourceBytes:
    """An unsaved row; compressed where that saves something. CPU-bound, up to 0.3 seconds for 10 MB."""
    stored, is_compressed = data, False
    sample = data[:SAMPLE_BYTES]
    if len(zlib.compress(sample, COMPRESSION_LEVEL)) < WORTH_IT * len(sample):
        packed = zlib.compress(data, COMPRESSION_LEVEL)
        if len(packed) < WORTH_IT * len(data):
            stored, is_compressed = packed, True
    digest = hashlib.sha256(data).hexdigest()
    return SourceBytes(sha256=digest, size=len(data), data=stored, is_compressed=is_compressed)


def reading_row(snapshot: SourceSnapshot, reading: Reading) -> SourceReading:
    """An unsaved row."""
    # Imported here: its patterns take a while to compile, and most processes store no reading.
    from tasks.pipeline.text.words import word_count

    return SourceReading(
        snapshot=snapshot,
        reader=usable_text(reading.reader, 100),
        media_type=usable_text(reading.media_type, 100),
        charset=usable_text(reading.charset, 40),
        charset_from=usable_text(reading.charset_from, 40),
        title=usable_text(reading.title, 1000),
        author=usable_text(reading.author, 1000),
        published=usable_text(reading.published, 40),
        language=usable_text(reading.language, 40),
        text=usable_text(reading.text),
        kinds=list(reading.kinds),
        words=word_count(reading.text),
        share_taken=reading.share_taken,
        warnings=[usable_text(warning) for warning in reading.warnings],
        created_at=timezone.now(),
    )


def reread(snapshot: SourceSnapshot) -> Reading:
    """What today's reader takes from a stored document, in a process with limits. Raises UnreadableText."""
    # Imported here: what reads HTML takes a while to load, and most processes never do.
    from tasks.pipeline.reading.formats import declared_type
    from tasks.pipeline.reading.isolated import read_document_blocking
    from tasks.pipeline.source_reader import TYPED, as_typed

    is_typed = snapshot.origin == SourceSnapshot.Origin.TYPED
    served = TYPED if is_typed else declared_type(snapshot.media_type)
    content = SourceBytes.objects.get(pk=snapshot.content_id)
    reading = read_document_blocking(content.content, content_type=served, name=snapshot.file_name)
    return as_typed(reading) if is_typed else reading


def file_readings(sources: Iterable[Source]) -> dict[int, SourceReading]:
    """By source, the newest reading of its file, where its text is still what was read from the file.

    No statement when no source is from a file.
    """
    from_files = {source.pk: source for source in sources if source.file_name and source.text}
    if not from_files:
        return {}
    rows = SourceReading.objects.filter(
        snapshot__source__in=from_files, snapshot__origin=SourceSnapshot.Origin.UPLOADED
    )
    by_source: dict[int, list[SourceReading]] = {}
    for row in rows.select_related("snapshot__content").defer("snapshot__content__data").order_by("id"):
        by_source.setdefault(row.snapshot.source_id, []).append(row)
    found = {}
    for pk, readings in by_source.items():
        of_latest = [row for row in readings if row.snapshot_id == max(one.snapshot_id for one in readings)]
        if any(row.text == from_files[pk].text for row in of_latest):
            found[pk] = of_latest[-1]
    return found


def record_prefetches() -> tuple[Prefetch[Any], Prefetch[Any]]:
    """For a queryset of sources: their documents without the bytes, and the readings without the texts."""
    snapshots = SourceSnapshot.objects.select_related("content").defer("content__data").order_by("id")
    readings = SourceReading.objects.defer("text", "kinds").order_by("id")
    return Prefetch("snapshots", snapshots), Prefetch("snapshots__readings", readings)


def newest_readings(task: ContentTask) -> list[SourceReading]:
    """Of each source of a task the newest reading, in their order, without the texts."""
    rows = SourceReading.objects.filter(snapshot__source__task=task).defer("text", "snapshot__source__text")
    rows = rows.select_related("snapshot__source")
    order = ("snapshot__source__number", "-snapshot_id", "-id")
    return list(rows.order_by(*order).distinct("snapshot__source__number"))


def warnings_about(readings: Iterable[SourceReading]) -> list[str]:
    """What an editor should know before a word is written, a sentence each."""
    return [
        about_source(source.number, source.title or reading.title, warning)
        for reading in readings
        for source in [reading.snapshot.source]
        for warning in reading.warnings
    ]


def _content(source: Source, row: SourceBytes, *, is_new: bool = False) -> SourceBytes:
    """The row of the same bytes that the source has already, or this one."""
    row.source = source
    if is_new:
        return row
    return SourceBytes.objects.filter(source=source, sha256=row.sha256).defer("data").first() or row


def _typed(source: Source, content: SourceBytes) -> SourceSnapshot | None:
    """The snapshot of a typed text: another run that reads the same text adds none."""
    return SourceSnapshot.objects.filter(
        source=source, content=content, origin=SourceSnapshot.Origin.TYPED
    ).first()


def usable_text(text: str, limit: int | None = None) -> str:
    """What the database can hold of a text."""
    return _NOT_STORED.sub("", text)[:limit]
