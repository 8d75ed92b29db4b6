"""Which sentences go into a digest, under which heading, without repeats and with fair shares."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tasks.pipeline.text.candidates import Candidate
from tasks.pipeline.text.languages import WORD, Language, Stems
from tasks.pipeline.text.ranking import likeness
from tasks.pipeline.text.word_patterns import UNDIVIDED
from tasks.pipeline.text.words import CHARACTERS_A_WORD

# Marginal relevance: what a sentence loses for being like one already chosen.
REPEAT_PENALTY = 0.6
TOO_ALIKE = 0.6
# A sentence that follows a chosen one in its source keeps the thread, and reads better.
NEIGHBOUR_BONUS = 0.12
# How much of a heading a sentence must speak of; its paragraph counts half.
LEAST_COVERAGE = 0.7
# A sentence that begins with the words of a heading is about it; others only mention it.
ABOUTNESS_BONUS, SUBJECT_STEMS = 0.2, 3

# What can be a heading in Chinese and Japanese: a compound of ideographs, or a loan word.
_RUNS = re.compile("(?<![\u3400-\u9fff])[\u3400-\u9fff]{2,6}(?![\u3400-\u9fff])|[\u30a1-\u30fa\u30fc]{3,12}")

MIN_SHARE_WORDS = 150
QUOTED_SHARE_OF_SOURCE = 0.4
SHARE_OF_DIGEST = {1: 1.0, 2: 0.65}
SHARE_OF_DIGEST_AMONG_MANY = 0.4


@dataclass(frozen=True)
class Heading:
    text: str
    stems: tuple[str, ...]


@dataclass
class Selection:
    """Sentences chosen so far, and how many words of each source may still be quoted."""

    room: dict[int, int]
    chosen: list[Candidate] = field(default_factory=list)
    _places: set[tuple[int, int]] = field(default_factory=set)
    _repeats: dict[tuple[int, int], tuple[int, float]] = field(default_factory=dict)
    """How many of the chosen ones each candidate was compared with, and its greatest likeness to them."""

    def gain(self, candidate: Candidate) -> float | None:
        """What the candidate would add; None when it may not be taken."""
        if (candidate.source, candidate.place) in self._places or self.room[
            candidate.source
        ] < candidate.words:
            return None
        repeat = self._repeat(candidate)
        if repeat > TOO_ALIKE:
            return None
        follows = {(candidate.source, candidate.place - 1), (candidate.source, candidate.place + 1)}
        return (
            candidate.score - REPEAT_PENALTY * repeat + (NEIGHBOUR_BONUS if follows & self._places else 0.0)
        )

    def _repeat(self, candidate: Candidate) -> float:
        """The likeness to the chosen one that is most like it."""
        place = (candidate.source, candidate.place)
        compared, repeat = self._repeats.get(place, (0, 0.0))
        if compared < len(self.chosen):
            for other in self.chosen[compared:]:
                repeat = max(repeat, likeness(candidate.vector, other.vector))
            self._repeats[place] = (len(self.chosen), repeat)
        return repeat

    def take_best(self, among: Iterable[Candidate]) -> Candidate | None:
        """Take the candidate with the greatest gain; the earlier one of equals."""
        best, most = None, float("-inf")
        for candidate in among:
            gain = self.gain(candidate)
            if gain is not None and gain > most:
                best, most = candidate, gain
        if best:
            self.chosen.append(best)
            self._places.add((best.source, best.place))
            self.room[best.source] -= best.words
        return best


def shares(words_of_source: Mapping[int, int], target_words: int, code: str = "") -> dict[int, int]:
    """How many words of each source a digest may quote; characters, where a language is measured in them."""
    least = int(MIN_SHARE_WORDS * CHARACTERS_A_WORD.get(code, 1.0))
    of_digest = SHARE_OF_DIGEST.get(len(words_of_source), SHARE_OF_DIGEST_AMONG_MANY)
    return {
        number: max(least, min(int(QUOTED_SHARE_OF_SOURCE * words), int(of_digest * target_words)))
        for number, words in words_of_source.items()
    }


def coverage(heading: Heading, candidate: Candidate) -> float:
    """How much of the heading the sentence speaks of, 0–1; what only its paragraph names counts half."""
    found = sum(
        1.0 if stem in candidate.stems else 0.5 if stem in candidate.around else 0.0 for stem in heading.stems
    )
    return found / len(heading.stems) if heading.stems else 0.0


def by_heading(
    headings: Sequence[Heading], pool: Iterable[Candidate], idf: Mapping[str, float]
) -> dict[Heading, list[Candidate]]:
    """Give each candidate to the heading it covers best; the rarer heading wins ties."""
    groups: dict[Heading, list[Candidate]] = {heading: [] for heading in headings}
    rarity = {heading: sum(idf.get(stem, 0.0) for stem in heading.stems) for heading in headings}
    for candidate in pool:
        covered = [(coverage(heading, candidate), rarity[heading], heading) for heading in headings]
        covered = [entry for entry in covered if entry[0] >= LEAST_COVERAGE]
        if covered:
            heading = max(covered, key=lambda entry: entry[:2])[2]
            about = not set(heading.stems).isdisjoint(candidate.stems[:SUBJECT_STEMS])
            score = candidate.score + (ABOUTNESS_BONUS if about else 0.0)
            groups[heading].append(replace(candidate, score=score))
    return groups


def fill(
    selection: Selection,
    groups: Mapping[Heading, Sequence[Candidate]],
    words_each: int,
) -> dict[Heading, list[Candidate]]:
    """Choose sentences for each heading in turns, so that none uses up the sources' shares."""
    filled: dict[Heading, list[Candidate]] = {heading: [] for heading in groups}
    open_headings = list(groups)
    while open_headings:
        for heading in list(open_headings):
            words = sum(candidate.words for candidate in filled[heading])
            taken = selection.take_best(groups[heading]) if words < words_each else None
            if taken:
                filled[heading].append(taken)
            else:
                open_headings.remove(heading)
    return {heading: chosen for heading, chosen in filled.items() if chosen}


