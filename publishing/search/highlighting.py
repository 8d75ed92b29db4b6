"""The words of a query highlighted in titles and passages: of one page, as it costs more than the search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from publishing.cards import Card, cards_of
from publishing.search.cache import cached
from publishing.search.index import IN_TITLE
from publishing.search.lexemes import language_of
from publishing.search.normalization import clean
from publishing.search.query import Query
from publishing.search.ranking import SearchResults
from publishing.search.words import CONNECTORS, MARKS, SIGNED, UNSPACED_CHARACTER, divide

PASSAGES, PASSAGE_CHARACTERS, BEFORE = 2, 190, 50
"""How many, how long, and how much of it stands before the first word that was found."""
MAX_FOUND = 400
"""Places in one text: of more the later ones are not looked at."""
LOOKED_AT = 100_000
"""Characters of a text: of a longer one the end is not searched for passages."""
DIVIDER = " … "
CONNECTED = rf"[{re.escape(''.join(sorted(CONNECTORS)))} ]?"
IN_NUMBERS = "[.,'’ ]?"
SIGNS = {name: sign for sign, names in SIGNED.items() for name in names}
DOT = "dot"
SPELLED = {"ss": "(?:ss|ß)", "ae": "(?:ae|æ)", "oe": "(?:oe|œ)"}

# A lexeme of a word without accents is one of the forms with them, too.
FORMS = """
SELECT given.config, given.lexeme, form.form, form.is_compound
FROM unnest(%(configs)s::text[], %(lexemes)s::text[]) AS given (config, lexeme)
JOIN publishing_searchform AS form ON form.config = given.config AND form.lexeme = given.lexeme
UNION
SELECT given.config, given.lexeme, form.form, form.is_compound
FROM unnest(%(configs)s::text[], %(lexemes)s::text[]) AS given (config, lexeme)
JOIN publishing_searchform AS form ON form.config = given.config AND form.plain_lexeme = given.lexeme
    AND form.plain_lexeme <> ''
