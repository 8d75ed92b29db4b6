"""What stands against approving a text: shown before it is approved, and recorded with the decision.

One place for the review page, for many drafts at once, for editing and for the API. An app further up adds
what it knows by appending to `looks` in `ready`, as publishing does with what would keep a text offline.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model

from approvals.errors import ObjectionsStand
from approvals.links.models import Opinion
from approvals.models import Decision, Verdict
from approvals.models.desk import DraftComment
from approvals.rules import Rule, approvals_of, rule_for
from tasks.content import canonical_json
from tasks.models import Draft, QualityReport
from tasks.pipeline.check_status import CheckStatus
from tasks.pipeline.text.digest_phrases import is_digest
from tasks.pipeline.text.titles import shortened

MAX_DETAILS, MAX_DETAIL_CHARACTERS = 10, 200
PERMISSIONS_FROM = "django.contrib.auth.backends.ModelBackend"
"""Which of the ways to log in knows who may do what."""


@dataclass(frozen=True)
class Objection:
    """One sentence, and what it is about. `is_asked`: it has to be confirmed before approving."""

    kind: str
    text: str
    details: tuple[str, ...] = ()
    is_asked: bool = True

    @property
    def fact(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "details": list(self.details)}


@dataclass(frozen=True)
class Objections:
    """`to_text` is what reviewers and checks found, `to_publication` what the apps above know."""

    to_text: tuple[Objection, ...] = ()
    to_publication: tuple[Objection, ...] = ()

    @property
    def asked(self) -> list[Objection]:
        return [one for one in (*self.to_text, *self.to_publication) if one.is_asked]

    @property
    def notes(self) -> list[Objection]:
        """Good to know, and nothing to answer for."""
        return [one for one in (*self.to_text, *self.to_publication) if not one.is_asked]

    @property
    def publication_asked(self) -> list[Objection]:
        return [one for one in self.to_publication if one.is_asked]

    @property
    def facts(self) -> list[dict[str, Any]]:
        return [one.fact for one in self.asked]

    @property
    def fingerprint(self) -> str:
        """Names exactly these objections, so that a confirmation is of what was read; empty without any."""
        return hashlib.sha256(canonical_json(self.facts).encode()).hexdigest() if self.asked else ""


class Material(NamedTuple):
    """What is on record about one draft."""

    report: QualityReport | None = None
    """On the present version, else on the last one that has any."""
    comments: Sequence[DraftComment] = ()
    decisions: Sequence[Decision] = ()
    """Newest first."""
    opinions: Sequence[Opinion] = ()
    rule: Rule | None = None
    is_for_others: bool = False
    """Whether the viewer may not approve it under the rule, so that another editor has to exist."""


Look = Callable[[Sequence[Draft]], Mapping[int, Sequence[Objection]]]
looks: list[Look] = []


def objections_to(draft: Draft, material: Material | None = None) -> Objections:
    """Everything that stands against approving this text now; `material` saves looking for it again."""
    return objections_to_each([draft], {draft.pk: material} if material else None)[draft.pk]


def objections_to_each(
    drafts: Sequence[Draft], materials: Mapping[int, Material] | None = None
) -> dict[int, Objections]:
    """The same by draft, in as many queries for many as for one, but for those that two people approve."""
    materials = materials or _materials(drafts)
    above = to_publication_of_each(drafts)
    found = {}
    for draft in drafts:
        material = materials[draft.pk]
        to_text = (*weigh(draft, material), *_too_few_people(draft, material))
        found[draft.pk] = Objections(to_text, tuple(above[draft.pk]))
    return found


def to_publication_of_each(drafts: Sequence[Draft]) -> dict[int, list[Objection]]:
    found: dict[int, list[Objection]] = {draft.pk: [] for draft in drafts}
    for look in looks:
        for draft_id, objections in look(drafts).items():
            found[draft_id] += objections
    return found


def require_meant(found: Objections, despite: str) -> None:
    """Raises ObjectionsStand unless `despite` is the fingerprint of all that stands against it."""
    if found.fingerprint != despite and found.asked:
        raise ObjectionsStand(f"Against approving it: {' '.join(one.text for one in found.asked)}")


# --- What each kind of record says ----------------------------------------------------------------------


def weigh(draft: Draft, material: Material) -> list[Objection]:
    """The objections that follow from the text and from what is on record about it. Asks nobody."""
    report = material.report
    is_checked = report is not None and report.version == draft.version
    found = [
        _open_comments(material.comments),
        _digest(draft),
        _request(draft, material.decisions),
        _concerns(draft, material.opinions),
    ]
    if report is not None and is_checked:
        found += [_failed(report.results), _skipped(report.results)]
    elif report is not None:
        found.append(_unchecked(draft, report))
    found.append(_score(draft, report if is_checked else None))
    return [one for one in found if one]


def _open_comments(comments: Iterable[DraftComment]) -> Objection | None:
    still_open = [row for row in comments if row.resolved_at is None]
    if not still_open:
        return None
    return _made(
        "comments",
        f"{_count(len(still_open), 'comment')} unresolved.",
        [f"{row.author_name}: {row.text}" for row in still_open],
    )


def _failed(results: Sequence[Mapping[str, Any]]) -> Objection | None:
    failed = [result for result in results if result["status"] == CheckStatus.FAILED]
    if not failed:
        return None
    vetoes = sum(result.get("severity") == "veto" for result in failed)
    must = f", {vetoes} of which must be fixed" if vetoes else ""
    number = f"{len(failed)} check{'s' if len(failed) != 1 else ''}"
    return _made("checks_failed", f"{number} failed{must}.", [result["message"] for result in failed])


def _skipped(results: Sequence[Mapping[str, Any]]) -> Objection | None:
    skipped = [
        result
        for result in results
        if result["status"] == CheckStatus.SKIPPED and result.get("applies", True)
    ]
    if not skipped:
        return None
    number = f"{len(skipped)} check{'s' if len(skipped) != 1 else ''}"
    return _made("checks_skipped", f"{number} could not be made.", [one["message"] for one in skipped])


def _unchecked(draft: Draft, report: QualityReport) -> Objection:
    return Objection(
        "unchecked",
        f"Version {draft.version} has not been checked: the last checks were of version {report.version}.",
    )


def _score(draft: Draft, report: QualityReport | None) -> Objection | None:
    score = draft.score if draft.score is not None else report and report.score
    threshold = draft.task.quality_threshold
    if score is None or score >= threshold:
        return None
    return Objection("score", f"The score is {score}, under the threshold of {threshold}.")


def _digest(draft: Draft) -> Objection | None:
    if not is_digest(draft.body):
        return None
    return Objection(
        "digest", "The text calls itself a digest, put together without a language model: it is no article."
    )


def _request(draft: Draft, decisions: Sequence[Decision]) -> Objection | None:
    """A no about these very bytes, in whichever version they stood, that nobody has gone back on."""
    about = [one for one in decisions if one.content_sha256 == draft.content_sha256]
    if not about or about[0].decision == Verdict.APPROVE:
        return None
    verb = "rejected" if about[0].decision == Verdict.REJECT else "requested changes to"
    return _made(
        "request", f"{about[0].actor_name} {verb} exactly this text, which is unchanged.", [about[0].reason]
    )


def _concerns(draft: Draft, opinions: Iterable[Opinion]) -> Objection | None:
    concerns = [
        one
        for one in opinions
        if one.opinion == Opinion.Choice.CONCERNS and one.content_sha256 == draft.content_sha256
    ]
    if not concerns:
        return None
    people = ", ".join(dict.fromkeys(one.person for one in concerns))
    said = f"Concerns from outside about this text: {people}."
    return _made("concerns", said, [one.text for one in concerns])


def _too_few_people(draft: Draft, material: Material) -> list[Objection]:
    """An approval leads nowhere if nobody is there whom the rule lets give the next one."""
    rule = material.rule or rule_for(draft)
    if rule.approvals_needed == 1 and not material.is_for_others:
        return []
    may_decide = get_user_model().objects.with_perm("approvals.add_decision", backend=PERMISSIONS_FROM)
    people = set(may_decide.values_list("pk", flat=True))
    if rule.four_eyes:
        wrote = draft.history.filter(content_sha256=draft.content_sha256) | draft.history.filter(version=1)
        people -= {draft.author_id, *wrote.values_list("author_id", flat=True)}
    given = set(approvals_of(draft).values_list("actor_id", flat=True))
    if len(people | given) >= rule.approvals_needed:
        return []
    return [
        Objection(
            "rule",
            f"The rule of its category asks for {rule.approvals_needed} "
            f"approval{'s' if rule.approvals_needed > 1 else ''}, and {len(people | given) or 'none'} of the "
            "editors may approve this text: it could not go online.",
            is_asked=False,
        )
    ]


# --- Where it is on record --------------------------------------------------------------------------------


def _materials(drafts: Sequence[Draft]) -> dict[int, Material]:
    ids = [draft.pk for draft in drafts]
    latest = QualityReport.objects.filter(draft__in=ids).order_by("draft_id", "-version")
    reports = {report.draft_id: report for report in latest.distinct("draft_id")}
    still_open = DraftComment.objects.filter(draft__in=ids, resolved_at=None)
    comments, decisions, opinions = (
        _by_draft(rows)
        for rows in (
            still_open,
            Decision.objects.filter(draft__in=ids),
            Opinion.objects.filter(draft__in=ids, opinion=Opinion.Choice.CONCERNS),
        )
    )
    return {pk: Material(reports.get(pk), comments[pk], decisions[pk], opinions[pk]) for pk in ids}


def _by_draft(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.draft_id].append(row)
    return found


def _made(kind: str, text: str, details: Sequence[str]) -> Objection:
    shown = [shortened(words, MAX_DETAIL_CHARACTERS) for words in details[:MAX_DETAILS] if words.strip()]
    if len(details) > MAX_DETAILS:
        shown.append(f"And {len(details) - MAX_DETAILS} more.")
    return Objection(kind, text, tuple(shown))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s are' if number != 1 else ' is'}"
