"""Checks the drafts of a file, in the checkout that is the working directory, and prints JSON.

A script and no module of this version, because it also runs on earlier commits: it uses only what both have.
Its input is a JSON file: `drafts` are checked once each, `timed` are lists of drafts that are timed.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

sys.path[0] = os.getcwd()

BEFORE_THE_MOVE = {"tasks.pipeline.types": "tasks.types", "tasks.pipeline.quality": "tasks.quality"}
CRITIC = 90
"""What a critic that likes everything says."""


def module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return importlib.import_module(BEFORE_THE_MOVE[name])


types, quality = module("tasks.pipeline.types"), module("tasks.pipeline.quality")
Assessment = types.Assessment if hasattr(types, "Assessment") else types.QualityReport


def read(draft: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Brief, research and article, without fields that this version does not know."""
    sources = [fitting(types.SourceText, source) for source in draft["research"]["sources"]]
    return (
        types.Brief.model_validate(fitting(types.Brief, draft["brief"])),
        types.Research.model_validate({"sources": sources}),
        types.Article.model_validate(fitting(types.Article, draft["article"])),
    )


def fitting(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in model.model_fields}


def checked(draft: dict[str, Any]) -> dict[str, Any]:
    results = quality.run_checks(*read(draft))
    assessment = Assessment(results=results, critique=types.Critique(score=CRITIC))
    shown = [
        {
            "check": one.check,
            "status": str(one.status),
            "severity": one.severity,
            "message": one.message,
            "evidence": list(one.evidence),
        }
        for one in results
    ]
    return {"results": shown, "score": assessment.score}


def seconds_of(draft: dict[str, Any]) -> dict[str, float]:
    """Of one core, which other work on the machine does not lengthen.

    First everything is new to the process. Then, as in a run, the text comes again with the same sources, and
    with one paragraph in ten rewritten.
    """
    brief, research, article = read(draft)
    again = read(draft)
    return {
        "first": _seconds(brief, research, article),
        "again": _seconds(again[0], again[1], _rewritten(again[2])),
    }


def _seconds(brief: Any, research: Any, article: Any) -> float:
    began = time.process_time()
    quality.run_checks(brief, research, article)
    return time.process_time() - began


def _rewritten(article: Any) -> Any:
    """With other words in every tenth paragraph, so that none of its sentences is as it was."""
    blocks = article.body.split("\n\n")
    for place in range(0, len(blocks), 10):
        blocks[place] = re.sub(r"(?<=[.!?\]]) (?=[A-Z])", " Then again: ", f"Then again: {blocks[place]}")
    return article.model_copy(update={"body": "\n\n".join(blocks)})


def main(path: Path) -> None:
    given = json.loads(path.read_text(encoding="utf-8"))
    drafts = {draft["name"]: checked(draft) for draft in given["drafts"]}
    timed = {name: [seconds_of(draft) for draft in drafts] for name, drafts in given["timed"].items()}
    print(json.dumps({"drafts": drafts, "timed": timed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
