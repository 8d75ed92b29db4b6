"""Sentences of a paragraph, in scripts with and without capitals, blanks and full stops.

Rules of our own, because libraries cut more often where no sentence ends: see decision 0066.
"""

from __future__ import annotations

import re
import unicodedata

from tasks.pipeline.text.languages import Language

# Marks that belong to other scripts end a sentence wherever they stand; those of Latin ones need a blank.
_OWN_MARKS = "。｡！？．؟۔।॥။។៕։።፧"
_LATIN_MARKS = ".!?…‽⁇⁈⁉"
_CLOSERS = "\"”“’‘')\\]»«›‹」』）］】》〉｣"
_RAISED = "¹²³⁰-⁹"
# "[12]", "[a]", "[3, 4]", "[citation needed]", "［1］" and raised figures, as encyclopaedias have them.
# Between characters of private use: a mark of a draft, while it is inspected.
CITATION_MARK = (
    r"(?:\ue000[^\ue000\ue001]{0,60}\ue001"
    r"|[\[［〔](?:\^?\d{1,4}(?:[ ]?[,;:–-][ ]?\d{1,4}){0,8}|[a-zα-ω]{1,2}|[A-Z]|[*†‡§]{1,3}"
    r"|[A-Za-z]{1,8}(?:-[a-z]{1,8})? \d{1,3}"
    r"|[^\W\d_]{4,14}(?: [^\W\d_]{2,14}){1,3}\??"
    r"|(?:by |according to )?(?:wh|qu|кт|кем)[^\W\d_]{0,6}(?: \w{2,9})?\?)[\]］〕]"
    rf"|[{_RAISED}]{{1,4}}(?:[,⁻–-][{_RAISED}]{{1,4}}){{0,8}})"
)
# ":45" and ":p. 45": the page, as encyclopaedias set it after a mark. "(1)" and "*" are marks where no blank
# stands before them and one after them.
_PAGE = r"(?::(?:pp?\.[ ]?|ch\.[ ]?|S\.[ ]?)?\d{1,4}(?:[–-]\d{1,4})?(?!\d))?"
_UNBRACKETED = r"(?:\(\d{1,3}(?:[,–-][ ]?\d{1,3}){0,8}\)|[*†‡]{1,3})(?= |\Z)"
CITED = rf"(?:[ \u200b]?{CITATION_MARK}(?:[–-](?=\[))?\u200b?{_PAGE}){{0,9}}(?:{_UNBRACKETED})?"
"""What may stand between the end of a sentence and the next one."""
_AFTER_MARKS = (
    rf"(?P<close>(?:[{_CLOSERS}]|[ \u00a0\u202f]»(?!\w)){{0,4}})"
    rf"(?P<cited>{CITED})"
)
# A set comes first, which `re` looks for faster than for a choice.
_END = re.compile(rf"[{_LATIN_MARKS}{_OWN_MARKS}][{_LATIN_MARKS}{_OWN_MARKS}]{{0,8}}{_AFTER_MARKS}")
_END_OF_GREEK = re.compile(
    rf"(?:[;\u037e](?=[\s\"”’')»]|\Z)|{_END.pattern.removesuffix(_AFTER_MARKS)}){_AFTER_MARKS}"
)
_END_AT_BLANK = re.compile(
    rf"(?:(?:(?<=[\u0e01-\u0fff])|(?<=\d[\]］])) |{_END.pattern.removesuffix(_AFTER_MARKS)}){_AFTER_MARKS}"
)
_SETS_BLANKS = re.compile("[\u0e01-\u0fff]")
# What may stand before the first word of a sentence.
_OPENERS = re.compile(r"[\"“”„‟«»‘’'‚‹›(\[{¿¡「『（［【《〈—–-]{0,4}[ \u00a0\u202f]?[\"“„«»‘'(¿¡]{0,2}")
_FIRST_WORD = re.compile(r"[^\W_](?:[\w’'.-]{0,30}[\w’'])?")
_ELIDED = re.compile(r"\A[^\W\d_]{1,4}[’'](?=[^\W\d_]{2})")
_LAST_TOKEN = re.compile(r"[^\s(\"“”„«»\[{/—–]{1,40}\Z")
_LIST_MARK = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxlcIVXLC]{1,5})[.)]?\Z")
_NUMBER = re.compile(r"\d{1,3}\Z")
_ROMAN = re.compile(r"[IVXLC]{1,6}\Z")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,3}\.-?){1,5}[^\W\d_]{1,3}\Z")
_REFERENCE = re.compile(r"([^\W\d_]{1,12})\. ?\Z")
_UNITS = frozenset({
    "m", "g", "h", "s", "l", "t", "м", "т", "zł", "kr", "kč", "руб", "грн", "коп", "ft", "lb", "lbs", "oz",
    "hrs", "mln", "mld", "mil", "milj", "млн", "млрд", "тыс", "tys", "tis",
})  # fmt: skip
# In India a full stop ends no sentence but an initial; "1900م." is a year.
_SHORT_FORM = re.compile("[\u0900-\u0dff]{1,3}\\Z|\\d{1,4}(?:م|هـ?|ق)\\Z")
# Within these a full stop ends no sentence of the paragraph. Bounded, as a mark may have lost its partner.
_ENCLOSED = re.compile(
    r"“[^“”„]{1,300}”|„[^„“”]{1,300}[“”]|«[^«»]{1,300}»|»(?<![^\s(]»)[^«»]{1,300}«|”(?<![^\s(]”)[^”]{1,300}”"
    r"|\"(?<![^\s(\u2e80-\u9fff]\")[^\"]{1,300}\"(?![A-Za-z\u00c0-\u024f])|「[^「」]{1,200}」|『[^『』]{1,200}』"
    r"|‘(?<![^\s(]‘)[^‘’]{1,300}’(?!\w)|\([^()]{1,300}\)|（[^（）]{1,200}）|\[[^\[\]]{1,200}\]"
)
# What follows speech in Japanese where its sentence goes on.
_AFTER_SPEECH = re.compile(r"[っとてをがはのなにもで、]")
_LEAST_THAI = 15
_GOES_ON_IN_THAI = re.compile("และ|หรือ|ที่|ซึ่ง|โดย|แต่|เพราะ|ว่า|เช่น|ได้แก่|คือ|จึง|เพื่อ|กับ|ของ|ๆ|ແລະ|ຫຼື|ທີ່|ແຕ່")
_GOES_ON_AFTER_IN_THAI = (
    "ใน", "ปี", "เมื่อ", "ที่", "ของ", "และ", "เดือน", "วันที่", "จาก", "ถึง", "คือ", "เป็น", "กับ",
    "โดย",
)  # fmt: skip
_SHAD = "།"


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each on one line."""
    return [line for block in re.split(r"\n\s*\n", text) if (line := " ".join(block.split()))]


def sentences(paragraph: str, of: Language) -> list[str]:
    """Split a paragraph; each sentence is, but for white space, a verbatim part of it.

    A citation mark belongs to the sentence it follows. Quotations and parentheses are not cut, unless long.
    """
    text = " ".join(paragraph.split())
    found, start = list[str](), 0
    for end in _ends(text, of):
        found.append(text[start:end].strip())
        start = end
    return [sentence for sentence in [*found, text[start:].strip()] if sentence]


def _ends(text: str, of: Language) -> list[int]:
    """Where sentences end, but for the last one."""
    ends, start = list[int](), 0
    inside = _Enclosed(text)
    for match in _pattern(text, of).finditer(text):
        end = _end_of_sentence(text, start, match, of)
        if end and not inside.has(match.start(), match.end("close")):
            ends.append(end)
            start = end
    return ends


def _pattern(text: str, of: Language) -> re.Pattern[str]:
    if of.code == "el":
        return _END_OF_GREEK
    return _END_AT_BLANK if not text.isascii() and _SETS_BLANKS.search(text) else _END


class _Enclosed:
    """Quotations and parentheses of a text; asked for in ascending order."""

    def __init__(self, text: str) -> None:
        self._spans = [match.span() for match in _ENCLOSED.finditer(text)]
        self._next = 0

    def has(self, start: int, end: int) -> bool:
        """Whether the marks from start to end stand inside, not at its close."""
        while self._next < len(self._spans) and self._spans[self._next][1] <= start:
            self._next += 1
        if self._next == len(self._spans):
            return False
        first, last = self._spans[self._next]
        return first < start and end < last


def _end_of_sentence(text: str, start: int, match: re.Match[str], of: Language) -> int:
    """Where the sentence ends that these marks may end, or 0."""
    marks = _marks(match)
    if marks == " ":
        return _end_at_blank(text, start, match.start("close"))
    after = match.end()
    if match["cited"] and not _begins_sentence(text, after, match, of):
        # "[3] shows that …" begins the next sentence.
        after = match.end("close")
    if after >= len(text) or not _begins_sentence(text, after, match, of):
        return 0
    is_full_stop = set(marks) == {"."}
    can_be_abbreviation = is_full_stop and len(marks) < 3 and not match["close"] and not match["cited"]
    if can_be_abbreviation and _is_abbreviated(text, start, match.start(), _skip(text, after), of):
        return 0
    return after


def _marks(match: re.Match[str]) -> str:
    return match.string[match.start() : match.start("close")]


def _begins_sentence(text: str, after: int, match: re.Match[str], of: Language) -> bool:
    """Whether what follows the marks can be the beginning of a sentence."""
    if after >= len(text):
        return True
    has_blank = text[after] == " "
    at = _skip(text, after)
    first = text[at : at + 2]
    if not first:
        return True
    letter = first[0]
    own = _marks(match)[-1] in _OWN_MARKS
    if not has_blank and not (
        own or match["cited"] or (_is_ideographic(letter) and _ends_ideographs(text, match))
    ):
        return False
    if not letter.isalnum():
        return has_blank and (letter in "#§@*&%•·" or unicodedata.category(letter)[0] == "S")
    if letter.islower() and not _is_brand(first):
        return False
    if letter.isdigit() and not has_blank and not own and not match["cited"]:
        return False
    if match["close"] and not has_blank and _is_ideographic(letter):
        # 「…。」と言った, “…？”她问: the sentence goes on after what was said.
        return not (_AFTER_SPEECH.match(letter) or _marks(match)[-1] in "！？!?")
    # After a question that was quoted, a script without capitals does not tell.
    is_caseless = letter.isalpha() and not letter.isupper()
    return not (match["close"] and is_caseless and _marks(match)[-1] in "!?؟")


def _is_abbreviated(text: str, start: int, stop: int, next_at: int, of: Language) -> bool:
    """Whether the full stop at `stop` belongs to the word before it."""
    token_match = _LAST_TOKEN.search(text[max(start, stop - 40) : stop])
    if not token_match:
        return False
    token = _ELIDED.sub("", token_match[0].strip("'’‘,;:"))
    following = _FIRST_WORD.match(text, next_at)
    word = following[0] if following else ""
    is_first = stop - start < 12 and text[start:stop].lstrip('"“„«(').strip() == token
    if is_first and word and _LIST_MARK.match(token):
        return True  # "1. Apples", "a. Pears"
    begun = _is_starter(word, of)
    if len(token) == 1 and token.isalpha():
        return _is_letter_abbreviated(text, start, stop, word, begun, next_at)
    low = token.lower()
    if low in of.joined or _SHORT_FORM.match(token):
        return True
    if low in of.numbered or (low.endswith("str") and of.code == "de"):
        return bool(word) and (word[0].isdigit() or bool(_ROMAN.match(word)) or len(word) == 1)
    if low in _UNITS and of.code != "de":
        return not word[:1].isupper()
    if low in of.ending or _DOTTED.match(token):
        return not begun
    if of.has_ordinals and (
        _NUMBER.match(token) or _ROMAN.match(token) or (of.code == "hu" and token.isdigit())
    ):
        # "S. 12." is a page; "am 12. Juni" is a day.
        before = _REFERENCE.search(text, max(start, stop - len(token) - 14), stop - len(token))
        return not begun and not (before and before[1].lower() in of.numbered)
    return False


def _is_letter_abbreviated(text: str, start: int, stop: int, word: str, begun: bool, next_at: int) -> bool:
    """Of one letter: an initial, a part of "z. B.", a unit after a figure, or Arabic's "د."."""
    token = text[stop - 1]
    if len(word) == 1 and text[next_at + 1 : next_at + 2] == ".":
        return True
    if token.isupper():
        return not begun
    before = text[max(start, stop - 6) : stop - 1].rstrip()
    if before[-1:].isdigit():
        # "5 m. Trees", "1990 г. Она": after a figure it is a unit, or a year.
        return not (begun or (token in _UNITS and word[:1].isupper()))
    if token.islower():
        # "etc. u. a. Die": two letters, of which the last may end a sentence.
        return not (begun and before.endswith("."))
    return "\u0590" <= token <= "\u0dff"


