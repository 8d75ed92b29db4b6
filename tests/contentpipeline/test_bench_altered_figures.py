"""The alterations of figures are what they are said to be, and the same in every run."""

from __future__ import annotations

import gzip
import random
import re
from pathlib import Path

import pytest

from benchmarks import altered_figures

PAGE = (
    ".TH DESK 1\n.SH DESCRIPTION\nThe \\fBdesk\\fR command keeps 40 files for "
    "each of the 25 users of the machine.\n"
    ".PP\nAfter 90 days it removes the files that nobody has opened in the meantime, but for 12 of them.\n"
    * 30
)


def test_an_altered_sentence_differs_in_one_number_alone() -> None:
    sentence = "The desk command keeps 40 files for each of the 25 users."
    for seed in range(20):
        altered = altered_figures.with_other_figure(
            sentence, "There were 60 and 25.", "en", random.Random(seed)
        )
        assert altered != sentence
        assert re.sub(r"\d+", "0", altered) == re.sub(r"\d+", "0", sentence)
        assert len(set(re.findall(r"\d+", altered)) & {"40", "25"}) == 1


def test_every_run_measures_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "man1").mkdir()
    (tmp_path / "man1" / "desk.1.gz").write_bytes(gzip.compress(PAGE.encode()))
    monkeypatch.setattr(altered_figures, "PAGES", tmp_path)
    one, other = (altered_figures.measured_in("en", 4).counts for _ in range(2))
    assert one == other
    assert (one["true"], one["altered"], one["alarm"]) == (4, 4, 0)
    assert one["found"] == 4


def test_without_manual_pages_nothing_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(altered_figures, "PAGES", tmp_path)
    assert altered_figures.measured(quick=True) == []
