"""Sources prepared for comparison, once each: their sentences, the words of these, and their figures."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import log
from typing import Any, TypeVar

from tasks.pipeline.quality.comparable_words import comparable_words
from tasks.pipeline.quality.word_alignment import Token
from tasks.pipeline.text.figures import FigureIndex, figure_index
from tasks.pipeline.text.languages import Stems, guess_language, language, primary_language
from tasks.pipeline.text.sentences import sentences
from tasks.pipeline.types import BlockKind, SourceText

T = TypeVar("T")
WINDOW_SENTENCES = 3
# In a source that says nearly the same again and again, the search ends after so many windows in vain.
MOST_FRUITLESS = 60
MAX_HELD = 32
# After so many texts the stemmers forget the words they have seen.
MAX_USES = 500
# About ten for each sentence of a long article, which take some kilobytes each.
MOST_REMEMBERED = 6000
# Nothing is said in them: code is no prose, and a table of contents names what is elsewhere.
NOT_COMPARED = frozenset({BlockKind.CODE, BlockKind.CONTENTS})


@dataclass(frozen=True)
class Window:
    """A few neighbouring sentences of a source."""

    source: int
    text: str
    words: frozenset[str]
    start: int
    """The place of its first sentence in the source."""
    size: int


@dataclass(frozen=True, eq=False)
class SourceIndex:
    number: int
    code: str
    """The language of the source: as its text has it, or that of the brief where the text is too short."""
    sentences: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    places: dict[str, list[int]] = field(repr=False)
    """The sentences that have a word."""
    figures: FigureIndex = field(repr=False)

    tokens: dict[int, tuple[Token, ...]] = field(default_factory=dict, repr=False)
    """Those of its sentences that were aligned with statements."""

    @cached_property
    def figures_by_sentence(self) -> list[FigureIndex]:
        return [figure_index(sentence, self.code) for sentence in self.sentences]

    @property
    def windows(self) -> int:
        return sum(max(0, len(self.sentences) - size + 1) for size in range(1, WINDOW_SENTENCES + 1))


class StemsByLanguage(threading.local):
    """The stemmers of each thread, which know the words they have seen."""

    def __init__(self) -> None:
        self._stems: dict[str, Stems] = {}
        self._uses = 0

    def of(self, code: str) -> Stems:
        self._uses += 1
        if self._uses % MAX_USES == 0:
            self._stems.clear()
        if code not in self._stems:
            self._stems[code] = Stems(language(code))
        return self._stems[code]


stems_by_language = StemsByLanguage()
_made: OrderedDict[tuple[SourceText, str], SourceIndex] = OrderedDict()


def source_index(source: SourceText, brief_language: str) -> SourceIndex:
    """The index of a source, for texts in the language of a brief; the last ones are held in memory."""
    key = (source, brief_language)
    index = _made.get(key)
    if index is None:
        index = _made[key] = _indexed(source, brief_language)
        while len(_made) > MAX_HELD:
            _made.popitem(last=False)
    return index


def _indexed(source: SourceText, brief_language: str) -> SourceIndex:
    code = guess_language(source.text) or primary_language(brief_language)
    stems = stems_by_language.of(code)
    found = [
        sentence
        for kind, block in source.blocks
        if kind not in NOT_COMPARED
        for sentence in sentences(" ".join(block.split()), stems.language)
    ]
    words = [comparable_words(sentence, stems) for sentence in found]
    places: dict[str, list[int]] = defaultdict(list)
    for place, held in enumerate(words):
        for word in held:
            places[word].append(place)
    return SourceIndex(
        source.number, code, tuple(found), tuple(words), dict(places), figure_index(source.text, code)
    )


class Grounds:
    """The sentences of several sources, and how rare their words are."""

    def __init__(self, indexes: Sequence[SourceIndex]) -> None:
        self._indexes = {index.number: index for index in indexes}
        counts: Counter[str] = Counter()
        for index in indexes:
            for word, places in index.places.items():
                counts[word] += _windows_with(places)
        total = sum(index.windows for index in indexes)
        self._weights = {word: log(1 + total / count) for word, count in counts.items()}
        # A word that no source has weighs as much as the rarest.
        self._unseen = max(self._weights.values(), default=1.0)
        self._remembered: dict[Hashable, Any] = {}

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of these sources and the key before, as for the last version of the same text."""
        if key not in self._remembered:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = make()
        found: T = self._remembered[key]
        return found

    def support(self, words: frozenset[str], sources: Sequence[int]) -> tuple[float, Window | None]:
        """The best share of the words' weight in one window, and that window; (0, None) without any."""
        return self.remembered((words, tuple(sources)), lambda: self._support(words, sources))

    def _support(self, words: frozenset[str], sources: Sequence[int]) -> tuple[float, Window | None]:
        weights = {word: self._weights.get(word, self._unseen) for word in sorted(words)}
        total = sum(weights.values())
        best, nearest = 0.0, None
        for number in sources:
            index = self._indexes.get(number)
            if index is None or not total:
                continue
            share, start, size = _best_window(index, weights, best * total)
            if share > best * total + 1e-9:
                best, nearest = share / total, _window(index, start, size)
        return min(best, 1.0), nearest

    def nearest_sentence(self, words: frozenset[str], source: int) -> int | None:
        """The place of the sentence of a source that has most of the words' weight."""
        index = self._indexes[source]
        weights = {word: self._weights[word] for word in sorted(words & index.places.keys())}
        shares = _shares(index, weights)
        return max(shares, key=lambda place: (shares[place], -place), default=None)

    def share_between(self, words: frozenset[str], source: int, start: int, end: int) -> float:
        """How much of the words' weight is in the sentences of a source from one place to before another."""
        index = self._indexes[source]
        total = sum(self._weights.get(word, self._unseen) for word in words)
        held = words & frozenset[str]().union(*index.words[max(0, start) : end])
        return sum(self._weights[word] for word in held) / total if total else 0.0

    def support_around(self, words: frozenset[str], source: int, place: int, longest: int) -> float:
        """The best share in a window of one source that has a sentence, of so many sentences at most."""
        index = self._indexes[source]
        total = sum(self._weights.get(word, self._unseen) for word in words)
        shares = [
            sum(self._weights.get(word, self._unseen) for word in words & _window(index, start, size).words)
            for size in range(1, longest + 1)
            for start in range(max(0, place - size + 1), place + 1)
        ]
        return max(shares, default=0.0) / total if total else 0.0


