from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from approvals.backtest import Backtest, CheckBacktest, RuleTally, backtest
from tasks.check_rules import require_within_ranges, rules_in_force
from tasks.pipeline.quality import CHECKS
from tasks.pipeline.quality.check import Check
from tasks.pipeline.types import CheckRule

MOST_LISTED = 20
CHANGES = {
    "newly_failing": "would fail and did not",
    "no_longer_failing": "would no longer fail",
    "newly_vetoed": "would be vetoed and was not",
    "no_longer_vetoed": "would no longer be vetoed",
}


class Command(BaseCommand):
    help = "Replay quality checks over stored versions and editors' decisions: precision, recall, changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        test = verbs.add_parser("backtest", help="compare checks with what editors decided; reads only")
        which = test.add_mutually_exclusive_group(required=True)
        which.add_argument("--check", metavar="NAME", help="one check, by its name")
        which.add_argument("--all", action="store_true", help="every check, by the rules in force")
        test.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="THRESHOLD=NUMBER",
            help="as it would be; repeatable",
        )
        test.add_argument("--severity", choices=["veto", "advisory", "off"], help="as it would be")
        test.add_argument("--limit", type=int, metavar="N", help="the newest N decided versions alone")
        test.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        checks, before, after = _rules(options)
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit is a number of versions, at least 1.")
        found = backtest(checks, before, after, limit=options["limit"], progress=self._progress)
        is_changed = before != after
        if options["json"]:
            self.stdout.write(json.dumps(_facts(found, is_changed=is_changed), indent=2))
        else:
            self.stdout.write("\n".join(_lines(found, is_changed=is_changed)))

    def _progress(self, done: int, of: int) -> None:
        if sys.stderr.isatty() and (done % 10 == 0 or done == of):
            self.stderr.write(f"\r{done} of {of} versions", ending="\n" if done == of else "")


RuleSet = tuple[CheckRule, ...]


def _rules(options: dict[str, Any]) -> tuple[tuple[Check, ...], RuleSet, RuleSet]:
    """The checks, the rules in force, and the rules as they would be."""
    before = rules_in_force()
    if options["all"]:
        if options["set"] or options["severity"]:
            raise CommandError("--set and --severity change one check: name it with --check.")
        return CHECKS, before, before
    check = next((one for one in CHECKS if one.name == options["check"]), None)
    if check is None:
        raise CommandError(f"There is no check “{options['check']}”. There are: {_names()}.")
    own = next((rule for rule in before if rule.check == check.name), CheckRule(check=check.name))
    changed = own.model_copy(
        update={
            "severity": options["severity"] or own.severity,
            "limits": own.limits | _limits(check, options["set"]),
        }
    )
    return (check,), before, (*(rule for rule in before if rule.check != check.name), changed)


def _limits(check: Check, given: list[str]) -> dict[str, float]:
    limits = {}
    for one in given:
        name, _, value = one.partition("=")
        try:
            limits[name.strip()] = float(value)
        except ValueError as error:
            raise CommandError(f"--set takes THRESHOLD=NUMBER, such as longest=1.5, not “{one}”.") from error
    try:
        require_within_ranges(check, limits)
    except ValidationError as error:
        raise CommandError(f"--set: {' '.join(error.messages)}") from error
    return limits


def _names() -> str:
    return ", ".join(sorted(check.name for check in CHECKS))


def _facts(found: Backtest, *, is_changed: bool) -> dict[str, Any]:
    return {
        "versions": found.versions,
        "approved": found.approved,
        "not_approved": found.versions - found.approved,
        "without_research": found.without_research,
        "checks": [
            {
                "check": one.check.name,
                "before": one.before.facts,
                "after": one.after.facts if is_changed else None,
                "changes": {what: one.changes.get(what, []) for what in CHANGES} if is_changed else None,
            }
            for one in found.checks
        ],
    }


def _lines(found: Backtest, *, is_changed: bool) -> list[str]:
    if not found.versions:
        return ["No version has been decided on yet: approve or reject some drafts first."]
    refused = found.versions - found.approved
    lines = [f"{found.versions} decided versions: {found.approved} approved, {refused} not."]
    if found.without_research:
        lines.append(
            f"{found.without_research} of them have no stored research: checks of sources are skipped there."
        )
    for one in found.checks:
        lines += ["", one.check.name, f"  now:        {_tally(one.before)}"]
        if is_changed:
            lines += [f"  would be:   {_tally(one.after)}", *_changes(one)]
    return lines


def _tally(tally: RuleTally) -> str:
    parts = [f"{tally.failed} failed", f"{tally.vetoed} vetoed", f"{tally.skipped} skipped"]
    parts.append(f"precision {_share(tally.precision)}, recall {_share(tally.recall)}")
    if tally.reasons:
        parts.append("caught: " + ", ".join(f"{code} {count}" for code, count in tally.reasons.most_common()))
    return "; ".join(parts)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.2f}"


def _changes(one: CheckBacktest) -> list[str]:
    if not one.changes:
        return ["  Nothing would have changed."]
    lines = []
    for what, words in CHANGES.items():
        names = one.changes.get(what, [])
        if names:
            lines.append(f"  {len(names)} {words}:")
            lines += [f"    {name}" for name in names[:MOST_LISTED]]
            if len(names) > MOST_LISTED:
                lines.append(f"    and {len(names) - MOST_LISTED} more (--json lists all)")
    return lines
