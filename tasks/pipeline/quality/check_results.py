"""What a check says: it passed, it failed and here are the words, or it could not be run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.pipeline.check_status import CheckStatus
from tasks.pipeline.text.titles import shortened

MAX_EVIDENCE = 8
MAX_EVIDENCE_CHARACTERS = 400


@dataclass(frozen=True)
class Finding:
    status: CheckStatus
    message: str
    evidence: tuple[str, ...] = ()
    applies: bool = True


def passed(message: str) -> Finding:
    return Finding(CheckStatus.PASSED, message)


def skipped(why: str) -> Finding:
    """It could not be determined, which counts against an approval."""
    return Finding(CheckStatus.SKIPPED, why)


def not_applicable(why: str) -> Finding:
    """There is nothing in this text or brief that it could find wrong."""
    return Finding(CheckStatus.SKIPPED, why, applies=False)


def failed(message: str, evidence: Sequence[str] = ()) -> Finding:
    shown = tuple(shortened(words, MAX_EVIDENCE_CHARACTERS) for words in evidence[:MAX_EVIDENCE])
    return Finding(CheckStatus.FAILED, message, shown)


def passed_unless(evidence: Sequence[str], *, ok: str, bad: str) -> Finding:
    """Failed with the evidence when there is some; `{n}` in `bad` is how much."""
    return failed(bad.replace("{n}", str(len(evidence))), evidence) if evidence else passed(ok)
