"""Joins the lines of a paragraph: a hyphen at a line's end may belong to the word or to the line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W_]{1,60}(?:[-‐‑][^\W_]{1,60}){0,6})([-‐\u00ad])$")
_BEGINNING = re.compile(r"[^\W_]{1,60}(?:[-‐‑][^\W_]{1,60}){0,6}")
_ADDRESS = re.compile(r"(?:https?://|www\.|doi\.org|10\.\d{4,9}/)\S{0,500}$", re.IGNORECASE)
_ADDRESS_BREAK = re.compile(r"[/\-_.?&=#%+~:]$")
_REST_OF_ADDRESS = re.compile(
    r"[A-Za-z0-9_~%./?#&=+-]{1,300}$|[a-z0-9][A-Za-z0-9_~%-]{0,100}[/?=&#._-]\S{0,300}"
)
_UNSPACED = re.compile(
    "[\u2e80-\u30ff\u3100-\u312f\u31a0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f]"
)
_DASH_END = re.compile(r"(?<=\w)[–—]$")

_OF_CONJUNCTIONS = """
    und oder bzw beziehungsweise sowie bis and or to et ou y o e u en of och og eller ja tai i oraz lub a
    nebo
"""

_OF_PREFIXES = """
    well self non half cross quasi anti pseudo mid
"""

_OF_FIRST = """
    ill all quarter high low long short far near old new full part two three four five six seven eight
    nine ten twenty thirty forty fifty sixty seventy eighty ninety multi pro hard soft fast slow early late
    open close deep wide light dark hand world first third fourth one single double triple best better much
    ever never real right left top user data brother sister great anglo franco sino afro time cost energy
    carbon water large small duty year month day week age life fact law record market family privately
    publicly newly highly award ice
"""

_OF_SECOND = """
    known based born bred free made year years old day days week weeks month months hour hours minute
    minutes term time scale level quality sized friendly law laws shaped speaking style like wide third
    thirds fourths fifths half hearted being called paid driven led owned funded backed run winning related
    specific oriented dependent rich poor intensive neutral proof safe ready minded handed headed eyed
    haired legged sided lived lasting running growing moving reaching ranging changing saving breaking
    bearing producing consuming working established defined documented understood equipped educated
    intentioned class foot feet mile miles metre metres meter meters tonne pound dollar euro percent storey
    story page seat wheel fold party member only to and of up off out on in by the at
"""

_OF_ENDINGS = """
    able less ally fully hood ward wards land time times some wise ness table tables ring king ever over port
    form forms press pose sent tend late tract struct sist like ship ships work works book books place point
    side light house room word words line lines body thing things where more most self selves mate board
    ground yard way ways stand standing taking making looking come coming going keeper maker makers master
    men man woman women son while back ment
"""

_OF_PARTICLES = """
    some any every there where here how what who when them him her your our under with inter
    in on off out over under up down with through for after back fore be to
"""

_CONJUNCTIONS = frozenset(_OF_CONJUNCTIONS.split())
"""After them, a hyphen stands for a part of the word that follows: Haupt- und Nebeneingang."""

_PREFIXES = frozenset(_OF_PREFIXES.split())
"""Compounds with these are written with a hyphen when the second part is a word of the document."""

_FIRST_PARTS = _PREFIXES | frozenset(_OF_FIRST.split())
_SECOND_PARTS = frozenset(_OF_SECOND.split())
_SHORT_SECOND_PARTS = frozenset(("up", "in", "on", "by", "to", "it", "id"))
_ENDINGS = frozenset(_OF_ENDINGS.split())
"""Words that end others, as in workable and neighbourhood."""

_PARTICLES = frozenset(_OF_PARTICLES.split())
"""Words that begin others, as in outstanding and undertaking."""


def words_in(lines: Iterable[str]) -> Counter[str]:
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


def joined(text: str, line: str, words: Counter[str]) -> str:
    """The text with the line that continues it."""
    if not text or not line:
        return text or line
    address = _ADDRESS.search(text[-600:])
    if address and _ADDRESS_BREAK.search(text) and _REST_OF_ADDRESS.match(line):
        return text + line
    broken, beginning = _BROKEN.search(text[-140:]), _BEGINNING.match(line)
    if broken and beginning:
        return _over_hyphen(text, line, broken, beginning[0], words)
    if text.endswith("\u00ad"):
        return text[:-1] + line
    if _UNSPACED.match(text[-1]) and _UNSPACED.match(line[0]):
        return text + line
    if _DASH_END.search(text) and (text[-1] == "–" and text[-2].isdigit() and line[0].isdigit()):
        return text + line
    if line[0] in "–" and text[-1].isdigit() and line[1:2].isdigit():
        return text + line
    if text.endswith("/") and text[-2:-1].isalnum() and line[0].isalnum():
        return text + line
    return f"{text} {line}"


def _over_hyphen(text: str, line: str, broken: re.Match[str], second: str, words: Counter[str]) -> str:
    first, hyphen = broken[1], broken[2]
    without = text[: -len(hyphen)] + line
    if hyphen == "\u00ad":
        return without
    if second.casefold() in _CONJUNCTIONS and line[len(second) : len(second) + 1] in (" ", ""):
        return f"{text} {line}"
    is_file_name = words[second.casefold()] and re.match(r"\.[a-z]\w{0,4}(?!\w)", line[len(second) :])
    if is_file_name or not _belongs_to_the_line(first, second, words):
        return text + line
    return without


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
