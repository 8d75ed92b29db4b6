"""Editorial blame: for each paragraph, the version that last changed it, and the findings that addressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime

from django.core.cache import cache

from approvals.diffs.addressed_feedback import AddressedFinding, DraftFindings
from approvals.diffs.alignment import align
from approvals.diffs.moves import changes
from approvals.errors import NoSuchVersion
from tasks.models import Draft, ParagraphLock
from tasks.pipeline.text.paragraphs import heading_text, paragraph_sha256, paragraphs
from tasks.version_scores import with_checked_scores

CACHED_SECONDS = 24 * 60 * 60
PARENTS_TRIED = 10
"""How many earlier versions are considered as the parent of a model's version."""


@dataclass(frozen=True)
class Origin:
    """Where the current words of a paragraph come from."""

    version: int
    parent: int
    """The version that was changed; 0 before the first."""
    first_version: int
    """The first version with exactly these words; earlier than `version` if they were once removed."""
    replaced: str = ""
    """The words that they replaced."""


@dataclass(frozen=True)
class VersionFacts:
    version: int
    created_at: datetime
    reason: str
    author_id: int | None
    written_by: str
    score: int | None


@dataclass(frozen=True)
class BlamedParagraph:
    number: int
    text: str
    sha256: str
    section: str
    origin: Origin
    changed_in: VersionFacts
    addressed: list[AddressedFinding] = field(default_factory=list)
    lock: ParagraphLock | None = None


def blame_paragraphs(draft: Draft, version: int | None = None) -> list[BlamedParagraph]:
    """Every paragraph of a version, by default the current one, in order. Raises NoSuchVersion.

    A paragraph that only moved keeps its origin. Past versions never change, so origins are cached.
    """
    version = draft.version if version is None else version
    shown = draft.history.filter(version=version).values("body", "content_sha256", "history_date").first()
    if shown is None:
        raise NoSuchVersion(f"Draft {draft.pk} has no version {version}.")
    texts = paragraphs(shown["body"])
    # With the time, because a cache may outlive its database.
    at = shown["history_date"].timestamp()
    key = f"blame:{draft.pk}:{version}:{shown['content_sha256']}:{at}"
    cached = cache.get(key)
    if cached is None:
        cached = [astuple(origin) for origin in _origins(draft, version)]
        cache.set(key, cached, CACHED_SECONDS)
    origins = [Origin(*row) for row in cached]
    facts = _facts(draft, {origin.version for origin in origins})
    findings = DraftFindings.about(draft, {origin.parent for origin in origins})
    locks = {lock.sha256: lock for lock in draft.locks.all()}
    found, section = [], ""
    for number, (text, origin) in enumerate(zip(texts, origins, strict=True), start=1):
        section = heading_text(text) or section
        changed_in = facts[origin.version]
        addressed = findings.addressed(
            origin.parent,
            old=origin.replaced,
            new=text,
            section=section,
            version=origin.version,
            at=changed_in.created_at,
        )
        sha256 = paragraph_sha256(text)
        found.append(
            BlamedParagraph(number, text, sha256, section, origin, changed_in, addressed, locks.get(sha256))
        )
    return found


def _origins(draft: Draft, version: int) -> list[Origin]:
    """One for each paragraph of the version; reads the bodies of all versions up to it."""
    past = _Past()
    rows = draft.history.filter(version__lte=version).order_by("version")
    for number, author_id, sha256, body in rows.values_list(
        "version", "author_id", "content_sha256", "body"
    ).iterator(chunk_size=50):
        past.add(number, is_machine=author_id is None, sha256=sha256, texts=paragraphs(body))
    return past.origins(version)


@dataclass
class _Past:
    """The versions so far, each with the version that last changed each of its paragraphs."""

    texts: dict[int, list[str]] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    changed_in: dict[int, dict[str, int]] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    by_sha256: dict[str, int] = field(default_factory=dict)

    def add(self, version: int, *, is_machine: bool, sha256: str, texts: list[str]) -> None:
        # Most paragraphs are in most versions: each text is held in memory once.
        texts = [self.same.setdefault(text, text) for text in texts]
        parent = self._parent(version, is_machine, sha256, texts)
        before = self.changed_in.get(parent, {})
        self.texts[version], self.parents[version] = texts, parent
        self.changed_in[version] = {text: before.get(text, version) for text in texts}
        for text in texts:
            self.first.setdefault(text, version)
        self.by_sha256[sha256] = version

    def _parent(self, version: int, is_machine: bool, sha256: str, texts: Sequence[str]) -> int:
        """The version it was made from: the previous one for a person, the original for a restored one.

        A model continues from the best text so far: the one with which it has most paragraphs in common.
        """
        if sha256 in self.by_sha256:
            return self.by_sha256[sha256]
        earlier = sorted(self.texts, reverse=True)
        if not earlier:
            return 0
        if not is_machine:
            return earlier[0]
        present = set(texts)
        return max(
            earlier[:PARENTS_TRIED],
            key=lambda number: (len(present & self.changed_in[number].keys()), number),
        )

    def origins(self, version: int) -> list[Origin]:
        changed_in = self.changed_in[version]
        replaced: dict[int, dict[str, str]] = {}
        found = []
        for text in self.texts[version]:
            origin = changed_in[text]
            if origin not in replaced:
                replaced[origin] = self._replaced(origin)
            found.append(
                Origin(origin, self.parents[origin], self.first[text], replaced[origin].get(text, ""))
            )
        return found

    def _replaced(self, version: int) -> dict[str, str]:
        """For each paragraph that the version reworded, the words that were replaced."""
        old, new = self.texts.get(self.parents[version], []), self.texts[version]
        return {
            new[change.new]: old[change.old]
            for change in changes(old, new, align(old, new))
            if change.old is not None and change.new is not None and old[change.old] != new[change.new]
        }


def _facts(draft: Draft, versions: set[int]) -> dict[int, VersionFacts]:
    rows = with_checked_scores(draft.history.filter(version__in=versions)).values_list(
        "version", "history_date", "history_change_reason", "author_id", "written_by", "checked_score"
    )
    return {row[0]: VersionFacts(row[0], row[1], row[2] or "", *row[3:]) for row in rows}
