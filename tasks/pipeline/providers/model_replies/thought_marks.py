"""The marks of thinking in the text of a reply: of public chat templates and of common prompts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_NAMES = (
    r"(?:[a-z]{1,12}[_-]){0,2}(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion|ing)?|scratch[_-]?pad"
    r"|monologue)(?:[_-][a-z]{1,12}){0,2}|chain[_-]of[_-]thought|cot(?:_budget_reflect)?|deepthink|analysis"
    r"|planning|brainstorm(?:ing)?|internal|denken|gedanken|überlegung(?:en)?|pens[ée]es?|raisonnement"
    r"|pensamiento|razonamiento|размышлени[ея]|思考(?:过程|過程)?|推理|思维链"
)
_NAME = rf"(?:[a-z]{{1,12}}:)?(?:ant)?(?:{_NAMES})"
_TAG = rf"<\s{{0,2}}(?P<slash>\\?/?)\s{{0,2}}(?P<name>{_NAME})(?:\s[^<>]{{0,200}})?/?>"
_DETAILS = r"<details\s[^<>]{0,100}type=.?reasoning[^<>]{0,200}>"
_THINKING = "thinking|think|thought|reasoning"
_OPENING = (
    rf"<[|｜](?:(?:(?:start|begin)(?:[_▁]of)?[_▁])?(?:{_THINKING})(?:[_▁](?:start|begin))?|inner_prefix)[|｜]>"
    r"|◁think▷|<unused94>(?:thought\b)?"
)
_CLOSING = (
    rf"<[|｜](?:(?:/|end(?:[_▁]of)?[_▁])(?:{_THINKING})|(?:{_THINKING})[_▁]end|inner_suffix)[|｜]>"
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
    r"<[|｜](?:end|return|call|im_end|eot|eot_id|end_of_role|end_header_id|endoftext|end_of_text|end_of_turn|end_of_solution|end_response"
    r"|end_text|answer_suffix|begin_of_box|end_of_box|end▁of▁sentence|user|assistant)[|｜]?>"
    r"|<[|｜](?:im_start|start_of_role|start_header_id)[|｜]>(?-i:[a-z]{0,12})"
    r"|<[|｜]constrain[|｜]?>[a-z]{0,12}|\[END FINAL RESPONSE\]|<end_of_turn>|<turn[|｜]>"
)
MARK = re.compile(
    rf"(?P<tag>{_TAG})|(?P<details>{_DETAILS})|(?P<end_details></details>)|(?P<opening>{_OPENING}|(?-i:\[(?:THINK(?:ING)?|REASONING)\]))"
    rf"|(?P<closing>{_CLOSING}|(?-i:\[/(?:THINK(?:ING)?|REASONING)\]))|(?P<answer>{_ANSWER})"
    rf"|(?P<in_channel>{_CHANNEL})|(?P<start>{_START})|(?P<message>{_MESSAGE})|(?P<dropped>{_DROPPED})",
    re.IGNORECASE,
)
"""DeepSeek, Qwen, Magistral, Seed-OSS, Kimi, Cohere, OpenThinker, Apertus, Solar, gpt-oss (harmony), Gemma,
Apriel and GLM have them in their templates."""
UNFINISHED = re.compile(
    rf"(?:<[^<>\n]{{0,40}}|<\s{{0,2}}/?\s{{0,2}}(?:{_NAME}|details)\s[^<>]{{0,200}}"
    rf"|<[|｜](?:channel|start|constrain|im_start|start_of_role|start_header_id)[|｜]?>[^<>\n]{{0,100}}(?:<[^<>\n]{{0,12}})?"
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
    re.compile(r"\s*(?:assistant)?analysis(?=[A-Za-z\n])"): re.compile(r"assistant(?:commentary)?final"),
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
class ThoughtMark:
    kind: Kind
    start: int
    end: int
    name: str = ""
    may_go_on: bool = False
    """Whether more of it may come when it is the last that has come."""


def _takes_a_word(mark: str) -> bool:
    """Whether a word belongs to the mark, which may not have come yet."""
    return any(name in mark for name in ("constrain", "im_start", "start_of_role", "start_header"))


def next_mark(text: str) -> ThoughtMark | None:
    found = MARK.search(text)
    if found is None:
        return None
    start, end = found.span()
    match found.lastgroup:
        case "tag" if found[0].endswith("/>"):
            return ThoughtMark("drop", start, end)
        case "tag":
            return ThoughtMark("close" if found["slash"] else "open", start, end, found["name"].lower())
        case "details":
            return ThoughtMark("open", start, end, "details")
        case "end_details":
            return ThoughtMark("close", start, end, "details")
        case "opening":
            return ThoughtMark("open", start, end, "mark", may_go_on=found[0].endswith("94>"))
        case "closing":
            return ThoughtMark("close", start, end, "mark")
        case "answer":
            return ThoughtMark("answer", start, end)
        case "in_channel":
            is_final = (found["channel"] or "").lower() in FINAL_CHANNELS
            is_whole = found[0].endswith((">", "\n")) and bool(found["channel"])
            return ThoughtMark(
                "answer" if is_final else "open", start, end, "channel", may_go_on=not is_whole
            )
        case "message":
            return ThoughtMark("message", start, end)
    return ThoughtMark(
        "drop", start, end, may_go_on=found.lastgroup == "start" or _takes_a_word(found[0].lower())
    )
