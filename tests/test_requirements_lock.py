"""The locks: what the lists name, and all that it needs in turn, in one version each and with hashes."""

from __future__ import annotations

import re
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement

from tests.requirement_lists import directs
from tools.lockfile import ROOT, entries, normalized

LOCKS = {
    "requirements.lock": ["requirements.txt"],
    "requirements-telemetry.lock": ["requirements-telemetry.txt"],
    "requirements-dev.lock": ["requirements.txt", "requirements-telemetry.txt", "requirements-dev.txt"],
}
RENEW = "run `make lock` and commit what it writes"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_every_direct_dependency_in_the_version_of_the_list(lock: str) -> None:
    locked = {name: entry.version for name, entry in entries(ROOT / lock).items()}
    wanted = {direct.name: direct.version for name in LOCKS[lock] for direct in directs(name)}
    assert {name: locked.get(name) for name in wanted} == wanted, RENEW


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_nothing_that_no_list_and_no_other_package_asks_for(lock: str) -> None:
    """A dependency that was taken off the list leaves the lock too: each entry says for whom it is there."""
    locked = entries(ROOT / lock)
    for name, entry in locked.items():
        (via,) = re.findall(r"# via (.+)", entry.text)
        asking = {word for word in via.split(", ") if not word.startswith("-c ")}
        lists = {word.removeprefix("-r ") for word in asking if word.startswith("-r ")}
        assert lists == {file for file in LOCKS[lock] if name in {d.name for d in directs(file)}}, RENEW
        assert asking, f"{name} is asked for by nothing"
        assert {normalized(word) for word in asking if not word.startswith("-r ")} <= locked.keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_all_that_its_packages_need_on_this_machine(lock: str) -> None:
    locked = entries(ROOT / lock)
    needed = {
        (name, normalized(requirement.name))
        for name in locked
        if is_for_this_machine(locked[name].text)
        for requirement in map(Requirement, requires(name) or [])
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    }
    assert len(needed) > 30
    assert {(name, need) for name, need in needed if need not in locked} == set(), RENEW


def is_for_this_machine(text: str) -> bool:
    marker = Requirement(text.partition("\\")[0].strip()).marker
    return marker is None or marker.evaluate()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_of_a_lock_has_hashes_and_none_of_its_lines_says_where_from(lock: str) -> None:
    locked = entries(ROOT / lock)
    assert [name for name, entry in locked.items() if not entry.hashes] == []
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert len(locked) == len(re.findall(r"^\w", text, re.MULTILINE)), "every line is an entry's"
    assert not re.search(r"://|^-|(^|[\s'\"=])/|@ ", text, re.MULTILINE), "no index, no folder, no address"


def test_both_locks_agree() -> None:
    runs, tested = entries(ROOT / "requirements.lock"), entries(ROOT / "requirements-dev.lock")
    assert {name: entry.version for name, entry in runs.items()} == {
        name: tested[name].version for name in runs if name in tested
    }
