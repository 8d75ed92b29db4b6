"""What models say around a text: phrases by kind, in many languages."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

PHRASES: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("reply_phrases.toml").read_text(encoding="utf-8")
)


def plain(text: str) -> str:
    """With straight apostrophes and single spaces, as the phrases are written."""
    return text.replace("’", "'").replace("ʼ", "'").replace("\u00a0", " ").replace("\u202f", " ")