def _is_starter(word: str, of: Language) -> bool:
    """Whether a word with a capital is one that within a sentence has none."""
    if len(word) == 1:
        return word in "AIÀÉOEYВСИУКОЯАΗΟÅ" and word.lower() in of.starters
    return word[:1].isupper() and not word.isupper() and word.lower() in of.starters


def _end_at_blank(text: str, start: int, after: int) -> int:
    """Thai and Lao set a blank where a sentence or a clause ends, Tibetan after its stroke."""
    before, following = text[after - 2], text[after : after + 1]
    if before == _SHAD:
        return after
    if before >= "\u0f00" or not "\u0e01" <= following <= "\u0eff" or before in "ๆฯ":
        return 0
    is_clause = (
        after - start <= _LEAST_THAI
        or text.endswith(_GOES_ON_AFTER_IN_THAI, start, after - 1)
        or _GOES_ON_IN_THAI.match(text, after)
    )
    return 0 if is_clause or len(text) - after < _LEAST_THAI else after


def _skip(text: str, at: int) -> int:
    """The place of the first word after blanks and opening marks."""
    while at < len(text) and text[at] == " ":
        at += 1
    match = _OPENERS.match(text, at)
    return match.end() if match else at


def _is_ideographic(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff66" <= character <= "\uff9f"


def _ends_ideographs(text: str, match: re.Match[str]) -> bool:
    """Whether marks of ASCII stand in Chinese or Japanese."""
    return _marks(match)[-1] in ".!?" and match.start() > 0 and _is_ideographic(text[match.start() - 1])


def _is_brand(first: str) -> bool:
    """iPhone, eBay: a capital in second place."""
    return len(first) > 1 and first[1].isupper()
