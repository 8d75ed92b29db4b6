"""Prose that a machine has anyway: descriptions of packages, change logs, manual pages; or a directory's."""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.text.languages import guess_language
from tasks.pipeline.types import SourceText

DOCUMENTS = Path("/usr/share/doc")
MANUALS = Path("/usr/share/man")
ENGLISH = "en"
SUFFIXES = frozenset({".md", ".html", ".htm", ".txt", ".rst", ".docx", ".odt", ".epub", ".pdf"})
LEAST_CHARACTERS, MOST_BYTES = 2_500, 900_000


@dataclass(frozen=True)
class ShippedDocument:
    name: str
    content_type: str
    path: Path | None = None
    """None for the description of an installed package."""

    def data(self) -> bytes:
        if self.path is None:
            return str(metadata.metadata(self.name).json.get("description", "")).encode()
        if self.content_type == "text/troff":
            return _formatted(self.path)
        data = self.path.read_bytes()
        return gzip.decompress(data) if self.path.suffix == ".gz" else data


def in_directory(directory: Path) -> list[ShippedDocument]:
    return [
        ShippedDocument(path.name, "", path)
        for path in sorted(directory.rglob("*"))
        if path.suffix.lower() in SUFFIXES and LEAST_CHARACTERS <= path.stat().st_size <= MOST_BYTES
    ]


def of_packages() -> list[ShippedDocument]:
    """Descriptions of installed Python packages, and the news and change logs of installed programs."""
    descriptions = [
        ShippedDocument(
            one.metadata["Name"], str(one.metadata.json.get("description_content_type", "text/plain"))
        )
        for one in sorted(metadata.distributions(), key=lambda one: one.metadata["Name"])
    ]
    logs = [
        ShippedDocument(str(path.relative_to(DOCUMENTS)), "text/plain", path)
        for name in ("NEWS*.gz", "README*.gz", "README*.md", "changelog.gz")
        for path in sorted(DOCUMENTS.glob(f"*/{name}"))
        if path.is_file() and path.stat().st_size <= MOST_BYTES
    ]
    return descriptions + logs


def manuals(code: str) -> list[ShippedDocument]:
    """Manual pages in a language; none where `groff` is not installed."""
    if not shutil.which("groff"):
        return []
    root = MANUALS if code == ENGLISH else MANUALS / code
    return [
        ShippedDocument(f"{path.parent.name}/{path.name}", "text/troff", path)
        for path in sorted(root.glob("man*/*.gz"))
        if path.stat().st_size >= LEAST_CHARACTERS
    ]


def languages_of_manuals() -> list[str]:
    return [ENGLISH, *sorted(path.name for path in MANUALS.glob("??") if path.is_dir())]


def sources(documents: list[ShippedDocument], seed: int) -> Iterator[SourceText]:
    """The documents in an order of chance, read as uploaded files are; without those with little text."""
    drawn = random.Random(seed).sample(documents, len(documents))
    for document in drawn:
        content_type = "text/plain" if document.content_type == "text/troff" else document.content_type
        try:
            reading = read_bytes(document.data(), content_type=content_type, name=document.name)
        except (UnreadableText, OSError, EOFError):
            continue
        if len(reading.text) >= LEAST_CHARACTERS and guess_language(reading.text):
            title = reading.title or document.name
            yield SourceText(number=1, title=title, text=reading.text, kinds=reading.kinds)


def _formatted(path: Path) -> bytes:
    command = ["groff", "-k", "-T", "utf8", "-m", "man", "-rHY=0", "-P", "-cbou", "-rLL=78n"]
    page = gzip.decompress(path.read_bytes())
    return subprocess.run(command, input=page, capture_output=True, timeout=20, check=False).stdout
