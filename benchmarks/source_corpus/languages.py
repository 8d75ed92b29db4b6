"""The languages that documents are made in, by their codes."""

from __future__ import annotations

from benchmarks.source_corpus import other_texts, western_texts
from benchmarks.source_corpus.harbour_texts import MadeLanguage

LANGUAGES: dict[str, MadeLanguage] = {one.code: one for one in (*western_texts.TEXTS, *other_texts.TEXTS)}
