"""Notes to the editor about sources: what is missing or doubtful in them, and which were not used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.pipeline.types import Article, Research


def about_source(number: int, title: str, warning: str) -> str:
    """A warning as a sentence that names its source."""
    named = f"Source {number}, “{title}”" if title else f"Source {number}"
    return f"{named}: {warning}"


def not_used(number: int, problem: str) -> str:
    return f"Source {number} was not used: {problem}"


def with_source_notes(article: Article, research: Research) -> Article:
    """The article with these notes before its writer's own."""
    notes = [
        about_source(source.number, source.title, warning)
        for source in research.sources
        for warning in source.warnings
    ]
    notes += [not_used(source.number, source.problem) for source in research.unusable]
    own = [note for note in article.editor_notes if note not in notes]
    return article.model_copy(update={"editor_notes": (*notes, *own)})
