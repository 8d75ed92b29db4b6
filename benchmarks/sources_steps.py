"""Reads the files of a directory, in the checkout that is the working directory, and prints JSON.

A script and no module of this version, because it also runs on earlier commits: it uses only what both have.
Its input is a directory with `documents.json`: file, content type and name of each document, and which ten
are digested.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path[0] = os.getcwd()

BEFORE_THE_MOVE = {
    "tasks.pipeline.types": "tasks.types",
    "tasks.pipeline.stages.digest": "tasks.stages.digest",
}
DIGESTS = 3


def module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return importlib.import_module(BEFORE_THE_MOVE[name])


def read(data: bytes, content_type: str, name: str) -> tuple[str, list[str]]:
    """Title and blocks of a document."""
    try:
        from tasks.pipeline.reading.document import read_bytes
    except ModuleNotFoundError:
        title, text = importlib.import_module("tasks.providers.texts").text_of(
            data, content_type=content_type, name=name
        )
        return title, text.split("\n\n")
    reading = read_bytes(data, content_type=content_type, name=name)
    return reading.title, [block.text for block in reading.blocks]


def main(directory: Path) -> None:
    listed = json.loads((directory / "documents.json").read_text(encoding="utf-8"))
    results = {}
    for one in listed["documents"]:
        data = (directory / one["file"]).read_bytes()
        began = time.perf_counter()
        try:
            title, blocks = read(data, one["content_type"], one["name"])
            problem = ""
        except Exception as error:
            title, blocks, problem = "", [], str(error) or type(error).__name__
        seconds = time.perf_counter() - began
        results[one["file"]] = {"title": title, "blocks": blocks, "problem": problem, "seconds": seconds}
    digested = [digest(directory, listed["digested"]) for _ in range(DIGESTS)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"documents": results, "digest_seconds": median(digested), "peak_mb": peak}))


def digest(directory: Path, listed: list[dict[str, str]]) -> float:
    """Seconds to read these sources and to write a digest of them; the first call also loads libraries."""
    types, stage = module("tasks.pipeline.types"), module("tasks.pipeline.stages.digest")
    began = time.perf_counter()
    sources = []
    for number, one in enumerate(listed, 1):
        title, blocks = read((directory / one["file"]).read_bytes(), one["content_type"], one["name"])
        sources.append(types.SourceText(number=number, title=title, text="\n\n".join(blocks)))
    brief = types.Brief(topic="Ships in the harbours", target_words=800, keywords=("ships", "storm", "quay"))
    asyncio.run(stage.write_digest(brief, types.Research(sources=tuple(sources))))
    return time.perf_counter() - began


if __name__ == "__main__":
    main(Path(sys.argv[1]))
