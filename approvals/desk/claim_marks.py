"""Marks at the sentences of a rendered text that say what the sources say of each."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple

from tasks.models import ClaimRecord
from tasks.pipeline.claim_verdict import ClaimVerdict

SYMBOLS = {
    ClaimVerdict.SUPPORTED: "✓",
    ClaimVerdict.PARTLY_SUPPORTED: "◐",
    ClaimVerdict.CONTRADICTED: "✗",
    ClaimVerdict.UNSUPPORTED: "!",
    ClaimVerdict.UNCITED: "○",
    ClaimVerdict.NOT_COMPARED: "?",
}
_TOKEN = re.compile(r"""<(?:[^<>"]|"[^"]*")*>|&[#\w]{1,32};|[^<&]+|[<&]""")
_TAG = re.compile(r"<(/?)([a-z0-9]{1,20})")
_NOT_OF_THE_TEXT = ("sup", "pre")
_CLOSING = re.compile(r"[^\w\s<]{1,4}")
_BETWEEN_BLOCKS = "\0"


class _LetterRun(NamedTuple):
    """The letters and digits of one token of text."""

    first: int
    """The number of letters before it, in all blocks."""
    block: int
    token: int
    offsets: list[int]
    """Where in the token each letter stands."""
    last_width: int = 1
    """How many characters of the token its last letter takes: more in an entity."""


def marked(blocks: Sequence[str], claims: Sequence[tuple[int, ClaimRecord]]) -> list[str]:
    """The sanitised HTML of each block, with the claims in it marked; one that is not found is left out.

    Sentences are found by their letters alone, so that markup and typography make no difference.
    """
    tokens = [_TOKEN.findall(block) for block in blocks]
    plain, runs = _letters(tokens)
    firsts = [run.first for run in runs]
    insertions: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    after = 0
    for number, claim in claims:
        wanted = "".join(filter(str.isalnum, claim.text))
        at = plain.find(wanted, after) if wanted else -1
        if at < 0:
            continue
        after = at + len(wanted)
        found = runs[bisect_right(firsts, at) - 1 : bisect_left(firsts, after)]
        for run in found:
            start, end = _part(run, at, after)
            insertions[run.block, run.token] += [(start, _span(number, claim)), (end, "</span>")]
        block = found[-1].block
        place, offset = _end_of_sentence(tokens[block], found[-1].token, end)
        insertions[block, place].append((offset, _mark(number, claim)))
    return [
        "".join(_with(token, insertions.get((block, place), ())) for place, token in enumerate(found))
        for block, found in enumerate(tokens)
    ]


def _letters(tokens: Sequence[Sequence[str]]) -> tuple[str, list[_LetterRun]]:
    """The letters of all blocks, and where they stand. Between blocks is a character that no claim has."""
    plain, runs, count = list[str](), list[_LetterRun](), 0
    for block, found in enumerate(tokens):
        left_out: list[str] = []
        for place, token in enumerate(found):
            if tag := _TAG.match(token):
                _follow(left_out, tag, token)
            elif not left_out:
                is_entity = token.startswith("&")
                text = unescape(token)[:1] if is_entity else token
                if offsets := [at for at, character in enumerate(text) if character.isalnum()]:
                    runs.append(_LetterRun(count, block, place, offsets, len(token) if is_entity else 1))
                    plain.append("".join(filter(str.isalnum, text)))
                    count += len(offsets)
        plain.append(_BETWEEN_BLOCKS)
        count += 1
    return "".join(plain), runs


def _follow(left_out: list[str], tag: re.Match[str], token: str) -> None:
    """Keep track of elements that are not part of any sentence: citations, code, notes to editors."""
    is_end, name = bool(tag[1]), tag[2]
    if is_end:
        if left_out and left_out[-1] == name:
            left_out.pop()
    elif (left_out and left_out[-1] == name) or name in _NOT_OF_THE_TEXT or '"not-shown"' in token:
        left_out.append(name)


def _part(run: _LetterRun, at: int, after: int) -> tuple[int, int]:
    """What of a token belongs to the letters from `at` to `after`."""
    first, last = max(at - run.first, 0), min(after - run.first, len(run.offsets)) - 1
    return run.offsets[first], run.offsets[last] + run.last_width


def _end_of_sentence(tokens: Sequence[str], place: int, offset: int) -> tuple[int, int]:
    """Behind the marks that end a sentence, and behind its citations: the token, and where in it."""
    offset = _after_closing(tokens[place], offset)
    while not tokens[place][offset:].strip() and (end := _end_of_citation(tokens, place + 1)):
        place, offset = end, len(tokens[end])
        if end + 1 < len(tokens) and (closed := _after_closing(tokens[end + 1], 0)):
            place, offset = end + 1, closed
    return place, offset


def _after_closing(token: str, at: int) -> int:
    closing = _CLOSING.match(token, at)
    return closing.end() if closing and not token.startswith(("<", "&")) else at


def _end_of_citation(tokens: Sequence[str], at: int) -> int:
    """The last token of a citation that begins here; 0 where none does."""
    if at >= len(tokens) or not tokens[at].startswith("<sup"):
        return 0
    return next((place for place in range(at, len(tokens)) if tokens[place].startswith("</sup")), 0)


def _with(token: str, insertions: Sequence[tuple[int, str]]) -> str:
    for at, text in reversed(insertions):
        token = f"{token[:at]}{text}{token[at:]}"
    return token


def _span(number: int, claim: ClaimRecord) -> str:
    return f'<span class="desk-claim desk-claim-{claim.verdict}" data-claim="{number}">'


def _mark(number: int, claim: ClaimRecord) -> str:
    """A link that says the verdict in words, in the language of the desk."""
    verdict = ClaimVerdict(claim.verdict)
    words = f'<span class="visually-hidden">{verdict.label}</span>' if not claim.is_doubted else verdict.label
    return (
        f' <a class="desk-claim-mark desk-claim-mark-{verdict}" id="sentence-{number}" lang="en" dir="ltr" '
        f'href="?claim={number}#claim" data-claim="{number}">'
        f'<span class="visually-hidden">Sentence {number}: </span>{SYMBOLS[verdict]} {words}</a>'
    )
