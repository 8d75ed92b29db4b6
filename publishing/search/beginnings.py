"""What a reader has typed so far: whole words, and the beginning of another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from publishing.search.lexemes import quoted
from publishing.search.normalization import clean
from publishing.search.typed import TYPOGRAPHIC_QUOTES
from publishing.search.words import Compound, Word, compounds, folded, unaccented

MAX_CHARACTERS, MAX_WORDS = 256, 64
"""Nobody waits for the completion of more, and it would not be read in a list."""

SIGNED = re.compile(r"^(?:\.\w+|\w+[+#]+)$")
"""Names whose signs are typed before or after the letters: `.net`, `C+`, `c#`."""
TRAILING = ".,;:!?)”’"
SEPARATORS = re.compile(r"[.,]")


@dataclass(frozen=True)
class End:
    """One reading of the last word: some whole words of it, and the beginning of the next."""

    words: tuple[tuple[str, ...], ...]
    beginning: str


@dataclass(frozen=True)
class Beginning:
    text: str
    """As typed, in one line without quotation marks."""
    unfinished_from: int
    """Where in `text` the unfinished word begins."""
    words: tuple[tuple[str, ...], ...]
    """The spellings of each finished word; a post has one of each."""
    excluded: tuple[str, ...]
    ends: tuple[End, ...]
    """The first is the one that words are completed by."""
    is_unspaced: bool = False

    @property
    def unfinished(self) -> str:
        return self.text[self.unfinished_from :]

    @property
    def finished(self) -> str:
        """What stays in front of a completion."""
        return self.text[: self.unfinished_from]

    def spellings(self) -> set[str]:
        """Of all finished words, and of the last one in case it is finished as well."""
        ends = (spelling for end in self.ends for word in end.words for spelling in word)
        return {spelling for word in self.words for spelling in word} | set(ends) | set(self.excluded)


def beginning(text: str) -> Beginning | None:
    """None where there is nothing to complete: no letter, too many words, or a word to be excluded."""
    text = " ".join(clean(text).translate(TYPOGRAPHIC_QUOTES).replace('"', " ").split())
    tokens = text.split(" ")
    if len(text) > MAX_CHARACTERS or len(tokens) > MAX_WORDS:
        return None
    while tokens and not any(True for _ in compounds(tokens[-1])):
        tokens.pop()
    if not tokens or tokens[-1].startswith("-"):
        return None
    # An alternative is completed by itself.
    alternatives = [place for place, token in enumerate(tokens[:-1]) if token == "OR" and place]
    before = tokens[alternatives[-1] + 1 if alternatives else 0 : -1]
    *begun, (place, last) = compounds(tokens[-1])
    token_from = len(" ".join(tokens)) - len(tokens[-1])
    ends, unfinished_from = _ends(tokens[-1].strip(TRAILING), place, last)
    finished = [token for token in before if not _is_excluded(token)]
    words = [*_words(finished), *(spellings for _, one in begun for spellings in _of_compound(one))]
    excluded = {form for token in before if _is_excluded(token) for form in _flat(_words([token]))}
    return Beginning(
        " ".join(tokens), token_from + unfinished_from, tuple(words), tuple(excluded), ends, last.is_unspaced
    )


def title_query(beginning: Beginning, lexemes: dict[str, set[str]]) -> str:
    """The tsquery of titles with all words. `lexemes` are the stems of a spelling in any language."""
    parts = [_any_of(word, lexemes) for word in beginning.words]
    ends = [
        " & ".join([*(_any_of(word, lexemes) for word in end.words), f"{quoted(end.beginning)}:*"])
        for end in beginning.ends
    ]
    excluded = [f"!{quoted(unaccented(form))}" for form in beginning.excluded]
    return " & ".join([*parts, f"({' | '.join(ends)})", *excluded])


def _any_of(spellings: Iterable[str], lexemes: dict[str, set[str]]) -> str:
    found = {one for spelling in spellings for one in (unaccented(spelling), *lexemes.get(spelling, ()))}
    return f"({' | '.join(map(quoted, sorted(found)))})"


def _ends(token: str, place: int, last: Compound) -> tuple[tuple[End, ...], int]:
    """The readings of the last word, and where in it the unfinished part begins."""
    if SIGNED.match(token):
        return (End((), unaccented(folded(token))),), 0
    words, first = last.words, place + last.words[0].start
    if last.is_unspaced:
        # Pairs of characters, and the last one alone, which begins pairs of the index.
        pairs = words[:-1] or words
        before = tuple((unaccented(pair.text),) for pair in pairs[:-1])
        return (End(before, unaccented(pairs[-1].text)),), first
    *whole, part = words
    typed = End(tuple(_spellings(word) for word in whole), unaccented(part.text))
    joined = [End((), unaccented(last.joined[0]))] if last.joined else []
    if joined:
        return (*joined, typed), first
    number = SEPARATORS.sub("", part.text)
    others = [End(typed.words, number)] if number.isdigit() and number != part.text else []
    return (typed, *others), place + part.start if whole else first


def _words(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for token in tokens:
        for _, compound in compounds(token):
            yield from _of_compound(compound)


def _of_compound(compound: Compound) -> Iterator[tuple[str, ...]]:
    words = compound.words[:-1] or compound.words if compound.is_unspaced else compound.words
    yield from map(_spellings, words)


def _spellings(word: Word) -> tuple[str, ...]:
    return (word.text, *word.forms)


def _flat(words: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for word in words:
        yield word[0]


def _is_excluded(token: str) -> bool:
    return len(token) > 1 and token.startswith("-")
