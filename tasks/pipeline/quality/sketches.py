"""Sketches of texts: a hundred numbers by which two texts are compared without reading either again.

A sketch is the smallest hashes of a text's runs of three words. Of the smallest of two sketches together,
the share that both have estimates the Jaccard index of the texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

from tasks.pipeline.quality.repeated_passages import shingles

SIZE = 128
LONGEST = 200_000
FEWEST = 24
"""A text of fewer runs says too little to be compared."""
_MARKUP = re.compile(r"\[\d{1,3}\](?!\()|\]\([^)\s]{0,2000}\)|[#*_`>|\[\]]")


def sketch(title: str, body: str) -> list[int]:
    """Sorted, as signed integers of 64 bits; empty for a text that is too short."""
    runs = shingles(_MARKUP.sub(" ", f"{title}\n{body[:LONGEST]}"))
    if len(runs) < FEWEST:
        return []
    hashes = (
        int.from_bytes(blake2b(run.encode(), digest_size=8).digest(), "big", signed=True) for run in runs
    )
    return sorted(set(hashes))[:SIZE]


def resemblance(one: Sequence[int], other: Sequence[int]) -> float:
    both = set(one) & set(other)
    smallest = sorted({*one, *other})[:SIZE]
    return sum(value in both for value in smallest) / len(smallest) if smallest else 0.0
