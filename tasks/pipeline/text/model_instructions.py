"""Passages of a source that speak to a language model instead of a reader.

What is hidden in a document is not read at all; this is for what stands there in plain sight. A model is
shown it as data, a digest does not quote it, and the editor is warned. Only plain wordings are recognised:
what is encoded, or said in a language that is not listed, is data like the rest and nothing more.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tasks.pipeline.text.typography import folded

PATTERNS = Path(__file__).with_suffix(".toml")
GAP = r"[^.!?\n]{0,40}"
EXCERPT_CHARACTERS = 120


def speaks_to_a_model(text: str) -> bool:
    """Whether a passage addresses a language model, tells one what to do, or plays its part."""
    return _found(folded(text)) is not None


def passages_to_models(text: str) -> Iterator[str]:
    """The start of each such passage, as it is compared: of a block that has several, the first."""
    for block in text.split("\n\n"):
        plain = folded(block)
        if found := _found(plain):
            yield plain[found.start() : found.start() + EXCERPT_CHARACTERS].strip()


def warning_about(text: str) -> str:
    """One sentence for the editor; empty when nothing in the text speaks to a model."""
    found = list(passages_to_models(text))
    if not found:
        return ""
    others = f" and {len(found) - 1} more such passages" if len(found) > 1 else ""
    return (
        f"The document speaks to language models: “{found[0]}”{others}. Models are shown it as data and the "
        "digest does not quote it; check what the text takes from this source."
    )


def _found(plain: str) -> re.Match[str] | None:
    hint, pattern = _patterns()
    return pattern.search(plain) if hint.search(plain) else None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What every such passage has, and what is one."""
    listed = tomllib.loads(PATTERNS.read_text("utf-8"))
    every = [pattern for patterns in listed["patterns"].values() for pattern in patterns]
    whole = "|".join(f"(?:{pattern})" for pattern in every)
    return re.compile(listed["hint"]), re.compile(whole.replace("MODEL", listed["model"]).replace("GAP", GAP))
