"""What is said to a language model and what comes back, whatever protocol carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tasks.pipeline.providers.calls import Usage
from tasks.pipeline.providers.tokens import TokenCount

Ending = Literal["stop", "length", "filter"]


@dataclass(frozen=True)
class Access:
    """How to reach the vendors. With `openai_base_url` a key is optional: local servers have none."""

    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    anthropic_api_key: str = field(default="", repr=False)
    anthropic_base_url: str = ""
    requires_finish_reason: bool = True
    """Off only for OpenAI-like servers that never send one: a stream that breaks off then passes as whole."""


@dataclass(frozen=True)
class Turn:
    speaker: Literal["user", "assistant"]
    text: str


@dataclass
class Reply:
    """What has arrived so far; it can still be read when the call failed or was cancelled."""

    text: str = ""
    usage: Usage | None = None
    """As the provider has reported it so far, whether it can be true or not; 0 for what it did not."""
    counted: TokenCount = field(default_factory=TokenCount)
    """Of all that a model was heard to write, its thinking included."""
    is_refused: bool = False
    """True when the provider turned the request down before a model saw it: nothing was used."""
    is_whole: bool = False
    """True when the model said that it had ended."""
    characters: int = 0
    """Of all that came, whoever it is for."""
    hidden_bytes: int = 0

    def add(self, piece: str) -> None:
        """Take a piece of the text. Without NUL, which no database holds."""
        self.count(piece)
        self.text += piece.replace("\0", "") if "\0" in piece else piece

    def hide(self, piece: str) -> None:
        """Take a piece that no reader sees."""
        self.count(piece)
        self.hidden_bytes += len(piece.encode("utf-8", "replace"))

    def count(self, piece: str) -> None:
        self.characters += len(piece)
        self.counted.add(piece)


@dataclass(frozen=True)
class Request:
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)


class ReportedError(Exception):
    """The vendor said inside a stream that something is wrong; `details` is what it said."""

    def __init__(self, details: object) -> None:
        super().__init__("reported inside a stream")
        self.details = details


class AllowanceUsed(Exception):
    """An answer was stopped because it is longer than was allowed, by our count or by its own report."""


class Answer(Protocol):
    """The events of one answer, read one by one."""

    usage: Usage | None
    """As reported so far; 0 for what was not."""
    hidden: str
    """What the last event held that a model wrote and no reader sees: thinking, calls of tools, refusals."""
    is_done: bool
    """True when the protocol says that nothing more will come."""
    ending: Ending | None
    """Why the model stopped; None while it has not said, or for a reason that is no end."""

    def take(self, data: bytes) -> str:
        """Return the text in an event, "" for none. Raises ReportedError.

        Data that is no JSON, or JSON of another shape, raises whatever reading it raises: ValueError,
        TypeError, LookupError, AttributeError or RecursionError.
        """
        ...


class VendorProtocol(Protocol):
    """How one vendor is asked, and its answers are read."""

    @property
    def key(self) -> str:
        """The secret, so that it can be kept out of what is shown."""
        ...

    def most_output_tokens(self, model: str) -> int:
        """The longest answer that the model allows to ask for."""
        ...

    def request(
        self, model: str, instructions: str, turns: Sequence[Turn], asked_tokens: int | None
    ) -> Request:
        """`asked_tokens` limits the output; None leaves it to the model."""
        ...

    def answer(self) -> Answer: ...


def prompt_text(instructions: str, turns: Sequence[Turn]) -> str:
    return "\n".join([instructions, *(turn.text for turn in turns)])
