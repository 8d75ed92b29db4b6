"""Clean drafts: what a careful writer makes of three to six passages, every statement cited."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.quality_corpus import paraphrases
from benchmarks.quality_corpus.draft_words import CLOSINGS, HEADINGS, INSTRUCTIONS, INTRODUCTIONS, TITLES
from benchmarks.quality_corpus.prose import ProseDocument, address_of
from benchmarks.quality_corpus.seeded_draft import (
    DraftPart,
    DraftSentence,
    SeededDraft,
    citations_of,
    raw,
)
from tasks.pipeline.types import Article, BlockKind, Brief, Research, SourceText

FEWEST_SOURCES, MOST_SOURCES = 3, 6
PASSAGE_SENTENCES = 12
"""Of a source: at least so many that can be used, where the document has them."""
FEWEST_USED, MOST_USED = 3, 5
SHARE_WITH_FIGURES, SHARE_JOINED = 0.6, 0.4
CITATION_STYLES = ("{text}{end} {marks}", "{text} {marks}{end}", "{text}{end}{marks}")
ROUNDS = 5
"""So often a passage is used, each time with other drawn sentences."""
MOST_SHARED = 0.6
"""Of the words of two sentences of a draft."""
MOST_SEO_TITLE, SHORTEST_SEO, LONGEST_SEO = 60, 50, 155


@dataclass(frozen=True)
class SourcePassage:
    """A run of paragraphs of one document."""

    document: ProseDocument
    paragraphs: tuple[str, ...]
    sentences: tuple[str, ...]


def passages(document: ProseDocument) -> Iterator[SourcePassage]:
    """The document in parts, each long enough to be a source."""
    texts, found = list[str](), list[str]()
    for text, own in zip(document.paragraphs, document.sentences, strict=True):
        texts.append(text)
        found += own
        if len(found) >= PASSAGE_SENTENCES:
            yield SourcePassage(document, tuple(texts), tuple(found))
            texts, found = [], []
    if len(found) >= MOST_USED + 2:
        yield SourcePassage(document, tuple(texts), tuple(found))


def clean_drafts(documents: Sequence[ProseDocument], split: str, code: str, count: int) -> list[SeededDraft]:
    """So many drafts of one split in one language, or as many as its prose allows in `ROUNDS`."""
    chance = random.Random(f"clean {split} {code}")
    found = [
        passage
        for document in documents
        if document.split == split and document.language == code
        for passage in passages(document)
    ]
    drafts = list[SeededDraft]()
    for round_number in range(ROUNDS):
        order = sorted(chance.sample(found, len(found)), key=lambda one: one.document.domain)
        while len(order) >= FEWEST_SOURCES and len(drafts) < count:
            taken, order = _sources_of_a_draft(order, chance)
            drafts.append(_draft(f"{split} {code} {len(drafts) + 1}", split, taken, round_number, chance))
    return drafts


def _sources_of_a_draft(
    order: list[SourcePassage], chance: random.Random
) -> tuple[list[SourcePassage], list[SourcePassage]]:
    """Of neighbours in the order, which are of one domain; if possible of other documents each."""
    wanted = chance.randint(FEWEST_SOURCES, MOST_SOURCES)
    taken = list({one.document.name: one for one in reversed(order[: 4 * wanted])}.values())[-wanted:][::-1]
    if len(taken) < FEWEST_SOURCES:
        taken = order[:wanted]
    return taken, [one for one in order if one not in taken]


def _draft(
    name: str, split: str, taken: Sequence[SourcePassage], round_number: int, chance: random.Random
) -> SeededDraft:
    code = taken[0].document.language
    research = Research(sources=tuple(_source(number, one) for number, one in enumerate(taken, 1)))
    said: list[frozenset[str]] = []
    sections = [_section(number, one, said, round_number, chance) for number, one in enumerate(taken, 1)]
    blocks: list[DraftPart] = []
    if chance.random() < 0.5:
        introduction = chance.choice(INTRODUCTIONS[code])
        blocks.append(DraftPart("paragraph", (DraftSentence(introduction),)))
    for number, section in enumerate(sections):
        heading = HEADINGS[code][number].format(title=_title_of(taken[number]))
        blocks += [DraftPart("heading", (DraftSentence(heading),)), *section]
    blocks += _ending(research, code, chance)
    topic = TITLES[code][len(name) % len(TITLES[code])].format(title=_title_of(taken[0]))
    cited = [
        sentence
        for block in blocks
        if block.form == "paragraph"
        for sentence in block.sentences
        if sentence.sources
    ]
    head = Article(
        title=topic,
        slug=name.replace(" ", "-"),
        summary=cited[0].text,
        body="-",
        seo_title=topic[:MOST_SEO_TITLE].rstrip(),
        seo_description=_search_text(cited, topic),
        citations=citations_of(research),
    )
    words = sum(len(sentence.text.split()) for block in blocks for sentence in block.sentences)
    brief = Brief(
        topic=topic,
        brief=INSTRUCTIONS[code].format(topic=topic),
        language=code,
        target_words=words // 10 * 10,
    )
    return SeededDraft(name, split, brief, research, head, tuple(blocks), chance.choice(CITATION_STYLES))


def _source(number: int, passage: SourcePassage) -> SourceText:
    title = _title_of(passage)
    kinds = (BlockKind.HEADING, *[BlockKind.PARAGRAPH] * len(passage.paragraphs))
    text = "\n\n".join((title, *passage.paragraphs))
    return SourceText(
        number=number, title=title, url=address_of(passage.document.name), text=text, kinds=kinds
    )


def _title_of(passage: SourcePassage) -> str:
    """Without quotation marks, which within a heading or a sentence would be those of a quotation."""
    return re.sub(r"[\"“”„«»]", "", passage.document.title)


def _section(
    number: int,
    passage: SourcePassage,
    said: list[frozenset[str]],
    round_number: int,
    chance: random.Random,
) -> list[DraftPart]:
    """One or two paragraphs, or one and a list, of sentences that are no neighbours in the source."""
    code, title = passage.document.language, _title_of(passage)
    # Each round uses other sentences of a passage.
    others = passage.sentences[round_number % 2 :: 2]
    drawn = chance.sample(others, len(others))
    # Writers look for facts: sentences with figures come first, but do not crowd out all others.
    drawn.sort(key=lambda one: not (re.search(r"\d", one) and chance.random() < SHARE_WITH_FIGURES))
    drawn = _not_said(drawn, said)[: chance.randint(FEWEST_USED, MOST_USED)]
    used = sorted(drawn, key=passage.sentences.index)
    made = _some_joined([_worded(sentence, title, code, chance, number) for sentence in used], code, chance)
    middle = len(made) // 2
    if len(made) >= 4 and chance.random() < 0.3:
        items = tuple(DraftPart("item", (one,)) for one in made[middle:])
        return [DraftPart("paragraph", tuple(made[:middle])), *items]
    if len(made) >= 4 and chance.random() < 0.2:
        # A quotation is word for word.
        quoted = DraftSentence(used[-1], (number,), (used[-1],))
        return [DraftPart("paragraph", tuple(made[:-1])), DraftPart("quotation", (quoted,))]
    if len(made) >= 4:
        return [DraftPart("paragraph", tuple(part)) for part in (made[:middle], made[middle:])]
    return [DraftPart("paragraph", tuple(made))]


def _not_said(sentences: Sequence[str], said: list[frozenset[str]]) -> list[str]:
    """Those that are not almost the same as an earlier one of the draft, as reference manuals have them."""
    found = []
    for sentence in sentences:
        words = frozenset(re.findall(r"\w+", sentence.lower()))
        if all(len(words & one) < MOST_SHARED * min(len(words), len(one)) for one in said):
            said.append(words)
            found.append(sentence)
    return found


def _some_joined(made: list[DraftSentence], code: str, chance: random.Random) -> list[DraftSentence]:
    """Now and then the last two of a section as one sentence."""
    if len(made) >= 4 and chance.random() < SHARE_JOINED:
        one, other = made[-2:]
        text = paraphrases.joined(one.text, other.text, code, chance)
        if text:
            return [*made[:-2], DraftSentence(text, one.sources, one.originals + other.originals)]
    return made


def _worded(sentence: str, title: str, code: str, chance: random.Random, number: int) -> DraftSentence:
    """Taken over, paraphrased, introduced by its source, or quoted."""
    drawn = chance.random()
    text = sentence
    if drawn < 0.55:
        text = paraphrases.paraphrased(sentence, code, chance)
    elif drawn < 0.65:
        text = paraphrases.framed(sentence, title, code, chance) or sentence
    elif drawn < 0.72:
        text = _with_quotation(sentence, code)
    elif drawn < 0.8:
        text = paraphrases.added(sentence, code, chance) or sentence
    return DraftSentence(text, (number,), (sentence,))


def _with_quotation(sentence: str, code: str) -> str:
    """The last words of the sentence in quotation marks: they are the source's."""
    words = sentence[:-1].split()
    if len(words) < 12:
        return sentence
    opening, closing = {"en": "“”", "de": "„“", "fr": ("« ", " »"), "es": "«»"}[code]
    return f"{' '.join(words[:-6])} {opening}{' '.join(words[-6:])}{closing}."


def _ending(research: Research, code: str, chance: random.Random) -> list[DraftPart]:
    """A good ending is not always a sentence with a full stop."""
    first = research.sources[0]
    drawn = chance.randrange(6)
    if drawn == 0:
        return [raw(f"*{CLOSINGS[code][0]}*")]
    if drawn == 1:
        return [raw(f"{CLOSINGS[code][1]} [{first.title}]({first.url})")]
    if drawn == 2:
        return [raw("\n".join(f"- {one.title} [{one.number}]" for one in research.sources))]
    if drawn == 3:
        rows = [f"| {one.title} | [{one.number}] |" for one in research.sources]
        return [raw("\n".join([f"| {CLOSINGS[code][2]} | |", "| --- | --- |", *rows]))]
    return []


def _search_text(cited: Sequence[DraftSentence], topic: str) -> str:
    fitting = [one.text for one in cited if SHORTEST_SEO <= len(one.text) <= LONGEST_SEO]
    return fitting[0] if fitting else f"{topic}: {cited[0].text}"[:LONGEST_SEO].rsplit(" ", 1)[0]
