"""`manage.py quality backtest`: what a rule would have said about versions that editors decided on."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from approvals.models import Verdict
from tasks.models import QualityCheckRule
from tasks.pipeline.quality import CHECKS
from tests.factories import approve, decide_on, make_draft

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = StringIO()
    call_command("quality", "backtest", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def decided():
    """Two texts of 20 words that were approved, and one of 120 that was rejected."""
    words = "Trees give shade to the street in summer. "
    for number in range(2):
        approve(make_draft(body=words * 3 + f"This is number {number}."))
    decide_on(make_draft(body=words * 15), Verdict.REJECT)


def test_without_decisions_it_says_so():
    assert "No version has been decided on yet" in run("--all")
    assert json.loads(run("--all", "--json"))["versions"] == 0


def test_it_measures_every_check_against_the_decisions(decided):
    facts = json.loads(run("--all", "--json"))
    assert (facts["versions"], facts["approved"], facts["not_approved"]) == (3, 2, 1)
    assert [one["check"] for one in facts["checks"]] == [check.name for check in CHECKS]
    by_name = {one["check"]: one["before"] for one in facts["checks"]}
    repeated = by_name["duplicate_sentences"]
    assert (repeated["failed"], repeated["caught"], repeated["recall"]) == (3, 1, 1.0)
    assert repeated["precision"] == pytest.approx(1 / 3)
    assert "duplicate_sentences" in run("--all")


def test_it_names_the_versions_that_a_threshold_and_a_severity_would_change(decided):
    (found,) = json.loads(run("--check", "length", "--set", "shortest=0", "--json"))["checks"]
    assert found["before"]["failed"] == 3
    assert found["after"]["failed"] == 0
    assert len(found["changes"]["no_longer_failing"]) == 3
    text = run("--check", "length", "--severity", "veto")
    assert "3 would be vetoed and was not" in text
    assert "1 of" not in text or "precision 0.33, recall 1.00" in text
    assert not QualityCheckRule.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--check", "lenght"], "There is no check “lenght”"),
        (["--check", "length", "--set", "longest=99"], "longest is from 1 to 10"),
        (["--check", "length", "--set", "limit=1"], "has no threshold “limit”"),
        (["--check", "length", "--set", "longest"], "THRESHOLD=NUMBER"),
        (["--all", "--severity", "veto"], "--check"),
        (["--all", "--limit", "0"], "at least 1"),
    ],
)
def test_a_wrong_argument_is_refused_with_its_remedy(arguments, words):
    with pytest.raises(CommandError, match=words):
        run(*arguments)
