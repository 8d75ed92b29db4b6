"""Everything on record about one article, as one JSON file that `tools/verify_audit.py` checks offline."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model, Prefetch, Sum

from approvals.audit import chain
from approvals.audit.exports import record_export
from approvals.errors import DossierTooLarge
from approvals.models import AuditEntry
from tasks.claim_records import CLAIM_CONTENT
from tasks.content import CONTENT_FIELDS, canonical_json
from tasks.models import ClaimLedger, ContentTask, Draft, SourceBytes, SourceSnapshot
from tasks.version_costs import costs_of_versions

FORMAT = "desk-dossier-1"

BRIEF = (
    "id", "topic", "brief", "audience", "tone", "style", "target_words", "language", "category", "tags",
    "keywords", "web_pages", "quality_threshold", "max_refinements", "budget_usd", "status", "created_at",
    "started_at", "finished_at",
)  # fmt: skip
SOURCE = (
    "id", "number", "title", "url", "text", "file_name", "problem", "found_by", "found_query", "found_rank",
    "found_at",
)  # fmt: skip
SNAPSHOT = (
    "id", "origin", "media_type", "requested_url", "final_url", "file_name", "fetched_at", "uploaded_by_id",
    "uploaded_by_name",
)  # fmt: skip
READING = (
    "reader", "media_type", "charset", "charset_from", "title", "author", "published", "language", "text",
    "kinds", "words", "share_taken", "warnings", "created_at",
)  # fmt: skip
MAX_BYTES_INCLUDED = 50_000_000
"""Of all documents together: a dossier with more would be a file that few programs can open."""
CALL = (
    "run", "stage", "role", "provider", "model", "input_tokens", "output_tokens", "cost_usd", "is_estimated",
    "duration_ms", "outcome", "error", "prompt_version", "created_at",
)  # fmt: skip
LEDGER = ("version", "created_at", "counts")
REPORT = ("version", "score", "results", "critique", "editor_notes")
DECISION = (
    "id", "decision", "version", "content_sha256", "reason_code", "reason", "actor_id", "actor_name", "via",
    "decided_at", "opened_at", "four_eyes", "approvals_needed", "way", "objections",
)  # fmt: skip
ENTRY = (*chain.HASHED_FIELDS, "at", "prev_hash", "hash")


other_parts: dict[str, Callable[[Draft], list[dict[str, Any]]]] = {}
"""What apps above have on record about an article, by its name in the dossier; added in `ready`."""


def dossier(draft: Draft, *, by: User | None, via: str, with_bytes: bool = False) -> dict[str, Any]:
    """Plain JSON values. Making it is itself an entry of the chain, and the last one in the dossier.

    `with_bytes` adds the stored documents, in base64. Raises DossierTooLarge when they are too many.
    """
    with transaction.atomic():
        # Under the chain's lock nothing is added between reading one table and the next.
        chain.locked_head()
        content = _content(Draft.objects.select_related("task").get(pk=draft.pk), with_bytes)
        record_export(
            "dossier",
            object_type="draft",
            object_id=draft.pk,
            task_id=draft.task_id,
            by=by,
            via=via,
            format="json",
            rows={name: len(rows) for name, rows in content.items() if isinstance(rows, list)},
            filter={"draft": draft.pk},
            sha256=hashlib.sha256(canonical_json(content).encode()).hexdigest(),
        )
        return {"format": FORMAT, "made_at": datetime.now(UTC).isoformat(), **content, **_entries(draft)}


def _content(draft: Draft, with_bytes: bool) -> dict[str, Any]:
    """Everything except the entries: the last of them has the hash of this."""
    task, costs = draft.task, costs_of_versions(draft)
    content = {
        "draft": draft.pk,
        "brief": _fields(task, BRIEF),
        "sources": _sources(task, with_bytes),
        "versions": [_version(row, costs.get(row.version)) for row in draft.history.order_by("version")],
        "quality": [_fields(report, REPORT) for report in draft.quality_reports.order_by("version")],
        "claims": [_ledger(ledger) for ledger in draft.claim_ledgers.order_by("version", "id")],
        "decisions": [_fields(decision, DECISION) for decision in draft.decisions.order_by("id")],
        "calls": [_fields(call, CALL) for call in task.calls.all()],
        "cost_usd": task.cost_usd,
        **{name: rows_of(draft) for name, rows_of in other_parts.items()},
    }
    plain: dict[str, Any] = json.loads(json.dumps(content, cls=DjangoJSONEncoder))
    return plain


def _entries(draft: Draft) -> dict[str, Any]:
    seq, digest = chain.head()
    entries = AuditEntry.objects.filter(task_id=draft.task_id).order_by("seq")
    return {
        "entries": [_fields(entry, ENTRY) | {"at": entry.at.isoformat()} for entry in entries],
        "head": {"seq": seq, "hash": digest},
    }


def _sources(task: ContentTask, with_bytes: bool) -> list[dict[str, Any]]:
    """The sources with the documents they were, and every reading of these."""
    stored = SourceSnapshot.objects.order_by("id").select_related("content")
    if with_bytes:
        sizes = SourceBytes.objects.filter(source__task=task).aggregate(total=Sum("size"))
        if (sizes["total"] or 0) > MAX_BYTES_INCLUDED:
            raise DossierTooLarge(
                f"The documents of the sources have more than {MAX_BYTES_INCLUDED // 1_000_000} MB together: "
                "export the dossier without them, and download them one by one."
            )
    else:
        stored = stored.defer("content__data")
    rows = task.sources.prefetch_related(Prefetch("snapshots", stored), "snapshots__readings")
    return [
        _fields(source, SOURCE)
        | {"snapshots": [_snapshot(snapshot, with_bytes) for snapshot in source.snapshots.all()]}
        for source in rows
    ]


def _snapshot(snapshot: SourceSnapshot, with_bytes: bool) -> dict[str, Any]:
    content = snapshot.content
    found = _fields(snapshot, SNAPSHOT) | {"sha256": content.sha256, "size": content.size}
    if with_bytes:
        found["data_base64"] = base64.b64encode(content.content).decode()
    return found | {"readings": [_fields(reading, READING) for reading in snapshot.readings.all()]}


def _ledger(ledger: ClaimLedger) -> dict[str, Any]:
    """What the sources were found to say of each factual sentence of a version, with the passages."""
    claims = [{"number": number, **_fields(claim, CLAIM_CONTENT)} for number, claim in ledger.entries]
    return _fields(ledger, LEDGER) | {"claims": claims}


def _version(row: Any, cost_usd: Decimal | None) -> dict[str, Any]:
    return {
        "version": row.version,
        "content_sha256": row.content_sha256,
        "author_id": row.author_id,
        "written_by": row.written_by,
        "reason": row.history_change_reason,
        "score": row.score,
        "cost_usd": cost_usd,
        "at": row.history_date,
        "content": {name: getattr(row, name) for name in CONTENT_FIELDS},
    }


def _fields(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
