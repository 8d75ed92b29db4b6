"""Marks at the sentences of a rendered text that say what the sources say of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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


class _Letter(NamedTuple):
    """A letter or digit of the text, and the part of a token that it is."""

    block: int
    token: int
    start: int
    end: int


def marked(blocks: Sequence[str], claims: Sequence[tuple[int, ClaimRecord]]) -> list[str]:
    """The sanitised HTML of each block, with the claims in it marked; one that is not found is left out.

    Sentences are found by their letters alone, so that markup and typography make no difference.
    """
    tokens = [_TOKEN.findall(block) for block in blocks]
    letters = list(_letters(tokens))
    plain = "".join(character for character, _ in letters)
    places = [place for _, place in letters]
    marks: dict[tuple[int, int], list[tuple[int, int, str, str]]] = {}
    after = 0
    for number, claim in claims:
        wanted = "".join(filter(str.isalnum, claim.text))
        at = plain.find(wanted, after) if wanted else -1
        if at < 0:
            continue
        after = at + len(wanted)
        parts = _parts(places[at:after])
        for key, (start, end) in parts.items():
            is_last = key == list(parts)[-1]
            if is_last and (closing := _CLOSING.match(tokens[key[0]][key[1]], end)):
                end = closing.end()
            mark = _mark(number, claim) if is_last else ""
            marks.setdefault(key, []).append((start, end, _span(number, claim), f"</span>{mark}"))
    return [
        "".join(_with_marks(token, marks.get((block, place), ())) for place, token in enumerate(found))
        for block, found in enumerate(tokens)
    ]


def _letters(tokens: Sequence[Sequence[str]]) -> Iterator[tuple[str, _Letter]]:
    for block, found in enumerate(tokens):
        left_out: list[str] = []
        for place, token in enumerate(found):
            if tag := _TAG.match(token):
                _follow(left_out, tag, token)
            elif not left_out:
                yield from _letters_of(token, block, place)
        yield _BETWEEN_BLOCKS, _Letter(block, -1, 0, 0)


def _follow(left_out: list[str], tag: re.Match[str], token: str) -> None:
    """Keep track of elements that are not part of any sentence: citations, code, notes to editors."""
    is_end, name = bool(tag[1]), tag[2]
    if is_end:
        if left_out and left_out[-1] == name:
            left_out.pop()
    elif (left_out and left_out[-1] == name) or name in _NOT_OF_THE_TEXT or '"not-shown"' in token:
        left_out.append(name)


def _letters_of(token: str, block: int, place: int) -> Iterator[tuple[str, _Letter]]:
    if token.startswith("&"):
        for character in filter(str.isalnum, unescape(token)[:1]):
            yield character, _Letter(block, place, 0, len(token))
        return
    for offset, character in enumerate(token):
        if character.isalnum():
            yield character, _Letter(block, place, offset, offset + 1)


def _parts(letters: Sequence[_Letter]) -> Mapping[tuple[int, int], tuple[int, int]]:
    """Where in each token a sentence begins and ends."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for letter in letters:
        key = (letter.block, letter.token)
        found[key] = (found[key][0] if key in found else letter.start, letter.end)
    return found


def _with_marks(token: str, marks: Sequence[tuple[int, int, str, str]]) -> str:
    for start, end, before, after in reversed(marks):
        token = f"{token[:start]}{before}{token[start:end]}{after}{token[end:]}"
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
