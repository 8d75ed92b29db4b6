"""Two sentences aligned word by word: where they agree, and what each has in the gaps between.

A check of meaning looks at the gaps alone. A gap between words that agree is where one sentence was changed
into the other; where hardly anything agrees around it, nothing follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.text.languages import Stems
from tasks.pipeline.text.typography import folded

LONGEST_GAP = 6
# Of so many words with content on each side of a gap most must agree; none farther away is looked at.
NEAR, FAR = 4, 12
LEAST_AGREEING = 2
SHARE_AGREEING = 0.6
MOST_TOKENS = 150

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[%€$£≥≤]")
_SPLIT = re.compile(r"(?i)\b(can)(not)\b|\b(\w{2,9})n['’]t\b")
_OPENS_AFTER = re.compile(r"[.:!?;\"“„«»‘'(\[–—>][\s\"“„«‘'(\[]{0,3}\Z")
_WHOLE = {"wo": "will", "ca": "can", "sha": "shall"}
_JOINED = frozenset({"s", "d", "m", "ll", "re", "ve", ""})
_ELIDED = frozenset({"fr", "it"})


class Token(NamedTuple):
    written: str
    folded: str
    key: str
    """What tokens are compared by: the stem."""
    is_content: bool
    opens: bool
    """Whether it begins a sentence or quotation, where a capital says nothing."""


class Gap(NamedTuple):
    """What the draft has between words that agree, and what the source has there."""

    draft: tuple[Token, ...]
    source: tuple[Token, ...]
    start: int
    """Where it is among the tokens of the draft."""
    before: Token | None
    """The word of the draft before the gap, which agrees."""
    is_close: bool
    """Whether nearly all words around it agree."""
    is_followed: bool
    """Whether both go on with a word with content that agrees, or end: what a negator denies."""


def tokens(text: str, stems: Stems, words: MeaningWords) -> tuple[Token, ...]:
    """The words of a sentence; contractions are taken apart, and phrases put into one form."""
    if words.code == "en":
        text = _SPLIT.sub(_split, text)
    spans: list[tuple[str, bool]] = []
    for match in list(_TOKEN.finditer(text))[:MOST_TOKENS]:
        written = match[0]
        # Only of words with a capital is it of interest.
        opens = written[0].isupper() and (
            not spans or _OPENS_AFTER.search(text, max(0, match.start() - 4), match.start()) is not None
        )
        if "'" in written or "’" in written:
            spans += [(part, opens and not place) for place, part in enumerate(_parts(written, words.code))]
        else:
            spans.append((written, opens))
    found: list[Token] = []
    stop_words = stems.language.stop_words
    forms, place = [_folded(written) for written, _ in spans], 0
    while place < len(spans):
        phrase = words.compared_as(forms, place) if forms[place] in words.phrases else None
        if phrase:
            found += [Token(one, one, one, False, False) for one in phrase[1]]
            place += phrase[0]
            continue
        written, opens = spans[place]
        key = stems.of_word(written)
        is_content = forms[place] not in stop_words and (len(written) > 1 or written.isdigit())
        found.append(Token(written, forms[place], key, is_content, opens))
        place += 1
    return tuple(found)


class Agreement(NamedTuple):
    matched: tuple[bool, ...]
    """Of each token of the draft: whether the source has it at the same place."""
    gaps: tuple[Gap, ...]
    """The places where the two differ, in order; long ones are left out."""

    def around(self, gap: Gap) -> int:
        """How many words in a gap and around it agree."""
        return sum(self.matched[max(0, gap.start - NEAR) : gap.start + len(gap.draft) + NEAR])


def agreement(draft: Sequence[Token], source: Sequence[Token]) -> Agreement:
    blocks = [
        (code.src_start, code.src_end, code.dest_start, code.dest_end)
        for code in LCSseq.opcodes([one.key for one in draft], [one.key for one in source])
        if code.tag == "equal"
    ]
    in_draft, in_source = [False] * len(draft), [False] * len(source)
    for start, end, other, other_end in blocks:
        in_draft[start:end] = [True] * (end - start)
        in_source[other:other_end] = [True] * (other_end - other)
    found, start, other = list[Gap](), 0, 0
    for end, next_start, other_end, next_other in [
        *blocks,
        (len(draft), len(draft), len(source), len(source)),
    ]:
        if (end > start or other_end > other) and max(end - start, other_end - other) <= LONGEST_GAP:
            is_close = _agrees(draft, in_draft, start, end) and _agrees(source, in_source, other, other_end)
            own, theirs = tuple(draft[start:end]), tuple(source[other:other_end])
            is_followed = _goes_on(draft, in_draft, end) and _goes_on(source, in_source, other_end)
            before = draft[start - 1] if start else None
            found.append(Gap(own, theirs, start, before, is_close, is_followed))
        start, other = next_start, next_other
    return Agreement(tuple(in_draft), tuple(found))


def _agrees(line: Sequence[Token], matched: Sequence[bool], start: int, end: int) -> bool:
    """Whether most of the words with content around a gap agree."""
    before = [place for place in range(max(0, start - FAR), start) if line[place].is_content][-NEAR:]
    after = [place for place in range(end, min(len(line), end + FAR)) if line[place].is_content][:NEAR]
    agreeing = sum(matched[place] for place in (*before, *after))
    return agreeing >= LEAST_AGREEING and agreeing >= SHARE_AGREEING * (len(before) + len(after))


def _goes_on(line: Sequence[Token], matched: Sequence[bool], end: int) -> bool:
    return next((matched[place] for place in range(end, len(line)) if line[place].is_content), True)


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    return folded(word)


def _split(match: re.Match[str]) -> str:
    if match[1]:
        return f"{match[1]} {match[2]}"
    return f"{_WHOLE.get(match[3].lower(), match[3])} not"


def _parts(word: str, code: str) -> list[str]:
    parts = re.split("['’]", word)
    if code in _ELIDED:
        return [part for part in parts if part]
    # As in "Anna's" and "I'd".
    return [parts[0]] if parts[-1].lower() in _JOINED else [word]
