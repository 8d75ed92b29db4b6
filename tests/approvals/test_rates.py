"""Rates with their intervals."""

import pytest

from approvals.rates import Rate


@pytest.mark.parametrize(
    ("cases", "total", "low", "high"),
    # Worked out by the published formula, to one decimal.
    [
        (0, 10, 0.0, 27.8),
        (10, 10, 72.2, 100.0),
        (5, 10, 23.7, 76.3),
        (12, 100, 7.0, 19.8),
        (1, 1, 20.7, 100.0),
    ],
)
def test_the_interval_is_wilsons(cases, total, low, high):
    rate = Rate(cases, total)
    assert (round(rate.low, 1), round(rate.high, 1)) == (low, high)


def test_without_any_draft_nothing_is_known():
    assert (Rate(0, 0).low, Rate(0, 0).high) == (0.0, 100.0)
    assert str(Rate(0, 0)) == "no drafts decided"
