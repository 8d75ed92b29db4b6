"""The marks of thinking in the text of a reply: of public chat templates and of common prompts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_NAMES = (
    r"think(?:ing|_fast|_faster)?|thoughts?|reason(?:ing)?|reflect(?:ion|ing)?|analysis|scratch_?pad"
    r"|(?:inner|internal)_(?:monologue|thoughts?|reasoning)|monologue|chain_of_thought|cot|longcat_think"
    r"|cot_budget_reflect"
)
_NAME = rf"(?:[a-z]{{1,12}}:)?(?:ant)?(?:{_NAMES})"
_TAG = rf"<\s{{0,2}}(?P<slash>/?)\s{{0,2}}(?P<name>{_NAME})(?:\s[^<>]{{0,200}})?/?>"
_DETAILS = r"<details\s[^<>]{0,100}type=.?reasoning[^<>]{0,200}>"
_OPENING = (
    r"<[|｜](?:start_thinking|begin_of_thought|inner_prefix|think|thinking|thought_start)[|｜]>"
    r"|◁think▷|<unused94>(?:thought\b)?"
)
_CLOSING = (
    r"<[|｜](?:end_thinking|end_of_thought|inner_suffix|/think|/thinking|thought_end)[|｜]>"
    r"|◁/think▷|<unused95>|<channel[|｜]>"
)
_ANSWER = (
    r"<[|｜](?:begin_of_solution|start_response|start_text|answer_prefix)[|｜]>|\[BEGIN FINAL RESPONSE\]"
)
_CHANNEL = (
    r"<[|｜]channel[|｜]?>\s{0,3}(?P<channel>[a-z]{0,12})(?:[ \t][^<>\n]{0,80})?(?:\n|<[|｜]message[|｜]?>)?"
)
_START = r"<[|｜]start[|｜]?>\s{0,3}(?:assistant|functions\.[\w.]{1,40})?(?:[ \t]+to=[\w.]{1,40})?"
_MESSAGE = r"<[|｜]message[|｜]?>"
_DROPPED = (
    r"<[|｜](?:end|return|call|im_end|eot_id|endoftext|end_of_text|end_of_turn|end_of_solution|end_response"
    r"|end_text|answer_suffix|begin_of_box|end_of_box|end▁of▁sentence|user|assistant)[|｜]?>"
    r"|<[|｜]constrain[|｜]?>[a-z]{0,12}|\[END FINAL RESPONSE\]|<end_of_turn>|<turn[|｜]>"
)
MARK = re.compile(
    rf"(?P<tag>{_TAG})|(?P<details>{_DETAILS})|(?P<end_details></details>)|(?P<opening>{_OPENING}|(?-i:\[(?:THINK|REASONING)\]))"
    rf"|(?P<closing>{_CLOSING}|(?-i:\[/(?:THINK|REASONING)\]))|(?P<answer>{_ANSWER})"
    rf"|(?P<in_channel>{_CHANNEL})|(?P<start>{_START})|(?P<message>{_MESSAGE})|(?P<dropped>{_DROPPED})",
    re.IGNORECASE,
)
"""DeepSeek, Qwen, Magistral, Seed-OSS, Kimi, Cohere, OpenThinker, Apertus, Solar, gpt-oss (harmony), Gemma,
Apriel and GLM have them in their templates."""
UNFINISHED = re.compile(
    rf"(?:<[^<>\n]{{0,40}}|<\s{{0,2}}/?\s{{0,2}}(?:{_NAME}|details)\s[^<>]{{0,200}}"
    rf"|<[|｜](?:channel|start|constrain)[|｜]?>[^<>\n]{{0,100}}(?:<[^<>\n]{{0,12}})?"
    r"|◁/?[a-z]{0,5}|\[/?[A-Z ]{0,21})\Z",
    re.IGNORECASE,
)
"""What may become a mark with the next piece."""
SPOKEN = {
    re.compile(r"\s*here(?:'s|’s| is) my thought process:", re.IGNORECASE): re.compile(
        r"here(?:'s|’s| is) my response:", re.IGNORECASE
    ),
    re.compile(r"\s*here are my reasoning steps:", re.IGNORECASE): re.compile(r"\[BEGIN FINAL RESPONSE\]"),
    re.compile(r"\s*thinking\.\.\.\s*\n", re.IGNORECASE): re.compile(r"\.\.\.done thinking\.", re.IGNORECASE),
    # What is left of the channels' marks where a server drops special tokens.
    re.compile(r"\s*(?:assistant)?analysis(?=[A-Za-z])"): re.compile(r"assistant(?:commentary)?final"),
    re.compile(r"\s*assistantfinal(?=\S)"): re.compile(r""),
}
"""How a reply begins that opens with thinking in words, and the words that end it."""
SPOKEN_STARTS = (
    "here's my thought process:", "here’s my thought process:", "here is my thought process:",
    "here are my reasoning steps:", "thinking...\n", "assistantanalysis", "analysis", "assistantfinal",
)  # fmt: skip
FINAL_CHANNELS = frozenset({"final", "response", "answer"})
NAMED_CHANNEL = re.compile(r"\s*(?:assistant)?\s*(analysis|commentary|thought|final)[^<\n]{0,60}\Z")

Kind = Literal["open", "close", "answer", "drop", "message"]


@dataclass(frozen=True)
class Mark:
    kind: Kind
    start: int
    end: int
    name: str = ""
    may_go_on: bool = False
    """Whether more of it may come when it is the last that has come."""


def next_mark(text: str) -> Mark | None:
    found = MARK.search(text)
    if found is None:
        return None
    start, end = found.span()
    match found.lastgroup:
        case "tag" if found[0].endswith("/>"):
            return Mark("drop", start, end)
        case "tag":
            return Mark("close" if found["slash"] else "open", start, end, found["name"].lower())
        case "details":
            return Mark("open", start, end, "details")
        case "end_details":
            return Mark("close", start, end, "details")
        case "opening":
            return Mark("open", start, end, "mark", may_go_on=found[0].endswith("94>"))
        case "closing":
            return Mark("close", start, end, "mark")
        case "answer":
            return Mark("answer", start, end)
        case "in_channel":
            is_final = (found["channel"] or "").lower() in FINAL_CHANNELS
            is_whole = found[0].endswith((">", "\n")) and bool(found["channel"])
            return Mark("answer" if is_final else "open", start, end, "channel", may_go_on=not is_whole)
        case "message":
            return Mark("message", start, end)
    return Mark("drop", start, end, may_go_on=found.lastgroup == "start" or "constrain" in found[0].lower())
