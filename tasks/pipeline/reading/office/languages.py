"""The language of a passage, where a document declares one for each kind of script."""

from __future__ import annotations

from collections import Counter
from typing import Protocol


class DeclaredLanguages(Protocol):
    @property
    def language(self) -> str: ...
    @property
    def language_asian(self) -> str: ...
    @property
    def language_complex(self) -> str: ...


def language_of(text: str, declared: DeclaredLanguages) -> str:
    """By the script of its first letter; "" for text without letters."""
    sample = next((each for each in text if each.isalpha()), "")
    if "\u2e80" <= sample <= "\ud7ff" or "\uf900" <= sample <= "\ufaff":
        return declared.language_asian
    if "\u0590" <= sample <= "\u08ff" or "\u0900" <= sample <= "\u0eff":
        return declared.language_complex
    return declared.language if sample else ""


def most_used(languages: Counter[str]) -> str:
    """The language of most characters; "" where the document does not tell."""
    known = Counter({language: count for language, count in languages.items() if language})
    return known.most_common(1)[0][0] if known else ""
