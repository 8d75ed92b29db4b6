"""Marks at the sentences of a rendered text that say what the sources say of each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from approvals.marked_text import MarkedText
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
_CLOSING = re.compile(r"[^\w\s<]{1,4}")


def marked(blocks: Sequence[str], claims: Sequence[tuple[int, ClaimRecord]]) -> list[str]:
    """The sanitised HTML of each block, with the claims in it marked; one that is not found is left out.

    Sentences are found by their letters alone, so that markup and typography make no difference.
    """
    text = MarkedText(blocks)
    after = 0
    for number, claim in claims:
        at = text.find(claim.text, after)
        if at is None:
            continue
        after = at.end
        end = text.wrap(at, _span(number, claim), "</span>")
        block = end.block
        place, offset = _end_of_sentence(text.tokens[block], end.token, end.offset)
        text.insert(block, place, offset, _mark(number, claim))
    return text.html()


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
