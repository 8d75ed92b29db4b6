"""What django-q2 calls: ids in, nothing out."""

from __future__ import annotations

from asgiref.sync import async_to_sync

from tasks.engine.mapping import article_of, brief_of, research_of, save_report
from tasks.models import Draft
from tasks.pipeline.stages.inspection import inspect
from tasks.source_records import file_readings


def inspect_draft(draft_id: int) -> None:
    """Run the quality checks on a version that a person wrote."""
    draft = Draft.objects.select_related("task").get(pk=draft_id)
    if draft.quality_reports.filter(version=draft.version).exists():
        return
    brief = brief_of(draft.task, file_readings(draft.task.sources.all()))
    report = async_to_sync(inspect)(brief, research_of(draft.task), article_of(draft))
    save_report(draft, report)
