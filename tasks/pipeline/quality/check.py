"""What a quality check is: a function with a name, a weight and the thresholds that a desk may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tasks.pipeline.quality.check_results import CheckOutcome
    from tasks.pipeline.quality.inspected_draft import InspectedDraft

Severity = Literal["veto", "advisory"]


@dataclass(frozen=True)
class Threshold:
    """A number by which a check decides. A check reads it with `draft.limit(THRESHOLD)`."""

    check: str
    name: str
    default: float
    lowest: float
    highest: float
    meaning: str
    """One sentence for the administrator."""


@dataclass(frozen=True)
class Check:
    """A check as its module exports it, under the name CHECK.

    Structural checks, which hardly ever err, may veto. Those that compare words are advisory, and their
    failure takes `points` off the score.
    """

    name: str
    severity: Severity
    run: Callable[[InspectedDraft], CheckOutcome]
    points: int = 5
    thresholds: tuple[Threshold, ...] = ()

    @property
    def about(self) -> str:
        """What passing means, in one sentence."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]
