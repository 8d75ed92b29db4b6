"""Spellings and forms of a word that mean the same, though stems differ: British and American, irregular."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, lru_cache

from publishing.search.irregular_english import GROUPS

ENGLISH = "en"
MIN_VERB = 6
"""Letters of a verb in -ise: shorter words with these letters are others, such as “rise” and “prize”."""
VERB = re.compile(r"(?P<verb>.+)(?P<sound>[sz])(?P<ending>e|es|ed|er|ers|ing|ings|able|ation|ations)")
OF_VERB = re.compile(r".+[iy]")


@lru_cache(maxsize=4096)
def variants(word: str, language: str) -> tuple[str, ...]:
    """The others of a folded word; whether any text has them is for the caller to find out."""
    if language != ENGLISH or not word.isascii():
        return ()
    found = {*_irregular().get(word, ()), *_respelled(word)}
    return tuple(sorted(found - {word}))


def _respelled(word: str) -> set[str]:
    from breame.data.spelling_constants import (  # 3 MB, for the processes that search
        AMERICAN_ENGLISH_SPELLINGS,
        BRITISH_ENGLISH_SPELLINGS,
    )

    listed = {
        spellings[word]
        for spellings in (AMERICAN_ENGLISH_SPELLINGS, BRITISH_ENGLISH_SPELLINGS)
        if word in spellings
    }
    verb = VERB.fullmatch(word)
    if listed or not verb or len(word) < MIN_VERB or not OF_VERB.fullmatch(verb["verb"]):
        return listed
    return {f"{verb['verb']}{'z' if verb['sound'] == 's' else 's'}{verb['ending']}"}


@cache
def _irregular() -> dict[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    for group in GROUPS:
        forms = group.split()
        for form in forms:
            found[form].update(forms)
    return dict(found)
