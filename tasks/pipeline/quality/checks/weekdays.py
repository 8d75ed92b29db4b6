"""Whether the day of the week that a text gives for a date is the date's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import (
    CheckOutcome,
    StatementFinding,
    failed_for,
    not_applicable,
    passed,
)
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.figures import FigureKind, figures
from tasks.pipeline.text.languages import language_name, primary_language
from tasks.pipeline.text.typography import folded

# "On Sunday, the 3rd of March 2024" and "3 March 2024 (Sunday)".
NEAR = 20
_WHOLE = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z")
_WORD = re.compile(r"[^\W\d_]{4,12}")


def weekdays(draft: InspectedDraft) -> CheckOutcome:
    """Every date falls on the day of the week that the text names, and exists."""
    words = draft.meaning_words
    if words is None:
        return not_applicable(f"Not judged in {language_name(draft.brief.language)}.")
    code, findings, has_any = primary_language(draft.brief.language), list[StatementFinding](), False
    for statement in draft.statements:
        for figure in figures(statement.prose, code):
            if figure.kind != FigureKind.DATE or len(figure.names) != 1:
                continue
            has_any = True
            day = _day(figure.names[0])
            if day is None:
                continue
            if day < 0:
                findings.append(StatementFinding(statement, f"There is no {figure.written}."))
            around = (
                statement.prose[max(0, figure.start - NEAR) : figure.start],
                statement.prose[figure.end : figure.end + NEAR],
            )
            named = next(_named(around, words.weekdays), None)
            if day >= 0 and named and named[1] != day:
                findings.append(StatementFinding(statement, f"{figure.written} was no {named[0]}."))
    if findings:
        return failed_for(
            findings,
            one="1 date cannot be as the text has it: correct the date or the day of the week.",
            many="{n} dates cannot be as the text has them: correct the dates or the days of the week.",
        )
    if not has_any:
        return not_applicable("The text has no dates.")
    return passed("No date contradicts its day of the week.")


def _day(name: str) -> int | None:
    """The day of the week, 0 for Monday; None where no whole date is named, −1 where there is no such day."""
    match = _WHOLE.match(name)
    if not match:
        return None
    try:
        return date(*map(int, match.groups())).weekday()
    except ValueError:
        return -1


def _named(around: tuple[str, str], names: dict[str, int]) -> Iterator[tuple[str, int]]:
    for text in around:
        for word in _WORD.findall(text):
            if folded(word) in names:
                yield word, names[folded(word)]


CHECK = Check("weekdays", "advisory", weekdays)
