"""How well a reading agrees with what a document truly says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.source_corpus.article import MadeArticle, MadeItems, MadeNotes, MadeTable, visible
from tasks.pipeline.text.typography import folded

TOKEN = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W_]+(?:[.,][0-9]+)*|\\^")
FIGURE = re.compile(r"\^?\d+(?:[.,]\d+)*")
SENTENCE = re.compile(r"[^.!?。！？؟]{12,2000}[.!?。！？؟]")


@dataclass(frozen=True)
class ReadingScore:
    recall: float
    """The share of the true words that were read."""
    precision: float
    """The share of the words read that are true; the headings of a table may be repeated."""
    order: float
    """The longest common subsequence, as a share of the true words of running text."""
    figures: float
    """The share of the true figures that were read, false ones counted against them."""
    false_sentences: tuple[str, ...] = ()


def score(article: MadeArticle, blocks: Sequence[str]) -> ReadingScore:
    """Compare the blocks of a reading with the truth, without regard to what is typography alone."""
    blocks = [_without_label(block, article) for block in blocks]
    truth, read = "\n".join(article.truth), "\n".join(blocks)
    true_words, read_words = tokens(truth), tokens(read)
    counts, found = Counter(true_words), Counter(read_words)
    common = (counts & found).total()
    repeated = {word for cell in article.cells for word in tokens(cell)}
    extra = sum(number for word, number in (found - counts).items() if word not in repeated)
    running = tokens("\n".join(running_text(article)))
    return ReadingScore(
        recall=common / counts.total(),
        precision=common / max(1, common + extra),
        order=common_subsequence(running, read_words) / max(1, len(running)),
        figures=_agreement(_figures(truth), _figures(read)),
        false_sentences=tuple(_false_sentences(article, blocks)),
    )


def running_text(article: MadeArticle) -> list[str]:
    """Headings, paragraphs and items: what has one place only. MadeNotes may stand where they are cited."""
    kinds = [element for element in article.elements if not isinstance(element, MadeTable | MadeNotes)]
    return list(MadeArticle(article.language, article.title, "", "", tuple(kinds)).truth)


def _without_label(block: str, article: MadeArticle) -> str:
    """A footnote's own number before its text is neither missed nor false."""
    for element in article.elements:
        if isinstance(element, MadeNotes):
            for number, line in enumerate(element.lines, 1):
                text = visible(line, article.language)
                block = re.sub(rf"\[?{number}[.\])]? ?(?={re.escape(text)})", "", block)
    return block


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return folded(text)


def tokens(text: str) -> list[str]:
    return TOKEN.findall(_folded(text))


def _figures(text: str) -> Counter[str]:
    return Counter(FIGURE.findall(_folded(text)))


def _agreement(true: Counter[str], read: Counter[str]) -> float:
    common = (true & read).total()
    return common / max(1, true.total(), read.total())


def _false_sentences(article: MadeArticle, blocks: Iterable[str]) -> list[str]:
    """Sentences of the reading that stand in no block of the document, punctuation aside."""
    true = "\n".join(_letters(block) for block in article.truth)
    # A list in one block, and a row with its headings, say nothing false.
    for element in article.elements:
        if isinstance(element, MadeItems | MadeNotes):
            true += "\n" + _letters(" ".join(visible(line, article.language) for line in element.lines))
    found = []
    for block in blocks:
        for match in SENTENCE.finditer(block + " "):
            letters = _letters(match[0])
            if letters and letters not in true:
                found.append(match[0].strip())
    return found


def _letters(text: str) -> str:
    return "".join(tokens(text))


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence, with a bit for each word of `one` (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for index, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << index
    everything = (1 << len(one)) - 1
    row = everything
    for word in other:
        met = row & places.get(word, 0)
        row = ((row + met) | (row - met)) & everything
    return len(one) - row.bit_count()
