"""One name a thing, and the field's own: words that this project once had for itself do not come back.

docs/GLOSSARY.md says what is used instead.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.source_tree import BASE_DIR, PACKAGES, tree_of

TEXTS = {".py", ".html", ".md", ".js", ".txt"}
EXEMPT = ("CHANGELOG.md", "docs/GLOSSARY.md", "tests/test_docs.py", "tests/test_vocabulary.py")

# --- The words ------------------------------------------------------------------------------------------

WORDS = frozenset({"anew", "beside", "somebody", "whoever"})
"""Nowhere: "again", "next to", "someone" or "another user", "the process that" are plainer."""

PARTS = frozenset({
    "anew", "beside", "flaw", "flaws", "forgetting", "heard", "kept", "messenger", "narrowed", "narrowing",
    "news", "opinion", "remembering", "signposts", "slips", "somebody", "surroundings", "ticked",
    "tidying", "timetable", "told", "unheard", "whoever",
})  # fmt: skip
"""No part of an identifier, be it in snake or in camel case."""

SEQUENCES = frozenset({
    "ask_of", "asked_of", "flight_of", "forget_old", "go_round", "is_told", "keep_head", "kept_pages",
    "news_of", "no_watch", "of_the_living", "sealed_anew", "tell_of", "watch_beside",
})  # fmt: skip
"""No consecutive parts of an identifier."""

NAMES = frozenset({
    "Answer", "Asked", "Breaker", "Claim", "Departure", "Door", "Flight", "Front", "KeptPages", "Message",
    "Notice", "NoticeSettings", "OfTheSite", "Outcome", "Places", "Presence", "ReviewClaim", "Rounds",
    "Rules", "Watch",
})  # fmt: skip
"""No class, function or module by this very name: they had several meanings, or one that was our own."""

CONTRACT = frozenset({"first_flaw", "opinion"})
"""Names of the API, of forms and of settings, which stay."""

SEVERAL = frozenset({"Command", "Meta"})
"""Names that a framework asks for."""


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files"], cwd=BASE_DIR, capture_output=True, text=True, check=True)
    paths = [Path(name) for name in listed.stdout.splitlines()]
    return tuple(
        path
        for path in paths
        if path.suffix in TEXTS
        and str(path) not in EXEMPT
        and "migrations" not in path.parts
        and (BASE_DIR / path).is_file()
    )


def files() -> Iterator[tuple[str, str]]:
    """Their names and texts."""
    for path in tracked():
        yield str(path), (BASE_DIR / path).read_text(encoding="utf-8")


def identifiers(name: str, text: str) -> set[str]:
    """Of Python all; of other texts what stands in backticks, in a template's tags or in a script."""
    if name.endswith(".py"):
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return {token.string for token in tokens if token.type == tokenize.NAME}
    if name.endswith(".js"):
        return set(re.findall(r"\b[A-Za-z_]\w+\b", text))
    blocks = re.findall(r"^ *```.*?^ *```", text, re.MULTILINE | re.DOTALL)
    code = " ".join([*blocks, *re.findall(r"`[^`\n]+`|\{\{.*?\}\}|\{%.*?%\}", text)])
    return set(re.findall(r"\b[A-Za-z_]\w+\b", code)) | {Path(name).stem}


def parts_of(identifier: str) -> list[str]:
    """As in ["kept", "pages"], of `KeptPages`, `kept_pages` and `KEPT_PAGES` alike."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", identifier)
    return [word.lower() for word in words]


def is_banned(identifier: str) -> bool:
    if identifier in CONTRACT:
        return False
    parts = parts_of(identifier)
    joined = f"_{'_'.join(parts)}_"
    return (
        identifier in NAMES
        or not PARTS.isdisjoint(parts)
        or any(f"_{sequence}_" in joined for sequence in SEQUENCES)
    )


def test_no_identifier_is_in_our_own_language() -> None:
    found = {
        name: banned
        for name, text in files()
        if (banned := sorted(each for each in identifiers(name, text) if is_banned(each)))
    }
    assert found == {}


def test_no_text_has_words_of_our_own() -> None:
    pattern = re.compile(rf"\b({'|'.join(sorted(WORDS))})\b", re.IGNORECASE)
    found = [f"{name}: {match[0]}" for name, text in files() for match in pattern.finditer(text)]
    assert found == []


def test_our_own_names_have_no_aliases() -> None:
    """One name a thing: what is imported keeps its name."""
    found = [
        f"{name}: {alias.name} as {alias.asname}"
        for name, _ in files()
        if name.endswith(".py")
        for node in ast.walk(tree_of(BASE_DIR / name))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in (*PACKAGES, "tests")
        for alias in node.names
        if alias.asname not in (None, alias.name)
    ]
    assert found == []


def test_no_class_has_the_name_of_another() -> None:
    """One meaning a name."""
    places = defaultdict(list)
    for name, _ in files():
        if name.endswith(".py") and name.split("/")[0] in PACKAGES:
            for node in tree_of(BASE_DIR / name).body:
                if isinstance(node, ast.ClassDef) and node.name not in SEVERAL:
                    places[node.name].append(name)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


@pytest.mark.parametrize(
    "identifier",
    [
        "KeptPages",
        "kept_pages",
        "KEPT",
        "test_who_is_told",
        "HTTPTimetable",
        "tell_of_it",
        "Departure",
        "is_told",
    ],
)
def test_banned_words_are_found_however_they_are_written(identifier: str) -> None:
    assert is_banned(identifier)


@pytest.mark.parametrize(
    "identifier", ["max_in_flight", "keep_alive", "WatchdogTimer", "storytold", "front", "rules", "opinion"]
)
def test_other_identifiers_are_left_alone(identifier: str) -> None:
    assert not is_banned(identifier)
