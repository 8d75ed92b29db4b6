"""How a text came to be, told to its readers from the records: nobody has to remember to disclose it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from approvals.models import Decision
from publishing import review_history
from tasks.models import Draft
from tasks.pipeline.check_status import CheckStatus

OFFLINE_WRITER = "offline writer"
SAID_TO_READERS = (
    "citations_resolve",
    "citations_fit",
    "claims_supported",
    "figures_in_sources",
    "quotations_verbatim",
)
"""The checks of a text against its sources, whose findings readers get as notes; the others are counted."""


def of(draft: Draft, approval: Decision) -> dict[str, Any]:
    """What `Post.making` keeps about the draft's present version.

    `writer` is digest, model or person: whoever wrote the first version. `is_edited`: a person changed it
    since. `checks` counts results by status, `notes` are those about sources; both are empty for a text that
    no check saw. `review` is about the approvals: see reviewing.py.
    """
    versions = draft.history.filter(version__lte=draft.version).order_by("version")
    first, *later = versions.values_list("written_by", "author_id")
    report = draft.quality_reports.filter(version=draft.version).first()
    results = report.results if report else []
    return {
        "writer": _writer(*first),
        "is_edited": any(author_id is not None for _, author_id in later),
        "checks": Counter(_outcome(result) for result in results),
        "notes": [
            {"status": result["status"], "message": result["message"]}
            for result in results
            if result["check"] in SAID_TO_READERS and result["status"] != CheckStatus.SKIPPED
        ],
        "review": review_history.of(draft, approval),
    }


def _outcome(result: Mapping[str, Any]) -> str:
    """The status, with checks that had nothing to examine counted apart from those that could not run."""
    return str(result["status"]) if result.get("applies", True) else "not_applicable"


def _writer(written_by: str, author_id: int | None) -> str:
    if author_id is not None:
        return "person"
    return "digest" if written_by == OFFLINE_WRITER else "model"
