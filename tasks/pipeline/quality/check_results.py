"""The outcome of a check: passed, failed with evidence, or skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tasks.pipeline.check_status import CheckStatus
from tasks.pipeline.text.titles import shortened

if TYPE_CHECKING:
    from tasks.pipeline.quality.inspected_draft import Statement
    from tasks.pipeline.quality.reader_text import Find

MAX_EVIDENCE = 8
MAX_EVIDENCE_CHARACTERS = 400
MAX_PASSAGE_CHARACTERS = 200
MAX_PLACES = 3


@dataclass(frozen=True)
class StatementFinding:
    """What a check has against one sentence; the claim ledger takes its verdict from it."""

    statement: Statement
    why: str
    """One sentence for the editor."""
    source: int | None = None
    passage: str = ""
    """The passage of that source that says otherwise, or the nearest."""
    is_contradiction: bool = False
    """True: the source says otherwise. False: it does not say this."""


@dataclass(frozen=True)
class CheckOutcome:
    status: CheckStatus
    message: str
    evidence: tuple[str, ...] = ()
    applies: bool = True
    findings: tuple[StatementFinding, ...] = ()
    """For checks of single sentences: all of them, also those beyond the evidence that is shown."""


def passed(message: str) -> CheckOutcome:
    return CheckOutcome(CheckStatus.PASSED, message)


def skipped(why: str) -> CheckOutcome:
    """The outcome could not be determined, which counts against an approval."""
    return CheckOutcome(CheckStatus.SKIPPED, why)


def not_applicable(why: str) -> CheckOutcome:
    """The check does not apply to this text or brief."""
    return CheckOutcome(CheckStatus.SKIPPED, why, applies=False)


def failed(message: str, evidence: Sequence[str] = ()) -> CheckOutcome:
    shown = tuple(shortened(words, MAX_EVIDENCE_CHARACTERS) for words in evidence[:MAX_EVIDENCE])
    return CheckOutcome(CheckStatus.FAILED, message, shown)


def failed_at(finds: Sequence[Find], *, one: str, many: str) -> CheckOutcome:
    """Failed for what stands in certain places, which the message names; `{n}` in `many` is their number."""
    what = _counted(len(finds), one, many)
    places = "; ".join(dict.fromkeys(map(str, finds[:MAX_PLACES])))
    more = f"; and {len(finds) - MAX_PLACES} more" if len(finds) > MAX_PLACES else ""
    return failed(f"{what}: {places}{more}.", [find.context for find in finds])


def passed_unless_at(finds: Sequence[Find], *, ok: str, one: str, many: str) -> CheckOutcome:
    return failed_at(_apart(finds), one=one, many=many) if finds else passed(ok)


def _apart(finds: Sequence[Find]) -> list[Find]:
    """In the order of the text; of two that overlap, the first."""
    found: list[Find] = []
    for find in sorted(finds, key=lambda one: (one.start, -one.end)):
        if not found or find.start >= found[-1].end or find.end == 0:
            found.append(find)
    return found


def passed_unless(evidence: Sequence[str], *, ok: str, bad: str, one: str = "") -> CheckOutcome:
    """Failed when there is evidence; `{n}` in `bad` is its number, and `one` is said instead when it is 1."""
    return failed(_counted(len(evidence), one or bad, bad), evidence) if evidence else passed(ok)


def failed_for(findings: Sequence[StatementFinding], *, one: str, many: str) -> CheckOutcome:
    """Failed for single sentences; `{n}` in `many` is their number."""
    outcome = failed(_counted(len(findings), one, many), [_shown(finding) for finding in findings])
    return replace(outcome, findings=tuple(findings))


def _counted(number: int, one: str, many: str) -> str:
    return (one if number == 1 else many).replace("{n}", str(number))


def _shown(finding: StatementFinding) -> str:
    """The sentence first, then what speaks against it."""
    where = ""
    if finding.source is not None:
        says = (
            f"source {finding.source} says"
            if finding.is_contradiction
            else f"nearest in source {finding.source}"
        )
        where = f" — {says}: {shortened(finding.passage, MAX_PASSAGE_CHARACTERS)}"
    return f"{finding.statement.text} — {finding.why}{where}"
