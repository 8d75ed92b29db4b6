"""How far a run has come in each of its stages."""

from __future__ import annotations

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
