"""Pages about one source: the documents it was, what was read from them, and reading them again."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from approvals.desk.frame import number, page
from approvals.desk.review_sources import sources_read, used_reading
from approvals.diffs.line_diff import FieldDiff, diff_content
from tasks.actions import read_again
from tasks.actor import actor
from tasks.downloads import as_download
from tasks.models import Source, SourceReading, SourceSnapshot
from tasks.pipeline.errors import UnreadableText
from tasks.source_records import record_prefetches

VIEW = ("tasks.view_contenttask", "tasks.view_source")
COMPARED = ("title", "author", "published", "language", "charset", "text")


@require_safe
@permission_required(VIEW, raise_exception=True)
def source(request: HttpRequest, source_id: int) -> HttpResponse:
    rows = Source.objects.select_related("task__draft").prefetch_related(*record_prefetches())
    found = get_object_or_404(rows.defer("text"), pk=source_id)
    snapshots = list(found.snapshots.all())
    readings = [reading for snapshot in snapshots for reading in snapshot.readings.all()]
    draft = getattr(found.task, "draft", None)
    _, used = used_reading(found, sources_read(draft).get(found.number)) if draft else (None, None)
    new = _chosen(readings, request.GET.get("new")) or (readings[-1] if readings else None)
    old = _chosen(readings, request.GET.get("old")) or _before(readings, new)
    return page(
        request,
        "desk/source.html",
        title=f"Source {found.number}: {found}",
        source=found,
        draft=draft,
        snapshots=snapshots[::-1],
        readings=readings,
        used=used,
        old=old,
        new=new,
        text=_text(new),
        passage=_passage(request, _text(new)),
        changes=_changes(old, new),
    )


@require_safe
@permission_required(VIEW, raise_exception=True)
def document(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """The bytes as they were. Not recorded: it shows no more than the page it is linked from."""
    return as_download(get_object_or_404(SourceSnapshot.objects.select_related("content"), pk=snapshot_id))


@require_POST
@permission_required((*VIEW, "tasks.change_source"), raise_exception=True)
def reread(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    snapshot = get_object_or_404(SourceSnapshot, pk=snapshot_id)
    try:
        reading, is_new = read_again(snapshot, by=actor(request))
    except UnreadableText as error:
        messages.error(request, str(error))
    else:
        what = "Read again by" if is_new else "Nothing changed: it was read before by"
        messages.add_message(
            request, messages.SUCCESS if is_new else messages.INFO, f"{what} {reading.reader}."
        )
    return redirect("desk:source", snapshot.source_id)


class MarkedBlock(NamedTuple):
    """A block of a source's text, and the part of it that a claim rests on."""

    before: str
    marked: str = ""
    after: str = ""
    is_first: bool = False


def _passage(request: HttpRequest, text: str) -> list[MarkedBlock]:
    """The text block by block with the passage `from` … `to` marked; nothing for a place it does not have."""
    start, end = number(request.GET.get("from")), number(request.GET.get("to"))
    if start is None or end is None or not start < end <= len(text):
        return []
    blocks, at, is_first = list[MarkedBlock](), 0, True
    for block in text.split("\n\n"):
        first, last = (min(max(place - at, 0), len(block)) for place in (start, end))
        if first < last:
            blocks.append(MarkedBlock(block[:first], block[first:last], block[last:], is_first))
            is_first = False
        else:
            blocks.append(MarkedBlock(block))
        at += len(block) + 2
    return blocks


def _chosen(readings: list[SourceReading], wanted: str | None) -> SourceReading | None:
    pk = number(wanted)
    return next((reading for reading in readings if reading.pk == pk), None)


def _before(readings: list[SourceReading], new: SourceReading | None) -> SourceReading | None:
    earlier = [reading for reading in readings if new and reading.pk < new.pk]
    return earlier[-1] if earlier else None


def _text(reading: SourceReading | None) -> str:
    return reading.text if reading else ""


def _changes(old: SourceReading | None, new: SourceReading | None) -> list[FieldDiff] | None:
    if old is None or new is None or old.pk == new.pk:
        return None
    return diff_content(_compared(old), _compared(new))


def _compared(reading: SourceReading) -> dict[str, Any]:
    return {name: getattr(reading, name) for name in COMPARED}
