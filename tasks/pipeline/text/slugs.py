"""Names as parts of addresses: letters of every script stay, and signs that tell names apart are spelled."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

MAX_ENCODED_BYTES = 360
"""As an address is sent, a letter takes up to twelve bytes: this is 40 Chinese or 60 Cyrillic ones."""
# Letters that no Unicode form takes apart. One name has one slug, whatever the language of the text.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
        "ı": "i", "ȷ": "j", "ħ": "h", "ŋ": "ng", "ŧ": "t", "ĸ": "q", "ə": "e", "ɛ": "e", "ɔ": "o",
        "ɖ": "d", "ɗ": "d", "ɓ": "b", "ƙ": "k", "ƴ": "y", "ɲ": "n", "ɣ": "g", "ʒ": "zh", "ʃ": "sh",
        "ƒ": "f", "ƶ": "z", "ƀ": "b", "ɨ": "i", "ɵ": "o", "ʉ": "u", "ⱥ": "a", "ȼ": "c", "ɇ": "e",
        "ɉ": "j", "ɍ": "r", "ɏ": "y", "ƛ": "l", "ꞑ": "n",
    }
)  # fmt: skip
# Marks that words are written with or without: apostrophes, joiners, vowel points, what stretches a line.
_WITHIN_WORDS = re.compile(
    "['’‘`´ʼʻʹʾʿʽ′ꞌ\u05f3\u05f4\u00ad\u034f\u061c\u0640\u064b-\u065f\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7"
    "\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
# As compatibility forms take apart the signs ำ of Thai and ຳ of Lao, which are typed as one.
_VOWELS_IN_PARTS = (("\u0e4d\u0e32", "\u0e33"), ("\u0ecd\u0eb2", "\u0eb3"))
_CATALAN_POINT = re.compile("(?<=[lL])·(?=[lL])")
_HEBREW_QUOTE = re.compile(r"(?<=[\u05d0-\u05ea])\"(?=[\u05d0-\u05ea])")
_SPELLED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=\w)[#♯]"), "-sharp-"),
    (re.compile(r"(?<=[\w+])\+|\+(?=\w)"), "-plus-"),
    (re.compile(r"(?<=\w)&(?=\w)"), "-and-"),
    (re.compile(r"(?<=\d)\s?[%٪]"), "-percent-"),
    # Of marks, ratings and blood groups, and of figures below zero.
    (re.compile(r"(?<!\S)([^\W\d_]{1,3})[-−]{1,2}(?=\s*$)"), r"\1-minus-"),
    (re.compile(r"^\s*[-−](?=\d)"), "minus-"),
    (re.compile(r"(?<![^\s(\[/])\.(?=[^\W\d])"), "dot-"),
)
_SET_APART = re.compile("<(?:super|fraction|circle|square)>")
# Vowel signs of Thai, Lao and Tibetan, and Korean letters, are written in no other way.
_IS_NO_FORM = re.compile("[\u0e00-\u0fff\u3131-\u318e]")


def slug(text: str, limit: int = 80, *, in_ascii: bool = False, otherwise: str = "article") -> str:
    """The text as part of an address, in lower case, ending at a whole word where it is cut.

    Latin letters lose their accents; those of other scripts stay, with their vowel signs, unless `in_ascii`
    writes them in Latin ones. C, C++ and C# differ, and so do 10⁶ and 106. A text without any letter or digit
    is named by its hash, after `otherwise`.
    """
    spelled = _spelled(text)
    # A letter may become several, of which those after the limit are cut.
    words = _words(spelled[: 4 * limit])
    if in_ascii and not spelled.isascii():
        from anyascii import anyascii

        words = _words(_spelled(anyascii(" ".join(words))))
    return _joined(words, limit) or f"{otherwise}-{hashlib.sha256(_bare(text).encode()).hexdigest()[:10]}"


def is_slug(text: str) -> bool:
    """Whether it can be part of an address: letters with their signs, digits, hyphens and underscores."""
    return bool(text) and all(
        character in "-_" or character.isalnum() or _is_sign(character) for character in text
    )


def _bare(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(_WITHIN_WORDS.sub("", text).split()))


def _spelled(text: str) -> str:
    """In lower case, with words for signs, and blanks around digits that are raised or part of a fraction."""
    text = _WITHIN_WORDS.sub("", unicodedata.normalize("NFC", text))
    if not text.isascii():
        text = _WITHIN_WORDS.sub("", "".join(map(_plain, text)))
        for parts, whole in _VOWELS_IN_PARTS:
            text = text.replace(parts, whole)
        text = _HEBREW_QUOTE.sub("", _CATALAN_POINT.sub("", text))
    for sign, words in _SPELLED:
        text = sign.sub(words, text)
    return text.lower().translate(_LETTERS)


def _plain(character: str) -> str:
    """Of a compatibility form, the letters or digits it stands for."""
    form = unicodedata.decomposition(character)
    if not form.startswith("<") or _IS_NO_FORM.match(character):
        return character
    if form.startswith("<square>"):  # as in "m²", whose exponent is one
        return f" {''.join(_plain(chr(int(code, 16))) for code in form.split()[1:])} "
    plain = " " if character in "™℠" else unicodedata.normalize("NFKC", character)
    return f" {plain} " if _SET_APART.match(form) and character not in "ªº" else plain


def _words(text: str) -> list[str]:
    return "".join(_characters(text)).split()


def _characters(text: str) -> Iterator[str]:
    """Letters and digits, and the vowel signs of letters that are not Latin; a blank for all else."""
    before = ""
    for character in unicodedata.normalize("NFC", "".join(map(_without_accent, text))):
        if character.isalnum():
            before = character
            yield character
        elif not _is_sign(character):
            before = ""
            yield " "
        elif before.isalpha() and not _is_latin(before):
            yield character


def _without_accent(character: str) -> str:
    if character.isascii() or not _is_latin(character):
        return character
    return "".join(part for part in unicodedata.normalize("NFD", character) if not _is_sign(part)).translate(
        _LETTERS
    )


@lru_cache(maxsize=4096)
def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN ")


def _is_sign(character: str) -> bool:
    """A vowel sign or another mark that belongs to the letter before it."""
    return unicodedata.category(character) in {"Mn", "Mc"}


def _joined(words: list[str], limit: int) -> str:
    """As many words as fit. Of one that is as long as a sentence in Chinese, its beginning."""
    found = ""
    for word in words:
        more = f"{found}-{word}" if found else word
        if _fits(more, limit):
            found = more
            continue
        if _room(found, limit) < 0.5:
            break
        cut = more
        while not _fits(cut, limit) or _is_sign(more[len(cut)]):
            cut = cut[:-1]
        return cut.rstrip("-")
    return found


def _fits(text: str, limit: int) -> bool:
    return len(text) <= limit and len(quote(text)) <= MAX_ENCODED_BYTES


def _room(text: str, limit: int) -> float:
    """The share that is still free."""
    return 1 - max(len(text) / limit, len(quote(text)) / MAX_ENCODED_BYTES)
