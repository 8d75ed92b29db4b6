"""What a kind of defect is, where it is put, and all kinds by group."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.quality_corpus.prose import ProseDocument, address_of
from benchmarks.quality_corpus.seeded_draft import PLACES, DraftSentence, SeededDraft

STRUCTURE, FIGURES, MEANING, SUPPORT, MISPLACED = (
    "structure",
    "figures",
    "meaning",
    "support",
    "misplaced citation",
)
GROUPS = (STRUCTURE, FIGURES, MEANING, SUPPORT, MISPLACED)
ANYWHERE = ("",)


@dataclass(frozen=True)
class Setting:
    """What a defect is made with: chance, and sentences of other documents of the same split and language."""

    place: str
    chance: random.Random
    documents: Sequence[ProseDocument]

    def foreign_sentences(self, draft: SeededDraft) -> list[str]:
        """Sentences that no source of the draft has, in an order of chance."""
        own = {one.url for one in draft.research.sources}
        others = [
            document
            for document in self.documents
            if document.language == draft.language
            and document.split == draft.split
            and address_of(document.name) not in own
        ]
        drawn = self.chance.sample(others, min(20, len(others)))
        return [self.chance.choice(self.chance.choice(document.sentences)) for document in drawn]

    def spots(self, draft: SeededDraft) -> list[tuple[int, int]]:
        """Sentences with a citation in this third of the body, in an order of chance."""
        found = list(draft.spots())
        third = len(found) / 3
        number = PLACES.index(self.place) if self.place else 1
        own = found[round(number * third) : round((number + 1) * third)]
        return self.chance.sample(own, len(own))

    def block(self, draft: SeededDraft) -> int:
        """Before which block something is put: the first, one in the middle, or after the last."""
        number = {"start": 0, "end": len(draft.blocks)}.get(self.place, 0)
        paragraphs = [place for place, one in enumerate(draft.blocks) if one.form == "paragraph"]
        return self.chance.choice(paragraphs[1:] or paragraphs) if self.place == "middle" else number


Plant = Callable[[SeededDraft, Setting], SeededDraft | None]


@dataclass(frozen=True)
class DefectKind:
    name: str
    group: str
    plant: Plant
    """None where the draft has nothing to put it into."""
    places: tuple[str, ...] = PLACES


class DefectKinds:
    """The kinds of a module, in the order in which they stand there."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.all: list[DefectKind] = []

    def add(self, name: str, places: tuple[str, ...] = PLACES, group: str = "") -> Callable[[Plant], Plant]:
        def added(plant: Plant) -> Plant:
            self.all.append(DefectKind(name, group or self.group, plant, places))
            return plant

        return added

    def in_sentence(self, name: str, change: Callable[[str, SeededDraft, Setting], str]) -> None:
        """A kind that changes the words of one sentence; `change` answers "" where it does not fit."""

        def plant(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
            for spot in setting.spots(draft):
                old = draft.sentence(spot)
                new = change(old.text, draft, setting)
                if new and new != old.text and not _is_said(new, draft):
                    return draft.with_sentence(spot, replace(old, text=new))
            return None

        self.all.append(DefectKind(name, self.group, plant))


def with_text(old: DraftSentence, text: str) -> DraftSentence:
    return replace(old, text=text)


def _is_said(sentence: str, draft: SeededDraft) -> bool:
    """Whether a source says the changed sentence too, so that it is no defect."""
    return any(sentence in one.text for one in draft.research.sources)


def seeded(
    kind: DefectKind,
    drafts: Sequence[SeededDraft],
    documents: Sequence[ProseDocument],
    split: str,
    count: int,
) -> Iterator[SeededDraft]:
    """So many drafts with this defect, its places and the languages in turn."""
    chance = random.Random(f"{kind.name} {split}")
    languages = list(dict.fromkeys(one.language for one in drafts))
    queues = {
        code: chance.sample(own, len(own))
        for code in languages
        if (own := [one for one in drafts if one.language == code])
    }
    made = 0
    while made < count and any(queues.values()):
        for code in languages:
            draft = queues[code].pop() if queues[code] else None
            if draft is None or made == count:
                continue
            place = kind.places[made % len(kind.places)]
            planted = kind.plant(draft, Setting(place, chance, documents))
            if planted is not None and (planted.brief, planted.article) != (draft.brief, draft.article):
                made += 1
                name = f"{draft.name}: {kind.name}, {place}" if place else f"{draft.name}: {kind.name}"
                yield replace(planted, name=name, kind=kind.name, place=place)
