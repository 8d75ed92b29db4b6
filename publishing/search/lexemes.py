"""Lexemes: what is stored and looked up for a word, by the text search configuration of a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from publishing.search.words import unaccented

LANGUAGES = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
WITH_ENGLISH = frozenset({"desk_russian", "desk_hindi"})
"""Latin words in texts of these languages are stemmed as English, as PostgreSQL does."""
SIMPLE = "desk_simple"
MAX_CACHED = 20_000
"""Words in each process, a few megabytes."""

STEM = """
SELECT given.dictionary, given.word, ts_lexize(given.dictionary::regdictionary, given.word)
FROM unnest(%(dictionaries)s::text[], %(words)s::text[]) AS given (dictionary, word)
"""

_cached: dict[tuple[str, str], tuple[str, ...]] = {}


def config_of(language: str) -> str:
    """The text search configuration for the language of a post."""
    return f"desk_{LANGUAGES.get(language.lower()[:2], 'simple')}"


def language_of(config: str) -> str:
    """Its name as words are divided by: a two-letter code, or an empty string."""
    return next((code for code, name in LANGUAGES.items() if config == f"desk_{name}"), "")


def quoted(lexeme: str) -> str:
    """As the literals of tsvector and tsquery want it."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def of(words: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """By configuration and word: the unaccented stem, then that of the unaccented word where it differs.

    Readers leave accents out, and a stem may depend on them. None for a stop word.
    """
    wanted = {(config, word) for config, some in words.items() for word in some}
    found = {key: _cached[key] for key in wanted if key in _cached}
    missing = wanted - found.keys()
    if missing:
        found |= _computed(missing)
    return found


def _computed(missing: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, ...]]:
    computed = {key: _unstemmed(key[1]) for key in missing if not _has_stem(*key)}
    typed = [key for key in missing if key not in computed]
    spellings = {
        (_dictionary(config, spelling), spelling)
        for config, word in typed
        for spelling in (word, unaccented(word))
    }
    stems = _stems(spellings)
    for config, word in typed:
        whole, plain = (stems[_dictionary(config, one), one] for one in (word, unaccented(word)))
        made = dict.fromkeys(filter(None, map(unaccented, [*whole, *plain])))
        computed[config, word] = tuple(made) if whole else ()
    if len(_cached) + len(computed) > MAX_CACHED:
        _cached.clear()
    if len(computed) <= MAX_CACHED:
        _cached.update(computed)
    return computed


def _has_stem(config: str, word: str) -> bool:
    return config != SIMPLE and word.replace("'", "").isalpha()


def _unstemmed(word: str) -> tuple[str, ...]:
    return tuple(filter(None, dict.fromkeys([word, unaccented(word)])))  # a mark alone is no word


def _dictionary(config: str, word: str) -> str:
    return (
        "english_stem"
        if config in WITH_ENGLISH and word.isascii()
        else f"{config.removeprefix('desk_')}_stem"
    )


def _stems(spellings: set[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    if not spellings:
        return {}
    dictionaries, words = zip(*spellings, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(STEM, {"dictionaries": list(dictionaries), "words": list(words)})
        return {(dictionary, word): lexemes or [] for dictionary, word, lexemes in cursor.fetchall()}
