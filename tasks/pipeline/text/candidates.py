"""The sentences of all sources that a digest may quote, each with its weight."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.pipeline.text.languages import WORD, Language, Stems
from tasks.pipeline.text.ranking import Vector, centrality, inverse_frequencies, likeness, vector
from tasks.pipeline.text.sentences import is_heading, is_plain, is_whole, paragraphs, sentences, stands_alone
from tasks.pipeline.types import Brief, SourceText

# The ranking compares sentences with each other; past this number only the most relevant compete.
MAX_RANKED = 1500
# With fewer good sentences than this, the strict filter gives way to the next one.
ENOUGH = 3

_FIGURE = re.compile(r"\d")
_YEAR = re.compile(r"\b(1[5-9]|20)\d\d\b")


@dataclass(frozen=True)
class Candidate:
    source: int
    paragraph: int
    place: int
    """Where in its source; neighbours differ by one."""
    text: str
    stems: tuple[str, ...]
    around: frozenset[str]
    """The stems of its whole paragraph and of the heading above it."""
    vector: Vector
    score: float

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def has_figure(self) -> bool:
        """Whether it states a number that is more than a year."""
        return bool(_FIGURE.search(_YEAR.sub("", self.text)))


@dataclass(frozen=True)
class _SourceSentence:
    source: int
    paragraph: int
    place: int
    text: str
    stems: tuple[str, ...]
    around: frozenset[str]


@dataclass(frozen=True)
class Pool:
    candidates: tuple[Candidate, ...]
    idf: Mapping[str, float]
    strictness: str
    """"strict", "whole" (any whole sentence) or "lines" (whatever the sources have)."""


def candidates(brief: Brief, sources: Sequence[SourceText], languages: Mapping[int, Language]) -> Pool:
    """Collect and weight the sentences of the sources."""
    stems = {of.code: Stems(of) for of in languages.values()}
    found, strictness = list[_SourceSentence](), "strict"
    for strictness in ("strict", "whole", "lines"):
        found = [
            sentence
            for source in sources
            for sentence in _sentences(source, stems[languages[source.number].code], strictness)
        ]
        if len(found) >= ENOUGH:
            break
    found = _without_repeats(found)
    idf = inverse_frequencies(sentence.stems for sentence in found)
    questions = {code: _question(brief, of) for code, of in stems.items()}
    return Pool(_weighted(found, idf, questions, languages), idf, strictness)


def _sentences(source: SourceText, stems: Stems, strictness: str) -> list[_SourceSentence]:
    found, place, heading = list[_SourceSentence](), 0, ""
    for number, paragraph in enumerate(paragraphs(source.text)):
        if number and is_heading(paragraph):
            heading = paragraph
        around = frozenset(stems.of_text(f"{heading} {paragraph}"))
        for text in sentences(paragraph, stems.language):
            place += 1
            if _is_usable(text, stems.language, strictness):
                found.append(_SourceSentence(source.number, number, place, text, stems.of_text(text), around))
    return found


def _is_usable(text: str, of: Language, strictness: str) -> bool:
    if strictness == "strict":
        return stands_alone(text, of)
    words = len(WORD.findall(text))
    if strictness == "whole":
        return 4 <= words <= 60 and is_whole(text)
    return 1 <= words <= 60 and is_plain(text)


def _without_repeats(found: list[_SourceSentence]) -> list[_SourceSentence]:
    """The first of each group of equal sentences."""
    first: dict[str, _SourceSentence] = {}
    for sentence in found:
        first.setdefault(sentence.text.casefold(), sentence)
    return list(first.values())


def _question(brief: Brief, stems: Stems) -> list[str]:
    """What the brief asks, as stems; topic and keywords count more than its explanation."""
    wanted = [brief.topic, brief.topic, *brief.keywords, *brief.keywords, brief.brief]
    return [stem for text in wanted for stem in stems.of_text(text)]


def _weighted(
    found: list[_SourceSentence],
    idf: Mapping[str, float],
    questions: Mapping[str, list[str]],
    languages: Mapping[int, Language],
) -> tuple[Candidate, ...]:
    """Relevance to the brief, agreement across sources, and a little for standing early."""
    question_vectors = {code: vector(stems, idf) for code, stems in questions.items()}
    vectors = [vector(sentence.stems, idf) for sentence in found]
    relevance = [
        likeness(one, question_vectors[languages[sentence.source].code])
        for one, sentence in zip(vectors, found, strict=True)
    ]
    if len(found) > MAX_RANKED:
        ranked = sorted(sorted(range(len(found)), key=lambda index: -relevance[index])[:MAX_RANKED])
        found, vectors = [found[i] for i in ranked], [vectors[i] for i in ranked]
        relevance = [relevance[i] for i in ranked]
    most = max(relevance, default=0.0) or 1.0
    central = centrality(vectors, [sentence.source for sentence in found])
    return tuple(
        Candidate(
            source=sentence.source,
            paragraph=sentence.paragraph,
            place=sentence.place,
            text=sentence.text,
            stems=sentence.stems,
            around=sentence.around,
            vector=one,
            score=0.55 * relevant / most + 0.35 * agreed + 0.10 / (1 + sentence.place / 20),
        )
        for sentence, one, relevant, agreed in zip(found, vectors, relevance, central, strict=True)
    )
