"""Quotations in a text, in the marks of all languages, and whether a source has them word for word."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tasks.pipeline.quality.comparable_words import SPACELESS
from tasks.pipeline.text.languages import WORD
from tasks.pipeline.text.typography import folded

# Fewer are a term or a title.
MIN_WORDS = 4
MIN_CHARACTERS = 8
"""Of scripts without blanks between words."""
LONGEST = 4000
AROUND = 80
"""So many characters around a quotation may say who said it."""

_CLOSED_BY = {
    "“": "”“", "„": "“”", "”": "”", "«": "»", "»": "«", "‹": "›", "›": "‹",
    "「": "」", "『": "』", "〝": "〟〞",
    '"': '"', "'": "'", "‘": "’", "‚": "‘’", "＂": "＂", "｢": "｣",
}  # fmt: skip
_STRAIGHT = frozenset("\"＂'")
# A paragraph may end within a quotation that the next one goes on with.
_MAY_STAY_OPEN = frozenset("“„«「『")
_MARK = re.compile("[" + "".join({*_CLOSED_BY, *"".join(_CLOSED_BY.values())}) + "]")
_OMISSION = re.compile(r"[\[(]\s?(?:…|\.{3,4}|\. \. \.|⋯|……)\s?[\])]|…+|⋯+|\.{3,4}|\. \. \.")
# As in "'tis", "'em", and in Dutch and German "'s avonds", "'ne".
_ELISION = re.compile(
    r"'(?:tis|twas|twere|til|till|em|cause|cos|cuz|n|round|bout|ere|neath|kay|nother|s|t|k|ns|ne|nen|ner|n)(?!\w)",
    re.IGNORECASE,
)
_ONE_LETTER = re.compile(r"(?<!\w)\[(\w)\](?=\w)")
_ENDING = re.compile(r"(?<=\w)\[\w{1,4}\]")
_INSERTION = re.compile(r"\[[^\[\]]{1,200}\]")
_WORDS = re.compile(r"[^\W_]+")
_HYPHEN = re.compile(r"(?<=\w)-\s?(?=\w)")
_BLANK_OF_SPACELESS = re.compile(f"(?<=[{SPACELESS}]) (?=\\w)|(?<=\\w) (?=[{SPACELESS}])")
SPACELESS_CHARACTER = re.compile(f"[{SPACELESS}]")


class Quotation(NamedTuple):
    text: str
    before: str
    """What stands before it in its paragraph, as far as it may say whose words these are."""
    after: str


def quotations(block: str) -> list[str]:
    """What stands in quotation marks in one paragraph; of nested marks, the outer."""
    return [one.text for one in quotations_in(block)]


def quotations_in(block: str) -> list[Quotation]:
    """The same, with what stands around them."""
    found: list[Quotation] = []
    place = 0
    while match := _MARK.search(block, place):
        place = match.end()
        if not _opens(block, match.start()):
            continue
        end = _end(block, match.start())
        if end is None:
            continue
        before = block[max(0, match.start() - AROUND) : match.start()]
        found.append(Quotation(block[place:end], before, block[end + 1 : end + 1 + AROUND]))
        place = end + 1
    return [quotation for quotation in found if is_quotation(quotation.text)]


def is_quotation(words: str) -> bool:
    """Whether what stands in marks is long enough to be what someone said."""
    spaceless = len(SPACELESS_CHARACTER.findall(words))
    return spaceless >= MIN_CHARACTERS or len(WORD.findall(words)) >= MIN_WORDS


class QuotableSource:
    """The words of a source, for looking up quotations."""

    def __init__(self, text: str) -> None:
        plain = folded(text)
        self._forms = (_words(plain, " "), _words(plain, ""))

    def has(self, quotation: str) -> bool:
        """Whether all parts of a quotation, between its omissions, are in the source in this order."""
        parts = _parts(quotation)
        return any(_are_in_order([_words(part, joint) for part in parts], form)
                   for joint, form in zip((" ", ""), self._forms, strict=True))  # fmt: skip


@lru_cache(maxsize=32)
def quotable_source(text: str) -> QuotableSource:
    return QuotableSource(text)


def _opens(block: str, place: int) -> bool:
    mark = block[place]
    if mark not in _CLOSED_BY:
        return False
    before, after = block[place - 1 : place], block[place + 1 : place + 2]
    if mark in "「『｢〝":
        return True
    if not after or (after.isspace() and mark not in "«»‹›"):
        return False
    if mark in "‘‚'" and (before.isalnum() or after.isdigit()):
        return False
    if mark == "'" and (before not in ("", *" ([—–:") or not after.isalnum() or _ELISION.match(block, place)):
        return False
    is_within_word = before.isalnum() and not SPACELESS_CHARACTER.match(before)
    if mark in _STRAIGHT or mark in "”»›":
        return not is_within_word and before not in tuple(".,!?;:%)")
    return not is_within_word or mark in "“„"


def _end(block: str, start: int) -> int | None:
    """Where the mark is that closes the one at `start`; None for a mark that nothing closes."""
    mark, depth = block[start], 0
    closing = _CLOSED_BY[mark]
    limit = min(len(block), start + LONGEST)
    for match in _MARK.finditer(block, start + 1, limit):
        here = match[0]
        if here in closing and not (here in "’'" and _is_apostrophe(block, match.start())):
            if here == mark and mark == "“" and _opens_again(block, match.start()):
                depth += 1
                continue
            if not depth:
                return match.start()
            depth -= 1
        elif here == mark and mark not in _STRAIGHT:
            depth += 1
    return limit if mark in _MAY_STAY_OPEN else None


def _is_apostrophe(block: str, place: int) -> bool:
    """Whether a mark is within a word, or opens another quotation."""
    before, after = block[place - 1 : place], block[place + 1 : place + 2]
    return after.isalnum() or (block[place] == "'" and before.isspace())


def _opens_again(block: str, place: int) -> bool:
    """Whether “ opens: in German it closes."""
    before, after = block[place - 1 : place], block[place + 1 : place + 2]
    return (before.isspace() or before in "([") and after.isalnum()


def _parts(quotation: str) -> list[str]:
    """A quotation between its omissions and without what an editor put into it."""
    text = _ENDING.sub("", _ONE_LETTER.sub(r"\1", quotation))
    text = _INSERTION.sub("…", _OMISSION.sub("…", text))
    return [plain for part in text.split("…") if _WORDS.search(plain := folded(part))]


def _words(plain: str, joint: str) -> str:
    """Words alone, without regard to case, marks and punctuation; words with a hyphen as two or as one."""
    words = f" {' '.join(_WORDS.findall(_HYPHEN.sub(joint, plain)))} "
    return _BLANK_OF_SPACELESS.sub("", words) if SPACELESS_CHARACTER.search(words) else words


def _are_in_order(parts: list[str], words: str) -> bool:
    place = 0
    for part in parts:
        # A quotation in a script without blanks may begin within what looks like one word.
        wanted = part.strip() if SPACELESS_CHARACTER.search(part) else part
        found = words.find(wanted, place)
        if found < 0:
            return False
        place = found + len(wanted) - 1
    return True
