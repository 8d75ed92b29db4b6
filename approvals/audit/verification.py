"""Whether the audit chain holds, and whether what it sealed is still there. Names the first bad entry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import NamedTuple

from django.db import connection, transaction

from approvals.audit.chain import GENESIS, Flaw, head, seal
from approvals.audit.permission_reconciliation import unsealed
from approvals.models import AuditEntry

MAX_SHIFT = 100
"""How many removed or inserted entries are recognised when the ones after them were given new numbers."""


class Anchor(NamedTuple):
    """A head that was kept elsewhere."""

    seq: int
    hash: str

    @classmethod
    def read(cls, text: str) -> Anchor:
        """A head as `audit head` prints it, with a colon or a blank between. Raises ValueError."""
        found = re.fullmatch(r"([1-9][0-9]{0,18})[: ]([0-9a-f]{64})", text.strip())
        if not found:
            raise ValueError(f"{text!r} is no head: give SEQ:HASH, as manage.py audit head prints them.")
        return cls(int(found[1]), found[2])


def first_flaw(anchors: Sequence[Anchor] = ()) -> Flaw | None:
    """Walk the chain, hold it against the anchors, and what it sealed against the rows; None: all holds."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            # One picture of all tables: an entry and its row are committed together.
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _flaw_of_the_chain(_by_seq(anchors)) or _flaw_of_the_rows() or _flaw_of_the_rights()


def _by_seq(anchors: Sequence[Anchor]) -> dict[int, set[str]]:
    """Two heads with one number and different hashes cannot both hold."""
    kept: dict[int, set[str]] = {}
    for anchor in anchors:
        kept.setdefault(anchor.seq, set()).add(anchor.hash)
    return kept


def _flaw_of_the_chain(anchors: dict[int, set[str]]) -> Flaw | None:
    expected_seq, prev_hash, was_anchored = 1, GENESIS, 0
    for entry, successor in _with_successor():
        if entry.seq != expected_seq:
            return Flaw(expected_seq, "removed", f"entry {expected_seq} is missing")
        if entry.prev_hash != prev_hash or entry.hash != seal(entry):
            return _named(entry, prev_hash, successor)
        if anchors.get(entry.seq, {entry.hash}) != {entry.hash}:
            after = f"after entry {was_anchored}" if was_anchored else "from the beginning"
            return Flaw(
                entry.seq, "altered", f"entry {entry.seq} had another hash: the chain was sealed anew {after}"
            )
        was_anchored = entry.seq if entry.seq in anchors else was_anchored
        expected_seq, prev_hash = entry.seq + 1, entry.hash
    last = expected_seq - 1
    if anchors and max(anchors) > last:
        return Flaw(
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


def _named(entry: AuditEntry, prev_hash: str, successor: AuditEntry | None) -> Flaw:
    """What was done at an entry that does not fit: what follows it still fits the entry as it was."""
    for shift in range(1, MAX_SHIFT):
        if _is_sealed_as(entry, seq=entry.seq + shift):
            return Flaw(
                entry.seq, "removed", f"{shift} before it are missing: it was entry {entry.seq + shift}"
            )
        if _is_sealed_as(entry, seq=entry.seq - shift):
            first = entry.seq - shift
            return Flaw(first, "inserted", f"entry {entry.seq} was entry {first} once")
    is_sealed, is_linked = entry.hash == seal(entry), entry.prev_hash == prev_hash
    is_followed = successor is not None and successor.prev_hash in {entry.hash, seal(entry)}
    if is_sealed and is_followed:
        return Flaw(entry.seq - 1, "altered", f"entry {entry.seq} follows another one: it was sealed anew")
    if not is_sealed and (is_linked or is_followed or _is_sealed_as(entry, prev_hash=prev_hash)):
        return Flaw(entry.seq, "altered", f"entry {entry.seq} does not match its hash")
    return Flaw(entry.seq, "inserted", f"entry {entry.seq} does not follow the one before it")


def _is_sealed_as(entry: AuditEntry, **changed: int | str) -> bool:
    other = copy(entry)
    for name, value in changed.items():
        setattr(other, name, value)
    return seal(other) == entry.hash


# --- The rows that were sealed ------------------------------------------------------------------------

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
    -- An older entry does not repeat what was decided.
    OR entry.data ? 'decision' AND (decision.decision, decision.version::text, decision.content_sha256,
        decision.reason_code, decision.reason, decision.actor_id, decision.actor_name)
        IS DISTINCT FROM (entry.data ->> 'decision', entry.data ->> 'version',
        entry.data ->> 'content_sha256', entry.data ->> 'reason_code', entry.data ->> 'reason',
        entry.actor_id::int, entry.actor_name)
    OR entry.data ? 'way' AND (decision.way, decision.objections)
        IS DISTINCT FROM (entry.data ->> 'way', entry.data -> 'objections'))
ORDER BY entry.seq LIMIT 1
"""

UNSEALED = """
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


def _flaw_of_the_rows() -> Flaw | None:
    with connection.cursor() as cursor:
        if found := cursor.execute(CHANGED_VERSION).fetchone():
            seq, draft, version, is_gone = found
            return _of_a_row(seq, f"version {version} of draft {draft}", is_gone=is_gone)
        if found := cursor.execute(CHANGED_DECISION).fetchone():
            seq, decision, is_gone = found
            return _of_a_row(seq, f"decision {decision}", is_gone=is_gone)
        if found := cursor.execute(UNSEALED).fetchone():
            return _without_an_entry(found[0])
    return None


def _flaw_of_the_rights() -> Flaw | None:
    for seq, who, what, is_gone in unsealed():
        if seq is None:
            return _without_an_entry(who)
        return Flaw(seq, "removed" if is_gone else "altered", f"{who} {what} since entry {seq}")
    return None


def _without_an_entry(what: str) -> Flaw:
    seq = head()[0] + 1
    return Flaw(
        seq, "truncated", f"{what} has no entry: the row was slipped in, or the end of the chain was cut off"
    )


def _of_a_row(seq: int, what: str, *, is_gone: bool) -> Flaw:
    if is_gone:
        return Flaw(seq, "removed", f"{what}, which entry {seq} sealed, is gone")
    return Flaw(seq, "altered", f"{what} is not what entry {seq} sealed")
