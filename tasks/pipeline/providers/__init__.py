"""The outside world as the pipeline sees it: one narrow protocol for each need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tasks.pipeline.types import Role, SourceText

StructuredOutput = TypeVar("StructuredOutput", bound="BaseModel")


class PageReader(Protocol):
    async def read(self, url: str, *, number: int) -> SourceText:
        """Fetch a public page and return its plain text. Raises ProviderError."""
        ...


@dataclass(frozen=True)
class Prose:
    text: str
    model: str
    """Which model wrote it, such as "openai:NAME": of a chain, the one that replied."""


class LanguageModel(Protocol):
    async def write(self, instructions: str, prompt: str, *, role: Role, stage: str) -> Prose:
        """Return prose, never empty. Raises ProviderError, ProviderUnavailable or BudgetExceeded."""
        ...

    async def answer(
        self, instructions: str, prompt: str, output: type[StructuredOutput], *, role: Role, stage: str
    ) -> StructuredOutput:
        """Return a value of the type `output`, validated. Raises as `write` does."""
        ...


@dataclass(frozen=True)
class Providers:
    """What one run may use. Without a language model the offline writer makes a digest."""

    pages: PageReader
    llm: LanguageModel | None = None
