"""What a reader takes from a document."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from tasks.pipeline.types import BlockKind, SourceText, Value

MAX_CHARACTERS = 300_000
"""The most text that is taken from one document."""


@dataclass(frozen=True)
class Declared:
    """What came with the bytes: a hint, which the bytes themselves overrule."""

    media_type: str = ""
    """Without parameters, in lower case."""
    charset: str = ""
    name: str = ""
    """Of the file, or the last part of the address."""


class Block(Value):
    """One element of a document on one line: a paragraph however its lines were wrapped, or a table's row.

    A row names the column of each cell: `Port: Bergen; Ships: 412`.
    """

    kind: BlockKind
    text: str
    level: int = Field(default=0, ge=0, le=6, description="Of a heading; 0 for every other kind.")


class Reading(Value):
    """The text of a document, and how it was come by."""

    blocks: tuple[Block, ...]
    media_type: str = Field(description="What the document is, not what it was said to be.")
    reader: str = Field(description='The reader and its version: "html 3", "pdf 2 (pypdfium2 5.0.0)".')
    title: str = ""
    author: str = ""
    published: str = Field(default="", description="In ISO 8601, as precise as the document tells it.")
    language: str = Field(default="", description="As the document declares it.")
    charset: str = Field(default="", description="By its WHATWG name; empty for formats that need none.")
    charset_from: str = Field(
        default="",
        description='How it was found: "byte order mark", "header", "document", "valid UTF-8" or "detected".',
    )
    share_taken: float | None = Field(
        default=None, ge=0, le=1, description="Of the words that a plain reading finds; None: not measured."
    )
    warnings: tuple[str, ...] = Field(
        default=(), description="One sentence for the editor for each part that is missing or doubtful."
    )

    @property
    def text(self) -> str:
        """The blocks, separated by one blank line."""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def kinds(self) -> tuple[BlockKind, ...]:
        return tuple(block.kind for block in self.blocks)

    def as_source(self, number: int, *, title: str = "", url: str = "") -> SourceText:
        return SourceText(
            number=number, title=title or self.title or url, url=url, text=self.text, kinds=self.kinds,
            warnings=self.warnings,
        )  # fmt: skip
