"""How far a run has come in each of its stages."""

from __future__ import annotations

import re

from tasks.models import Stage

PROGRESS = {
    Stage.RESEARCH: 5,
    Stage.OUTLINE: 20,
    Stage.DRAFT: 30,
    Stage.CRITIQUE: 55,
    Stage.REFINE: 65,
    Stage.IMAGE: 80,
    Stage.SEO: 90,
    Stage.FORMAT: 95,
}
"""How far a run has come, in percent, when it enters a stage."""

PART = re.compile(r"\w+-(\d{1,4})-of-(\d{1,4})")


def progress_of(key: str) -> int:
    """How far a run has come when it begins what is saved under this key: a part is a part of its stage."""
    stage = Stage(key.partition("-")[0])
    begins = PROGRESS[stage]
    if part := PART.fullmatch(key):
        ends = min((percent for percent in PROGRESS.values() if percent > begins), default=100)
        begins += (ends - begins) * (int(part[1]) - 1) // max(1, int(part[2]))
    return begins
