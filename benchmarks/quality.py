"""What the quality checks find in seeded drafts, and what they have against clean ones; next to a commit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings

from benchmarks.boot import BASELINE, OURS
from benchmarks.boot_rig import checkout_of
from benchmarks.figures import MeasuredFigure, at_least, at_most, show
from benchmarks.quality_corpus.defect_kinds import FIGURES, GROUPS, MEANING, MISPLACED, STRUCTURE, SUPPORT
from benchmarks.quality_corpus.items import KINDS, PER_KIND, QualityItems, as_json, quality_items
from benchmarks.quality_corpus.prose import documents
from benchmarks.quality_corpus.timed_drafts import timed_drafts
from benchmarks.quality_scores import THRESHOLD, ChecksRun, KindScore, alarms_of, kind_scores, recall

Say = Callable[[str], object]
SCRIPT = Path(__file__).with_name("quality_steps.py")
QUICK_PER_KIND = 3
GOALS: dict[str, tuple[float, float | None]] = {
    STRUCTURE: (1.0, None),
    FIGURES: (0.95, 0.03),
    MEANING: (0.8, 0.05),
    SUPPORT: (0.85, 0.05),
    MISPLACED: (0.9, 0.01),
}
"""The least share found, and the most false alarms for each clean sentence."""
GOAL_MS = {"1,000 words, 10 sources": 60, "9,000 words, 10 sources": 250}
WHEN = {"again": "again after a revision", "first": "sources new to the process"}
"""A run indexes its sources once and checks its text several times: the goal is for that."""
GROUP_OF = {kind.name: kind.group for kind in KINDS}


def run(
    say: Say,
    *,
    quick: bool,
    baseline: Path | None = None,
    split: str = "test",
    kind: str | None = None,
    misses: bool = False,
    json_file: Path | None = None,
) -> None:
    """Check all drafts of a split and print the figures. `quick` makes fewer drafts of each kind."""
    found = documents()
    chosen = [one.name for one in KINDS if kind and kind in one.name]
    items = quality_items(split, per_kind=QUICK_PER_KIND if quick else PER_KIND, kinds=chosen, given=found)
    say(f"{split} split: {len(items.clean)} clean drafts, {len(items.defective)} with a defect.")
    say(f"sha256 {items.sha256}")
    for why in items.missing:
        say(why)
    timed = {} if kind else timed_drafts(found)
    with nullcontext(baseline) if baseline else checkout_of(BASELINE, Path(settings.BASE_DIR)) as checkout:
        ours = checked_by(Path(settings.BASE_DIR), items, timed)
        theirs = checked_by(checkout, items, timed) if checkout and not misses else None
    if theirs is None and not misses:
        say(f"Without {BASELINE}: give --baseline DIR, a checkout of it.")
    _report(ours, theirs, items, say)
    if misses:
        _show_misses(ours, items, say)
    if json_file:
        json_file.write_text(json.dumps(_as_json(ours, theirs, items), indent=1), encoding="utf-8")


def checked_by(
    checkout: Path, items: QualityItems, timed: dict[str, Any], script: Path = SCRIPT
) -> ChecksRun:
    """In a process of its own, whose modules are those of the checkout."""
    given = {
        "drafts": [as_json(one) for one in (*items.clean, *items.defective)],
        "timed": {name: [as_json(one) for one in drafts] for name, drafts in timed.items()},
    }
    with tempfile.TemporaryDirectory(prefix="desk-quality-") as place:
        path = Path(place) / "drafts.json"
        path.write_text(json.dumps(given), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [sys.executable, str(script), str(path)]
        done = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    return ChecksRun(result["drafts"], result["timed"])


def _report(ours: ChecksRun, theirs: ChecksRun | None, items: QualityItems, say: Say) -> None:
    scores = kind_scores(ours, items, GROUP_OF)
    base_scores = kind_scores(theirs, items, GROUP_OF) if theirs else []
    _show_kinds(scores, base_scores, say)
    say("")
    figures = [*_groups(ours, scores, items), *_whole(ours, items), *_speed(ours, theirs)]
    show(figures, say)
    if theirs:
        say(f"\n{BASELINE} on the same drafts")
        show([*_groups(theirs, base_scores, items), *_whole(theirs, items)], say)
    say("\nFalse alarms for each clean sentence")
    show(list(_alarms(ours, items)), say)
    for draft in items.clean:
        for veto in ours.vetoes(draft.name):
            say(f"Vetoed, though clean: {draft.name}: {veto['check']}: {' | '.join(veto['evidence'])[:300]}")


def _show_kinds(scores: Sequence[KindScore], base: Sequence[KindScore], say: Say) -> None:
    before = {one.kind: one for one in base}
    say(f"{'kind':<44} {'found':>8}  {BASELINE if base else '':>8}  by")
    for group in GROUPS:
        for one in scores:
            if one.group == group:
                old = before.get(one.kind)
                shown = f"{old.found:>4}/{old.count:<3}" if old else ""
                say(f"{one.kind:<44} {one.found:>4}/{one.count:<3}  {shown:>8}  {', '.join(one.checks[:3])}")


def _groups(run: ChecksRun, scores: Sequence[KindScore], items: QualityItems) -> Iterator[MeasuredFigure]:
    sentences = sum(draft.sentence_count() for draft in items.clean)
    counts = run.alarms(items.clean)
    for group in GROUPS:
        own = [one for one in scores if one.group == group]
        if not own:
            continue
        least, most = GOALS[group]
        size = sum(one.count for one in own)
        yield at_least(f"{group}: found, of {size}", recall(scores, group), least, "")
        if most is not None:
            yield at_most(
                f"{group}: false alarms a clean sentence", alarms_of(counts, group, sentences), most, ""
            )


def _whole(run: ChecksRun, items: QualityItems) -> Iterator[MeasuredFigure]:
    vetoed = sum(bool(run.vetoes(draft.name)) for draft in items.clean)
    yield at_most("clean drafts vetoed", vetoed, 0, f"of {len(items.clean)}")
    passing = sum(map(run.passes, items.defective))
    clean = sum(map(run.passes, items.clean))
    name = f"with a critic that says 90: defective drafts at {THRESHOLD} or more"
    yield MeasuredFigure(name, f"{passing} of {len(items.defective)}")
    yield MeasuredFigure("    clean drafts", f"{clean} of {len(items.clean)}")


def _speed(ours: ChecksRun, theirs: ChecksRun | None) -> Iterator[MeasuredFigure]:
    for name, drafts in ours.timed.items():
        for when, shown in WHEN.items() if drafts else ():
            seconds = median(one[when] for one in drafts)
            figure = f"all checks, {name}, {shown}"
            if when == "again":
                yield at_most(figure, 1000 * seconds, GOAL_MS[name], "ms")
            else:
                yield MeasuredFigure(figure, f"{1000 * seconds:.3g} ms")
            if theirs:
                before = median(one[when] for one in theirs.timed[name])
                ratio = f"{before / seconds:.2g}× {OURS}"
                yield MeasuredFigure(f"    {BASELINE}", f"{1000 * before:.3g} ms, {ratio}")


def _alarms(run: ChecksRun, items: QualityItems) -> Iterator[MeasuredFigure]:
    sentences = sum(draft.sentence_count() for draft in items.clean)
    counts = run.alarms(items.clean)
    for check, count in counts.most_common():
        yield MeasuredFigure(check, f"{count / sentences:.4f}  ({count} in {sentences})")
    if not counts:
        yield MeasuredFigure("none", f"0 in {sentences}")


def _show_misses(run: ChecksRun, items: QualityItems, say: Say) -> None:
    """What was not found, and what was doubted without a reason, with the words themselves."""
    clean = {draft.name: draft for draft in items.clean}
    for draft in items.defective:
        if not run.found_by(draft):
            say(f"\nMISSED {draft.name}")
            for line in changed_lines(clean[draft.name.partition(":")[0]], draft):
                say(f"  {line}")
    for draft in items.clean:
        for one in run.drafts[draft.name]["results"]:
            if one["status"] == "failed":
                say(f"\nALARM {draft.name}: {one['check']}: {one['message']}")
                for words in one["evidence"]:
                    say(f"  {words}")


def changed_lines(before: Any, after: Any) -> list[str]:
    old = before.article.model_dump_json(indent=0).replace("\\n", "\n").split("\n")
    new = after.article.model_dump_json(indent=0).replace("\\n", "\n").split("\n")
    return [f"- {one}" for one in old if one not in new][:3] + [f"+ {one}" for one in new if one not in old][
        :3
    ]


def _as_json(ours: ChecksRun, theirs: ChecksRun | None, items: QualityItems) -> dict[str, Any]:
    scores = kind_scores(ours, items, GROUP_OF)
    before = {one.kind: one.found for one in kind_scores(theirs, items, GROUP_OF)} if theirs else {}
    return {
        "split": items.split,
        "sha256": items.sha256,
        "clean": len(items.clean),
        "kinds": [
            {"kind": one.kind, "group": one.group, "found": one.found, "count": one.count,
             "checks": one.checks, BASELINE: before.get(one.kind)}
            for one in scores
        ],
        "figures": [
            {"name": one.name, "value": one.value, "goal": one.goal, "is_met": one.is_met}
            for one in (*_groups(ours, scores, items), *_whole(ours, items), *_speed(ours, theirs))
        ],
    }  # fmt: skip
