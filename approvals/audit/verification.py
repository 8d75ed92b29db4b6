"""Verifies the audit chain, and the rows that it recorded. Names the first bad entry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import NamedTuple

from django.db import connection, transaction

from approvals.audit.chain import GENESIS, IntegrityFailure, hash_of, head
from approvals.audit.permission_reconciliation import unreconciled
from approvals.models import AuditEntry

MAX_SHIFT = 100
"""How many removed or inserted entries are recognised when later ones were renumbered."""


class Anchor(NamedTuple):
    """A head of the chain that was stored elsewhere."""

    seq: int
    hash: str

    @classmethod
    def read(cls, text: str) -> Anchor:
        """A head as `audit head` prints it, separated by a colon or a space. Raises ValueError."""
        found = re.fullmatch(r"([1-9][0-9]{0,18})[: ]([0-9a-f]{64})", text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a head: give SEQ:HASH, as manage.py audit head prints it.")
        return cls(int(found[1]), found[2])


def first_failure(anchors: Sequence[Anchor] = ()) -> IntegrityFailure | None:
    """Walk the chain, compare it with the anchors, and the rows with the entries; None: all is intact."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            # One snapshot of all tables: an entry and its row are committed together.
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _failure_of_chain(_by_seq(anchors)) or _failure_of_rows() or _failure_of_permissions()


def _by_seq(anchors: Sequence[Anchor]) -> dict[int, set[str]]:
    """Two heads with one number and different hashes cannot both be right."""
    by_seq: dict[int, set[str]] = {}
    for anchor in anchors:
        by_seq.setdefault(anchor.seq, set()).add(anchor.hash)
    return by_seq


def _failure_of_chain(anchors: dict[int, set[str]]) -> IntegrityFailure | None:
    expected_seq, prev_hash, was_anchored = 1, GENESIS, 0
    for entry, successor in _with_successor():
        if entry.seq != expected_seq:
            return IntegrityFailure(expected_seq, "removed", f"entry {expected_seq} is missing")
        if entry.prev_hash != prev_hash or entry.hash != hash_of(entry):
            return _named(entry, prev_hash, successor)
        if anchors.get(entry.seq, {entry.hash}) != {entry.hash}:
            after = f"after entry {was_anchored}" if was_anchored else "from the beginning"
            return IntegrityFailure(
                entry.seq, "altered", f"entry {entry.seq} had another hash: the chain was re-hashed {after}"
            )
        was_anchored = entry.seq if entry.seq in anchors else was_anchored
        expected_seq, prev_hash = entry.seq + 1, entry.hash
    last = expected_seq - 1
    if anchors and max(anchors) > last:
        return IntegrityFailure(
            expected_seq, "truncated", f"the chain went on to entry {max(anchors)} and ends at {last}"
        )
    return None


def _with_successor() -> Iterator[tuple[AuditEntry, AuditEntry | None]]:
    def entries() -> Iterator[AuditEntry | None]:
        yield from AuditEntry.objects.order_by("seq").iterator()
        yield None

    for entry, successor in pairwise(entries()):
        if entry is not None:
            yield entry, successor


def _named(entry: AuditEntry, prev_hash: str, successor: AuditEntry | None) -> IntegrityFailure:
    """What happened at an entry that does not fit, judged by what follows it."""
    for shift in range(1, MAX_SHIFT):
        if _has_hash_of(entry, seq=entry.seq + shift):
            return IntegrityFailure(
                entry.seq, "removed", f"{shift} before it are missing: it was entry {entry.seq + shift}"
            )
        if _has_hash_of(entry, seq=entry.seq - shift):
            first = entry.seq - shift
            return IntegrityFailure(first, "inserted", f"entry {entry.seq} used to be entry {first}")
    has_own_hash, is_linked = entry.hash == hash_of(entry), entry.prev_hash == prev_hash
    is_followed = successor is not None and successor.prev_hash in {entry.hash, hash_of(entry)}
    if has_own_hash and is_followed:
        return IntegrityFailure(
            entry.seq - 1, "altered", f"entry {entry.seq} follows another one: it was re-hashed"
        )
    if not has_own_hash and (is_linked or is_followed or _has_hash_of(entry, prev_hash=prev_hash)):
        return IntegrityFailure(entry.seq, "altered", f"entry {entry.seq} does not match its hash")
    return IntegrityFailure(entry.seq, "inserted", f"entry {entry.seq} does not follow the one before it")


