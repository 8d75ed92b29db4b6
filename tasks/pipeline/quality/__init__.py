"""Quality checks that need no model: each inspects a draft and returns its outcome."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from tasks.pipeline.off_loop import preloads
from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, StatementFinding, not_applicable, skipped
from tasks.pipeline.quality.checks import CHECKS as CHECKS
from tasks.pipeline.quality.claims import claim_ledger
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.site_facts import SiteFacts
from tasks.pipeline.text.languages import load_languages
from tasks.pipeline.types import Article, Assessment, Brief, CheckResult, CheckRule, FactualClaim, Research

logger = logging.getLogger(__name__)


@preloads(load_languages)
def assess(
    brief: Brief,
    research: Research,
    article: Article,
    checks: tuple[Check, ...] = CHECKS,
    site: SiteFacts | None = None,
) -> Assessment:
    """Run every check by the brief's rules, and compare each factual sentence with its sources.

    CPU-bound, tens of milliseconds for an article of 1,000 words.
    """
    draft = InspectedDraft(brief, research, article, site)
    rules = {rule.check: rule for rule in brief.check_rules}
    outcomes = [(check, _outcome(check, draft, rules.get(check.name))) for check in checks]
    results = tuple(_result(check, outcome, rules.get(check.name)) for check, outcome in outcomes)
    findings = [finding for _, outcome in outcomes for finding in outcome.findings]
    return Assessment(results=results, claims=_claims(draft, findings), check_rules=brief.check_rules)


def run_checks(
    brief: Brief, research: Research, article: Article, checks: tuple[Check, ...] = CHECKS
) -> tuple[CheckResult, ...]:
    """The results of the checks alone."""
    return assess(brief, research, article, checks).results


def results_within(
    seconds: float, brief: Brief, research: Research, article: Article, checks: tuple[Check, ...] = CHECKS
) -> tuple[tuple[CheckResult, ...], int]:
    """The results of the checks that could begin within `seconds`, and the number of the others.

    For a text that is being written: without the claim ledger, and without looking up the site or its links.
    """
    end = time.monotonic() + seconds
    draft = InspectedDraft(brief, research, article, None)
    rules = {rule.check: rule for rule in brief.check_rules}
    results: list[CheckResult] = []
    for check in checks:
        if time.monotonic() >= end:
            break
        rule = rules.get(check.name)
        results.append(_result(check, _outcome(check, draft, rule), rule))
    return tuple(results), len(checks) - len(results)


def _claims(draft: InspectedDraft, findings: Sequence[StatementFinding]) -> tuple[FactualClaim, ...] | None:
    try:
        return claim_ledger(draft, findings)
    # As with a check: no ledger is better than no report.
    except Exception:
        logger.exception("The factual sentences of a draft could not be compared with its sources")
        return None


def _result(check: Check, outcome: CheckOutcome, rule: CheckRule | None) -> CheckResult:
    severity = (rule and rule.severity) or check.severity
    return CheckResult(
        check=check.name,
        status=outcome.status,
        message=outcome.message,
        evidence=outcome.evidence,
        severity="veto" if severity == "veto" else "advisory",
        applies=outcome.applies,
        points=check.points,
    )


def _outcome(check: Check, draft: InspectedDraft, rule: CheckRule | None) -> CheckOutcome:
    if rule and rule.severity == "off":
        return not_applicable("The desk has switched this check off.")
    try:
        return check.run(draft)
    # A program error in one check must neither stop the run nor count as a failed check.
    except Exception as error:
        return skipped(f"The check could not run ({type(error).__name__}).")
