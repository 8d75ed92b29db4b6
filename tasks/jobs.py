"""What django-q2 calls: ids in, nothing out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from tasks.check_rules import rules_in_force
from tasks.engine.mapping import article_of, brief_of, research_of, save_report
from tasks.models import Draft
from tasks.pipeline.stages.inspection import inspect
from tasks.site_facts import link_lookup, look_up_site_for
from tasks.source_records import file_readings


def inspect_draft(draft_id: int) -> None:
    """Run the quality checks on a version that a person wrote."""
    draft = Draft.objects.select_related("task").get(pk=draft_id)
    if draft.quality_reports.filter(version=draft.version).exists():
        return
    brief = brief_of(draft.task, file_readings(draft.task.sources.all()), rules_in_force())
    look_up_site_for(draft.task_id, _in_thread, link_lookup())
    report = async_to_sync(inspect)(brief, research_of(draft.task), article_of(draft))
    save_report(draft, report)


async def _in_thread(function: Callable[..., Any], *inputs: object) -> Any:
    return await sync_to_async(function)(*inputs)
