"""What the checks of one version made of the drafts: which defects they found, and what they doubted."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.quality_corpus.defect_kinds import FIGURES, MEANING, MISPLACED, SUPPORT
from benchmarks.quality_corpus.items import QualityItems
from benchmarks.quality_corpus.seeded_draft import SeededDraft

FORM = frozenset({"length", "readability", "keywords_covered", "seo_lengths", "title_promise"})
"""They judge a text by its brief: what they have against a changed sentence is not the defect in it."""
CHECKS_OF: dict[str, frozenset[str]] = {
    FIGURES: frozenset({"figures_in_sources"}),
    MEANING: frozenset({"negation", "direction", "units", "names_in_sources"}),
    SUPPORT: frozenset({"claims_supported"}),
    MISPLACED: frozenset({"citations_fit"}),
}
"""Whose false alarms a group's goal is about. A defect counts as found whichever check names it."""
THRESHOLD = 70
"""Of a brief, unless it says otherwise."""


@dataclass(frozen=True)
class ChecksRun:
    """What one checkout made of all drafts."""

    drafts: dict[str, dict[str, Any]]
    timed: dict[str, list[dict[str, float]]]
    """Seconds of each draft of a length, the first time and again: see quality_steps.py."""

    def found_by(self, draft: SeededDraft) -> list[str]:
        """The checks that have something against the draft which they had not against the clean one."""
        before = self._objections(draft.name.partition(":")[0])
        return sorted({check for check, words in self._objections(draft.name) - before if check not in FORM})

    def vetoes(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self._failed(name) if one["severity"] == "veto"]

    def passes(self, draft: SeededDraft) -> bool:
        """Whether the draft reaches the threshold with a critic that likes everything."""
        score = self.drafts[draft.name]["score"]
        return score is not None and score >= THRESHOLD

    def alarms(self, clean: Sequence[SeededDraft]) -> Counter[str]:
        """How many things each advisory check has against clean drafts."""
        counts = Counter[str]()
        for draft in clean:
            for one in self._failed(draft.name):
                if one["severity"] == "advisory":
                    counts[one["check"]] += _number(one)
        return counts

    def _failed(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.drafts[name]["results"] if one["status"] == "failed"]

    def _objections(self, name: str) -> set[tuple[str, str]]:
        """Each failed check with the words it is about; without, with nothing."""
        return {(one["check"], words) for one in self._failed(name) for words in (one["evidence"] or [""])}


def _number(result: dict[str, Any]) -> int:
    """The evidence that is shown is bounded; the message begins with how many there are."""
    match = re.match(r"(\d+) ", result["message"])
    return max(int(match[1]) if match else 0, len(result["evidence"]), 1)


@dataclass(frozen=True)
class KindScore:
    kind: str
    group: str
    found: int
    count: int
    checks: tuple[str, ...]
    """Which found it, the most frequent first."""


def kind_scores(run: ChecksRun, items: QualityItems, groups: dict[str, str]) -> list[KindScore]:
    """In the order of `groups`, which are the groups of the kinds."""
    found, count = Counter[str](), Counter[str]()
    checks: dict[str, Counter[str]] = defaultdict(Counter)
    for draft in items.defective:
        by = run.found_by(draft)
        count[draft.kind] += 1
        found[draft.kind] += bool(by)
        checks[draft.kind].update(by)
    return [
        KindScore(
            kind, group, found[kind], count[kind], tuple(name for name, _ in checks[kind].most_common())
        )
        for kind, group in groups.items()
        if count[kind]
    ]


def recall(scores: Sequence[KindScore], group: str) -> float:
    own = [one for one in scores if one.group == group]
    return sum(one.found for one in own) / max(1, sum(one.count for one in own))


def alarms_of(counts: Counter[str], group: str, sentences: int) -> float:
    """For each clean sentence, of the checks of a group."""
    return sum(counts[check] for check in CHECKS_OF.get(group, ())) / max(1, sentences)
