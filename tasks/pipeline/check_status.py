"""How a quality check ended; apart from the other words of the pipeline, which need pydantic."""

from __future__ import annotations

from enum import StrEnum


class CheckStatus(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
