"""How faithfully documents are read whose text is known: next to other readers and a commit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from django.conf import settings

from benchmarks import altered_figures
from benchmarks.boot import BASELINE, OURS
from benchmarks.boot_rig import checkout_of
from benchmarks.figures import MeasuredFigure, at_least, at_most, show
from benchmarks.source_corpus.article import made
from benchmarks.source_corpus.corpus import MadeDocument, documents
from benchmarks.source_corpus.languages import LANGUAGES
from benchmarks.source_corpus.other_readers import READERS
from benchmarks.source_corpus.page_habits import HABITS
from benchmarks.source_corpus.pages import PAGE_ABILITIES
from benchmarks.source_corpus.scoring import ReadingScore, score
from tasks.pipeline.text.typography import folded

Say = Callable[[str], object]
SCRIPT = Path(__file__).with_name("sources_steps.py")
DIGESTED = ("semantic", "wrapped", "encyclopaedia", "blog", "newspaper")
PARAGRAPHS_DIGESTED = 90
"""Of each of the ten pages that are read and digested: about 3,000 words."""
SPLITS = ("dev", "test")
MEASURES = ("recall", "precision", "order", "figures")
SHOWN_SENTENCES = 10


@dataclass(frozen=True)
class Scored:
    document: MadeDocument
    score: ReadingScore
    is_refused: bool
    seconds: float = 0.0


@dataclass(frozen=True)
class CorpusRun:
    """What one checkout made of all documents."""

    scored: list[Scored]
    digest_seconds: float
    peak_mb: float


def run(say: Say, *, quick: bool, baseline: Path | None = None) -> None:
    """Read everything and print the figures. `quick` reads a third: for a rough check, not for a record."""
    made_documents = list(documents())[:: 3 if quick else 1]
    say(f"{len(made_documents)} documents in {len({one.group for one in made_documents})} classes.")
    with nullcontext(baseline) if baseline else checkout_of(BASELINE, Path(settings.BASE_DIR)) as checkout:
        ours = read_by(Path(settings.BASE_DIR), made_documents)
        theirs = read_by(checkout, made_documents) if checkout else None
    if theirs is None:
        say(f"Without {BASELINE}: give --baseline DIR, a checkout of it.")
    for split in SPLITS:
        show(_goals(f"{split}: ", [one for one in ours.scored if one.document.split == split]), say)
    show(_speed(ours, theirs), say)
    columns = {OURS: ours.scored} | ({BASELINE: theirs.scored} if theirs else {}) | by_others(made_documents)
    show([_beaten(columns), *altered_figures.measured(quick)], say)
    say("")
    _show_classes(columns, say)
    false = [(one.document.name, text) for one in ours.scored for text in one.score.false_sentences]
    for name, text in false[:SHOWN_SENTENCES]:
        say(f"False in {name}: {text}")
    for name in [one.document.name for one in ours.scored if one.is_refused]:
        say(f"Refused: {name}")


def read_by(checkout: Path, made_documents: Sequence[MadeDocument]) -> CorpusRun:
    """In a process of its own, whose memory is measured."""
    with tempfile.TemporaryDirectory(prefix="desk-sources-") as place:
        directory = Path(place)
        listed = {
            "documents": _written(directory, made_documents),
            "digested": _written(directory, digested()),
        }
        (directory / "documents.json").write_text(json.dumps(listed), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [sys.executable, str(SCRIPT), str(directory)]
        done = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    readings = [result["documents"][_file_of(one)] for one in made_documents]
    scored = [
        _scored(one, read["title"], read["blocks"], read["seconds"], is_refused=bool(read["problem"]))
        for one, read in zip(made_documents, readings, strict=True)
    ]
    return CorpusRun(scored, result["digest_seconds"], result["peak_mb"])


def digested() -> list[MadeDocument]:
    """Ten long pages in English."""
    pages = []
    for number in range(10):
        habit = DIGESTED[number % len(DIGESTED)]
        article = made(LANGUAGES["en"], f"digested {number}", PAGE_ABILITIES, PARAGRAPHS_DIGESTED)
        html = HABITS[habit]().page(article).encode()
        pages.append(MadeDocument(f"digested {number}", "HTML", html, article, "text/html", "page.html"))
    return pages


def _written(directory: Path, made_documents: Iterable[MadeDocument]) -> list[dict[str, str]]:
    listed = []
    for one in made_documents:
        (directory / _file_of(one)).write_bytes(one.data)
        listed.append({"file": _file_of(one), "content_type": one.content_type, "name": one.file_name})
    return listed


def _file_of(one: MadeDocument) -> str:
    return "".join(character if character.isalnum() else "-" for character in one.name)


def _scored(
    one: MadeDocument, title: str, blocks: Sequence[str], seconds: float, *, is_refused: bool
) -> Scored:
    has_title = folded(title) in folded(" ".join(blocks[:5]))
    return Scored(one, score(one.article, blocks if has_title else [title, *blocks]), is_refused, seconds)


def by_others(made_documents: Sequence[MadeDocument]) -> dict[str, list[Scored]]:
    """What other readers, each on its own, make of the documents that they are for."""
    columns: dict[str, list[Scored]] = {}
    for name, (groups, read) in READERS.items():
        fitting = [one for one in made_documents if one.group in groups]
        columns[name] = [_scored(one, "", read(one.data), 0.0, is_refused=False) for one in fitting]
    return columns


def _goals(prefix: str, scored: Sequence[Scored]) -> list[MeasuredFigure]:
    """A document that asks for another character set, as it may, counts in no figure but the last."""
    counted = [one for one in scored if not (one.is_refused and one.document.may_be_refused)]
    scores = [one.score for one in counted]
    return [
        at_least(f"{prefix}figures right", 100 * fmean(one.figures for one in scores), 100, "%"),
        at_most(f"{prefix}false sentences", sum(len(one.false_sentences) for one in scores), 0, ""),
        at_least(f"{prefix}recall of words", fmean(one.recall for one in scores), 0.99, ""),
        MeasuredFigure(f"{prefix}precision of words", f"{fmean(one.precision for one in scores):.4f}"),
        at_least(f"{prefix}order", fmean(one.order for one in scores), 0.995, ""),
        MeasuredFigure(
            f"{prefix}refused for their characters", f"{len(scored) - len(counted)} of {len(scored)}"
        ),
    ]


def _beaten(columns: dict[str, list[Scored]]) -> MeasuredFigure:
    """In how many classes and measures another reader is better, by more than a rounding."""
    beaten = []
    for group in dict.fromkeys(one.document.group for one in columns[OURS]):
        means = {name: _means(scored, group) for name, scored in columns.items()}
        ours = means.pop(OURS)
        beaten += [
            f"{group}, {measure} by {name}"
            for name, theirs in means.items()
            for measure, value in theirs.items()
            if value > ours[measure] + 0.0005
        ]
    return MeasuredFigure("beaten in a class by another reader", "; ".join(beaten) or "0", "0", not beaten)


def _means(scored: Sequence[Scored], group: str) -> dict[str, float]:
    scores = [one.score for one in scored if one.document.group == group]
    return {name: fmean(getattr(one, name) for one in scores) for name in MEASURES} if scores else {}


def _speed(ours: CorpusRun, theirs: CorpusRun | None) -> list[MeasuredFigure]:
    shown = [at_most("10 sources read and digested", ours.digest_seconds, 1.0, "s")]
    if theirs:
        ratio = theirs.digest_seconds / ours.digest_seconds
        shown.append(MeasuredFigure(f"    {BASELINE}", f"{theirs.digest_seconds:.3g} s, {ratio:.1f}× ours"))
    shown.append(at_most("peak memory of a process that reads all", ours.peak_mb, 150, "MB"))
    if theirs:
        shown.append(MeasuredFigure(f"    {BASELINE}", f"{theirs.peak_mb:.0f} MB"))
    seconds = defaultdict[str, list[float]](list)
    for one in ours.scored:
        seconds[one.document.group].append(one.seconds)
    for group, values in seconds.items():
        shown.append(MeasuredFigure(f"    a document, {group}", f"median {1000 * median(values):.1f} ms"))
    return shown


def _show_classes(columns: dict[str, list[Scored]], say: Say) -> None:
    """For each class and reader: recall, precision, order, figures, false sentences."""
    groups = list(dict.fromkeys(one.document.group for one in columns[OURS]))
    say("class     reader            recall  precision  order   figures  false sentences")
    for group in groups:
        for name, scored in columns.items():
            scores = [one.score for one in scored if one.document.group == group]
            if scores:
                say(f"{group:<9} {name:<16} {_row(scores)}")


def _row(scores: Sequence[ReadingScore]) -> str:
    recall, precision, order, figures = (fmean(getattr(one, name) for one in scores) for name in MEASURES)
    false = sum(len(one.false_sentences) for one in scores)
    return f"{recall:>7.4f} {precision:>9.4f} {order:>8.4f} {figures:>8.4f} {false:>8}"
