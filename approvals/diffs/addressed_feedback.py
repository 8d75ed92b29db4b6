"""Which findings a change addressed: of a check, of the critic, or an editor's reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.models import Decision, Verdict
from tasks.models import Draft
from tasks.pipeline.check_status import CheckStatus

MARKUP = re.compile(r"\[\d{1,3}\]|\]\([^)]*\)|[*_`#>\[\]|…]")
MIN_WORDS_CHARACTERS = 3


@dataclass(frozen=True)
class AddressedFinding:
    """A finding about the previous version that the change addressed."""

    kind: str
    """check, critic or note."""
    name: str
    """The check; for a note, its reason code."""
    message: str
    words: str = ""
    """The words it was about."""
    by: str = ""
    version: int = 0
    """The version in which it was found."""


@dataclass(frozen=True)
class DraftFindings:
    """All findings about a draft, read in two queries."""

    found: Mapping[int, Sequence[AddressedFinding]]
    """By version, what the checks and the critic found."""
    decisions: Sequence[Decision]
    """Newest first."""

    @classmethod
    def about(cls, draft: Draft, versions: Iterable[int]) -> DraftFindings:
        reports = draft.quality_reports.filter(version__in=set(versions))
        found = {
            version: [*_of_checks(version, results), *_of_critic(version, critique or {})]
            for version, results, critique in reports.values_list("version", "results", "critique")
        }
        return cls(found, list(draft.decisions.order_by("-pk")))

    def addressed(
        self, parent: int, *, old: str, new: str, section: str, version: int, at: datetime
    ) -> list[AddressedFinding]:
        """Findings in `old`, of version `parent`, whose words are gone from `new`; then the editor's reason.

        A finding without quoted words is about the whole text, and no single paragraph addresses it.
        """
        was, is_now, heading = _plain(old), _plain(new), _plain(section)
        found = []
        for finding in self.found.get(parent, ()):
            words = _plain(finding.words)
            if len(words) < MIN_WORDS_CHARACTERS:
                continue
            about_words = words in was and words not in is_now
            if about_words or (finding.kind == "critic" and words == heading):
                found.append(finding)
        return found + self._note(version, at)

    def _note(self, version: int, at: datetime) -> list[AddressedFinding]:
        """The reason of the last decision before the version was made, unless it was an approval."""
        last = next((one for one in self.decisions if one.decided_at < at and one.version < version), None)
        if last is None or last.decision == Verdict.APPROVE:
            return []
        return [
            AddressedFinding("note", last.reason_code, last.reason, by=last.actor_name, version=last.version)
        ]


def _of_checks(version: int, results: Sequence[Mapping[str, Any]]) -> list[AddressedFinding]:
    return [
        AddressedFinding("check", result["check"], result["message"], words, version=version)
        for result in results
        if result["status"] == CheckStatus.FAILED
        for words in result["evidence"]
    ]


def _of_critic(version: int, critique: Mapping[str, Any]) -> list[AddressedFinding]:
    return [
        AddressedFinding("critic", "", problem["what"], problem["where"], version=version)
        for problem in critique.get("problems", ())
    ]


def _plain(text: str) -> str:
    """The words without Markdown and citations, as checks quote them, and without the ellipsis of a cut."""
    return " ".join(MARKUP.sub(" ", text).casefold().split())
