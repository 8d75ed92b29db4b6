"""The result of a quality check; in a module of its own, because the other types need pydantic."""

from __future__ import annotations

from enum import StrEnum


class CheckStatus(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
