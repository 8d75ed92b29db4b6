"""The sentences of all sources that a digest may quote, each with its weight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from tasks.pipeline.text.figures import has_figure, values
from tasks.pipeline.text.languages import Language, Stems
from tasks.pipeline.text.model_instructions import speaks_to_a_model
from tasks.pipeline.text.ranking import Vector, centrality, inverse_frequencies, likeness, vector
from tasks.pipeline.text.sentences import paragraphs, sentences
from tasks.pipeline.text.standalone import (
    has_length,
    is_heading,
    is_plain,
    is_whole,
    reads_alone,
    stands_alone,
    without_marks,
    without_marks_at_end,
)
from tasks.pipeline.text.words import word_count
from tasks.pipeline.types import BlockKind, Brief, SourceText

# The ranking compares sentences with each other; past this number only the most relevant compete.
MAX_RANKED = 500
# With fewer good sentences than this, the strict filter gives way to the next one.
ENOUGH = 3
QUOTED_KINDS = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTATION})

_Cleaned = Callable[[str], str]


@dataclass(frozen=True)
class Candidate:
    source: int
    paragraph: int
    place: int
    """Where in its source; neighbours differ by one."""
    text: str
    words: int
    """Its length, as `word_count` has it."""
    stems: tuple[str, ...]
    around: frozenset[str]
    """The stems of its whole paragraph and of the heading above it."""
    vector: Vector
    score: float
    language: str = ""

    @cached_property
    def has_figure(self) -> bool:
        """Whether it states a figure that is more than a year: numbers in words are prose."""
        return has_figure(self.text, self.language, in_words=False)

    @cached_property
    def figures(self) -> frozenset[Decimal | str]:
        """The values of its figures, and the names of its dates and identifiers."""
        return values(self.text, self.language)


@dataclass(frozen=True)
class _SourceSentence:
    source: int
    paragraph: int
    place: int
    text: str
    stems: tuple[str, ...]
    around: frozenset[str]
    language: str


@dataclass(frozen=True)
class Pool:
    candidates: tuple[Candidate, ...]
    idf: Mapping[str, float]
    strictness: str
    """"strict", "alone" (no part of others), "whole" (any whole sentence) or "lines" (whatever there is)."""
    without_marks: frozenset[int] = frozenset()
    """Sources from whose sentences their own citation marks were left out."""


@dataclass(frozen=True)
class _Passage:
    """A quotable block of a source, split into sentences."""

    number: int
    first_place: int
    heading: str
    kind: BlockKind
    sentences: list[str]


def candidates(brief: Brief, sources: Sequence[SourceText], stems: Mapping[int, Stems]) -> Pool:
    """Collect and weight the sentences of the sources. `stems` are those of each source's language."""
    read = {source.number: list(_passages(source, stems[source.number].language)) for source in sources}
    found, strictness, unmarked = list[_SourceSentence](), "strict", set[int]()
    for strictness, enough in (("strict", ENOUGH), ("alone", 1), ("whole", 1), ("lines", ENOUGH)):
        found, unmarked = [], set()
        for number, passages in read.items():
            quotable = _quotable(number, passages, stems[number], strictness, without_marks_at_end)
            if len(quotable) < ENOUGH:
                more = _quotable(number, passages, stems[number], strictness, without_marks)
                if len(more) > len(quotable):
                    quotable = more
                    unmarked.add(number)
            found += quotable
        if len(found) >= enough:
            break
    found = _without_repeats(found)
    idf = inverse_frequencies(sentence.stems for sentence in found)
    questions = {id(one): _question(brief, one) for one in stems.values()}
    asked = {number: questions[id(one)] for number, one in stems.items()}
    return Pool(_weighted(found, idf, asked), idf, strictness, frozenset(unmarked))


def _passages(source: SourceText, of: Language) -> Iterator[_Passage]:
    """The blocks that may be quoted, each with the heading above it."""
    has_kinds = bool(source.kinds) and len(source.kinds) == len(source.blocks)
    blocks = source.blocks if has_kinds else [(BlockKind.PARAGRAPH, text) for text in paragraphs(source.text)]
    place, heading = 0, ""
    for number, (kind, text) in enumerate(blocks):
        if kind == BlockKind.HEADING or (not has_kinds and number and is_heading(text)):
            heading = text
        # A whole paragraph: what stands around such a sentence belongs to it.
        if kind in QUOTED_KINDS and not speaks_to_a_model(text):
            split = sentences(text, of)
            yield _Passage(number, place + 1, heading, kind, split)
            place += len(split)
        else:
            # What is left out stands between: the sentences around it are no neighbours.
            place += 1


def _quotable(
    source: int, passages: Sequence[_Passage], stems: Stems, strictness: str, cleaned: _Cleaned
) -> list[_SourceSentence]:
    found = list[_SourceSentence]()
    for passage in passages:
        texts = [cleaned(text) for text in passage.sentences]
        usable = [
            offset
            for offset, text in enumerate(texts)
            if _is_usable(text, stems.language, strictness, passage.kind == BlockKind.LIST_ITEM)
        ]
        if not usable:
            continue
        of_each = [stems.of_text(text) for text in texts]
        around = frozenset(stems.of_text(passage.heading)).union(*of_each)
        found += [
            _SourceSentence(
                source,
                passage.number,
                passage.first_place + offset,
                texts[offset],
                of_each[offset],
                around,
                stems.language.code,
            )
            for offset in usable
        ]
    return found


def _is_usable(text: str, of: Language, strictness: str, is_item: bool) -> bool:
    if strictness == "strict":
        return stands_alone(text, of, is_item=is_item)
    if strictness == "alone":
        return reads_alone(text, of)
    if strictness == "whole" or is_item:
        return has_length(text, of, 4, 60) and is_whole(text, of)
    return has_length(text, of, 1, 60) and is_plain(text)


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
    found: list[_SourceSentence], idf: Mapping[str, float], questions: Mapping[int, list[str]]
) -> tuple[Candidate, ...]:
    """Relevance to the brief, agreement across sources, and a little for standing early."""
    question_vectors = {number: vector(stems, idf) for number, stems in questions.items()}
    vectors = [vector(sentence.stems, idf) for sentence in found]
    relevance = [
        likeness(one, question_vectors[sentence.source]) for one, sentence in zip(vectors, found, strict=True)
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
            words=word_count(sentence.text),
            stems=sentence.stems,
            around=sentence.around,
            vector=one,
            language=sentence.language,
            score=0.55 * relevant / most + 0.35 * agreed + 0.10 / (1 + sentence.place / 20),
        )
        for sentence, one, relevant, agreed in zip(found, vectors, relevance, central, strict=True)
    )
