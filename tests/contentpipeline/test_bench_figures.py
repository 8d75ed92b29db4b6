"""What the benchmarks print: percentiles that are values, and goals that are held against them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import ENOUGH_FOR_P95, milliseconds, percentile, upper

SECONDS = st.floats(min_value=0, max_value=1000)


@given(st.lists(SECONDS, min_size=1, max_size=100), st.integers(min_value=1, max_value=100))
def test_a_percentile_is_one_of_the_values_that_enough_of_them_do_not_exceed(
    values: list[float], percent: int
) -> None:
    found = percentile(values, percent)
    assert found in values
    assert 100 * sum(value <= found for value in values) >= percent * len(values)
    assert 100 * sum(value < found for value in values) < percent * len(values)


@pytest.mark.parametrize(("count", "p95"), [(20, 19), (40, 38), (60, 57), (100, 95)])
def test_the_95th_percentile_is_taken_by_nearest_rank(count: int, p95: float) -> None:
    assert upper(range(1, count + 1)) == ("p95", p95)


@pytest.mark.parametrize("count", [1, 2, 10, ENOUGH_FOR_P95 - 1])
def test_too_few_values_have_no_95th_percentile(count: int) -> None:
    values = [0.001 * number for number in range(1, count + 1)]
    assert upper(values) == ("max", values[-1])
    shown = milliseconds("dispatch", values).value
    assert "p95" not in shown
    assert shown.endswith(f"max {count:.1f} ms, n={count}")


@given(st.lists(SECONDS, min_size=1, max_size=60))
def test_what_is_shown_never_exceeds_the_maximum(values: list[float]) -> None:
    numbers = [float(number) for number in re.findall(r"([\d.]+) ms", milliseconds("x", values).value)]
    assert numbers == sorted(numbers)


def test_two_values_of_the_polling_baseline_are_shown_as_they_are() -> None:
    assert milliseconds("polling", [1.2, 4.889]).value == "p50 1200.0 ms, max 4889.0 ms, n=2"


def test_a_goal_for_the_95th_percentile_holds_for_the_maximum_of_few_values() -> None:
    assert milliseconds("dispatch", [0.010, 0.012, 0.040], (15, 50)).is_met
    assert not milliseconds("dispatch", [0.010, 0.012, 0.060], (15, 50)).is_met
    assert milliseconds("dispatch", [0.010] * 19 + [0.060], (15, 50)).is_met
