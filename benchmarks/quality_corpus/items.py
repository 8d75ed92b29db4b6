"""All drafts of a split, clean and seeded, and the hash by which two runs are known to be comparable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.quality_corpus import figure_defects, leak_defects, meaning_defects, structure_defects
from benchmarks.quality_corpus.clean_drafts import clean_drafts
from benchmarks.quality_corpus.defect_kinds import DefectKind, seeded
from benchmarks.quality_corpus.prose import LANGUAGES, ProseDocument, documents, why_missing
from benchmarks.quality_corpus.seeded_draft import SeededDraft

KINDS: tuple[DefectKind, ...] = tuple(
    kind
    for module in (structure_defects, leak_defects, figure_defects, meaning_defects)
    for kind in module.KINDS.all
)
PER_KIND = 12
MOST_CLEAN = {"en": 110, "de": 60, "fr": 60, "es": 20}
FEWEST_OF_A_LANGUAGE = 5


@dataclass(frozen=True)
class QualityItems:
    split: str
    clean: tuple[SeededDraft, ...]
    defective: tuple[SeededDraft, ...]
    missing: tuple[str, ...]
    """Why a language is not in it."""

    @property
    def sha256(self) -> str:
        shown = [as_json(one) for one in (*self.clean, *self.defective)]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def as_json(draft: SeededDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "brief": draft.brief.model_dump(mode="json"),
        "research": draft.research.model_dump(mode="json"),
        "article": draft.article.model_dump(mode="json"),
    }


def quality_items(
    split: str,
    *,
    per_kind: int = PER_KIND,
    kinds: Sequence[str] = (),
    given: Sequence[ProseDocument] | None = None,
) -> QualityItems:
    """The same in every run on the same installation; of `given` documents in place of those installed."""
    found = documents() if given is None else given
    clean, missing = list[SeededDraft](), list[str]()
    for code in LANGUAGES:
        own = clean_drafts(found, split, code, MOST_CLEAN[code])
        if len(own) >= FEWEST_OF_A_LANGUAGE:
            clean += own
        else:
            missing.append(why_missing(code))
    defective = [
        draft
        for kind in KINDS
        if not kinds or kind.name in kinds
        for draft in seeded(kind, clean, found, split, per_kind)
    ]
    return QualityItems(split, tuple(clean), tuple(defective), tuple(missing))
