"""Hyphens at the ends of lines: they belong to the word, or only to the line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W_]{1,60}(?:[-‐‑][^\W_]{1,60}){0,6})([-‐\u00ad])$")
_BEGINNING = re.compile(r"[^\W_]{1,60}(?:[-‐‑][^\W_]{1,60}){0,6}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONJUNCTIONS = _words("""
    und oder bzw beziehungsweise sowie bis and or to et ou y o e u en of och og eller ja tai i oraz lub a
    nebo
""")
"""After them, a hyphen stands for a part of the word that follows: Haupt- und Nebeneingang."""

_PREFIXES = _words("well self non half cross quasi anti pseudo mid")
"""Compounds with these are written with a hyphen when the second part is a word of the document."""

_FIRST_PARTS = _PREFIXES | _words("""
    ill all quarter high low long short far near old new full part two three four five six seven eight
    nine ten twenty thirty forty fifty sixty seventy eighty ninety multi pro hard soft fast slow early late
    open close deep wide light dark hand world first third fourth one single double triple best better much
    ever never real right left top user data brother sister great anglo franco sino afro time cost energy
    carbon water large small duty year month day week age life fact law record market family privately
    publicly newly highly award ice
""")
_SECOND_PARTS = _words("""
    known based born bred free made year years old day days week weeks month months hour hours minute
    minutes term time scale level quality sized friendly law laws shaped speaking style like wide third
    thirds fourths fifths half hearted being called paid driven led owned funded backed run winning related
    specific oriented dependent rich poor intensive neutral proof safe ready minded handed headed eyed
    haired legged sided lived lasting running growing moving reaching ranging changing saving breaking
    bearing producing consuming working established defined documented understood equipped educated
    intentioned class foot feet mile miles metre metres meter meters tonne pound dollar euro percent storey
    story page seat wheel fold party member only to and of up off out on in by the at
""")
_SHORT_SECOND_PARTS = _words("up in on by to it id")
_ENDINGS = _words("""
    able less ally fully hood ward wards land time times some wise ness table tables ring king ever over port
    form forms press pose sent tend late tract struct sist like ship ships work works book books place point
    side light house room word words line lines body thing things where more most self selves mate board
    ground yard way ways stand standing taking making looking come coming going keeper maker makers master
    men man woman women son while back ment
""")
"""Words that end others, as in workable and neighbourhood."""

_PARTICLES = _words("""
    some any every there where here how what who when them him her your our under with inter
    in on off out over under up down with through for after back fore be to
""")
"""Words that begin others, as in outstanding and undertaking."""


def words_of(lines: Iterable[str]) -> Counter[str]:
    """How often these lines write each word; words that are broken at a line's end are left out."""
    counts, is_rest = Counter[str](), False
    for line in lines:
        found = _WORD.findall(line.casefold().replace("‐", "-").replace("‑", "-"))
        if is_rest and found:
            found.pop(0)
        is_rest = line.endswith(("-", "‐", "\u00ad"))
        if is_rest and found:
            found.pop()
        counts.update(found)
    return counts


def dropped_hyphen(text: str, line: str, words: Counter[str]) -> tuple[int, str] | None:
    """How many characters of the text go, and what stands before the line that continues it.

    None: the text ends in no hyphen of a word.
    """
    broken, beginning = _BROKEN.search(text[-140:]), _BEGINNING.match(line)
    if not broken or not beginning:
        return (1, "") if text.endswith("\u00ad") else None
    first, second = broken[1], beginning[0]
    if broken[2] == "\u00ad":
        return 1, ""
    after = line[len(second) :]
    if second.casefold() in _CONJUNCTIONS and after[:1] in (" ", ""):
        return 0, " "
    is_file_name = words[second.casefold()] and re.match(r"\.[a-z]\w{0,4}(?!\w)", after)
    stays = is_file_name or not _belongs_to_the_line(first, second, words)
    return (0 if stays else 1), ""


def _belongs_to_the_line(first: str, second: str, words: Counter[str]) -> bool:
    """Whether the word is written without the hyphen where a line does not end in it."""
    last = re.split("[-‐‑]", first)[-1]
    head = re.split("[-‐‑]", second)[0]
    if not (last.isalpha() and head.isalpha()):
        return False
    together, apart = (last + head).casefold(), f"{last}-{head}".casefold()
    if words[together] != words[apart]:
        return words[together] > words[apart]
    if words[f"{first}-{second}".casefold()]:
        return False
    if not head[0].islower() or (len(last) > 1 and last.isupper()):
        # Capitals: a broken word, unless its parts are words of their own, as in NATO-EU.
        return head.isupper() and last.isupper() and not (words[last.casefold()] and words[head.casefold()])
    last, head = last.casefold(), head.casefold()
    is_inner = last != first.casefold()
    if len(last) == 1 or (is_inner and last in _CONJUNCTIONS | {"of", "the", "in", "to", "up", "by"}):
        return False
    if last in _FIRST_PARTS and (head in _SECOND_PARTS or (last in _PREFIXES and words[head])):
        return False
    if len(head) == 2 and head in _SHORT_SECOND_PARTS and last not in _PARTICLES and words[last]:
        return False
    if len(head) >= 4 and head in _SECOND_PARTS and last not in _PARTICLES and words[last]:
        return False
    # Both halves are words of the document: a compound, unless they are such as begin or end many words.
    are_words = min(len(last), len(head)) >= 4 and words[last] and words[head]
    if are_words and last not in _PARTICLES and head not in _ENDINGS:
        return False
    return not (is_inner and words[last] and words[head])
