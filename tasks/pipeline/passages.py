"""A part of a text that a model is asked to write again, and what it proposes instead."""

from __future__ import annotations

from pydantic import Field

from tasks.pipeline.types import Citation, Value


class DraftPassage(Value):
    """One or more paragraphs in a row, and what stands around them. No other part of the text may change."""

    text: str
    title: str = Field(default="", description="Of the whole text.")
    section: str = Field(default="", description="The heading it stands under.")
    before: str = Field(default="", description="The paragraph above it.")
    after: str = ""
    citations: tuple[Citation, ...] = Field(default=(), description="The sources that the whole text lists.")


class ProposedText(Value):
    """What a model proposes. An editor sees it before it is taken."""

    texts: tuple[str, ...] = Field(description="One, or of titles several to choose from.")
    written_by: str = ""
    notes: tuple[str, ...] = Field(default=(), description="What was put right in the reply, for the editor.")
