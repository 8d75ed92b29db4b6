"""Defects of figures: a number, date or range that the sources have otherwise, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from benchmarks.quality_corpus.defect_kinds import FIGURES, DefectKinds, Setting
from benchmarks.quality_corpus.meaning_words import MONTHS, NEW_CLAUSES_WITH_FIGURES
from benchmarks.quality_corpus.paraphrases import NUMBERS
from benchmarks.quality_corpus.seeded_draft import SeededDraft
from tasks.pipeline.text.figures import Figure, FigureKind, figures, is_claimed

KINDS = DefectKinds(FIGURES)
Fits = Callable[[Figure], bool]
_DECIMAL = re.compile(r"(?<![\w.,])(\d+)([.,])(\d{1,2})(?![\w.,]*\d)(?=\s?[%a-zäöüé]| )")
_PERCENT = re.compile(r"(?<![\w.,])(\d{1,3})(\s?(?:%|percent|per cent|Prozent|pour cent|por ciento))")
_PLAIN = frozenset({FigureKind.CARDINAL, FigureKind.YEAR, FigureKind.BOUND})


def _digits(sentence: str, code: str, fits: Fits) -> list[tuple[int, int, str]]:
    """Where a figure that is claimed and written in digits alone stands, and these."""
    found = []
    for figure in figures(sentence, code):
        match = re.search(r"\d+", figure.written)
        is_one = len(re.findall(r"\d+", figure.written)) == 1
        if match and is_one and not figure.is_spelled and is_claimed(figure) and fits(figure):
            start = figure.start + match.start()
            found.append((start, start + len(match[0]), match[0]))
    return found


def _in_digits(name: str, fits: Fits, change: Callable[[str, Setting], str]) -> None:
    """A kind that changes one figure in digits to what `change` makes of it, "" for none."""

    def changed(sentence: str, draft: SeededDraft, setting: Setting) -> str:
        for start, end, digits in _digits(draft.without_titles(sentence), draft.language, fits):
            new = change(digits, setting)
            if new and new != digits and not _is_in_sources(new, draft):
                return f"{sentence[:start]}{new}{sentence[end:]}"
        return ""

    KINDS.in_sentence(name, changed)


def _is_in_sources(number: str, draft: SeededDraft) -> bool:
    """Whether a source has the number too: then another kind, an exchange, would be measured."""
    return any(re.search(rf"(?<!\d){number}(?!\d)", one.text) for one in draft.research.sources)


def _other_digit(digits: str, setting: Setting) -> str:
    place = setting.chance.randrange(len(digits))
    other = setting.chance.choice([one for one in "123456789" if one != digits[place]])
    return f"{digits[:place]}{other}{digits[place + 1 :]}"


_in_digits("digit changed", lambda one: one.kind in _PLAIN and one.values[0] >= 10, _other_digit)
_in_digits(
    "small number changed",
    lambda one: one.kind in _PLAIN and 2 <= one.values[0] < 10,
    lambda digits, setting: str(int(digits) + setting.chance.choice((1, 2, 3))),
)
_in_digits(
    "ten times as much",
    lambda one: one.kind == FigureKind.CARDINAL and one.values[0] > 0,
    lambda digits, _: f"{digits}0",
)
_in_digits(
    "digits exchanged",
    lambda one: one.kind in _PLAIN and len(set(re.sub(r"\D", "", one.written))) > 1,
    lambda digits, _: f"{digits[:-2]}{digits[-1]}{digits[-2]}" if digits[-1] != "0" else "",
)
_in_digits(
    "year changed",
    lambda one: one.kind == FigureKind.YEAR,
    lambda digits, setting: str(int(digits) + setting.chance.choice((-11, -2, -1, 1, 2, 10))),
)
_in_digits(
    "end of a range changed",
    lambda one: one.kind == FigureKind.BOUND,
    lambda digits, setting: str(int(digits) + setting.chance.choice((3, 7, 15))),
)


def _identifier(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """A version or the number of a standard: 3.11 becomes 3.12."""
    for figure in figures(sentence, draft.language):
        match = re.search(r"\d+(?=\D*$)", figure.written)
        if figure.kind == FigureKind.IDENTIFIER and match:
            start = figure.start + match.start()
            new = str(int(match[0]) + setting.chance.choice((1, 2, 4)))
            written = f"{figure.written[: match.start()]}{new}{figure.written[match.end() :]}"
            if not any(written in one.text for one in draft.research.sources):
                return f"{sentence[:start]}{new}{sentence[figure.start + match.end() :]}"
    return ""


def _decimal(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    match = _DECIMAL.search(sentence)
    if not match or re.search(r"version|RFC|PEP", sentence, re.I):
        return ""
    new = setting.chance.choice([f"{match[1]}{match[3]}", f"{match[1]}{match[2]}{(int(match[3]) + 3) % 100}"])
    return f"{sentence[: match.start()]}{new}{sentence[match.end() :]}"


def _percent(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    match = _PERCENT.search(sentence)
    if not match:
        return ""
    new = str(int(match[1]) + setting.chance.choice((4, 11, 20)))
    return f"{sentence[: match.start(1)]}{new}{sentence[match.end(1) :]}"


def _spelled(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """ "four" for "three"."""
    words = NUMBERS[draft.language]
    for match in re.finditer(rf"(?<!\w)({'|'.join(words)})(?!\w)(?= [a-zäöüéA-Z])", sentence):
        place = words.index(match[1])
        new = words[(place + setting.chance.choice((1, 2, 4))) % len(words)]
        return f"{sentence[: match.start()]}{new}{sentence[match.end() :]}"
    return ""


def _spelled_for_digits(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """ "five" for "3"."""
    words = NUMBERS[draft.language]
    match = re.search(r"(?<= )([2-9])(?= [a-zäöüé]{3,})", sentence)
    if not match:
        return ""
    new = words[(int(match[1]) - 2 + setting.chance.choice((1, 2, 3))) % len(words)]
    return f"{sentence[: match.start()]}{new}{sentence[match.end() :]}"


def _date(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """Another month or another day."""
    months = MONTHS[draft.language]
    match = re.search(rf"(?<!\w)({'|'.join(months)})(?!\w)", sentence)
    if not match or not re.search(r"\d", sentence):
        return ""
    day = re.search(r"(?<!\d)([12]?\d)(?=(?:st|nd|rd|th)?\.? (?:of )?$)", sentence[: match.start()])
    if day and setting.chance.random() < 0.5:
        new = str((int(day[1]) + 3) % 28 + 1)
        return f"{sentence[: day.start()]}{new}{sentence[day.end() :]}"
    other = months[(months.index(match[1]) + setting.chance.choice((1, 2, 5))) % len(months)]
    return f"{sentence[: match.start()]}{other}{sentence[match.end() :]}"


def _exchanged(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """Two figures of a sentence, each in the other's place."""
    found = _digits(draft.without_titles(sentence), draft.language, lambda one: one.kind in _PLAIN)
    if len(found) < 2 or found[0][2] == found[1][2]:
        return ""
    (start, end, one), (other_start, other_end, other) = found[:2]
    return f"{sentence[:start]}{other}{sentence[end:other_start]}{one}{sentence[other_end:]}"


