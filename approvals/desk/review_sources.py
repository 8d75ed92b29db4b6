"""The sources of a draft as a reviewer sees them: what they were, what was read, what cites them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from approvals.desk.review_page import Quality
from tasks import rendered_bodies
from tasks.models import Draft, Source, SourceReading, SourceSnapshot, StageRun
from tasks.pipeline.check_status import CheckStatus
from tasks.source_records import record_prefetches


@dataclass
class SourceShown:
    number: int
    title: str = ""
    url: str = ""
    text: str = ""
    problem: str = ""
    is_cited: bool = False
    # What readers see, where it differs from the above.
    cited_title: str = ""
    cited_url: str = ""
    statements: list[CitingStatement] = field(default_factory=list)
    pk: int | None = None
    snapshot: SourceSnapshot | None = None
    reading: SourceReading | None = None
    """What the draft was checked against, if that is stored, else the newest."""
    newer: SourceReading | None = None
    """A later reading of the same document."""
    found: Source | None = None
    """The source, if a web search found it."""


@dataclass(frozen=True)
class CitingStatement:
    """A sentence of the text that cites a source; doubted when a failed check quotes it."""

    text: str
    is_doubted: bool


def sources(draft: Draft) -> list[SourceShown]:
    """The sources that were given and read, with those that the text cites marked."""
    shown: dict[int, SourceShown] = {}
    used = sources_read(draft)
    for row in draft.task.sources.prefetch_related(*record_prefetches()):
        snapshot, reading = used_reading(row, used.get(row.number))
        newest = list(snapshot.readings.all())[-1:] if snapshot and reading else []
        newer = next((later for later in newest if later != reading), None)
        shown[row.number] = SourceShown(
            row.number, row.title, row.url, row.text, row.problem,
            pk=row.pk, snapshot=snapshot, reading=reading, newer=newer, found=row if row.found_by else None,
        )  # fmt: skip
        if row.file_name:
            shown[row.number].text = ""  # what was read from the file may be newer
    for number, read in used.items():
        source = shown.setdefault(number, SourceShown(number))
        source.title = source.title or read["title"]
        source.url = source.url or read["url"]
        source.text = source.text or read["text"]
    _mark_cited(shown, draft)
    return [shown[number] for number in sorted(shown)]


def sources_read(draft: Draft) -> dict[int, dict[str, Any]]:
    """By number, the sources as the latest run of the task read them."""
    research = StageRun.objects.filter(task=draft.task_id, key="research", output__isnull=False).last()
    output = (research.output if research else None) or {}
    return {read["number"]: read for read in output.get("sources", [])}


def used_reading(
    source: Source, read: Mapping[str, Any] | None
) -> tuple[SourceSnapshot | None, SourceReading | None]:
    """The document and the reading that a run used, else the newest there are."""
    snapshots = list(source.snapshots.all())
    for snapshot in reversed(snapshots if read else []):
        if read and snapshot.content.sha256 == read.get("sha256"):
            for reading in snapshot.readings.all():
                if reading.reader == read.get("reader"):
                    return snapshot, reading
    if not snapshots:
        return None, None
    readings = list(snapshots[-1].readings.all())
    return snapshots[-1], readings[-1] if readings else None


def _mark_cited(shown: dict[int, SourceShown], draft: Draft) -> None:
    for citation in draft.citations:
        source = shown.setdefault(citation["number"], SourceShown(citation["number"]))
        source.title = source.title or citation["title"]
        source.url = source.url or citation.get("url", "")
        # Readers see the citation, which a person may have changed to another address.
        as_read = (citation["title"] or source.title, citation.get("url") or source.url)
        if as_read != (source.title, source.url):
            source.cited_title, source.cited_url = as_read
        source.is_cited = True


def attach_statements(sources: Sequence[SourceShown], draft: Draft, quality: Quality | None) -> None:
    """Attach to each source the statements that cite it."""
    by_number = {source.number: source for source in sources}
    doubts = _doubts(quality)
    said = rendered_bodies.of_text(_said, draft.task.topic, draft.task.language, draft.title, draft.body)
    for statement, citations in said:
        for number in citations:
            if number in by_number:
                is_doubted = statement in doubts
                by_number[number].statements.append(CitingStatement(statement, is_doubted))


def _said(topic: str, language: str, title: str, body: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The statements of a text, and the sources that each cites."""
    # Here, because it loads pydantic, which no other page needs.
    from tasks.pipeline.quality.inspected_draft import InspectedDraft
    from tasks.pipeline.types import Article, Brief, Research

    brief, article = Brief(topic=topic, language=language), Article(title=title, body=body)
    text = InspectedDraft(brief, Research(sources=()), article)
    return tuple((statement.text, tuple(statement.citations)) for statement in text.statements)


def _doubts(quality: Quality | None) -> str:
    """Everything that failed checks quote, if they checked exactly this text."""
    if quality is None or not quality.is_current:
        return ""
    failed = (result for result in quality.report.results if result["status"] == CheckStatus.FAILED)
    return "\n".join(words for result in failed for words in result["evidence"])
