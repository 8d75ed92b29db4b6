"""How passages end: with a mark, or in the middle of a sentence."""

from __future__ import annotations

import re
from functools import lru_cache

from tasks.pipeline.quality.draft_blocks import IMAGE, LINK
from tasks.pipeline.quality.reader_text import CODE, PassageKind, TextPassage

_MARKS = ".!?…。！？：．｡।॥۔؟։។၊။።፧;:；"
_CLOSERS = "\"”“’‘'`)\\]»›«‹*_~」』）】》〉）］}>"
_CITATIONS = re.compile(
    r"(?:\s{0,3}(?:\[\^?[\w ,;†:–-]{1,40}\](?:\([^)\s]{0,300}\))?|【[^】]{0,40}】"
    r"|[¹²³⁰⁴-⁹†‡*]{1,4}|\(\d{1,3}\)"
    r"|\((?:[A-Z][\w’'-]{1,30}[^()]{0,40}, )?\d{4}[a-z]?\)|\{#[\w-]{1,60}\})){1,9}\s{0,9}\Z"
)
_LAST_OF_CITATION = re.compile(r"[\])】¹²³⁰⁴-⁹†‡*}\s]\Z")
_ENDS_WELL = re.compile(
    rf"[{_MARKS}][{_CLOSERS}\s\u200f\u200e]{{0,12}}\Z|[^\w\s]?[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]\s*\Z"
)
LONGEST_END = 20
_ADDRESS = re.compile(
    r"(?:https?://|www\.|mailto:)\S{1,2000}\Z|\S{1,100}@\S{1,100}\Z"
    r"|(?<!\w)[\w-]{1,60}(?:\.[\w-]{1,60}){1,5}(?:/\S{0,500})?\Z|(?<!\S)[/~]\S{1,300}\Z"
)
_SENTENCE_END = re.compile(
    rf"[.!?…。！？।۔؟][{_CLOSERS}]{{0,6}}(?:\s{{0,2}}\[[\d,;\s–-]{{1,40}}\])*(?:\s|(?<=[。！？])|\Z)"
)
_ABBREVIATED = re.compile(
    r"(?:\b[^\W\d_]{1,3}|\b(?:vol|fig|etc|approx|inkl|bzw|evtl|resp|prof|bspw|art))\.\s\Z", re.IGNORECASE
)
_LAST_WORD = re.compile(r"([^\W\d_]+(?:['’][^\W\d_]+)?)\W{0,3}\Z")

_CANNOT_END = {
    "en": (
        "the a an and or but nor of from with by for at into onto upon than because although whereas "
        "their its our your my every which whose while if as is are was were be been has have had will "
        "would could should can may might must to very such"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer eines und oder aber sondern weil dass obwohl "
        "während wenn als von mit für durch ohne gegen zwischen über unter seine ihre seinen ihren zur "
        "zum vom beim sehr wie nicht"
    ),
    "fr": (
        "le la les un une des du de au aux et ou mais donc car que qui dont avec pour par sans sous sur "
        "dans entre leur leurs son sa ses notre votre chaque très parce si comme à est sont était même plus"
    ),
    "es": (
        "el la los las un una unos unas y o pero porque que de del al con por para sin sobre entre su sus "
        "nuestro cada muy como si"
    ),
    "it": (
        "il lo la gli le un uno una e o ma perché che di del della dei delle dal dalla nel nella con per "
        "senza tra fra suo sua ogni molto come se"
    ),
    "pt": (
        "o os as um uma e ou mas porque que de do da dos das no na nos nas com por para sem sobre entre "
        "seu sua cada muito como se"
    ),
    "nl": (
        "de het een en of maar omdat dat van met voor door zonder tegen tussen zijn haar hun ons elke "
        "zeer als bij"
    ),
}  # fmt: skip
# Of a title: "What Dreams Are Made Of" is one.
_NO_TITLE_ENDS = {
    "en": "the a an and or",
    "de": "der die das ein eine und oder",
    "fr": "le les un une des et ou",
    "es": "el los un una y",
    "it": "il gli un una e",
    "pt": "os um uma e ou",
    "nl": "de het een en",
}  # fmt: skip
_CANNOT = {code: frozenset(words.split()) for code, words in _CANNOT_END.items()}
_NO_TITLE = {code: frozenset(words.split()) for code, words in _NO_TITLE_ENDS.items()}


SHOWN_LINK = "\ue004"
"""Stands after the words of a link."""


@lru_cache(maxsize=512)
def plain_end(text: str) -> str:
    """The end of a passage as readers see it, without citations."""
    text = re.sub(r"\n[ \t]{0,9}>[ \t]?", "\n", text[-1200:])
    end = LINK.sub(rf"\1{SHOWN_LINK}", IMAGE.sub("", text)).rstrip()
    return _CITATIONS.sub("", end).rstrip() if _LAST_OF_CITATION.search(end) else end


@lru_cache(maxsize=512)
def ends_well(end: str) -> bool:
    """With a mark that ends a sentence, an address, code, or a bracket that is closed."""
    if (
        not end
        or end.endswith((CODE, SHOWN_LINK))
        or _ENDS_WELL.search(end[-LONGEST_END:])
        or _ADDRESS.search(end)
    ):
        return True
    return end.endswith((")", "）", "]", "|")) and end.count("(") == end.count(")")


def cannot_end(end: str, code: str, *, title: bool = False) -> bool:
    """Whether it ends with a comma, a dash, or a word that needs another one after it."""
    stripped = end.rstrip("*_ ")
    if stripped.endswith((",", "،", "、", "，", " -", "–", "—", "(", "[", "“", "„", "&", "/")):
        return True
    if re.search(r"[^\W\d_]-\Z", stripped):
        return True
    last = _LAST_WORD.search(stripped)
    words = (_NO_TITLE if title else _CANNOT).get(code, frozenset())
    return last is not None and last[1].lower() in words and not last[1].isupper()


def last_fragment(end: str) -> tuple[str, bool]:
    """What follows the last whole sentence, and whether there is one."""
    start = 0
    for match in _SENTENCE_END.finditer(end):
        if match.end() < len(end) and not _ABBREVIATED.search(end[max(0, match.end() - 12) : match.end()]):
            start = match.end()
    return end[start:].strip(), start > 0


def is_verse(passage: TextPassage) -> bool:
    """Lines of a poem, an address or a programme: short, with a break after each."""
    lines = [line for line in passage.text.split("\n") if line.strip()]
    if len(lines) < 2:
        return False
    breaks = sum(line.endswith(("  ", "\\")) for line in lines[:-1])
    if breaks >= len(lines) - 1:
        return True
    return max(map(len, lines)) <= 60 and sum(line.lstrip("> ")[:1].isupper() for line in lines) >= 0.7 * len(
        lines
    )


def items_of(passage: TextPassage) -> list[str]:
    """The items of a list, each on one line."""
    items: list[str] = []
    for line in passage.text.split("\n"):
        if re.match(r"\s{0,12}(?:[-*+•]|\d{1,9}[.)])[ \t]+\S", line) or not items:
            items.append(line.strip())
        else:
            items[-1] += f" {line.strip()}"
    return items


def is_prose(passage: TextPassage) -> bool:
    return passage.kind == PassageKind.PARAGRAPH and not is_verse(passage)
