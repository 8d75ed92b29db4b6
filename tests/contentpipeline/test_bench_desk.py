"""What `bench desk` prints, and the drafts and pages that it measures."""

from __future__ import annotations

import runpy
import sys

import pytest
from django.contrib.auth.models import User
from django.test import Client

from benchmarks.boot import OURS
from benchmarks.desk import BASELINE, GOAL, SCRIPT, PageCost, figures
from tasks.lifecycle import Status
from tasks.models import ContentTask


def costs(*milliseconds: float) -> list[PageCost]:
    return [PageCost(each / 1000, 7) for each in milliseconds]


def test_the_goal_is_for_the_ratio_of_the_95th_percentiles() -> None:
    ours, theirs = costs(*[20] * 19, 300), costs(*[100] * 18, 400, 400)
    [home] = figures({"Home": {OURS: ours, BASELINE: theirs}})
    assert home.value == "20 / 20 ms, 7 queries; before: 100 / 400 ms, 7 queries; p95 × 0.05"
    assert (home.goal, home.is_met) == (f"≤ {GOAL:g} ×", True)
    [slow] = figures({"Home": {OURS: costs(71), BASELINE: costs(100)}})
    assert slow.is_met is False


def test_a_page_that_was_not_there_before_has_no_ratio() -> None:
    media, palette = figures({"Media": {OURS: costs(9)}, "Palette, a word": {OURS: costs(51)}})
    assert (media.value, media.goal, media.is_met) == ("9 / 9 ms, 7 queries", "", None)
    assert (palette.goal, palette.is_met) == ("≤ 50 ms", False)


@pytest.mark.django_db(transaction=True)
def test_each_page_that_is_measured_shows_drafts_in_all_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    steps = runpy.run_path(str(SCRIPT), run_name="steps")
    runpy.run_path(str(steps["DRAFTS"]))["fill"](40)
    states = set(ContentTask.objects.filter(pk__gte=100_000).values_list("status", flat=True))
    assert states == set(Status.values)
    client = Client(SERVER_NAME="localhost")
    for name, choices in steps["pages"]().items():
        who, path, query = steps["address"](choices)
        client.force_login(User.objects.get(username=who))
        answer = steps["ask"](client, path, query, is_cold=True)
        assert answer["status"] == 200, name
        assert 0 < answer["waited"] < answer["seconds"], name