@lru_cache(maxsize=4)
def grounds(indexes: tuple[SourceIndex, ...]) -> Grounds:
    return Grounds(indexes)


def _window(index: SourceIndex, start: int, size: int) -> Window:
    words = frozenset[str]().union(*index.words[start : start + size])
    return Window(index.number, " ".join(index.sentences[start : start + size]), words, start, size)


def _windows_with(places: list[int]) -> int:
    """How many windows have a word that is in these sentences; those at the edges are not told apart."""
    count, last = 0, -WINDOW_SENTENCES
    for place in places:
        gap = place - last
        count += 1 + min(gap, 2) + min(gap, 3)
        last = place
    return count


def _shares(index: SourceIndex, weights: dict[str, float]) -> dict[int, float]:
    """The weight of the words that each sentence has, of those that have any."""
    shares: dict[int, float] = defaultdict(float)
    for word, weight in weights.items():
        for place in index.places.get(word, ()):
            shares[place] += weight
    return shares


def _best_window(index: SourceIndex, weights: dict[str, float], at_least: float) -> tuple[float, int, int]:
    """The weight of the best window, where it starts, and its size: of equals, the shortest."""
    shares = _shares(index, weights)
    whole = sum(weights[word] for word in weights if word in index.places)
    # No window has more than the sum of its sentences: those that may be best are looked at first.
    bounds: dict[int, float] = defaultdict(float)
    for place, share in shares.items():
        for start in range(max(0, place - WINDOW_SENTENCES + 1), place + 1):
            bounds[start] += share
    best, best_start, best_size, fruitless = at_least, 0, 0, 0
    for start in sorted(bounds, key=lambda one: (-bounds[one], one)):
        if bounds[start] <= best + 1e-9 or best >= whole - 1e-9 or fruitless == MOST_FRUITLESS:
            break
        fruitless += 1
        held: set[str] = set()
        for place in range(start, min(start + WINDOW_SENTENCES, len(index.sentences))):
            held.update(index.words[place] & weights.keys())
            share = sum(weights[word] for word in held)
            if share > best + 1e-9:
                best, best_start, best_size, fruitless = share, start, place - start + 1, 0
    return (best, best_start, best_size) if best_size else (0.0, 0, 0)
