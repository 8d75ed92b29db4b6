"""Objections to approving a text: shown before it is approved, and recorded with the decision.

One place for the review page, bulk decisions, the editor and the API. An app above adds its own by appending
to `publication_checks` in `ready`, as publishing does with what would prevent a publication.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from approvals.draft_records import ClaimFindings, DraftRecords, load_records
from approvals.errors import ObjectionsStand
from approvals.links.models import SignOffFeedback
from approvals.models import Decision, Verdict
from approvals.models.desk import DraftComment
from approvals.rules import approvals_of
from tasks import rendered_bodies
from tasks.content import canonical_json
from tasks.models import Draft, QualityReport
from tasks.pipeline.check_status import CheckStatus
from tasks.pipeline.claim_verdict import ClaimVerdict
from tasks.pipeline.text.digest_phrases import is_digest
from tasks.pipeline.text.titles import shortened

MAX_DETAILS, MAX_DETAIL_CHARACTERS = 10, 200
PERMISSIONS_FROM = "django.contrib.auth.backends.ModelBackend"
"""The authentication backend that knows permissions."""


@dataclass(frozen=True)
class Objection:
    """One sentence and its details. `needs_confirmation`: an approval is refused until it is confirmed."""

    kind: str
    text: str
    details: tuple[str, ...] = ()
    needs_confirmation: bool = True

    @property
    def fact(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "details": list(self.details)}


@dataclass(frozen=True)
class Objections:
    """`to_text` is what reviewers and checks found, `to_publication` what the apps above add."""

    to_text: tuple[Objection, ...] = ()
    to_publication: tuple[Objection, ...] = ()

    @property
    def to_confirm(self) -> list[Objection]:
        return [one for one in (*self.to_text, *self.to_publication) if one.needs_confirmation]

    @property
    def notes(self) -> list[Objection]:
        """For information: they need no confirmation."""
        return [one for one in (*self.to_text, *self.to_publication) if not one.needs_confirmation]

    @property
    def publication_to_confirm(self) -> list[Objection]:
        return [one for one in self.to_publication if one.needs_confirmation]

    @property
    def facts(self) -> list[dict[str, Any]]:
        return [one.fact for one in self.to_confirm]

    @property
    def fingerprint(self) -> str:
        """Identifies exactly these objections, so that a confirmation is bound to them; empty without any."""
        return hashlib.sha256(canonical_json(self.facts).encode()).hexdigest() if self.to_confirm else ""


PublicationCheck = Callable[[Sequence[Draft]], Mapping[int, Sequence[Objection]]]
publication_checks: list[PublicationCheck] = []


def objections_to(draft: Draft, records: DraftRecords | None = None) -> Objections:
    """All objections to approving this text now; with `records`, they are not loaded again."""
    return objections_to_each([draft], {draft.pk: records} if records else None)[draft.pk]


def objections_to_each(
    drafts: Sequence[Draft], records_by_draft: Mapping[int, DraftRecords] | None = None
) -> dict[int, Objections]:
    """The same by draft, in a constant number of queries, plus some for each draft with two approvals."""
    records_by_draft = records_by_draft or load_records(drafts)
    above = to_publication_of_each(drafts)
    found = {}
    for draft in drafts:
        records = records_by_draft[draft.pk]
        to_text = (*objections_from_records(draft, records), *_too_few_people(draft, records))
        found[draft.pk] = Objections(to_text, tuple(above[draft.pk]))
    return found


def to_publication_of_each(drafts: Sequence[Draft]) -> dict[int, list[Objection]]:
    found: dict[int, list[Objection]] = {draft.pk: [] for draft in drafts}
    for look in publication_checks:
        for draft_id, objections in look(drafts).items():
            found[draft_id] += objections
    return found


def require_confirmed(found: Objections, fingerprint: str) -> None:
    """Raises ObjectionsStand unless `fingerprint` is that of exactly these objections."""
    if found.fingerprint != fingerprint and found.to_confirm:
        raise ObjectionsStand(f"Objections to approving it: {' '.join(one.text for one in found.to_confirm)}")


# --- Objections from each kind of record --------------------------------------------------------------


def objections_from_records(draft: Draft, records: DraftRecords) -> list[Objection]:
    """The objections that follow from the text and these records, without a query."""
    report = records.report
    is_checked = report is not None and report.version == draft.version
    found = [
        _open_comments(records.comments),
        _digest(draft),
        _request(draft, records.decisions),
        _concerns(draft, records.feedback),
        *_claims(records.claims),
    ]
    if report is not None and is_checked:
        found += [_failed(report.results), _skipped(report.results)]
    elif report is not None:
        found.append(_unchecked(draft, report))
    found.append(_score(draft, report if is_checked else None))
    return [one for one in found if one]


def _claims(claims: ClaimFindings | None) -> list[Objection]:
    """Contradicted sentences are to be confirmed; those without support are counted in a note."""
    if claims is None:
        return []
    found = []
    if claims.contradicted:
        is_one = len(claims.contradicted) == 1
        number = "1 sentence is" if is_one else f"{len(claims.contradicted)} sentences are"
        text = f"{number} contradicted by {'its source' if is_one else 'their sources'}."
        details = [f"{sentence} {why}" for sentence, why in claims.contradicted]
        found.append(_with_details("claims_contradicted", text, details))
    uncited = claims.counts.get(ClaimVerdict.UNCITED, 0)
    unsupported = claims.counts.get(ClaimVerdict.UNSUPPORTED, 0)
    if uncited or unsupported:
        text = (
            f"Factual sentences: {sum(claims.counts.values())}; without a citation: {uncited}; "
            f"found in no passage of the sources they cite: {unsupported}."
        )
        found.append(Objection("claims_unsupported", text, needs_confirmation=False))
    return found


def _open_comments(comments: Iterable[DraftComment]) -> Objection | None:
    still_open = [row for row in comments if row.is_open_thread]
    if not still_open:
        return None
    return _with_details(
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
    return _with_details("checks_failed", f"{number} failed{must}.", [result["message"] for result in failed])


def _skipped(results: Sequence[Mapping[str, Any]]) -> Objection | None:
    skipped = [
        result
        for result in results
        if result["status"] == CheckStatus.SKIPPED and result.get("applies", True)
    ]
    if not skipped:
        return None
    number = f"{len(skipped)} check{'s' if len(skipped) != 1 else ''}"
    return _with_details("checks_skipped", f"{number} could not be run.", [one["message"] for one in skipped])


def _unchecked(draft: Draft, report: QualityReport) -> Objection:
    return Objection(
        "unchecked",
        f"Version {draft.version} has not been checked: the last checks were of version {report.version}.",
    )


def _score(draft: Draft, report: QualityReport | None) -> Objection | None:
    score = draft.score
    if score is None and report is not None:
        score = report.score
    threshold = draft.task.quality_threshold
    if score is None or score >= threshold:
        return None
    return Objection("score", f"The score is {score}, below the threshold of {threshold}.")


def _digest(draft: Draft) -> Objection | None:
    if not rendered_bodies.of_text(is_digest, draft.body):
        return None
    return Objection(
        "digest", "The text calls itself a digest compiled without a language model: it is not an article."
    )


def _request(draft: Draft, decisions: Sequence[Decision]) -> Objection | None:
    """A refusal of exactly these bytes, in any version, with no later approval of them."""
    about = [one for one in decisions if one.content_sha256 == draft.content_sha256]
    if not about or about[0].decision == Verdict.APPROVE:
        return None
    verb = "rejected" if about[0].decision == Verdict.REJECT else "requested changes to"
    return _with_details(
        "request",
        f"{about[0].actor_name} {verb} exactly this text; it is unchanged.",
        [about[0].reason],
    )


def _concerns(draft: Draft, feedback: Iterable[SignOffFeedback]) -> Objection | None:
    concerns = [
        one
        for one in feedback
        if one.choice == SignOffFeedback.Choice.CONCERNS and one.content_sha256 == draft.content_sha256
    ]
    if not concerns:
        return None
    people = ", ".join(dict.fromkeys(one.person for one in concerns))
    text = f"Concerns in sign-off feedback on this text: {people}."
    return _with_details("concerns", text, [one.text for one in concerns])


def _too_few_people(draft: Draft, records: DraftRecords) -> list[Objection]:
    """An approval leads nowhere if the rule lets nobody give the next one."""
    rule = records.rule
    if rule.approvals_needed == 1 and not records.is_for_others:
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
            f"The category's rule requires {rule.approvals_needed} "
            f"approval{'s' if rule.approvals_needed > 1 else ''}, but {len(people | given) or 'none'} of the "
            "editors may approve this text: it cannot be published.",
            needs_confirmation=False,
        )
    ]


def _with_details(kind: str, text: str, details: Sequence[str]) -> Objection:
    shown = [shortened(words, MAX_DETAIL_CHARACTERS) for words in details[:MAX_DETAILS] if words.strip()]
    if len(details) > MAX_DETAILS:
        shown.append(f"And {len(details) - MAX_DETAILS} more.")
    return Objection(kind, text, tuple(shown))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s are' if number != 1 else ' is'}"
