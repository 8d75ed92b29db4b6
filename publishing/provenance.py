"""Provenance: how a text was made, disclosed to its readers from the records and not from memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from approvals.models import Decision
from publishing import review_history
from publishing.public_findings import PASSED
from publishing.publication_records import PublicationRecords, Version
from tasks.pipeline.check_status import CheckStatus

OFFLINE_WRITER = "offline writer"
PUBLIC_CHECKS = tuple(PASSED)
"""The checks of a text against its sources, whose findings readers see as notes; the others are counted."""


def of(records: PublicationRecords, approval: Decision) -> dict[str, Any]:
    """What `Post.provenance` says about the draft's current version.

    `writer` is who wrote the first version: digest, model or person. `is_edited`: a person has changed it
    since. `checks` counts results by status, `notes` are those about sources, which public_findings.py tells
    readers; both are empty for a text that was not checked. `claims` has the id of its claim ledger and the
    number of claims by verdict; it is empty where there is none. `review` is about the approvals: see
    review_history.py.
    """
    first, *later = records.versions
    results = records.check_results
    return {
        "writer": _writer(first),
        "is_edited": any(version.author_id is not None for version in later),
        "checks": Counter(_outcome(result) for result in results),
        "notes": [
            {"check": result["check"], "status": result["status"], "message": result["message"]}
            for result in results
            if result["check"] in PUBLIC_CHECKS and result["status"] != CheckStatus.SKIPPED
        ],
        "claims": records.claims or {},
        "review": review_history.of(records, approval),
    }


def _outcome(result: Mapping[str, Any]) -> str:
    """The status; checks that had nothing to examine are counted apart from those that could not run."""
    return str(result["status"]) if result.get("applies", True) else "not_applicable"


def _writer(version: Version) -> str:
    if version.author_id is not None:
        return "person"
    return "digest" if version.written_by == OFFLINE_WRITER else "model"
