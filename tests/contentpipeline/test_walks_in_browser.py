"""Random walks through the desk: nothing that was typed is lost, and no page is at fault."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tasks.lifecycle import Status
from tests.factories import approve, make_draft, make_task
from tests.live import Server
from tests.publishing.factories import approved_update, make_post
from tests.walks import Walk

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)
"""Each walk finds the same rows under the same addresses, whichever was walked before it."""
ROLES = ("Writers", "Editors", "Publishers", "Editors")
FIRST, COUNT = int(os.environ.get("FIRST_WALK", "0")), int(os.environ.get("WALKS", "200"))


def make_work() -> None:
    """A text in each state, for a walk to find."""
    for number in (1, 2):
        make_draft(title=f"Waiting {number}")
    approve(make_draft(title="Approved"))
    approved_update(make_post(title="Live"), title="Live, and newer")
    make_task(status=Status.FAILED, error="Broken.")


def walk(number: int, site: Server, browser: Any, steps: int) -> list[str]:
    make_work()
    one = Walk(number, site.url, browser, ROLES[number % len(ROLES)], has_scripts=number % 6 != 5)
    one.run(steps)
    faults = one.finish()
    if faults or "WALKS_VERBOSE" in os.environ:
        print(f"walk {number} ({one.role}), typed: {one.typed}", *one.steps, sep="\n")
    return faults


def test_one_walk_loses_no_words(site: Server, browser: Any) -> None:
    assert walk(1, site, browser, 15) == []


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(FIRST, FIRST + COUNT))
def test_no_random_walk_loses_words_or_meets_a_fault(number: int, site: Server, browser: Any) -> None:
    """`WALKS` is how many, `FIRST_WALK` the number of the first: one alone repeats what failed."""
    assert walk(number, site, browser, 15 + number % 16) == []
