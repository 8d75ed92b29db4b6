"""A draft parsed for its checks: statements with their citations, headings, links, sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tasks.pipeline.text.digest_phrases import PHRASES
from tasks.pipeline.text.languages import Language, Stems, guess_language, language
from tasks.pipeline.text.sentences import sentences
from tasks.pipeline.types import Article, Brief, Research

MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\](?![(\[:])|\[(\d{1,3})\](?=\[\d)")
_OPEN, _CLOSE = "\ue000", "\ue001"
_CARRIED_MARKER = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_AFTER_END = re.compile(f"([.!?…][\"”’')»]*)((?:\\s*{_OPEN}[^{_CLOSE}]*{_CLOSE})+)")

_FENCED = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[ \t]*$", re.M | re.S)
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*$")
_BLOCK = re.compile(r"^\s*(>\s*)*([-*+]\s+|\d{1,3}[.)]\s+)?")
_IMAGE = re.compile(r"!\[[^\]]{0,500}\]\([^)]{0,2000}\)")
_LINK = re.compile(r"\[([^\]]{0,500})\]\(\s{0,9}<?([^)\s>]{0,2000})(?:[\s>][^)]{0,500})?\)")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.M)
_BARE_URL = re.compile(r"(?<![\w(\"'=<])<?((?:https?|ftp)://[^\s<>)\]]+|mailto:[^\s<>)\]]+)")


@dataclass(frozen=True)
class Statement:
    """A sentence of the draft as a reader sees it, and the sources it cites."""

    text: str
    citations: tuple[int, ...]
    section: str


@dataclass(frozen=True)
class HeadingLine:
    level: int
    text: str


class InspectedDraft:
    """A draft with its brief and sources; each part is computed when it is first used."""

    def __init__(self, brief: Brief, research: Research, article: Article) -> None:
        self.brief, self.research, self.article = brief, research, article
        self.body = article.body.replace("\r\n", "\n")

    @property
    def language(self) -> Language:
        return language(self.brief.language)

    @cached_property
    def stems(self) -> Stems:
        return Stems(self.language)

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """Paragraphs and list items with the heading above each; Markdown is gone, markers stay."""
        section, blocks, lines = "", list[tuple[str, str]](), list[str]()
        for line in [*_FENCED.sub("\n", self.body).split("\n"), ""]:
            heading = _HEADING.match(line)
            start = _BLOCK.match(line)
            if lines and (heading or not line.strip() or (start and start[2])):
                blocks.append((section, " ".join(lines)))
                lines = []
            if heading:
                section = heading[2]
            elif line.strip() and not _REFERENCE.match(line):
                lines.append(_visible(_BLOCK.sub("", line, count=1)))
        labels = {words.label for words in PHRASES.values()}
        return [(section, text) for section, text in blocks if text and text not in labels]

    @cached_property
    def statements(self) -> list[Statement]:
        return [
            _statement(sentence, section)
            for section, block in self.blocks
            for sentence in sentences(_with_markers_inside(block), self.language)
        ]

    @cached_property
    def plain(self) -> str:
        """All words of the body without markup, markers and headings."""
        return " ".join(statement.text for statement in self.statements)

    @cached_property
    def headings(self) -> list[HeadingLine]:
        lines = _FENCED.sub("\n", self.body).split("\n")
        return [HeadingLine(len(m[1]), _visible(m[2])) for line in lines if (m := _HEADING.match(line))]

    @cached_property
    def markers(self) -> list[int]:
        """The numbers of all citations in the body, in order, repeats included."""
        body = _FENCED.sub("\n", self.body)
        return [number for match in MARKER.finditer(body) for number in _numbers(match[1] or match[2])]

    @cached_property
    def links(self) -> list[str]:
        """Every address the body links to or shows as an image."""
        body = _FENCED.sub("\n", self.body)
        images = re.findall(r"!\[[^\]]{0,500}\]\(\s{0,9}<?([^)\s>]{0,2000})", body)
        links = [match[2] for match in _LINK.finditer(_IMAGE.sub("", body))]
        rest = _LINK.sub("", _IMAGE.sub("", body))
        bare = [match[1].rstrip(".,;:!?") for match in _BARE_URL.finditer(rest)]
        return [*images, *links, *_REFERENCE.findall(body), *bare]

    @cached_property
    def comparable_sources(self) -> list[int]:
        """Sources in the language of the brief: words of two languages cannot be compared."""
        return [
            source.number
            for source in self.research.sources
            if language(guess_language(source.text) or self.brief.language) == self.language
        ]


def _visible(text: str) -> str:
    """What a reader sees of one line of Markdown."""
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = re.sub(r"(\*{1,3}|~~)(?=\S)(.{1,500}?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<!\w)(_{1,3})(?=\S)(.{1,500}?)(?<=\S)\1(?!\w)", r"\2", text)
    text = re.sub(r"`{1,3}([^`]{1,500})`{1,3}", r"\1", text)
    return " ".join(re.sub(r"\\([\\`*_{}\[\]()#+.!|>~-])", r"\1", text).split())


def _with_markers_inside(block: str) -> str:
    """Move markers in front of the full stop they follow, so that splitting leaves them in their sentence."""
    block = MARKER.sub(lambda match: f"{_OPEN}{match[1] or match[2]}{_CLOSE}", block)
    return _AFTER_END.sub(r"\2\1", block)


def _statement(sentence: str, section: str) -> Statement:
    numbers = [number for match in _CARRIED_MARKER.finditer(sentence) for number in _numbers(match[1])]
    text = " ".join(re.sub(r"\s+([.,;:!?…])", r"\1", _CARRIED_MARKER.sub("", sentence)).split())
    return Statement(text, tuple(numbers), section)


def _numbers(marker: str) -> list[int]:
    """`1, 3` is two numbers and `2-4` three."""
    found: list[int] = []
    for part in re.split(r"[,;]", marker):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        found += range(ends[0], ends[-1] + 1) if len(ends) == 2 and ends[0] <= ends[-1] else ends
    return found
