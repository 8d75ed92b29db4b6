"""Long drafts whose checks are timed: so many words from so many sources, no source in two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.quality_corpus.prose import ProseDocument
from benchmarks.quality_corpus.seeded_draft import DraftPart, DraftSentence, SeededDraft, citations_of
from tasks.pipeline.types import Article, BlockKind, Brief, Research, SourceText

SOURCES = 10
SENTENCES_OF_A_PARAGRAPH = 5
LONGEST = 18
"""Characters of a source for each word that is taken from it: about three words."""
LENGTHS = {"1,000 words, 10 sources": (1_000, 5), "9,000 words, 10 sources": (9_000, 3)}
"""Words, and how many drafts of that length."""


def timed_drafts(documents: Sequence[ProseDocument]) -> dict[str, list[SeededDraft]]:
    """None of a length for which there is too little English prose."""
    english = [one for one in documents if one.language == "en"]
    return {name: list(_drafts(english, name, words, count)) for name, (words, count) in LENGTHS.items()}


def _drafts(documents: Sequence[ProseDocument], name: str, words: int, count: int) -> Iterator[SeededDraft]:
    if len(documents) < count * SOURCES:
        return
    for number in range(count):
        sources, used = list[SourceText](), list[DraftSentence]()
        for place in range(SOURCES):
            # Every so many-th document: those of one domain are neighbours.
            own = documents[number * SOURCES + place :: count * SOURCES]
            source, sentences = _source(place + 1, own, words)
            sources.append(source)
            used += sentences
        if sum(len(one.text.split()) for one in used) >= 0.9 * words:
            yield _draft(f"{name} {number + 1}", words, Research(sources=tuple(sources)), used)


def _source(
    number: int, documents: Sequence[ProseDocument], words: int
) -> tuple[SourceText, list[DraftSentence]]:
    """About three times as long as what is taken from it, and that."""
    paragraphs, used, length = list[str](), list[DraftSentence](), 0
    for document in documents:
        for paragraph, own in zip(document.paragraphs, document.sentences, strict=True):
            if length < words / SOURCES:
                for sentence in own:
                    if length < words / SOURCES:
                        used.append(DraftSentence(sentence, (number,), (sentence,)))
                        length += len(sentence.split())
            elif sum(map(len, paragraphs)) > LONGEST * words / SOURCES:
                break
            paragraphs.append(paragraph)
    kinds = (BlockKind.PARAGRAPH,) * len(paragraphs)
    title = documents[0].title
    return SourceText(number=number, title=title, text="\n\n".join(paragraphs), kinds=kinds), used


def _draft(name: str, words: int, research: Research, used: Sequence[DraftSentence]) -> SeededDraft:
    blocks = list[DraftPart]()
    for start in range(0, len(used), SENTENCES_OF_A_PARAGRAPH):
        if start % (4 * SENTENCES_OF_A_PARAGRAPH) == 0:
            blocks.append(DraftPart("heading", (DraftSentence(f"Part {start // 20 + 1}"),)))
        blocks.append(DraftPart("paragraph", tuple(used[start : start + SENTENCES_OF_A_PARAGRAPH])))
    head = Article(title="A long text", body="-", summary=used[0].text, citations=citations_of(research))
    brief = Brief(topic="A long text", target_words=words)
    return SeededDraft(name, "", brief, research, head, tuple(blocks), "{text}{end} {marks}")
