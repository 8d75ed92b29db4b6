"""What faults did, printed row by row: the whole takes minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.faults_rig import FaultResult
from benchmarks.figures import MeasuredFigure, at_most

Say = Callable[[str], object]

SITE_GOAL, KILLED_GOAL, FROZEN_GOAL = 5.0, 3.0, 12.0


class FaultTable:
    HEAD = (
        "role",
        "fault",
        "site answers",
        "work taken",
        "replaced",
        "all ended",
        "lost",
        "again",
        "left over",
    )

    def __init__(self, say: Say, width: int = 44) -> None:
        self._say, self._width, self.rows = say, width, list[FaultResult]()
        self._line(self.HEAD)

    def add(self, row: FaultResult) -> None:
        self.rows.append(row)
        left_over = row.extra - row.missing
        self._line(
            (
                row.role, row.fault, _seconds(row.site_seconds), _seconds(row.work_seconds),
                _seconds(row.replaced_seconds) if row.fault == "frozen" else "",
                _seconds(row.ended_seconds), str(row.lost), str(row.repeated), str(left_over),
            )
        )  # fmt: skip

    def figures(self) -> list[MeasuredFigure]:
        killed = [row for row in self.rows if row.fault == "killed"]
        frozen = [row for row in self.rows if row.fault == "frozen"]
        bad = sum(not row.is_harmless for row in self.rows)
        return [
            at_most("site answers again, worst role", worst(self.rows, "site_seconds"), SITE_GOAL, "s"),
            at_most("work goes on, worst role killed", worst(killed, "work_seconds"), KILLED_GOAL, "s"),
            at_most("work goes on, worst role frozen", worst(frozen, "work_seconds"), FROZEN_GOAL, "s"),
            at_most("faults with something lost, run again or left over", bad, 0, f"of {len(self.rows)}"),
        ]

    def _line(self, cells: Sequence[str]) -> None:
        role, *others = cells
        self._say(f"{role[: self._width]:<{self._width}}  " + "".join(f"{cell:>13}" for cell in others))


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def worst(rows: Sequence[FaultResult], name: str) -> float:
    values = [getattr(row, name) for row in rows]
    return float("inf") if None in values else max(values, default=0.0)
