"""Search engines to compare with. They are not part of the product: see benchmarks/requirements.txt.

All of them read the same words: small letters, stems by Snowball where it knows the language, and pairs of
characters in scripts without spaces, so that what is compared is how they rank.
"""

from __future__ import annotations

import importlib
import logging
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Protocol

from benchmarks.collection import Collection
from publishing.search.words import MARKS, UNSPACED

TITLE_WEIGHTS = (1, 2, 5)
"""Of a title's words, where a text's have 1. What is best differs from collection to collection."""
REQUIREMENTS = "benchmarks/requirements.txt"
RUN = re.compile(rf"[{UNSPACED}]+|(?:(?![{UNSPACED}])[\w{MARKS}])+")  # vowel signs are no letters to `re`
UNSPACED_RUN = re.compile(f"[{UNSPACED}]")
SNOWBALL = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "it": "italian",
    "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish",
    "tr": "turkish",
}  # fmt: skip


class EngineSearch(Protocol):
    """The places of the texts that a query finds, best first, at most so many."""

    def __call__(self, query: str, limit: int) -> Sequence[int]: ...


Words = Callable[[str], list[str]]
Texts = Sequence[tuple[list[str], list[str]]]
"""The words of each title and text."""


class EngineMissing(Exception):
    """Names what is not installed, and how it is."""


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EngineMissing(f"{name} is not installed: pip install -r {REQUIREMENTS}") from error


def words_of(language: str) -> Words:
    """What divides a text for the engines. Without Snowball, words are as they were typed."""
    stem: Callable[[str], str] = str
    if language in SNOWBALL:
        try:
            stem = _module("Stemmer").Stemmer(SNOWBALL[language]).stemWord
        except EngineMissing:
            pass

    def words(text: str) -> list[str]:
        found = []
        for run in RUN.findall(text.lower()):
            if not UNSPACED_RUN.match(run):
                found.append(stem(run))
            else:
                found += [run[at : at + 2] for at in range(len(run) - 1)] or [run]
        return found

    return words


def bm25s(texts: Texts, words: Words, title_weight: int) -> EngineSearch:
    """It knows no fields: a title counts more by standing there several times."""
    library = _module("bm25s")
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    index = library.BM25()
    index.index([title_weight * title + body for title, body in texts], show_progress=False)

    def found(query: str, limit: int) -> Sequence[int]:
        known = [word for word in words(query) if word in index.vocab_dict]
        if not known:
            return []
        places, scores = index.retrieve([known], k=min(limit, len(texts)), show_progress=False)
        return [int(place) for place, score in zip(places[0], scores[0], strict=True) if score > 0]

    return found


def tantivy(texts: Texts, words: Words, title_weight: int) -> EngineSearch:
    library = _module("tantivy")
    schema = library.SchemaBuilder()
    for field in ("title", "body"):
        schema = schema.add_text_field(field, tokenizer_name="given")
    index = library.Index(schema.add_integer_field("place", stored=True, indexed=True).build())
    given = library.TextAnalyzerBuilder(library.Tokenizer.whitespace()).build()
    index.register_tokenizer("given", given)
    writer = index.writer()
    for place, (title, body) in enumerate(texts):
        writer.add_document(library.Document(title=" ".join(title), body=" ".join(body), place=place))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def found(query: str, limit: int) -> Sequence[int]:
        text = " ".join(f'"{word}"' for word in words(query))
        if not text:
            return []
        parsed = index.parse_query(text, ["title", "body"], field_boosts={"title": float(title_weight)})
        return [int(searcher.doc(at)["place"][0]) for _, at in searcher.search(parsed, limit).hits]

    return found


def fts5(texts: Texts, words: Words, title_weight: int) -> EngineSearch:
    database = sqlite3.connect(":memory:")
    # Marks are parts of words in Indian scripts.
    tokenizer = """unicode61 categories 'L* M* N* Co'"""
    database.execute(f'CREATE VIRTUAL TABLE post USING fts5(title, body, tokenize = "{tokenizer}")')
    database.executemany(
        "INSERT INTO post (rowid, title, body) VALUES (?, ?, ?)",
        ((place, " ".join(title), " ".join(body)) for place, (title, body) in enumerate(texts)),
    )

    def found(query: str, limit: int) -> Sequence[int]:
        any_word = " OR ".join(f'"{word}"' for word in words(query))
        if not any_word:
            return []
        rows = database.execute(
            "SELECT rowid FROM post WHERE post MATCH ? ORDER BY bm25(post, ?, 1), rowid LIMIT ?",
            (any_word, title_weight, limit),
        )
        return [place for (place,) in rows]

    return found


ENGINES: Mapping[str, Callable[[Texts, Words, int], EngineSearch]] = {
    "bm25s": bm25s,
    "tantivy": tantivy,
    "SQLite FTS5": fts5,
}


def built(collection: Collection, say: Callable[[str], Any]) -> dict[str, dict[int, EngineSearch]]:
    """Each engine that is installed, by the weight of titles."""
    words = words_of(collection.language)
    texts = [(words(text.title), words(text.body)) for text in collection.texts.values()]
    weights = TITLE_WEIGHTS if any(title for title, _ in texts) else TITLE_WEIGHTS[:1]
    found: dict[str, dict[int, EngineSearch]] = {}
    for name, build in ENGINES.items():
        try:
            found[name] = {weight: build(texts, words, weight) for weight in weights}
        except EngineMissing as error:
            say(f"{error}")
    return found
