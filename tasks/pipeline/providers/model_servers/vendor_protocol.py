"""Requests to a language model and its replies, whatever the vendor's protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tasks.pipeline.providers.model_calls.calls import Usage
from tasks.pipeline.providers.model_calls.tokens import TokenCount
from tasks.pipeline.providers.model_replies.characters import CharacterFilter
from tasks.pipeline.providers.model_replies.repetition import RepetitionDetector
from tasks.pipeline.providers.model_replies.thoughts import ThoughtsParser

StopReason = Literal["stop", "length", "filter", "pause"]
"""Why a model stopped: it was done, it reached a maximum of tokens, its words were withheld, or the server
interrupts a long turn that goes on when it is sent back."""
ReplyForm = Literal["json_schema", "tool", "json_object", "words"]
"""How a structured answer is asked for: by a schema that the server enforces, as the arguments of a tool, as
any JSON object, or by the prompt alone."""
Feature = Literal[
    "json_schema", "tool", "json_object", "temperature", "stop", "stream_options", "system_role",
    "usual_path", "usual_token_limit", "token_limit", "usual_schema",
]  # fmt: skip
"""What a request may use and a server or model may not know; the request is then made again without it.

Without `usual_path` it goes to the other path that servers have, without `usual_token_limit` and
`usual_schema` it names the limit of tokens and the schema in the other way, and without `token_limit` it asks
for no number of tokens that the server could refuse.
"""


@dataclass(frozen=True)
class Access:
    """How to reach the vendors: the values of their settings by name, "" for those that are not set."""

    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> str:
        return self.settings.get(name, "")


@dataclass(frozen=True)
class Turn:
    speaker: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class ReplyFormat:
    """The type of a structured answer, and the form in which it is asked for."""

    form: ReplyForm
    schema: Mapping[str, Any] = field(repr=False)
    """A JSON schema. A protocol changes it where its servers accept less."""
    schema_name: str


@dataclass(frozen=True)
class RequestOptions:
    """What a request says in addition to its text. A protocol leaves out what its servers do not know."""

    requested_tokens: int | None = None
    """Limits the output; None leaves it to the model."""
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    reply_format: ReplyFormat | None = None
    """None for prose."""
    without: frozenset[Feature] = frozenset()
    """What this model is known to refuse: `temperature`, `stop` and `reply_format` are already adapted."""

    @property
    def form(self) -> ReplyForm:
        return self.reply_format.form if self.reply_format else "words"


@dataclass
class ModelReply:
    """What has arrived so far; it can still be read when the call failed or was cancelled."""

    text: str = ""
    usage: Usage | None = None
    """As the provider has reported it so far, plausible or not; 0 for what it did not."""
    counted: TokenCount = field(default_factory=TokenCount)
    """Of all that a model has sent, its thinking included."""
    is_refused: bool = False
    """True when the provider refused the request before a model got it: nothing was used."""
    is_whole: bool = False
    """True when the model reported its end."""
    characters: int = 0
    """Of everything received, hidden text included."""
    hidden_bytes: int = 0
    ending: StopReason | None = None
    """Why the model stopped; None before it has."""
    ending_word: str = ""
    """The server's own word for it."""
    refusal: str = ""
    """The words in which the model or its server refused, if they came apart from the text."""
    called_tool: bool = False
    """Whether the model called a tool, asked to or not."""
    form: ReplyForm = "words"
    """In which form the server took the request for a structured answer."""

    def __post_init__(self) -> None:
        self._characters = CharacterFilter()
        self._thoughts = ThoughtsParser()
        self._repetition = RepetitionDetector()
        self._received = 0

    def add(self, piece: str) -> None:
        """Take a piece of the text: its thinking is not text. Raises RepetitionFound."""
        self._received += len(piece)
        self.text = self._thoughts.feed(self._characters.feed(piece))
        self.count(piece)

    def end(self) -> None:
        """Nothing more comes: what may have become a mark is text."""
        self._thoughts.feed(self._characters.end())
        self.text = self._thoughts.end()
        self.hidden_bytes += max(0, self._received - len(self.text))

    def hide(self, piece: str) -> None:
        """Take a piece that no reader sees. Raises RepetitionFound."""
        self.hidden_bytes += len(piece.encode("utf-8", "replace"))
        self.count(piece)

    def count(self, piece: str) -> None:
        self.characters += len(piece)
        self.counted.add(piece)
        self._repetition.add(piece)


