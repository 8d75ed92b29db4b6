"""What lines of a file make look like a sentence: a heading run into one, items, another language."""

from __future__ import annotations

import re

from tasks.pipeline.text.languages import Language, guess_language, language
from tasks.pipeline.text.words import WORD

# "Routing ------- Modern web …": a heading with its rule below it, in a text whose lines were joined.
_RULE = re.compile(r"[-–—_=~.*]{4,}")
# "- one - two - three", "one. o Two", "3.1.4 - new icons": items, each with its mark.
_ITEMS = re.compile(
    r" [•·‣▪◦●○] |[.;:] [o-] [^\W_]|\A\d{1,4}(?:\.\d{1,4}){1,3} [-–—] |\A\S{1,30} [-–—] [A-ZÀ-Þ]"
    r"| [-*] [^ ].{0,200} [-*] .{0,200} [-*] "
)
# "BUGS Unlike the …", "RÜCKGABEWERT 0 Die …"; "NASA has" and "UNESCO Director" are no headings.
_SHOUTED_FIRST = re.compile(r"(?:[^\W\d_a-zß-öø-ÿа-я]{2,30} ){1,4}(?:\d{1,3} )?(?=[/$<~]|(\w{1,30}))")
_LONGEST_ACRONYM = 7
_SECTIONS = frozenset({
    "BUGS", "NAME", "NOTE", "NOTES", "FILES", "ERRORS", "USAGE", "HISTORY", "AUTHOR", "AUTHORS", "EXAMPLE",
    "VALUES", "OPIS", "OPCJE", "NOMBRE", "NOTAS", "AUTOR", "USO", "DATEIEN", "FEHLER", "NOTEN", "NOM",
    "AUTEUR", "NOME", "UWAGI", "BŁĘDY", "PLIKI", "ФАЙЛЫ", "ИМЯ",
})  # fmt: skip
# "219This fund is …": a note's number or a date that stood before it.
_GLUED = re.compile(r"\d{1,5}[A-ZÀ-Þ][a-zà-ÿ]")
# "1 Error de uso", "6 Der Benutzer": a number that the rows of a list have; prose writes out small ones.
_NUMBERED = re.compile(r"\d ([^\W\d_]\w{0,30})")
_CAPITAL = re.compile(r"(?<=[\w)]) ([^\W\d_]\w{1,12})(?= ([\w$/-]))")
_LATEST_RUN_IN = 90
"""Headings are shorter than this."""
# Words with a capital that are names, months or polite forms as well.
_NAMES = frozenset({
    "may", "will", "us", "most", "do", "made", "in", "can", "sie",
    "ihr", "ihre", "ihnen", "ihrer", "ihren",
})  # fmt: skip
# "The values are: a, b and c": what they are the values of stood before.
_LISTED_VALUES = re.compile(
    r"(?:\b(?:are|is|follow|follows|include|sind|ist|lauten|sont|est|son|es|sono|è|são|zijn|är|er) ?:|"
    r"(?:как|these|following|suivante?s?|siguientes?|seguenti|seguintes|folgende[ns]?) ?:)"
)
FEWEST_TO_TELL = 6
STOP_WORDS_OF_PROSE = 0.12
"""A share of stop words that a sentence of the language has at least."""
SURE = 0.6
_ALIKE = (
    frozenset({"da", "no", "sv"}),
    frozenset({"hr", "sr", "bs", "sl", "sh"}),
    frozenset({"cs", "sk"}),
    frozenset({"es", "gl", "pt", "ca"}),
    frozenset({"id", "ms"}),
    frozenset({"ru", "uk", "be", "bg", "mk"}),
    frozenset({"nl", "af"}),
    frozenset({"hi", "mr", "ne"}),
)


def is_run_together(sentence: str, of: Language) -> bool:
    """Whether a heading, an entry's name or other items stand in it, as files of plain text have them."""
    if (
        _GLUED.match(sentence)
        or _RULE.search(sentence)
        or _ITEMS.search(sentence)
        or _LISTED_VALUES.search(sentence)
    ):
        return True
    shouted = _SHOUTED_FIRST.match(sentence)
    if shouted and _is_heading(shouted[0], shouted[1] or "", of):
        return True
    numbered = _NUMBERED.match(sentence)
    if numbered and (_is_starter(numbered[1], of) or (of.code != "de" and numbered[1][0].isupper())):
        return True
    return any(
        _is_starter(match[1], of) and (of.code == "de" or not (match[2].isupper() or match[2].isdigit()))
        for match in _CAPITAL.finditer(sentence, 0, _LATEST_RUN_IN)
    )


def _is_heading(shouted: str, following: str, of: Language) -> bool:
    words = [word for word in shouted.split() if not word.isdigit()]
    has_number = len(words) < len(shouted.split())
    is_long = max(map(len, words)) > _LONGEST_ACRONYM
    return (
        is_long
        or words[0] in _SECTIONS
        or has_number
        or not following
        or following in ("A", "An")
        or _is_starter(following, of)
    )


def _is_starter(word: str, of: Language) -> bool:
    """Whether it has a capital that within a sentence it has not."""
    small = word.lower()
    return word.istitle() and small in of.starters and small not in _NAMES


def is_in_language(sentence: str, of: Language) -> bool:
    """Whether a sentence is in the language of its source; True where that cannot be told."""
    found = [word.lower() for word in WORD.findall(sentence)]
    if len(found) < FEWEST_TO_TELL and sentence.isascii():
        return True
    own = sum(word in of.stop_words for word in found)
    if of.code != "en" and sum(word in language("en").stop_words for word in found) > max(
        own, len(found) / 4
    ):
        return False
    if own and own >= STOP_WORDS_OF_PROSE * len(found):
        return True
    guessed = guess_language(sentence, SURE)
    return not guessed or guessed == of.code or any({guessed, of.code} <= group for group in _ALIKE)