"""
TEXTS = f"""
SELECT post_id, config, translate(left(text, {LOOKED_AT}), E'\n\x1f', ' ')
FROM publishing_postsearch WHERE post_id = ANY (%(ids)s)
"""


@dataclass(frozen=True)
class Hit:
    post: Card
    title: SafeString
    passage: SafeString


@dataclass(frozen=True)
class _Place:
    """What is to be marked, and what for: places of more different words make the better passage."""

    start: int
    end: int
    what: str


def highlighted_hits(found: SearchResults, post_ids: Sequence[int]) -> list[Hit]:
    """These posts with their words highlighted, in this order; without those withdrawn in the meantime."""
    cards = cards_of(post_ids)
    shown = [(pk, cards[pk].title) for pk in post_ids if pk in cards]
    given = (shown, [(query.config, query.words, query.phrases) for query in found.queries])
    marked = cached("marks", given, lambda: _highlight(found.queries, shown))
    return [Hit(cards[pk], *marked[pk]) for pk in post_ids if pk in marked]


def _highlight(
    queries: list[Query], shown: list[tuple[int, str]]
) -> dict[int, tuple[SafeString, SafeString]]:
    finders = {finder.config: finder for finder in _finders(queries)}
    with connection.cursor() as cursor:
        cursor.execute(TEXTS, {"ids": [pk for pk, _ in shown]})
        texts = {pk: (config, text) for pk, config, text in cursor.fetchall()}
    marked = {}
    for pk, title in shown:
        if pk in texts:
            config, text = texts[pk]
            finder = finders.get(config)
            title = clean(title)
            in_title, in_text = finder.in_post(title, text) if finder else ([], [])
            marked[pk] = (_marked(title, in_title, 0, len(title)), _passage(text, in_text))
    return marked


class _WordFinder:
    """Finds the words of a query in texts of one configuration."""

    def __init__(self, query: Query, forms: dict[str, list[tuple[str, bool]]]) -> None:
        self.config = query.config
        self._plain: dict[str, str] = {}
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        for lexeme in query.loose_lexemes:
            if lexeme.endswith("*"):
                self._plain[lexeme[:-1]] = lexeme
            elif lexeme.startswith(IN_TITLE):
                self._plain[lexeme.removeprefix(IN_TITLE)] = lexeme
            else:
                self._add(lexeme, forms.get(lexeme, []))
        for run in query.runs:
            self._plain[run] = run
        self._phrases = [
            re.compile(
                r"(?<!\w)" + r"\W+".join(_any_of(place, forms) for place in phrase) + r"(?!\w)", re.IGNORECASE
            )
            for phrase in query.phrase_words
            if phrase
        ]

    def _add(self, lexeme: str, forms: list[tuple[str, bool]]) -> None:
        if not forms:
            self._plain[lexeme] = lexeme
            if any(char.isdigit() for char in lexeme):  # numbers have no forms
                self._patterns.append((lexeme, _connected(lexeme)))
        for form, is_compound in forms:
            self._plain[form] = lexeme
            if form in SIGNS:
                self._plain[SIGNS[form]] = lexeme
            elif is_compound and form.startswith(DOT):
                self._plain[f".{form.removeprefix(DOT)}"] = lexeme
            if is_compound or _needs_pattern(form):
                self._patterns.append((lexeme, _connected(form)))

    def in_post(self, title: str, text: str) -> tuple[list[_Place], list[_Place]]:
        """Sorted, and none inside of another."""
        in_title, in_text = self._places(title), self._places(text)
        if not (in_title or in_text or self._phrases):
            # Written in other characters than usual: all words are compared, which takes longer.
            return self._divided_places(title), self._divided_places(text)
        return in_title, in_text

    def _divided_places(self, text: str) -> list[_Place]:
        return [
            _Place(word.start, word.end, form)
            for word in divide(text, language_of(self.config))
            for form in (word.text, *word.forms)
            if form in self._plain
        ]

    def _places(self, text: str) -> list[_Place]:
        found = [*self._plain_places(text), *self._pattern_places(text)][:MAX_FOUND]
        found.sort(key=lambda place: (place.start, -place.end))
        apart: list[_Place] = []
        for place in found:
            if not apart or place.start >= apart[-1].end:
                apart.append(place)
        return apart

    def _plain_places(self, text: str) -> Iterator[_Place]:
        small = text.lower()
        if len(small) != len(text):
            small = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        for form, lexeme in self._plain.items():
            is_word = not _is_unspaced(form)
            at = small.find(form)
            while at >= 0:
                end = at + len(form)
                if not is_word or _is_whole(small, at, end):
                    yield _Place(at, end, lexeme)
                at = small.find(form, end)

    def _pattern_places(self, text: str) -> Iterator[_Place]:
        for lexeme, pattern in self._patterns:
            for match in pattern.finditer(text):
                yield _Place(match.start(), match.end(), lexeme)
        for pattern in self._phrases:
            for match in pattern.finditer(text):
                yield _Place(match.start(), match.end(), "phrase")


def _finders(queries: list[Query]) -> list[_WordFinder]:
    wanted = [
        (query.config, lexeme)
        for query in queries
        for lexeme in sorted(
            query.loose_lexemes | {one for phrase in query.phrase_words for place in phrase for one in place}
        )
        if not lexeme.endswith("*") and not lexeme.startswith(IN_TITLE)
    ]
    forms: dict[str, dict[str, list[tuple[str, bool]]]] = {query.config: {} for query in queries}
    if wanted:
        configs, lexemes = zip(*wanted, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(FORMS, {"configs": list(configs), "lexemes": list(lexemes)})
            for config, lexeme, form, is_compound in cursor.fetchall():
                forms[config].setdefault(lexeme, []).append((form, is_compound))
    return [_WordFinder(query, forms[query.config]) for query in queries]


def _any_of(lexemes: Sequence[str], forms: dict[str, list[tuple[str, bool]]]) -> str:
    """A pattern for a place in a phrase: of a stop word, any word."""
    known = [form for lexeme in lexemes for form, _ in forms.get(lexeme, [(lexeme, False)])]
    return f"(?:{'|'.join(_spelled(form) for form in known)})" if known else r"\w+"


def _needs_pattern(form: str) -> bool:
    """Whether a text may write it in other characters than its form has."""
    return any(typed in form for typed in SPELLED) or any(
        "\u0590" <= char <= "\u06ff" or char == "ё" for char in form
    )


def _spelled(form: str) -> str:
    marks = f"[{MARKS}]*" if any("\u0590" <= char <= "\u06ff" for char in form) else ""
    pattern = marks.join(map(re.escape, form)) + marks
    for typed, either in SPELLED.items():
        pattern = pattern.replace(typed, either)
    return pattern.replace("е", "[её]")


def _connected(form: str) -> re.Pattern[str]:
    """As it may be written in parts: `wi-fi`, `1,299.99`."""
    if _needs_pattern(form) and not form.isascii():
        pattern = _spelled(form)
    else:
        between = IN_NUMBERS if form.replace(".", "").isdigit() else CONNECTED
        pattern = between.join("[.,]" if char == "." else re.escape(char) for char in form)
        pattern = pattern.replace(f"s{CONNECTED}s", f"(?:s{CONNECTED}s|ß)")
    return re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE)


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (start and _is_one_word(text[start - 1], text[start])) and not (
        end < len(text) and _is_one_word(text[end - 1], text[end])
    )


def _is_one_word(char: str, following: str) -> bool:
    """Letters and digits next to each other are two words, as in `v2`."""
    return _is_letter(char) and _is_letter(following) and char.isdigit() == following.isdigit()


def _is_letter(char: str) -> bool:
    return (char.isalnum() or char in MARKS) and not _is_unspaced(char)


def _is_unspaced(text: str) -> bool:
    return text[:1] >= "\u0e00" and bool(UNSPACED_CHARACTER.match(text))


def _passage(text: str, places: list[_Place]) -> SafeString:
    """The stretches with the most different words, in the order of the text; of none, its beginning."""
    if not places:
        end = _end(text, 0)
        return mark_safe(f"{_marked(text, [], 0, end)}{DIVIDER.rstrip() if end < len(text) else ''}")
    chosen: list[tuple[int, int]] = []
    seen: set[str] = set()
    for _ in range(PASSAGES):
        start, what = _best_stretch(places, chosen, seen)
        if start is None:
            break
        begin = _begin(text, start)
        chosen.append((begin, _end(text, begin)))
        seen |= what
    chosen.sort()
    parts = [_marked(text, places, start, end) for start, end in chosen]
    whole = mark_safe(DIVIDER).join(parts)
    before = "… " if chosen[0][0] else ""
    return mark_safe(f"{before}{whole}{' …' if chosen[-1][1] < len(text) else ''}")


def _best_stretch(
    places: list[_Place], chosen: list[tuple[int, int]], seen: set[str]
) -> tuple[int | None, set[str]]:
    best: tuple[int | None, set[str]] = (None, set())
    score = 0.0
    for number, first in enumerate(places):
        if any(start <= first.start < end for start, end in chosen):
            continue
        inside = [
            place.what
            for place in places[number : number + 30]
            if place.end <= first.start + PASSAGE_CHARACTERS - BEFORE
        ]
        new = set(inside) - seen
        this = 10 * len(new) + len(inside) if not chosen or new else 0
        if this > score:
            score, best = this, (first.start, set(inside))
    return best


def _begin(text: str, start: int) -> int:
    """The beginning of a sentence or of a word a little before."""
    earliest = max(0, start - BEFORE)
    if not earliest:
        return 0
    sentence = max(text.rfind(sign, earliest, start) for sign in (". ", "! ", "? ", "。"))
    if sentence >= 0:
        return sentence + (2 if text[sentence] in ".!?" else 1)
    blank = text.find(" ", earliest, start)
    return blank + 1 if blank >= 0 else start


def _end(text: str, begin: int) -> int:
    latest = begin + PASSAGE_CHARACTERS
    if latest >= len(text):
        return len(text)
    blank = text.rfind(" ", begin + PASSAGE_CHARACTERS // 2, latest)
    return blank if blank >= 0 else latest


def _marked(text: str, places: list[_Place], start: int, end: int) -> SafeString:
    parts: list[str] = []
    at = start
    for place in places:
        if place.start < start or place.end > end:
            continue
        if place.start > at:
            parts.append(escape(text[at : place.start]))
        marked = f"<mark>{escape(text[place.start : place.end])}</mark>"
        if parts and place.start == at and parts[-1].endswith("</mark>"):
            marked = f"{parts.pop()[: -len('</mark>')]}{marked.removeprefix('<mark>')}"
        parts.append(marked)
        at = place.end
    parts.append(escape(text[at:end]))
    return mark_safe("".join(parts))