def _from_the_source(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """A figure that another sentence of the sources has."""
    for start, end, digits in _digits(sentence, draft.language, lambda one: one.kind in _PLAIN):
        numbers = [
            number
            for one in draft.research.sources
            for number in re.findall(r"(?<![\d.,–-])\d{2,4}(?![\d.,–-])", one.text)
            if len(number) == len(digits) and number not in sentence
        ]
        if numbers:
            return f"{sentence[:start]}{setting.chance.choice(numbers)}{sentence[end:]}"
    return ""


def _added(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    clause = setting.chance.choice(NEW_CLAUSES_WITH_FIGURES[draft.language])
    return f"{sentence[:-1]}{clause}." if sentence.endswith(".") else ""


KINDS.in_sentence("version or number of a standard changed", _identifier)
KINDS.in_sentence("decimal changed", _decimal)
KINDS.in_sentence("percentage changed", _percent)
KINDS.in_sentence("number in words changed", _spelled)
KINDS.in_sentence("number in words for another in digits", _spelled_for_digits)
KINDS.in_sentence("date changed", _date)
KINDS.in_sentence("two figures exchanged", _exchanged)
KINDS.in_sentence("figure of another sentence", _from_the_source)
KINDS.in_sentence("invented statistic", _added)


@KINDS.add("figure in title or teaser", ("title", "summary", "seo_title", "seo_description"))
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    words = {"en": "since 1987", "de": "seit 1987", "fr": "depuis 1987", "es": "desde 1987"}[draft.language]
    if _is_in_sources("1987", draft):
        return None
    old = getattr(draft.head, setting.place)[:46].rstrip(" .,;:")
    return draft.with_head(**{setting.place: f"{old} {words}"})


@KINDS.add("figure in a heading")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    words = {"en": "in 1987", "de": "im Jahr 1987", "fr": "en 1987", "es": "en 1987"}[draft.language]
    headings = [number for number, one in enumerate(draft.blocks) if one.form == "heading"]
    number = {"start": headings[0], "middle": headings[len(headings) // 2], "end": headings[-1]}[
        setting.place
    ]
    if _is_in_sources("1987", draft):
        return None
    old = draft.blocks[number].sentences[0]
    return draft.with_sentence((number, 0), replace(old, text=f"{old.text} {words}"))
