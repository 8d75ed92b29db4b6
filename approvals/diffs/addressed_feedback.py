"""Which finding a change answered: of a check, of the critic, or of an editor who said no."""

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
class Answer:
    """A finding about the version before, which the change took up."""

    kind: str
    """check, critic or note."""
    name: str
    """The check; for a note, its reason code."""
    message: str
    words: str = ""
    """What it was about."""
    by: str = ""
    version: int = 0
    """In which it was found."""


@dataclass(frozen=True)
class Findings:
    """All there is to answer in a draft, read in two queries."""

    found: Mapping[int, Sequence[Answer]]
    """By version, what the checks and the critic found wrong with words of it."""
    decisions: Sequence[Decision]
    """The latest first."""

    @classmethod
    def about(cls, draft: Draft, versions: Iterable[int]) -> Findings:
        reports = draft.quality_reports.filter(version__in=set(versions))
        found = {
            version: [*_of_checks(version, results), *_of_critic(version, critique or {})]
            for version, results, critique in reports.values_list("version", "results", "critique")
        }
        return cls(found, list(draft.decisions.order_by("-pk")))

    def answered(
        self, parent: int, *, old: str, new: str, section: str, version: int, at: datetime
    ) -> list[Answer]:
        """What was found in `old`, of version `parent`, and is not in `new` any more; then the editor's no.

        A finding without words of the text is about the whole of it, and no paragraph alone answers it.
        """
        was, is_now, heading = _plain(old), _plain(new), _plain(section)
        taken_up = []
        for answer in self.found.get(parent, ()):
            words = _plain(answer.words)
            if len(words) < MIN_WORDS_CHARACTERS:
                continue
            about_words = words in was and words not in is_now
            if about_words or (answer.kind == "critic" and words == heading):
                taken_up.append(answer)
        return taken_up + self._note(version, at)

    def _note(self, version: int, at: datetime) -> list[Answer]:
        """The last decision before the version was made, if it was a no."""
        last = next((one for one in self.decisions if one.decided_at < at and one.version < version), None)
        if last is None or last.decision == Verdict.APPROVE:
            return []
        return [Answer("note", last.reason_code, last.reason, by=last.actor_name, version=last.version)]


def _of_checks(version: int, results: Sequence[Mapping[str, Any]]) -> list[Answer]:
    return [
        Answer("check", result["check"], result["message"], words, version=version)
        for result in results
        if result["status"] == CheckStatus.FAILED
        for words in result["evidence"]
    ]


def _of_critic(version: int, critique: Mapping[str, Any]) -> list[Answer]:
    return [
        Answer("critic", "", problem["what"], problem["where"], version=version)
        for problem in critique.get("problems", ())
    ]


def _plain(text: str) -> str:
    """The words without Markdown and citations, as checks quote them; the mark of a cut end is left out."""
    return " ".join(MARKUP.sub(" ", text).casefold().split())
