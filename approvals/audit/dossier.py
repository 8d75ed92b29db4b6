"""Everything on record about one article, as one JSON file that `tools/verify_audit.py` checks offline."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model

from approvals.audit import chain
from approvals.audit.exports import record_export
from approvals.models import AuditEntry
from tasks.content import CONTENT_FIELDS, canonical_json
from tasks.models import Draft
from tasks.version_costs import costs_of_versions

FORMAT = "desk-dossier-1"

BRIEF = (
    "id", "topic", "brief", "audience", "tone", "style", "target_words", "language", "category", "tags",
    "keywords", "quality_threshold", "max_refinements", "budget_usd", "status", "created_at", "started_at",
    "finished_at",
)  # fmt: skip
SOURCE = ("number", "title", "url", "text", "problem")
CALL = (
    "run", "stage", "role", "provider", "model", "input_tokens", "output_tokens", "cost_usd", "is_estimated",
    "duration_ms", "outcome", "error", "created_at",
)  # fmt: skip
REPORT = ("version", "score", "results", "critique", "editor_notes")
DECISION = (
    "id", "decision", "version", "content_sha256", "reason_code", "reason", "actor_id", "actor_name", "via",
    "decided_at", "opened_at", "four_eyes", "approvals_needed", "way", "objections",
)  # fmt: skip
ENTRY = (*chain.HASHED_FIELDS, "at", "prev_hash", "hash")


def dossier(draft: Draft, *, by: User | None, via: str) -> dict[str, Any]:
    """Plain JSON values. Making it is itself an entry of the chain, and the last one in the dossier."""
    with transaction.atomic():
        # Under the chain's lock nothing is added between reading one table and the next.
        chain.locked_head()
        content = _content(Draft.objects.select_related("task").get(pk=draft.pk))
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


def _content(draft: Draft) -> dict[str, Any]:
    """Everything except the entries: the last of them has the hash of this."""
    task, costs = draft.task, costs_of_versions(draft)
    content = {
        "draft": draft.pk,
        "brief": _fields(task, BRIEF),
        "sources": [_fields(source, SOURCE) for source in task.sources.all()],
        "versions": [_version(row, costs.get(row.version)) for row in draft.history.order_by("version")],
        "quality": [_fields(report, REPORT) for report in draft.quality_reports.order_by("version")],
        "decisions": [_fields(decision, DECISION) for decision in draft.decisions.order_by("id")],
        "calls": [_fields(call, CALL) for call in task.calls.all()],
        "cost_usd": task.cost_usd,
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
