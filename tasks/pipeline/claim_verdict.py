"""What the sources say of a factual sentence; in a module of its own, as the other types need pydantic."""

from __future__ import annotations

from enum import StrEnum


class ClaimVerdict(StrEnum):
    SUPPORTED = "supported"
    PARTLY_SUPPORTED = "partly_supported"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    UNCITED = "uncited"
    NOT_COMPARED = "not_compared"
    """It could not be compared: the source is in another language, or was not read."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


DOUBTED = (
    ClaimVerdict.CONTRADICTED,
    ClaimVerdict.UNSUPPORTED,
    ClaimVerdict.UNCITED,
    ClaimVerdict.PARTLY_SUPPORTED,
    ClaimVerdict.NOT_COMPARED,
)
"""All but supported, the most doubtful first."""
