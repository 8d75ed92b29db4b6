"""A collection of texts and queries with human relevance judgements.

In the layout that the BEIR benchmark made common: corpus.jsonl, queries.jsonl and qrels/test.tsv. What BEIR
does not say, the language, is in info.json: `{"language": "de"}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tasks.pipeline.text.markdown import CONTROL_CHARACTERS

CORPUS, QUERIES, JUDGEMENTS = "corpus.jsonl", "queries.jsonl", "qrels/test.tsv"
INFO = "info.json"
DEFAULT_LANGUAGE = "en"


class InvalidCollection(Exception):
    """One sentence for the person at the terminal."""


@dataclass(frozen=True)
class CorpusText:
    title: str
    body: str


@dataclass(frozen=True)
class Collection:
    texts: Mapping[str, CorpusText]
    queries: Mapping[str, str]
    """Those with a text to be found."""
    gains: Mapping[str, Mapping[str, int]]
    """How relevant which text is, by query."""
    name: str = ""
    language: str = DEFAULT_LANGUAGE


def read(directory: Path, language: str = "") -> Collection:
    """Raises InvalidCollection. Without a language, the collection's own, or English."""
    texts = {
        name: CorpusText(_plain(row.get("title")), _plain(row.get("text")))
        for name, row in _rows(directory / CORPUS)
    }
    gains: dict[str, dict[str, int]] = {}
    for query, text, gain in _judgements(directory / JUDGEMENTS):
        if gain > 0 and text in texts:
            gains.setdefault(query, {})[text] = gain
    queries = {name: _plain(row.get("text")) for name, row in _rows(directory / QUERIES) if name in gains}
    if not queries:
        raise InvalidCollection(
            f"{directory / JUDGEMENTS} names no query and text that are there: check the ids."
        )
    return Collection(texts, queries, gains, directory.resolve().name, language or _language(directory))


def _language(directory: Path) -> str:
    path = directory / INFO
    if not path.exists():
        return DEFAULT_LANGUAGE
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["language"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidCollection(f'{path}: expected {{"language": "de"}}, or another code.') from error


def _rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            yield str(row["_id"]), row
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidCollection(
                f"{path}, line {number}: expected a JSON object with an _id and a text."
            ) from error


def _judgements(path: Path) -> Iterator[tuple[str, str, int]]:
    for number, line in _lines(path):
        try:
            query, text, gain = line.split("\t")
            yield query, text, int(gain)
        except ValueError as error:
            if number > 1:  # the first line may be a heading
                raise InvalidCollection(
                    f"{path}, line {number}: expected a query, a text and a whole number, between tabs."
                ) from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidCollection(f"{path} cannot be read: {error}.") from error


def _plain(value: object) -> str:
    return " ".join(CONTROL_CHARACTERS.sub(" ", str(value or "")).split())
