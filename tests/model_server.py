"""A language model on a loopback port that speaks all four protocols, and fails on request.

Unscripted, it plays a whole pipeline: notes, outline with a section for each source, a draft or parts of one
made of the sentences of the sources in the prompt, a critique of 62, a revision, a critique of 81, metadata.
What a test scripts comes first.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

import pytest

from tasks.pipeline import prompts
from tasks.pipeline.providers.model_servers.vendor_protocol import Access
from tasks.pipeline.scoring import Criterion
from tests import model_http

STAGE_OF_PROMPT = {
    "notes": "research",
    "outline": "outline",
    "draft": "draft",
    "section": "draft",
    "critique": "critique",
    "refine": "refine",
    "seo": "seo",
    "paragraph": "paragraph",
    "titles": "titles",
    "shorten": "shorten",
    "queries": "research",
}
"""By the name of the prompt, the stage it is sent in."""
NOTED = re.compile(r"^\d+\. .{1,500}\[(\d+)\]$", re.MULTILINE)
"""A note in the prompt of the outline."""
SOURCE = re.compile(r"<<<begin \w+: source \[(\d+)\]>>>\n(.*?)\n<<<end", re.DOTALL)

PASSAGE = re.compile(r"<<<begin \w+: (?:paragraph|passage)>>>\n(.*?)\n<<<end", re.DOTALL)
SENTENCES_AFTER = re.compile(r"(?<=[.!?]) [A-Z][^.!?\[\]]*[.!?]")
"""Sentences after another one in their paragraph that cite nothing."""


def access_to(
    openai_api_key: str = "",
    openai_base_url: str = "",
    anthropic_api_key: str = "",
    anthropic_base_url: str = "",
    google_api_key: str = "",
    google_base_url: str = "",
) -> Access:
    return Access(
        {
            "OPENAI_API_KEY": openai_api_key,
            "OPENAI_BASE_URL": openai_base_url,
            "ANTHROPIC_API_KEY": anthropic_api_key,
            "ANTHROPIC_BASE_URL": anthropic_base_url,
            "GOOGLE_API_KEY": google_api_key,
            "GOOGLE_BASE_URL": google_base_url,
        }
    )


Fault = Literal["", "drop", "truncate", "stall", "hang"]


@dataclass(frozen=True)
class Reply:
    """What the server sends. `drop` cuts the connection in mid-stream, `truncate` ends the stream early but
    properly, `stall` stops in mid-stream, `hang` never sends a byte."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault = ""
    finish_reason: str = "stop"
    usage: tuple[int, int] | None = (1000, 500)
    piece_delay_seconds: float = 0.0
    endless: str = ""
    """A piece that is sent after the text, with other letters each time, until the client hangs up."""
    thinking: str = ""
    """What the model thinks before it writes; it is paid for as well."""
    obeys: bool = False
    """Whether it stops at the limit that the request asks for, as every model should."""
    tokens_a_piece: int = 1
    """What each piece costs in truth."""
    body: bytes | None = None
    """The whole body of the answer, instead of one made of the above."""


@dataclass
class Received:
    """A request, and what became of its connection."""

    model: str
    stage: str
    instructions: str
    prompt: str
    body: dict[str, Any]
    headers: dict[str, str]
    received_at: float = field(default_factory=time.monotonic)
    disconnected_at: float | None = None
    sent_tokens: int = 0
    """What the model has written in truth, whatever it reports."""
    started: threading.Event = field(default_factory=threading.Event)
    """Set when the first bytes of the answer are out, or when the server begins to hang."""
    disconnected: threading.Event = field(default_factory=threading.Event)

    @property
    def requested_tokens(self) -> int | None:
        """The maximum of output that the request asks for."""
        body = {**self.body, **self.body.get("generationConfig", {})}
        names = ("max_completion_tokens", "max_tokens", "max_output_tokens", "maxOutputTokens")
        limit: int | None = next((body[name] for name in names if name in body), None)
        return limit

    def note_disconnect(self) -> None:
        self.disconnected_at = time.monotonic()
        self.disconnected.set()


