"""Claims of a text, as its checks would have made them."""

from __future__ import annotations

from typing import Any

from tasks.claim_records import save_claims
from tasks.models import ClaimLedger, Draft
from tasks.pipeline.types import ClaimVerdict, FactualClaim

SUPPORTED = {
    "text": "Trees cool a street by shade and by water.", "citations": (1,), "source": 1,
    "passage": "A tree cools a street.", "end": 22, "score": 0.9, "verdict": ClaimVerdict.SUPPORTED,
    "why": "Source 1 says it.",
}  # fmt: skip
UNCITED = {"text": "Shade keeps walls cool.", "section": "Shade", "verdict": ClaimVerdict.UNCITED,
           "why": "It cites no source."}  # fmt: skip
CONTRADICTED = SUPPORTED | {"verdict": ClaimVerdict.CONTRADICTED, "why": "It says 450 litres."}


def claims(*fields: dict[str, Any]) -> tuple[FactualClaim, ...]:
    return tuple(FactualClaim(number=number, **one) for number, one in enumerate(fields, start=1))


def save_ledger(draft: Draft, *fields: dict[str, Any]) -> ClaimLedger:
    """The ledger of the draft's current version, with these claims; by default two of the usual body's."""
    save_claims(draft, claims(*(fields or (SUPPORTED, UNCITED))))
    return draft.claim_ledgers.filter(version=draft.version).latest("id")
