"""What `bench throughput` prints: articles a second and statements, next to a baseline."""

from __future__ import annotations

import pytest

from benchmarks.figures import MeasuredFigure
from benchmarks.throughput import STEPS, ThroughputRun, figures, measure
from tests.conftest import BASE_DIR


def run_of(seconds: float, statements: int) -> ThroughputRun:
    return ThroughputRun(10, dict.fromkeys(STEPS, seconds), dict.fromkeys(STEPS, statements))


@pytest.mark.long
def test_medians_of_the_runs_are_compared_and_the_goal_is_for_their_ratio() -> None:
    ours = [run_of(seconds, 20) for seconds in (1.0, 9.0, 2.0)]
    shown = figures(ours, [run_of(6.0, 50)])
    rows = {row.name: row for row in shown if row.name.strip() == row.name}
    assert rows["articles filed, approved and published"].value == "1.7/s"
    assert rows["publish"].value == "20 statements, 200.0 ms"
    [ratio] = [row for row in shown if "ratio" in row.name]
    assert (ratio.value, ratio.is_met) == ("3.00×", True)
    [ratio] = [row for row in figures(ours, [run_of(3.0, 50)]) if "ratio" in row.name]
    assert (ratio.value, ratio.is_met) == ("1.50×", False)


@pytest.mark.long
def test_without_a_baseline_the_figures_stand_alone() -> None:
    shown = figures([run_of(1.0, 20)], None)
    assert [row.name for row in shown] == ["articles filed, approved and published", *STEPS]
    assert all(isinstance(row, MeasuredFigure) and row.is_met is None for row in shown)


@pytest.mark.long
@pytest.mark.slow
def test_the_steps_are_measured_in_a_process_and_on_a_database_of_their_own() -> None:
    found = measure(BASE_DIR, 2)
    assert (found.articles, set(found.seconds), set(found.statements)) == (2, set(STEPS), set(STEPS))
    assert all(seconds > 0 for seconds in found.seconds.values())
    assert found.statements["publish"] <= 20
