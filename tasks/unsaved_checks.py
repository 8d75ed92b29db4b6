"""The quality checks of a text that is still being written: nothing is saved, looked up or asked of a model.

Loads pydantic and the checks: views import it where they need it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.check_rules import rules_in_force
from tasks.cited_sources import citations_for
from tasks.engine.mapping import article_of, brief_of, research_of
from tasks.errors import ChecksBusy
from tasks.models import Draft
from tasks.pipeline.check_status import CheckStatus
from tasks.pipeline.quality import results_within
from tasks.pipeline.types import CheckResult
from tasks.source_records import file_readings

MOST_SECONDS = 1.5
"""No check begins later than this: the thread that computes also has pages to serve."""
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class UnsavedFindings:
    failed: tuple[CheckResult, ...]
    """What must be fixed first."""
    passed: int
    unfinished: int
    """Checks that there was no time for."""
    seconds: float


def check_unsaved(
    draft: Draft, content: Mapping[str, Any], *, most_seconds: float = MOST_SECONDS
) -> UnsavedFindings:
    """Check `content` in place of the draft's own fields. Raises ChecksBusy at once instead of queueing."""
    if not _one_at_a_time.acquire(blocking=False):
        raise ChecksBusy("Another text is being checked: try again in a moment.")
    try:
        began_at = time.monotonic()
        unsaved = Draft(**(draft.content | dict(content)), task=draft.task, pk=draft.pk)
        unsaved.citations = citations_for(draft, unsaved.body)
        brief = brief_of(draft.task, file_readings(draft.task.sources.all()), rules_in_force())
        results, unfinished = results_within(
            most_seconds, brief, research_of(draft.task), article_of(unsaved)
        )
        failed = [result for result in results if result.status == CheckStatus.FAILED]
        return UnsavedFindings(
            tuple(sorted(failed, key=lambda result: (result.severity != "veto", -result.points))),
            sum(result.status == CheckStatus.PASSED for result in results),
            unfinished,
            time.monotonic() - began_at,
        )
    finally:
        _one_at_a_time.release()