def key_phrases(
    pool: Sequence[Candidate], stems: Mapping[int, Stems], taken: Iterable[str], limit: int
) -> list[Heading]:
    """Pairs of words that several sentences, of several sources, use; single words where no pair is.

    `stems` are those of each source's language; `taken` are stems that no new heading may have.
    """
    holders: dict[tuple[str, ...], set[tuple[int, int]]] = defaultdict(set)
    forms: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for candidate in pool:
        of = stems[candidate.source]
        for words in _phrases(candidate.text, of.language):
            key = of.of_text(words[0]) if of.language.code in UNDIVIDED else tuple(map(of.of_word, words))
            if key:
                holders[key].add((candidate.source, candidate.place))
                forms[key][" ".join(words)] += 1
    least_sources = min(2, len({candidate.source for candidate in pool}))
    worth = {
        key: len(places) * len(key)
        for key, places in holders.items()
        if len(places) >= 3 and len({source for source, _ in places}) >= least_sources
    }
    used, found = set(taken), list[Heading]()
    for key in sorted(worth, key=lambda key: (-len(key), -worth[key], key)):
        if len(key) == 1 and found:
            break
        if len(found) < limit and not used.intersection(key):
            used.update(key)
            form = min(forms[key], key=lambda form: (-forms[key][form], form))
            found.append(Heading(form[:1].upper() + form[1:], key))
    return found


def _phrases(text: str, of: Language) -> list[tuple[str, ...]]:
    """Single words and pairs of neighbours, none of them a stop word, a number or short."""
    if of.code in UNDIVIDED and of.code != "ko":
        return [(run,) for run in _RUNS.findall(text) if not of.stop_words.intersection(run)]
    least = 2 if of.code == "ko" else 4
    words = list(WORD.finditer(text))
    is_good = [len(w[0]) >= least and w[0].isalpha() and w[0].lower() not in of.stop_words for w in words]
    singles = [(w[0].lower(),) for w, good in zip(words, is_good, strict=True) if good and w.start() > 0]
    pairs = [
        (one[0].lower(), other[0].lower())
        for index, (one, other) in enumerate(pairwise(words))
        if is_good[index] and is_good[index + 1] and text[one.end() : other.start()] == " "
    ]
    return [*pairs, *singles]
