"""What stands against approving a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Objection:
    kind: str
    text: str
    details: tuple[str, ...] = ()
    is_asked: bool = True
