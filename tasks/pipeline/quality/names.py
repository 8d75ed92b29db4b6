"""What a source calls by name: words with capitals where these say something.

In German every noun has a capital: there a name is what has no article, and is not built like a noun.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache

from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.quality.source_index import SourceIndex
from tasks.pipeline.quality.word_alignment import Token
from tasks.pipeline.text.typography import folded

NOUNS_HAVE_CAPITALS = frozenset({"de"})
_WORD = re.compile(r"[^\W\d_][^\W_]*")
_INSIDE = re.compile(r"(?<=[\w,;)] )[^\W\d_][^\W_]+")
_TOKENS = re.compile(r"[^\W_]+(?:-[^\W_]+)*|[.,;:!?()]")
_RUN = re.compile(
    r"(?:[^\W\d_][^\W_]*(?:[ -](?:of|the|for|and|de|la|del|des|der|die|das|für|und|y|e|du|di) |[ -])?){2,9}"
)
# Of German nouns and of forms of adjectives that are used as nouns.
_NOUN = re.compile(
    r"(?:ung|ungen|heit|heiten|keit|keiten|schaft|schaften|tion|tionen|tät|täten|nis|nisse|nissen|tum|ling|linge"
    r"|ismus|ment|mente|enz|anz|ierung|barkeit|ern|eln|ierer|nehmer|geber|leute|zeit|zeiten|wert|werte|stelle"
    r"|stellen|chef|chefin|ekten|isten?|istin|innen|liter|meter|gramm|teil|teile|fall|fälle|weise|datei|dateien|programm|programme|system|systeme|name|namen|zahl|zahlen)\Z"
)
LEAST_LETTERS = 2
# Now and then a name has an article, too: "das alte Rom".
SHARE_WITH_ARTICLE = 0.25
# "Germany" and "German", "Torvalds" and "Torvalds'".
LEAST_COMMON = 4


class NameIndex:
    """The names of one source."""

    def __init__(self, index: SourceIndex, words: MeaningWords) -> None:
        text = "  ".join(index.sentences)
        written = set(_WORD.findall(text))
        self.vocabulary = {folded(word) for word in written}
        # Where nouns have capitals, what is written small as well is a command or product: "dpkg", "Dpkg".
        has_small = words.code not in NOUNS_HAVE_CAPITALS
        self._small = {word.casefold() for word in written if has_small and word.islower()}
        self._inside = {folded(word) for word in set(_INSIDE.findall(text)) if word[0].isupper()}
        self._with_article = (
            _with_articles(words.determiners, text) if words.code in NOUNS_HAVE_CAPITALS else set()
        )
        self.initials = _initials(text)
        self.by_start: dict[str, list[str]] = defaultdict(list)
        """The vocabulary by its first letters."""
        for word in self.vocabulary:
            self.by_start[word[:LEAST_COMMON]].append(word)

    def has_name(self, word: str) -> bool:
        """Whether a word, as `folded` has it, is a name wherever the source has it."""
        return word in self._inside and word not in self._small and word not in self._with_article


@lru_cache(maxsize=64)
def name_index(index: SourceIndex, words: MeaningWords) -> NameIndex:
    return NameIndex(index, words)


def may_be_name(token: Token, words: MeaningWords) -> bool:
    """Whether a word looks like a name by itself."""
    written = token.written
    if len(written) < LEAST_LETTERS or not written[0].isupper() or token.folded in words.exclusive:
        return False
    if not token.is_content or token.folded in words.auxiliaries or token.folded in words.negators:
        return False
    return words.code not in NOUNS_HAVE_CAPITALS or is_like_no_noun(written) or not _NOUN.search(written)


def is_like_no_noun(written: str) -> bool:
    """Whether a word has capitals inside, as acronyms and products have."""
    return any(letter.isupper() for letter in written[1:])


def are_one_name(one: str, other: str) -> bool:
    """Whether two words, as `folded` has them, may be forms of one name."""
    if one == other:
        return True
    shortest, common = min(len(one), len(other)), 0
    while common < shortest and one[common] == other[common]:
        common += 1
    return common >= LEAST_COMMON and common >= 0.6 * shortest


def _with_articles(determiners: frozenset[str], text: str) -> set[str]:
    """Words that are often written after an article, or after one and an adjective."""
    counts, with_article = Counter[str](), Counter[str]()
    before, last = "", ""
    for word in _TOKENS.findall(text):
        if word[0].isupper():
            counts[word] += 1
            with_article[word] += last in determiners or (last.islower() and before in determiners)
        before, last = last, word.casefold()
    return {folded(word) for word, count in counts.items() if with_article[word] > SHARE_WITH_ARTICLE * count}


def _initials(text: str) -> set[str]:
    """The initials of what has several words with capitals: "WHO" for the World Health Organization."""
    found = set[str]()
    for match in _RUN.finditer(text):
        capitals = "".join(word[0] for word in _WORD.findall(match[0]) if word[0].isupper())
        if 2 <= len(capitals) <= 6:
            found.update(capitals[start:].casefold() for start in range(len(capitals) - 1))
    return found
