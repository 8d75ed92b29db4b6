"""A draft parsed for its checks: statements with their citations, headings, links, sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from tasks.pipeline.quality.alignment import Alignment, aligned
from tasks.pipeline.quality.check import Threshold
from tasks.pipeline.quality.comparable_words import comparable_words
from tasks.pipeline.quality.draft_blocks import (
    CLOSE,
    CODE_CLOSE,
    CODE_OPEN,
    HEADING,
    IMAGE,
    LINK,
    MARKER,
    OPEN,
    REFERENCE,
    DraftBlock,
    draft_blocks,
    shown_text,
    without_code,
)
from tasks.pipeline.quality.meaning_words import MeaningWords, meaning_words
from tasks.pipeline.quality.quotations import QuotableSource, quotable_source
from tasks.pipeline.quality.reader_text import ReaderText
from tasks.pipeline.quality.site_facts import SiteFacts
from tasks.pipeline.quality.source_index import (
    Grounds,
    SourceIndex,
    Window,
    grounds,
    source_index,
    stems_by_language,
)
from tasks.pipeline.text import body_images
from tasks.pipeline.text.digest_phrases import PHRASES
from tasks.pipeline.text.languages import Language, Stems, language, primary_language
from tasks.pipeline.text.sentences import sentences
from tasks.pipeline.types import Article, Brief, Research

T = TypeVar("T")

_CARRIED_MARKER = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_AFTER_END = re.compile(f"([.!?…。！？｡।؟۔][\"”’')»」』）]*)((?:\\s*{OPEN}[^{CLOSE}]*{CLOSE})+)")
_LINKED_CITATION = re.compile(r"\[(\d{1,3})\]\(<?([^)\s>]{1,2000})>?\)")
_CODE_SPAN = re.compile(f"{CODE_OPEN}[^{CODE_CLOSE}]*{CODE_CLOSE}")
_CODE_MARKS = re.compile(f"[{CODE_OPEN}{CODE_CLOSE}]")
_BARE_URL = re.compile(r"(?<![\w(\"'=<])<?((?:https?|ftp)://[^\s<>)\]]+|mailto:[^\s<>)\]]+)")


@dataclass(frozen=True)
class Statement:
    """A sentence of the draft as a reader sees it, and the sources it cites."""

    text: str
    citations: tuple[int, ...]
    section: str
    is_table_row: bool = False
    prose: str = ""
    """The text without inline code."""
    block: int = 0
    """The place of its paragraph, item or row in `InspectedDraft.blocks`."""


@dataclass(frozen=True)
class HeadingLine:
    level: int
    text: str


class InspectedDraft:
    """A draft with its brief and sources; each part is computed when it is first used."""

    def __init__(
        self, brief: Brief, research: Research, article: Article, site: SiteFacts | None = None
    ) -> None:
        self.brief, self.research, self.article = brief, research, article
        self.site = site or SiteFacts()
        self.body = _with_plain_citations(article.body.replace("\r\n", "\n"), article)
        self._words: dict[str, frozenset[str]] = {}
        self._made: dict[Callable[..., Any], Any] = {}

    def limit(self, threshold: Threshold) -> float:
        """What the desk has set a threshold to, else its default."""
        for rule in self.brief.check_rules:
            if rule.check == threshold.check:
                return rule.limits.get(threshold.name, threshold.default)
        return threshold.default

    def once(self, make: Callable[[InspectedDraft], T]) -> T:
        """What a function makes of this draft: several checks ask for the same."""
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    def remembered(self, make: Callable[[InspectedDraft, Statement], T], statement: Statement) -> T:
        """What a function makes of a sentence and its sources, and of nothing else of the draft.

        In the next version of a text most sentences are those of the last one.
        """
        said = (statement.text, statement.prose, statement.citations, statement.is_table_row)
        return self.grounds.remembered((make, self.brief.language, said), lambda: make(self, statement))

    @property
    def language(self) -> Language:
        return language(self.brief.language)

    @cached_property
    def stems(self) -> Stems:
        return stems_by_language.of(primary_language(self.brief.language))

    @cached_property
    def blocks(self) -> list[DraftBlock]:
        """Paragraphs, list items and rows of tables; Markdown and code are gone, citation markers stay."""
        labels = {words.label for words in PHRASES.values()}
        return [
            block
            for block in draft_blocks(self.body)
            if block.text and _CODE_MARKS.sub("", block.text) not in labels
        ]

    @cached_property
    def statements(self) -> list[Statement]:
        return [
            statement
            for place, block in enumerate(self.blocks)
            for sentence in self._sentences(block)
            if (statement := _statement(sentence, block, place)).text
        ]

    @cached_property
    def plain(self) -> str:
        """All words of the body without markup, markers and headings."""
        return " ".join(statement.text for statement in self.statements)

    @cached_property
    def reader_text(self) -> ReaderText:
        """Title, summary, texts for search engines and body, without blocks of code."""
        return ReaderText(self.article, self.body)

    def is_of_sources(self, words: str) -> bool:
        """Whether a source has these very words: what looks like a defect is then what it is about."""
        return any(_has_whole(text, words) for text in self._source_words)

    @cached_property
    def _source_words(self) -> list[str]:
        return [" ".join(f"{source.title} {source.text}".split()) for source in self.research.sources]

    @cached_property
    def headings(self) -> list[HeadingLine]:
        lines = without_code(self.body).split("\n")
        return [
            HeadingLine(len(m[1]), _CODE_MARKS.sub("", shown_text(m[2])))
            for line in lines
            if (m := HEADING.match(line))
        ]

    @cached_property
    def markers(self) -> list[int]:
        """The numbers of all citations in the body, in order, repeats included."""
        body = REFERENCE.sub("", without_code(self.body))
        return [number for match in MARKER.finditer(body) for number in _numbers(match[1])]

    @cached_property
    def links(self) -> list[str]:
        """Every address the body links to or shows as an image, but for images of the media library."""
        body = without_code(self.body)
        images = re.findall(r"!\[[^\]]{0,500}\]\(\s{0,9}<?([^)\s>]{0,2000})", body)
        images = [address for address in images if not body_images.ADDRESS.fullmatch(address)]
        links = [match[2] for match in LINK.finditer(IMAGE.sub("", body))]
        rest = LINK.sub("", IMAGE.sub("", body))
        bare = [match[1].rstrip(".,;:!?") for match in _BARE_URL.finditer(rest)]
        return [*images, *links, *REFERENCE.findall(body), *bare]

    @cached_property
    def sources(self) -> dict[int, SourceIndex]:
        """The sources by number, each prepared for comparison."""
        found = [source_index(source, self.brief.language) for source in self.research.sources]
        return {index.number: index for index in found}

    @cached_property
    def quotable(self) -> list[QuotableSource]:
        """The sources, for looking up quotations."""
        return [quotable_source(source.text) for source in self.research.sources]

    @cached_property
    def grounds(self) -> Grounds:
        return grounds(tuple(self.sources.values()))

    @cached_property
    def comparable_sources(self) -> list[int]:
        """Sources in the language of the brief: words of two languages cannot be compared."""
        own = primary_language(self.brief.language)
        return [number for number, source in self.sources.items() if source.code == own]

    @cached_property
    def meaning_words(self) -> MeaningWords | None:
        """The words that change what a sentence says, in the language of the brief, where there is a list."""
        return meaning_words(self.brief.language)

    @cached_property
    def filler(self) -> frozenset[str]:
        """Stems of words that say little of what a sentence is about."""
        words = self.meaning_words
        return frozenset(map(self.stems.of_word, words.filler)) if words else frozenset()

    @cached_property
    def alignments(self) -> list[Alignment]:
        """Each statement that can be compared with sources, and the nearest passage of these."""
        return list(aligned(self))

    def compared_sources(self, statement: Statement) -> list[int]:
        """The sources that a statement is compared with: those it cites, or all where it cites none."""
        cited = [number for number in self.comparable_sources if number in statement.citations]
        if cited or set(statement.citations) & set(self.sources):
            # What rests on a source in another language alone cannot be compared with it.
            return cited
        return self.comparable_sources

    def support(self, words: frozenset[str], sources: Sequence[int]) -> tuple[float, Window | None]:
        """As `Grounds.support`."""
        return self.grounds.support(words, sources)

    def words_of(self, text: str) -> frozenset[str]:
        """The words by which a passage is compared with the sources."""
        if text not in self._words:
            self._words[text] = self.grounds.remembered(
                (text, self.brief.language), lambda: comparable_words(text, self.stems)
            )
        return self._words[text]

    def _sentences(self, block: DraftBlock) -> list[str]:
        marked = MARKER.sub(lambda match: f"{OPEN}{match[1]}{CLOSE}", block.text)
        if block.is_table_row:
            return [marked]
        # In front of the full stop they follow, splitting leaves markers in their sentence.
        return sentences(_AFTER_END.sub(r"\2\1", marked), self.language)


def _with_plain_citations(body: str, article: Article) -> str:
    """`[1](address of source 1)` is a citation, and no 1 of the text."""
    urls = {str(one.number): one.url for one in article.citations if one.url}

    def plain(match: re.Match[str]) -> str:
        return f"[{match[1]}]" if urls.get(match[1]) == match[2] else match[0]

    return _LINKED_CITATION.sub(plain, body)


def _statement(sentence: str, block: DraftBlock, place: int) -> Statement:
    numbers = [number for match in _CARRIED_MARKER.finditer(sentence) for number in _numbers(match[1])]
    text = " ".join(
        re.sub(r"\s+([.,;:!?…。！？।۔؟])(?!\d)", r"\1", _CARRIED_MARKER.sub("", sentence)).split()
    )
    prose = " ".join(_CODE_SPAN.sub(" ", text).split()) if CODE_OPEN in text else text
    return Statement(
        _CODE_MARKS.sub("", text), tuple(numbers), block.section, block.is_table_row, prose, place
    )


def _numbers(marker: str) -> list[int]:
    """`1, 3` is two numbers and `2-4` three."""
    found: list[int] = []
    for part in re.split(r"[,;]", marker):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        found += range(ends[0], ends[-1] + 1) if len(ends) == 2 and ends[0] <= ends[-1] else ends
    return found


def _has_whole(text: str, words: str) -> bool:
    """Whether a text has the words, and not just as parts of longer ones."""
    place = text.find(words)
    while place >= 0:
        around = (
            text[max(0, place - 1) : place] + words[:1],
            words[-1:] + text[place + len(words) : place + len(words) + 1],
        )
        if not any(len(pair) == 2 and pair.isalnum() for pair in around):
            return True
        place = text.find(words, place + 1)
    return False
