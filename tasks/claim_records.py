"""The claim ledger as rows: saved with the report on a version, and read again with what stands around."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from tasks.content import canonical_json
from tasks.models import ClaimLedger, ClaimRecord, Draft, SourceReading
from tasks.pipeline.claim_verdict import ClaimVerdict

if TYPE_CHECKING:
    from tasks.pipeline.types import FactualClaim

CLAIM_CONTENT = (
    "text", "section", "citations", "source", "sha256", "reader", "start", "end", "passage", "score",
    "verdict", "why",
)  # fmt: skip
"""Of a claim, as it is recorded and exported; its number is its place in the ledger."""
MAX_READER = 100
CONTEXT_SENTENCES = 2
CONTEXT_CHARACTERS = 1500

_NOT_STORED = re.compile("[\x00\ud800-\udfff]")


@transaction.atomic
def save_claims(draft: Draft, claims: Sequence[FactualClaim] | None) -> None:
    """Save the ledger of the draft's current version; a claim that an earlier version has is not saved again.

    Nothing is saved for None: the sentences were not compared. Nor twice, when an attempt is repeated.
    """
    if claims is None:
        return
    recorded = [_fields(claim) for claim in claims]
    fingerprints = [_fingerprint(fields) for fields in recorded]
    known = _known(draft, fingerprints)
    new = {name: fields for name, fields in zip(fingerprints, recorded, strict=True) if name not in known}
    if new:
        ClaimRecord.objects.bulk_create(
            [
                ClaimRecord(draft=draft, fingerprint=name, first_version=draft.version, **fields)
                for name, fields in new.items()
            ],
            ignore_conflicts=True,
        )
        known |= _known(draft, new)
    ids = [known[name] for name in fingerprints]
    before = ledger_of(draft, draft.version)
    if before is None or before.claims != ids:
        counts = Counter(str(claim.verdict) for claim in claims)
        ClaimLedger.objects.create(draft=draft, version=draft.version, claims=ids, counts=counts)


def ledger_of(draft: Draft, version: int) -> ClaimLedger | None:
    """The ledger of a version; None where its sentences were never compared, or not yet."""
    return ClaimLedger.objects.filter(draft=draft, version=version).first()


def counts_in_order(counts: Mapping[str, int]) -> list[tuple[ClaimVerdict, int]]:
    """The verdicts there are, supported first, then the most doubtful."""
    order = (ClaimVerdict.SUPPORTED, ClaimVerdict.PARTLY_SUPPORTED, ClaimVerdict.CONTRADICTED,
             ClaimVerdict.UNSUPPORTED, ClaimVerdict.UNCITED, ClaimVerdict.NOT_COMPARED)  # fmt: skip
    return [(verdict, counts[verdict]) for verdict in order if counts.get(verdict)]


@dataclass(frozen=True)
class PassageContext:
    """A passage between the sentences around it."""

    before: str
    passage: str
    after: str


def reading_of(claim: ClaimRecord, task_id: int) -> SourceReading | None:
    """The reading that a claim's passage is from, where it is stored."""
    if claim.source is None:
        return None
    return (
        SourceReading.objects.select_related("snapshot__source")
        .filter(
            snapshot__source__task=task_id,
            snapshot__source__number=claim.source,
            snapshot__content__sha256=claim.sha256,
            reader=claim.reader,
        )
        .order_by("-id")
        .first()
    )


def context_of(claim: ClaimRecord, text: str, language: str) -> PassageContext:
    """The passage with two sentences before and after it, from the text it was found in.

    Without them where the text is another one by now.
    """
    if not claim.passage or text[claim.start : claim.end] != claim.passage:
        return PassageContext("", claim.passage, "")
    # Imported here: its patterns take a while to compile, and most processes never need them.
    from tasks.pipeline.text import languages
    from tasks.pipeline.text.sentences import paragraphs, sentences

    def split(part: str) -> list[str]:
        of = languages.language(language)
        return [sentence for paragraph in paragraphs(part) for sentence in sentences(paragraph, of)]

    first = max(0, claim.start - CONTEXT_CHARACTERS)
    before, after = split(text[first : claim.start]), split(text[claim.end : claim.end + CONTEXT_CHARACTERS])
    if first and len(before) > CONTEXT_SENTENCES:
        before = before[1:]  # it begins in the middle
    return PassageContext(
        " ".join(before[-CONTEXT_SENTENCES:]), claim.passage, " ".join(after[:CONTEXT_SENTENCES])
    )


def _fields(claim: FactualClaim) -> dict[str, Any]:
    found = claim.model_dump(mode="json", include=set(CLAIM_CONTENT))
    fields = {name: _NOT_STORED.sub("", one) if isinstance(one, str) else one for name, one in found.items()}
    return fields | {"reader": fields["reader"][:MAX_READER]}


def _fingerprint(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(fields).encode()).hexdigest()


def _known(draft: Draft, fingerprints: Sequence[str] | Mapping[str, Any]) -> dict[str, int]:
    rows = ClaimRecord.objects.filter(draft=draft, fingerprint__in=list(fingerprints))
    return dict(rows.order_by().values_list("fingerprint", "pk"))