def _has_hash_of(entry: AuditEntry, **changed: int | str) -> bool:
    other = copy(entry)
    for name, value in changed.items():
        setattr(other, name, value)
    return hash_of(other) == entry.hash


# --- The rows that were recorded ------------------------------------------------------------------------

CHANGED_VERSION = """
SELECT entry.seq, entry.object_id, entry.data ->> 'version', version.history_id IS NULL
FROM approvals_auditentry entry
LEFT JOIN tasks_historicaldraft version ON version.id = entry.object_id
    AND version.version = (entry.data ->> 'version')::int AND version.history_type <> '-'
WHERE entry.action IN ('draft.created', 'draft.changed') AND (
    version.history_id IS NULL
    OR version.content_sha256 IS DISTINCT FROM entry.data ->> 'content_sha256'
    OR content_sha256(title, slug, summary, body, seo_title, seo_description, category, tags, cover_image,
        cover_alt, cover_credit, citations) IS DISTINCT FROM entry.data ->> 'content_sha256')
ORDER BY entry.seq LIMIT 1
"""

CHANGED_DECISION = """
SELECT entry.seq, entry.object_id, decision.id IS NULL
FROM approvals_auditentry entry
LEFT JOIN approvals_decision decision ON decision.id = entry.object_id
WHERE entry.action = 'decision.created' AND (
    decision.id IS NULL
    -- Older entries do not repeat the decision.
    OR entry.data ? 'decision' AND (decision.decision, decision.version::text, decision.content_sha256,
        decision.reason_code, decision.reason, decision.actor_id, decision.actor_name)
        IS DISTINCT FROM (entry.data ->> 'decision', entry.data ->> 'version',
        entry.data ->> 'content_sha256', entry.data ->> 'reason_code', entry.data ->> 'reason',
        entry.actor_id::int, entry.actor_name)
    OR entry.data ? 'way' AND (decision.way, decision.objections)
        IS DISTINCT FROM (entry.data ->> 'way', entry.data -> 'objections'))
ORDER BY entry.seq LIMIT 1
"""

ROW_WITHOUT_ENTRY = """
SELECT 'version ' || version.version || ' of draft ' || version.id
FROM tasks_historicaldraft version
WHERE version.history_type <> '-' AND NOT EXISTS (
    SELECT FROM approvals_auditentry entry
    WHERE entry.object_type = 'draft' AND entry.object_id = version.id
        AND entry.data ->> 'version' = version.version::text)
UNION ALL
SELECT 'decision ' || decision.id FROM approvals_decision decision
WHERE NOT EXISTS (
    SELECT FROM approvals_auditentry entry
    WHERE entry.action = 'decision.created' AND entry.object_id = decision.id)
LIMIT 1
"""


def _failure_of_rows() -> IntegrityFailure | None:
    with connection.cursor() as cursor:
        if row := cursor.execute(CHANGED_VERSION).fetchone():
            seq, draft, version, is_gone = row
            return _of_a_row(seq, f"version {version} of draft {draft}", is_gone=is_gone)
        if row := cursor.execute(CHANGED_DECISION).fetchone():
            seq, decision, is_gone = row
            return _of_a_row(seq, f"decision {decision}", is_gone=is_gone)
        if row := cursor.execute(ROW_WITHOUT_ENTRY).fetchone():
            return _without_an_entry(row[0])
    return None


def _failure_of_permissions() -> IntegrityFailure | None:
    for seq, who, what, is_gone in unreconciled():
        if seq is None:
            return _without_an_entry(who)
        return IntegrityFailure(seq, "removed" if is_gone else "altered", f"{who} {what} since entry {seq}")
    return None


def _without_an_entry(what: str) -> IntegrityFailure:
    seq = head()[0] + 1
    return IntegrityFailure(
        seq, "truncated", f"{what} has no entry: it was inserted, or the end of the chain was cut off"
    )


def _of_a_row(seq: int, what: str, *, is_gone: bool) -> IntegrityFailure:
    if is_gone:
        return IntegrityFailure(seq, "removed", f"{what}, which entry {seq} recorded, no longer exists")
    return IntegrityFailure(seq, "altered", f"{what} differs from what entry {seq} recorded")
