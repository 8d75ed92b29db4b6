"""How often something happens, as a rate with its interval: few cases say little."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.959964
"""Of a normal distribution, for an interval of 95 %."""


@dataclass(frozen=True)
class Rate:
    """`cases` of `total`, per 100, with Wilson's score interval (1927), which also holds for few."""

    cases: int
    total: int

    @property
    def per_100(self) -> float:
        return 100 * self.cases / self.total if self.total else 0.0

    @property
    def low(self) -> float:
        return max(0.0, self._bound(-1))

    @property
    def high(self) -> float:
        return min(100.0, self._bound(1))

    def _bound(self, sign: int) -> float:
        if not self.total:
            return 0.0 if sign < 0 else 100.0
        share, square = self.cases / self.total, Z * Z / self.total
        spread = Z * sqrt(share * (1 - share) / self.total + square / (4 * self.total))
        return 100 * (share + square / 2 + sign * spread) / (1 + square)

    def __str__(self) -> str:
        """Such as "12 per 100 drafts (7 to 20), 12 of 100"."""
        if not self.total:
            return "no drafts decided"
        return (
            f"{self.per_100:.0f} per 100 drafts ({self.low:.0f} to {self.high:.0f}), "
            f"{self.cases} of {self.total}"
        )
