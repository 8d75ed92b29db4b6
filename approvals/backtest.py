"""Replays quality checks over versions that editors decided on, by one rule and by another.

Reads only. One version is in memory at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from approvals.models import Decision, Verdict
from tasks.engine.mapping import brief_of
from tasks.models import Draft, StageRun
from tasks.pipeline.check_status import CheckStatus
from tasks.pipeline.quality import run_checks
from tasks.pipeline.types import Article, Brief, CheckRule, Research

if TYPE_CHECKING:
    from tasks.pipeline.quality.check import Check

CHUNK = 50


@dataclass(frozen=True)
class DecidedVersion:
    draft_id: int
    version: int
    title: str
    is_approved: bool
    reason_code: str
    brief: Brief
    research: Research
    article: Article

    @property
    def name(self) -> str:
        return f"draft {self.draft_id}, version {self.version}: {self.title}"


@dataclass
class RuleTally:
    """What one check said under one rule."""

    failed: int = 0
    vetoed: int = 0
    skipped: int = 0
    caught: int = 0
    """Failed, and the editor did not approve."""
    not_approved: int = 0
    """Of the versions that the check looked at."""
    reasons: Counter[str] = field(default_factory=Counter)
    """The codes of the reasons of what was caught."""

    def add(self, status: CheckStatus, *, is_veto: bool, decided: DecidedVersion) -> None:
        if status == CheckStatus.SKIPPED:
            self.skipped += 1
            return
        self.not_approved += not decided.is_approved
        if status == CheckStatus.FAILED:
            self.failed += 1
            self.vetoed += is_veto
            self.caught += not decided.is_approved
            if not decided.is_approved:
                self.reasons[decided.reason_code or "none"] += 1

    @property
    def precision(self) -> float | None:
        """How many of the failed ones were not approved; None when none failed."""
        return self.caught / self.failed if self.failed else None

    @property
    def recall(self) -> float | None:
        """How many of those that were not approved failed; None when all were approved."""
        return self.caught / self.not_approved if self.not_approved else None

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "failed": self.failed, "vetoed": self.vetoed, "skipped": self.skipped, "caught": self.caught,
            "not_approved": self.not_approved, "precision": self.precision, "recall": self.recall,
            "reasons": dict(self.reasons.most_common()),
        }  # fmt: skip


@dataclass
class CheckBacktest:
    check: Check
    before: RuleTally = field(default_factory=RuleTally)
    after: RuleTally = field(default_factory=RuleTally)
    changes: dict[str, list[str]] = field(default_factory=dict)
    """By what would have changed, the versions."""

    def note(self, what: str, version: DecidedVersion) -> None:
        self.changes.setdefault(what, []).append(version.name)


@dataclass
class Backtest:
    checks: list[CheckBacktest]
    versions: int = 0
    approved: int = 0
    without_research: int = 0
    """Versions of people, or of runs of long ago: what needs sources is skipped on them."""


def backtest(
    checks: Sequence[Check],
    before: tuple[CheckRule, ...],
    after: tuple[CheckRule, ...],
    *,
    limit: int | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Backtest:
    """Run the checks over every decided version by two sets of rules, which may be the same."""
    found = Backtest([CheckBacktest(check) for check in checks])
    ids = decided_ids(limit)
    for done, version in enumerate(_versions(ids), 1):
        _replay(found, version, before, after)
        progress(done, len(ids))
    return found


def decided_ids(limit: int | None) -> list[int]:
    """The last decision on each version, the newest first."""
    last = Decision.objects.order_by("draft_id", "version", "-decided_at", "-pk").distinct(
        "draft_id", "version"
    )
    return sorted(last.values_list("pk", flat=True), reverse=True)[:limit]


def _versions(ids: Sequence[int]) -> Iterator[DecidedVersion]:
    for start in range(0, len(ids), CHUNK):
        chunk = Decision.objects.filter(pk__in=ids[start : start + CHUNK]).select_related("draft__task")
        for decision in chunk.order_by("-pk"):
            if version := _decided_version(decision):
                yield version


def _decided_version(decision: Decision) -> DecidedVersion | None:
    draft = decision.draft
    row = draft.versions.filter(version=decision.version).first()
    if row is None:
        return None
    fields = {name: getattr(row, name) for name in Article.model_fields if name in _FIELDS}
    return DecidedVersion(
        draft.pk,
        decision.version,
        row.title,
        decision.decision == Verdict.APPROVE,
        decision.reason_code,
        brief_of(draft.task),
        _research_at(draft, row.history_date),
        Article.model_validate(fields),
    )


_FIELDS = frozenset(one.name for one in Draft._meta.concrete_fields)


def _research_at(draft: Draft, when: datetime) -> Research:
    """What the run had read that the version is of."""
    saved = StageRun.objects.filter(task=draft.task_id, key="research", output__isnull=False)
    run = saved.filter(started_at__lte=when).order_by("-run").first() or saved.order_by("run").first()
    return Research.model_validate(run.output) if run else Research(sources=())


def _replay(
    found: Backtest, version: DecidedVersion, before: tuple[CheckRule, ...], after: tuple[CheckRule, ...]
) -> None:
    found.versions += 1
    found.approved += version.is_approved
    found.without_research += not version.research.sources
    checks = tuple(one.check for one in found.checks)
    earlier = _results(version, checks, before)
    later = earlier if before == after else _results(version, checks, after)
    for one, (old, old_veto), (new, new_veto) in zip(found.checks, earlier, later, strict=True):
        one.before.add(old, is_veto=old_veto, decided=version)
        one.after.add(new, is_veto=new_veto, decided=version)
        was, is_now = old == CheckStatus.FAILED, new == CheckStatus.FAILED
        if was != is_now:
            one.note("newly_failing" if is_now else "no_longer_failing", version)
        if (was and old_veto) != (is_now and new_veto):
            one.note("newly_vetoed" if is_now and new_veto else "no_longer_vetoed", version)


def _results(
    version: DecidedVersion, checks: tuple[Check, ...], rules: tuple[CheckRule, ...]
) -> list[tuple[CheckStatus, bool]]:
    brief = version.brief.model_copy(update={"check_rules": rules})
    results = run_checks(brief, version.research, version.article, checks)
    return [(result.status, result.severity == "veto") for result in results]
