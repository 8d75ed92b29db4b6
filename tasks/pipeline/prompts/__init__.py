"""The instructions that language models get: one Markdown file each, with its version.

Above the text stand its version, a line about each change, and the prompts whose text is sent with it.
`hashes.toml` has the hash of every version there ever was: a text does not change without its version.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
FENCE = "+++"


@dataclass(frozen=True)
class Prompt:
    name: str
    version: int
    text: str
    changes: tuple[str, ...]
    """What each version changed, the first one first."""
    includes: tuple[str, ...] = ()
    """Names of the prompts that are sent with it: what they say is part of its version."""

    @property
    def label(self) -> str:
        """As calls of models are recorded, such as "draft 2"."""
        return f"{self.name} {self.version}"

    @property
    def sha256(self) -> str:
        sent = [self.text, *(prompt(name).text for name in self.includes)]
        return hashlib.sha256("\0".join(sent).encode()).hexdigest()


@cache
def prompt(name: str) -> Prompt:
    """The prompt in the file of this name. Raises ValueError when the file is not as it should be."""
    _, head, text = (FOLDER / f"{name}.md").read_text(encoding="utf-8").split(f"{FENCE}\n", 2)
    fields = tomllib.loads(head)
    version, changes = fields["version"], tuple(fields["changes"])
    if version != len(changes):
        raise ValueError(f"{name}.md is version {version} and names {len(changes)} changes: one a version.")
    return Prompt(name, version, text.strip(), changes, tuple(fields.get("includes", ())))


@cache
def all_prompts() -> tuple[Prompt, ...]:
    """By name."""
    return tuple(prompt(path.stem) for path in sorted(FOLDER.glob("*.md")))


@cache
def known_hashes() -> dict[str, str]:
    """By label, the hash of each version, also of earlier ones."""
    return tomllib.loads((FOLDER / "hashes.toml").read_text(encoding="utf-8"))
