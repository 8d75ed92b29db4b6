"""How a text's score is made of what the critic and the checks say: every number of it stands here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tasks.pipeline.check_status import CheckStatus

if TYPE_CHECKING:
    from tasks.pipeline.types import CheckResult


class Criterion(StrEnum):
    """What a critic judges a text by."""

    ACCURACY = "accuracy"
    COMPLETENESS = "completeness"
    CLARITY = "clarity"
    RELEVANCE = "relevance"
    STRUCTURE = "structure"
    TONE = "tone"


WEIGHTS = {
    Criterion.ACCURACY: 30,
    Criterion.COMPLETENESS: 20,
    Criterion.RELEVANCE: 15,
    Criterion.CLARITY: 15,
    Criterion.STRUCTURE: 10,
    Criterion.TONE: 10,
}
"""How much each criterion counts in the critic's score."""
MOST_ABOVE_WEAKEST = 20
"""A text is as usable as its weakest side: a wrong one is not saved by being clear."""
MOST_COST = 2
"""What a failed check costs at most, as a multiple of its points."""
FURTHER_COST = 0.25
"""What each finding after the first one costs, as a share of the check's points."""
VETO_CAP = 49
"""Below every useful threshold."""


@dataclass(frozen=True)
class ScorePart:
    """A line of the account of a score: the parts add up to it."""

    name: str
    """"critic", "checks passed", or the name of a check."""
    points: int
    is_veto: bool = False

    @property
    def taken(self) -> int:
        return -self.points


def critics_score(scores: Mapping[Criterion, int]) -> int:
    """The weighted mean of the criteria, near the weakest of them."""
    total = sum(WEIGHTS[criterion] * score for criterion, score in scores.items())
    mean = total / sum(WEIGHTS[criterion] for criterion in scores)
    return round(min(mean, min(scores.values()) + MOST_ABOVE_WEAKEST))


def score_parts(results: Iterable[CheckResult], critic: int | None) -> tuple[ScorePart, ...]:
    """What a score is made of. Without a critic it is the share of checks passed; empty when none ran."""
    ran = [result for result in results if result.status != CheckStatus.SKIPPED]
    failed = [result for result in ran if result.status == CheckStatus.FAILED]
    if critic is not None:
        parts = [ScorePart("critic", critic)]
        parts += [ScorePart(one.check, -cost(one)) for one in failed if one.severity == "advisory"]
    elif ran:
        parts = [ScorePart("checks passed", round(100 * (len(ran) - len(failed)) / len(ran)))]
    else:
        return ()
    return tuple(_capped(parts, [one.check for one in failed if one.severity == "veto"]))


def cost(failed: CheckResult) -> int:
    """What a failed check takes off the critic's score: more findings cost more, up to a limit."""
    further = max(0, len(failed.evidence) - 1)
    return round(failed.points * min(MOST_COST, 1 + FURTHER_COST * further))


def _capped(parts: list[ScorePart], vetoes: list[str]) -> list[ScorePart]:
    """Without lines that take nothing off; never below 0, and with a veto not above the cap."""
    capped, total = parts[:1], parts[0].points
    for part in parts[1:]:
        points = max(part.points, -total)
        if points:
            capped.append(ScorePart(part.name, points))
            total += points
    if vetoes and total > VETO_CAP:
        capped.append(ScorePart(", ".join(vetoes), VETO_CAP - total, is_veto=True))
    return capped