class ModelServer:
    def __init__(self) -> None:
        self.requests: list[Received] = []
        self._by_model: dict[str, list[Reply]] = defaultdict(list)
        self._by_stage: dict[str, list[Reply]] = defaultdict(list)
        self._critiques = 0
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self.stopping = threading.Event()
        self._http = model_http.Server(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def anthropic_base_url(self) -> str:
        return self.base_url.removesuffix("/v1")

    @property
    def stages(self) -> list[str]:
        """The stages of the requests, in order."""
        with self._lock:
            return [request.stage for request in self.requests]

    def for_model(self, model: str, *replies: Reply | str) -> None:
        """Answer the next requests to this model so; comes before what is set for a stage."""
        self._by_model[model] += map(_as_reply, replies)

    def for_stage(self, stage: str, *replies: Reply | str) -> None:
        """Answer the next requests of this stage so, then as unscripted."""
        self._by_stage[stage] += map(_as_reply, replies)

    def wait_for(self, count: int, *, seconds: float = 10) -> Received:
        """Wait until this many requests have come; return the last of them."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, seconds), (
                f"only {len(self.requests)} of {count} requests came"
            )
            return self.requests[count - 1]

    def stop(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def receive(self, body: dict[str, Any], headers: dict[str, str], path: str) -> tuple[Received, Reply]:
        request = _received(body, headers, path)
        with self._arrived:
            self.requests.append(request)
            reply = self._next_reply(request)
            self._arrived.notify_all()
        return request, reply

    def _next_reply(self, request: Received) -> Reply:
        for scripted in (self._by_model[request.model], self._by_stage[request.stage]):
            if scripted:
                return scripted.pop(0)
        if request.stage == "critique":
            self._critiques += 1
        return Reply(unscripted_text(request.stage, request.prompt, self._critiques))


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.stop()


def unscripted_text(stage: str, prompt: str, critiques: int = 1) -> str:
    """What a willing model would answer: every statement is a sentence of a source, and cites it."""
    facts = {int(number): _sentences(text) for number, text in SOURCE.findall(prompt)}
    match stage:
        case "research":
            taken = [{"source": number, "fact": facts[number][0]} for number in facts if facts[number]]
            return json.dumps({"notes": taken})
        case "outline":
            sources = sorted(facts.keys() | {int(number) for number in NOTED.findall(prompt)})
            sections = [
                {"heading": f"Source {number} in brief", "points": [f"What the source says [{number}]"]}
                for number in sources
            ]
            empty = {"heading": "In brief", "points": []}
            return json.dumps({"title": "What the sources say", "sections": sections or [empty]})
        case "draft":
            return body_from(facts, 2)
        case "refine":
            # The third first: three in the order of the source are a copy, which the checks find.
            return body_from({number: [*found[2:3], *found[:2]] for number, found in facts.items()}, 3)
        case "critique":
            return criteria_text(62 if critiques == 1 else 81)
        case "seo":
            return json.dumps(
                {
                    "seo_title": "What the sources say",
                    "seo_description": "A short account of what the sources say, with every statement cited.",
                    "summary": "What the sources say, in brief. Every statement names its source.",
                    "tags": ["sources"],
                }
            )
        case "paragraph":
            return f"{PASSAGE.findall(prompt)[0]} It was written again."
        case "shorten":
            return SENTENCES_AFTER.sub("", PASSAGE.findall(prompt)[0])
        case "titles":
            return json.dumps({"titles": ["Trees in the street", "What shade is worth", "Cooler by trees"]})
    return "An answer."


def critique_text(score: int) -> str:
    """A critique with one score for everything, as small models give it."""
    problem = {"where": "Facts", "what": "The section is thin.", "remedy": "Add a fact from the sources."}
    return json.dumps({"score": score, "summary": "Sound, but thin.", "problems": [problem]})


def criteria_text(score: int, **scores: int) -> str:
    """A critique with this score for each criterion but those that are named."""
    problem = {
        "criterion": "completeness",
        "where": "in brief",
        "what": "The section is thin.",
        "remedy": "Add a fact from the sources.",
    }
    criteria = {
        criterion: {"score": scores.get(criterion, score), "evidence": "in brief", "why": "It is thin."}
        for criterion in Criterion
    }
    return json.dumps({**criteria, "summary": "Sound, but thin.", "problems": [problem]})


def body_from(facts: dict[int, list[str]], sentences: int) -> str:
    sections = [
        f"## Source {number} in brief\n\n" + " ".join(f"{fact} [{number}]" for fact in found[:sentences])
        for number, found in facts.items()
        if found
    ]
    return "\n\n".join(sections) or "## In brief\n\nThere is no source for this article, so it says little."


def _sentences(text: str) -> list[str]:
    """Whole sentences of a source, without its title."""
    _, _, content = text.partition("\n\n")
    found = re.findall(r"[A-Z][^.!?\n]{30,300}[.!?](?=\s|$)", content)
    return [" ".join(sentence.split()) for sentence in found]


def _as_reply(reply: Reply | str) -> Reply:
    return Reply(reply) if isinstance(reply, str) else reply


def _received(body: dict[str, Any], headers: dict[str, str], path: str) -> Received:
    messages = body.get("messages") or body.get("input") or body["contents"]
    system = [_content(message) for message in messages if message["role"] == "system"]
    asked = body.get("system") or body.get("instructions") or _content(body.get("systemInstruction", {}))
    instructions = "\n".join([asked] if asked else system)
    prompt = "\n".join(_content(message) for message in messages if message["role"] != "system")
    model = body.get("model") or unquote(path.rpartition("/")[2].partition(":stream")[0])
    stage = next(
        (stage for name, stage in STAGE_OF_PROMPT.items() if prompts.prompt(name).text in instructions), ""
    )
    return Received(model, stage, instructions, prompt, body, headers)


def _content(message: dict[str, Any]) -> str:
    content = message.get("content") or message.get("parts") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
