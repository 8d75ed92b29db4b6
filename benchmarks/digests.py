"""Which sentences digests quote from prose that this machine has: judged ones counted, drawn ones to read."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import shipped_prose
from benchmarks.figures import MeasuredFigure, at_least, show
from tasks.pipeline.errors import StageFailed
from tasks.pipeline.stages.digest import compile_digest
from tasks.pipeline.text.languages import guess_language, language
from tasks.pipeline.text.standalone import stands_alone
from tasks.pipeline.types import Brief, Research, SourceText

Say = Callable[[str], object]
JUDGED = Path(__file__).with_name("judged_sentences.txt")
SEED = 13
TARGET_WORDS = 300
SENTENCES_OF_A_DOCUMENT = 3
DRAWN, DRAWN_QUICK = 40, 12
"""Sentences of each kind of document."""
SHOWN_LANGUAGES = ("en", "de", "es", "fr")


@dataclass(frozen=True)
class JudgedSentence:
    language: str
    is_good: bool
    """Whether a reader who has only it understands it."""
    text: str


def run(say: Say, *, quick: bool, documents: Path | None = None) -> None:
    """Count judged sentences, then print some of chance; from `documents` instead of what is installed."""
    show(list(_figures(judged())), say)
    wanted = DRAWN_QUICK if quick else DRAWN
    if documents:
        _draw(str(documents), shipped_prose.in_directory(documents), "", wanted, say)
        return
    _draw("packages", shipped_prose.of_packages(), "en", wanted, say)
    for code in SHOWN_LANGUAGES:
        _draw(f"manuals, {code}", shipped_prose.manuals(code), code, wanted, say)


def judged() -> list[JudgedSentence]:
    """The sentences of the list, whose lines begin with + or -."""
    found, code = list[JudgedSentence](), ""
    for line in JUDGED.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code = line[1:-1]
        elif line.startswith(("+ ", "- ")):
            found.append(JudgedSentence(code, line.startswith("+"), line[2:]))
    return found


def _figures(sentences: list[JudgedSentence]) -> Iterator[MeasuredFigure]:
    for code in dict.fromkeys(one.language for one in sentences):
        of_language = [one for one in sentences if one.language == code]
        quoted = [one for one in of_language if stands_alone(one.text, language(code))]
        good = sum(one.is_good for one in of_language)
        right = sum(one.is_good for one in quoted)
        precision = right / len(quoted) if quoted else 1.0
        yield at_least(f"{code}: quoted ones that stand alone", precision, 0.98, f"of {len(quoted)}")
        yield at_least(f"{code}: ones that stand alone quoted", right / good, 0.9, f"of {good}")


def _draw(
    name: str, documents: list[shipped_prose.ShippedDocument], code: str, wanted: int, say: Say
) -> None:
    """Print sentences of chance that digests of single documents quote, until there are enough."""
    chance, quoted, weak, started = random.Random(SEED), 0, 0, time.perf_counter()
    say(f"\n{name}: {len(documents)} documents")
    for source in shipped_prose.sources(documents, SEED):
        if code and guess_language(source.text) != code:
            continue
        sentences, is_strict = _quoted(source, code or guess_language(source.text))
        weak += not is_strict
        if not is_strict:
            continue
        for text in chance.sample(sentences, min(SENTENCES_OF_A_DOCUMENT, len(sentences))):
            say(f"  {source.title[:24]:24} | {text}")
            quoted += 1
        if quoted >= wanted:
            break
    seconds = time.perf_counter() - started
    say(f"{name}: {quoted} sentences in {seconds:.1f} s; {weak} documents without three that stand alone.")


def _quoted(source: SourceText, code: str) -> tuple[list[str], bool]:
    """What a digest quotes, and whether all of it stands alone."""
    brief = Brief(topic=source.title, language=code, target_words=TARGET_WORDS)
    try:
        digest = compile_digest(brief, Research(sources=(source,)))
    except StageFailed:
        return [], False
    return [one.text for one in digest.chosen], digest.pool.strictness == "strict"
