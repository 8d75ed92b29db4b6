"""Reading a lock: which version of which package, and the hashes of the files that may be installed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ENTRY = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)", re.MULTILINE)


class LockEntry(NamedTuple):
    name: str
    version: str
    text: str
    """As it stands in the lock, with hashes and markers."""

    @property
    def hashes(self) -> list[str]:
        return re.findall(r"--hash=(sha256:[0-9a-f]{64})", self.text)


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(lock: Path) -> dict[str, LockEntry]:
    """By normalised name."""
    found = {}
    for text in re.split(r"^(?=\w)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if match := ENTRY.match(text):
            found[normalized(match["name"])] = LockEntry(match["name"], match["version"], text)
    return found
