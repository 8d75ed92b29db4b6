"""What readers see of the claim ledger: how many sentences the sources support, and the passages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publishing.addresses import path_of
from publishing.models import Post
from tasks.models import ClaimLedger, ClaimRecord
from tasks.pipeline.claim_verdict import ClaimVerdict
from tasks.pipeline.text.titles import shortened

MAX_SENTENCES = 300
MAX_PASSAGE_CHARACTERS = 300
"""Of a passage that is quoted to readers: the source itself is linked."""
WORDS: dict[str, str | Promise] = {
    ClaimVerdict.SUPPORTED: _("The source says it."),
    ClaimVerdict.PARTLY_SUPPORTED: _("The source says a part of it, or says it in other words."),
    ClaimVerdict.CONTRADICTED: _("An automatic check read the source otherwise; an editor approved it."),
    ClaimVerdict.UNSUPPORTED: _("An automatic check found no passage of the source that says it."),
    ClaimVerdict.NOT_COMPARED: _("It could not be compared with the source automatically."),
}
"""Readers are shown every cited sentence, whatever was found."""
QUOTED = frozenset({ClaimVerdict.SUPPORTED, ClaimVerdict.PARTLY_SUPPORTED, ClaimVerdict.CONTRADICTED})


@dataclass(frozen=True)
class ClaimSummary:
    """How many factual sentences an article has, and how many of them a source supports."""

    total: int
    supported: int
    partly: int
    uncited: int
    path: str

    @property
    def other(self) -> int:
        """Cited, but not found in the source, or not comparable."""
        return self.total - self.supported - self.partly - self.uncited


@dataclass(frozen=True)
class CitedSentence:
    text: str
    citations: list[int]
    verdict: str
    passage: str
    source: Mapping[str, Any] | None
    """The citation that the passage is from, as readers see it."""

    @property
    def words(self) -> str:
        return str(WORDS[self.verdict])


def summary_of(post: Post) -> ClaimSummary | None:
    """None where the site does not show it, or the published version was not compared with its sources."""
    counts = _published(post).get("counts", {})
    if not counts:
        return None
    return ClaimSummary(
        total=sum(counts.values()),
        supported=counts.get(ClaimVerdict.SUPPORTED, 0),
        partly=counts.get(ClaimVerdict.PARTLY_SUPPORTED, 0),
        uncited=counts.get(ClaimVerdict.UNCITED, 0),
        path=path_of("post-sources", post.slug),
    )


def cited_sentences(post: Post) -> list[CitedSentence]:
    """Every sentence of the published version that cites a source, in the order of the text."""
    ledger = ClaimLedger.objects.filter(pk=_published(post).get("ledger", 0)).first()
    if ledger is None:
        return []
    shown = {source["number"]: source for source in post.sources}
    cited = [claim for _, claim in ledger.entries if claim.verdict in WORDS and claim.citations]
    return [_sentence(claim, shown) for claim in cited[:MAX_SENTENCES]]


def _sentence(claim: ClaimRecord, sources: Mapping[Any, Mapping[str, Any]]) -> CitedSentence:
    # Of a passage that is in no source of the article, readers could not tell where it is from.
    source = sources.get(claim.source) if claim.verdict in QUOTED else None
    passage = shortened(claim.passage, MAX_PASSAGE_CHARACTERS) if source else ""
    return CitedSentence(claim.text, claim.citations, claim.verdict, passage, source)


def _published(post: Post) -> Mapping[str, Any]:
    """What the publication recorded of the ledger: its id, and how many claims have each verdict."""
    return (post.provenance.get("claims") or {}) if settings.SHOW_CLAIMS else {}
