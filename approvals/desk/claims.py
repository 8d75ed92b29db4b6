"""The claim ledger on the desk: its tally, the doubtful sentences, and one claim with its passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from approvals.desk.claim_marks import SYMBOLS
from approvals.desk.frame import draft_or_404, may_view, number, page
from approvals.desk.review_sources import sources_read
from approvals.draft_records import ClaimFindings
from tasks.claim_records import PassageContext, context_of, counts_in_order, ledger_of, reading_of
from tasks.models import ClaimLedger, ClaimRecord, Draft, Source, SourceReading
from tasks.pipeline.claim_verdict import DOUBTED, ClaimVerdict

DOUBTFUL, ALL = "doubtful", "all"
MAX_LISTED = 100


@dataclass(frozen=True)
class ListedClaim:
    number: int
    claim: ClaimRecord
    url: str

    @property
    def symbol(self) -> str:
        return SYMBOLS[ClaimVerdict(self.claim.verdict)]


@dataclass(frozen=True)
class ClaimShown:
    """One claim, with its passage between the sentences around it."""

    listed: ListedClaim
    total: int
    context: PassageContext
    source: Source | None
    reading: SourceReading | None
    previous: ListedClaim | None
    following: ListedClaim | None
    """The doubtful claims before and after it."""

    @property
    def source_url(self) -> str:
        """Where the source's page shows the passage."""
        claim = self.listed.claim
        if self.source is None or self.reading is None:
            return ""
        query = {"new": self.reading.pk, "from": claim.start, "to": claim.end}
        return f"{reverse('desk:source', args=[self.source.pk])}?{urlencode(query)}#passage"


@dataclass(frozen=True)
class ClaimsShown:
    """The ledger of a version as its page shows it; `why_none` where there is none."""

    version: int
    why_none: str = ""
    tally: Sequence[tuple[ClaimVerdict, int]] = ()
    all: Sequence[ListedClaim] = ()
    chosen: str = DOUBTFUL
    open: ClaimShown | None = None
    filters: Sequence[tuple[str, str, int]] = field(default_factory=list)
    """The value, the words and the number of claims of each filter."""

    @property
    def entries(self) -> list[tuple[int, ClaimRecord]]:
        return [(one.number, one.claim) for one in self.all]

    @property
    def findings(self) -> ClaimFindings | None:
        """As objections to an approval need them."""
        if self.why_none:
            return None
        contradicted = [one.claim for one in self.all if one.claim.verdict == ClaimVerdict.CONTRADICTED]
        return ClaimFindings(dict(self.tally), [(claim.text, claim.why) for claim in contradicted])

    @property
    def doubtful(self) -> list[ListedClaim]:
        return [one for one in self.all if one.claim.is_doubted]

    @property
    def filtered(self) -> list[ListedClaim]:
        if self.chosen == ALL:
            return list(self.all)
        if self.chosen == DOUBTFUL:
            return self.doubtful
        return [one for one in self.all if one.claim.verdict == self.chosen]

    @property
    def listed(self) -> list[ListedClaim]:
        return self.filtered[:MAX_LISTED]

    @property
    def unlisted(self) -> int:
        return max(0, len(self.filtered) - MAX_LISTED)


def claims_shown(
    draft: Draft, version: int, *, is_checked: bool, wanted: str = "", chosen: str = ""
) -> ClaimsShown:
    """The ledger of a version; `wanted` is the number of the claim to open, `chosen` the filter."""
    ledger = ledger_of(draft, version)
    if ledger is None:
        return ClaimsShown(version, why_none=_why_none(version, is_checked=is_checked))
    listed = [_listed(draft, version, *entry) for entry in ledger.entries]
    tally = counts_in_order(ledger.counts)
    values = {verdict.value for verdict, _ in tally}
    shown = ClaimsShown(
        version,
        tally=tally,
        all=listed,
        chosen=chosen if chosen in values | {ALL} else DOUBTFUL,
        filters=_filters(ledger),
    )
    place = number(wanted)
    opened = next((one for one in listed if one.number == place), None)
    if opened is None:
        return shown
    return ClaimsShown(
        version, tally=tally, all=listed, chosen=shown.chosen, filters=shown.filters,
        open=_opened(draft, opened, shown.doubtful, len(listed)),
    )  # fmt: skip


@require_safe
@may_view
def claim(request: HttpRequest, draft_id: int, claim_number: int) -> HttpResponse:
    """One claim on a page of its own, of which the review page's script takes the part."""
    draft = draft_or_404(draft_id)
    version = number(request.GET.get("version")) or draft.version
    shown = claims_shown(draft, version, is_checked=True, wanted=str(claim_number)).open
    if shown is None:
        raise Http404(f"Version {version} of draft {draft_id} has no claim {claim_number} on record.")
    title = f"Sentence {claim_number} of version {version}"
    return page(request, "desk/claim.html", title=title, draft=draft, version=version, shown=shown)


def _why_none(version: int, *, is_checked: bool) -> str:
    if is_checked:
        return (
            f"The sentences of version {version} were not compared with the sources one by one: it was "
            "checked before that was done, or the comparison failed."
        )
    return f"The sentences of version {version} have not been compared with the sources yet."


def _listed(draft: Draft, version: int, place: int, record: ClaimRecord) -> ListedClaim:
    if version == draft.version:
        return ListedClaim(place, record, f"{reverse('desk:review', args=[draft.pk])}?claim={place}#claim")
    url = reverse("desk:claim", args=[draft.pk, place])
    return ListedClaim(place, record, f"{url}?version={version}")


def _filters(ledger: ClaimLedger) -> list[tuple[str, str, int]]:
    doubtful = sum(ledger.counts.get(verdict, 0) for verdict in DOUBTED)
    single = [(verdict.value, verdict.label, ledger.counts.get(verdict, 0)) for verdict in DOUBTED]
    found = [(DOUBTFUL, "doubtful", doubtful), *single, (ALL, "all", len(ledger.claims))]
    return [one for one in found if one[2]]


def _opened(draft: Draft, opened: ListedClaim, doubtful: Sequence[ListedClaim], total: int) -> ClaimShown:
    record = opened.claim
    source = draft.task.sources.filter(number=record.source).first() if record.source else None
    reading = reading_of(record, draft.task_id)
    text = reading.text if reading else _text_as_read(draft, record)
    return ClaimShown(
        opened,
        total,
        context_of(record, text, (reading and reading.language) or draft.task.language),
        source,
        reading,
        previous=next((one for one in reversed(doubtful) if one.number < opened.number), None),
        following=next((one for one in doubtful if one.number > opened.number), None),
    )


def _text_as_read(draft: Draft, record: ClaimRecord) -> str:
    """Where no reading is stored, what the last run has written down of the source."""
    read: dict[str, Any] = sources_read(draft).get(record.source or 0, {})
    return str(read.get("text", ""))
