"""Between the rows of the database and the values of the pipeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from tasks import naming
from tasks.brief_fields import BRIEF_FIELDS
from tasks.claim_records import save_claims
from tasks.covers import COVER_FIELDS
from tasks.models import ContentTask, Draft, ParagraphLock, QualityReport, Source, SourceReading
from tasks.pipeline.text.locked_paragraphs import anchored
from tasks.pipeline.types import (
    Article,
    Assessment,
    BlockKind,
    Brief,
    CheckRule,
    GivenSource,
    LockedParagraph,
    Research,
)

BRIEF_COLUMNS = tuple(name for name in Brief.model_fields if name in BRIEF_FIELDS)
PROVENANCE = {"editor_notes", "written_by"}
"""Fields of an Article that no reader sees."""


@dataclass
class LeasedTask:
    """A task that a worker has taken, and what its run begins from."""

    task: ContentTask
    saved_outputs: dict[str, Any] = field(default_factory=dict)
    """The finished stages of its run, by key."""
    spent_usd: Decimal = Decimal(0)
    category_guidance: tuple[str, ...] = ()
    locked_paragraphs: tuple[LockedParagraph, ...] = ()
    check_rules: tuple[CheckRule, ...] = ()
    file_readings: Mapping[int, SourceReading] = field(default_factory=dict)
    """By source, what was read from its file: see tasks.source_records.file_readings."""

    @property
    def brief(self) -> Brief:
        inputs = {"category_guidance": self.category_guidance, "locked": self.locked_paragraphs}
        return brief_of(self.task, self.file_readings, self.check_rules).model_copy(update=inputs)


def brief_of(
    task: ContentTask,
    file_readings: Mapping[int, SourceReading] | None = None,
    check_rules: tuple[CheckRule, ...] = (),
) -> Brief:
    """Without category guidelines and locked paragraphs, which only a run needs."""
    readings = file_readings or {}
    sources = tuple(_given_source(source, readings.get(source.pk)) for source in task.sources.all())
    guidance = tuple(guidance.text for guidance in task.guidance.all())
    fields = {name: getattr(task, name) for name in BRIEF_COLUMNS}
    return Brief(**fields, sources=sources, guidance=guidance, check_rules=check_rules)


def _given_source(source: Source, reading: SourceReading | None) -> GivenSource:
    """The source with the newest reading of its file, if its text is from one."""
    given = GivenSource(
        number=source.number,
        title=source.title,
        url=source.url,
        text=source.text,
        found_by=source.found_by,
    )
    if reading is None:
        return given
    read = {
        "text": reading.text,
        "kinds": tuple(BlockKind(kind) for kind in reading.kinds),
        "warnings": tuple(reading.warnings),
        "sha256": reading.snapshot.content.sha256,
        "reader": reading.reader,
    }
    return given.model_copy(update=read)


def locked_paragraphs(task_ids: Iterable[int]) -> dict[int, tuple[LockedParagraph, ...]]:
    """By task, what is locked in its present text, in the order of the text."""
    locks = ParagraphLock.objects.filter(draft__task__in=task_ids).values_list("draft_id", "text")
    by_draft: dict[int, list[str]] = defaultdict(list)
    for draft_id, text in locks:
        by_draft[draft_id].append(text)
    if not by_draft:
        return {}
    drafts = Draft.objects.filter(pk__in=by_draft).values_list("pk", "task_id", "body")
    return {task_id: anchored(body, by_draft[draft_id]) for draft_id, task_id, body in drafts}


def research_of(task: ContentTask) -> Research:
    """The sources as the latest run read them; none when no run came that far."""
    saved = task.stage_runs.filter(key="research", output__isnull=False).order_by("-run").first()
    return Research.model_validate(saved.output) if saved else Research(sources=())


def mark_unusable(task: ContentTask, research: Research) -> None:
    """Record for each source why it could not be used, and clear what an earlier run recorded."""
    problems = {source.number: source.problem for source in research.unusable}
    rows = list(task.sources.all())
    for row in rows:
        row.problem = problems.get(row.number, "")
    task.sources.bulk_update(rows, ["problem"])


def content_of(article: Article) -> dict[str, Any]:
    """The fields of a draft that an article sets."""
    fields = article.model_dump(mode="json", exclude=PROVENANCE | {"cover"})
    if article.cover is not None and article.cover.image:
        cover = (article.cover.image, article.cover.alt, article.cover.credit)
        fields |= dict(zip(COVER_FIELDS, cover, strict=True))
    return fields | {"slug": naming.usable_slug(article.slug, article.title)}


def article_of(draft: Draft) -> Article:
    fields = {name: value for name, value in draft.content.items() if name in Article.model_fields}
    return Article.model_validate(fields)


@transaction.atomic
def save_report(draft: Draft, report: Assessment, editor_notes: tuple[str, ...] = ()) -> None:
    """Save what was found in the draft's current version, and what its sources say of each sentence."""
    save_claims(draft, report.claims)
    QualityReport.objects.update_or_create(
        draft=draft,
        version=draft.version,
        defaults={
            "score": report.score,
            "results": [result.model_dump(mode="json") for result in report.results],
            "critique": report.critique.model_dump(mode="json") if report.critique else None,
            "editor_notes": list(editor_notes),
            "check_rules": [rule.model_dump(mode="json") for rule in report.check_rules],
        },
    )
    # Lists show the draft's score, the review page its report's: they are the same, by any way it came.
    Draft.objects.filter(pk=draft.pk, version=draft.version).update(score=report.score)
