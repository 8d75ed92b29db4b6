"""A draft in parts, so that a defect can be put into one of them and all others stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tasks.pipeline.types import Article, Brief, Citation, Research

BlockForm = Literal["heading", "paragraph", "item", "quotation", "raw"]
MARKUP: dict[str, str] = {"heading": "## ", "paragraph": "", "item": "- ", "quotation": "> ", "raw": ""}
PLACES = ("start", "middle", "end")


@dataclass(frozen=True)
class DraftSentence:
    """A sentence of the body without its citation, and what it was made of."""

    text: str
    sources: tuple[int, ...] = ()
    originals: tuple[str, ...] = ()
    """Sentences of the sources; none for what introduces or connects."""


@dataclass(frozen=True)
class DraftPart:
    form: BlockForm
    sentences: tuple[DraftSentence, ...]
    """One without citations for headings and raw Markdown."""


@dataclass(frozen=True)
class SeededDraft:
    """A draft with its brief and sources. `blocks` are the body; the article has everything else."""

    name: str
    split: str
    brief: Brief
    research: Research
    head: Article
    blocks: tuple[DraftPart, ...]
    citation_style: str
    """With `{}` for text without its end mark, end mark and citations, as `{text}{end} {marks}`."""
    kind: str = ""
    """Of the defect; empty for a clean draft."""
    place: str = ""
    body: str = ""
    """The whole body, where a defect is in the Markdown and in no sentence."""

    @property
    def language(self) -> str:
        return self.brief.language

    @property
    def article(self) -> Article:
        return self.head.model_copy(update={"body": self.markdown})

    @property
    def markdown(self) -> str:
        return self.body or self.rendered()

    def rendered(self) -> str:
        parts = list[str]()
        for before, block in zip((None, *self.blocks), self.blocks, strict=False):
            is_next_item = before is not None and before.form == block.form == "item"
            parts += ["" if not parts else "\n" if is_next_item else "\n\n", self.block_text(block)]
        return "".join(parts)

    def block_text(self, block: DraftPart) -> str:
        return MARKUP[block.form] + " ".join(map(self.sentence_text, block.sentences))

    def sentence_text(self, sentence: DraftSentence) -> str:
        """With its citations, as this draft writes them."""
        if not sentence.sources:
            return sentence.text
        marks = "".join(f"[{number}]" for number in sentence.sources)
        has_end = sentence.text[-1] in ".!?"
        text, end = (sentence.text[:-1], sentence.text[-1]) if has_end else (sentence.text, "")
        return self.citation_style.format(text=text, end=end, marks=marks)

    def spots(self) -> Iterator[tuple[int, int]]:
        """Block and place of each cited sentence of the body."""
        for number, block in enumerate(self.blocks):
            for place, sentence in enumerate(block.sentences):
                if sentence.sources and block.form in ("paragraph", "item"):
                    yield number, place

    def sentence(self, spot: tuple[int, int]) -> DraftSentence:
        return self.blocks[spot[0]].sentences[spot[1]]

    def with_sentence(self, spot: tuple[int, int], *new: DraftSentence) -> SeededDraft:
        """With other sentences in the place of one."""
        number, place = spot
        old = self.blocks[number].sentences
        block = replace(self.blocks[number], sentences=(*old[:place], *new, *old[place + 1 :]))
        return replace(self, blocks=(*self.blocks[:number], block, *self.blocks[number + 1 :]))

    def with_block(self, number: int, *new: DraftPart) -> SeededDraft:
        """With more blocks in front of one."""
        return replace(self, blocks=(*self.blocks[:number], *new, *self.blocks[number:]))

    def with_head(self, **parts: str) -> SeededDraft:
        return replace(self, head=self.head.model_copy(update=parts))

    def source_text(self, number: int) -> str:
        return next(one.text for one in self.research.sources if one.number == number)

    def without_titles(self, sentence: str) -> str:
        """With blanks for the titles of sources, which a sentence may name: they are no statement."""
        for one in self.head.citations:
            sentence = sentence.replace(one.title, " " * len(one.title))
        return sentence

    def sentence_count(self) -> int:
        return sum(len(block.sentences) for block in self.blocks if block.form not in ("heading", "raw"))


def raw(markdown: str) -> DraftPart:
    return DraftPart("raw", (DraftSentence(markdown),))


def citations_of(research: Research) -> tuple[Citation, ...]:
    return tuple(Citation(number=one.number, title=one.title, url=one.url) for one in research.sources)