@dataclass(frozen=True)
class VendorRequest:
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    alternatives: frozenset[Feature] = frozenset()
    """What of `usual_path` and what follows it can be left out of this request."""


class ReportedError(Exception):
    """The vendor reported an error inside a stream; `details` is what it sent."""

    def __init__(self, details: object) -> None:
        super().__init__("reported inside a stream")
        self.details = details


class AllowanceUsed(Exception):
    """A reply was stopped because it is longer than allowed, by our count or by its own report."""


class ReplyParser(Protocol):
    """Parses the events of one reply, one by one."""

    usage: Usage | None
    """As reported so far; 0 for what was not."""
    hidden: str
    """Hidden text in the last event: thinking, tool calls, refusals."""
    is_done: bool
    """True when the protocol has ended the reply."""
    ending: StopReason | None
    """Why the model stopped; None before it has, or for an unknown reason."""
    ending_word: str
    """The server's own word for it."""
    called_tool: bool
    """Whether the model called a tool."""
    other: str
    """The first thing that was no part of a reply, which says why none came."""

    @property
    def refusal(self) -> str:
        """The words in which the model refused, if it did so apart from its text."""
        ...

    def rest(self) -> str:
        """The text that only the end of the reply decides about."""
        ...

    def take(self, data: bytes) -> str:
        """Return the text in an event, "" for none. Raises ReportedError.

        Data that is no JSON, or JSON of another shape, raises whatever reading it raises: ValueError,
        TypeError, LookupError, AttributeError or RecursionError.
        """
        ...


class VendorProtocol(Protocol):
    """How requests of one vendor are made, and its replies parsed."""

    @property
    def key(self) -> str:
        """The secret, so that it can be removed from messages."""
        ...

    def most_output_tokens(self, model: str) -> int:
        """The longest reply that the model allows."""
        ...

    def forms(self, model: str) -> Sequence[ReplyForm]:
        """How structured answers can be asked for, best first; "words" is always possible and not named."""
        ...

    def request(
        self, model: str, instructions: str, turns: Sequence[Turn], options: RequestOptions
    ) -> VendorRequest: ...

    def reply_parser(self, options: RequestOptions) -> ReplyParser:
        """With the form `tool`, the arguments of the call are the text of the reply."""
        ...


def merged_turns(instructions: str, turns: Sequence[Turn]) -> list[Turn]:
    """The turns with the instructions in front of the first, for models that take no instructions."""
    first, *others = turns
    return [Turn(first.speaker, f"{instructions}\n\n{first.text}" if instructions else first.text), *others]


def prompt_text(instructions: str, turns: Sequence[Turn]) -> str:
    return "\n".join([instructions, *(turn.text for turn in turns)])


@dataclass(frozen=True)
class VendorSetting:
    """A setting of the environment, empty by default."""

    name: str
    is_url: bool = False


@dataclass(frozen=True)
class Vendor:
    """What a module of tasks/pipeline/vendors exports as VENDOR."""

    name: str
    """As in "openai:NAME", and in the price list."""
    settings: tuple[VendorSetting, ...]
    missing_setting: Callable[[Access], str]
    """The probe of `doctor`: the setting that a call needs and that is not set, or ""."""
    protocol: Callable[[Access], VendorProtocol]
    """Raises ProviderError when a setting is missing."""
    price_list: str = ""
    """The vendor's name in the price list, if it is another."""

    @property
    def key_setting(self) -> str:
        return next((setting.name for setting in self.settings if setting.name.endswith("_KEY")), "its key")
