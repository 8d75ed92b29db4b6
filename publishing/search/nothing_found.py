"""What readers are offered where a search found nothing: words that posts have, and topics they can read."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language

from publishing.addresses import path_of
from publishing.models import Post
from publishing.search.cache import cached
from publishing.search.deadline import TookTooLong, rows
from publishing.search.weights import as_query
from publishing.search.words import divide

WORDS, TOPICS = 6, 8
"""How many of each are shown at most."""
MIN_BEGINNING, MOST_LEFT_OUT = 3, 3
"""A near word has at least so many letters in common at its beginning, and lacks no more at the end of it."""
LAST_CHARACTER = chr(0x10FFFF)

LANGUAGES = {
    "CYRILLIC": ("ru", "uk", "bg", "sr", "mk", "be", "kk"), "GREEK": ("el",), "HEBREW": ("he", "yi"),
    "ARABIC": ("ar", "fa", "ur"), "DEVANAGARI": ("hi", "ne", "mr"), "THAI": ("th",), "HANGUL": ("ko",),
    "HIRAGANA": ("ja",), "KATAKANA": ("ja",), "CJK": ("zh", "ja"), "ARMENIAN": ("hy",), "TAMIL": ("ta",),
    "GEORGIAN": ("ka",), "BENGALI": ("bn",),
}  # fmt: skip
"""By script: the languages that are written in it. Latin is left out, in which most are."""

# The nearest few first, because whether readers see a post that has the word takes longer than the rest.
NEAR = f"""
SELECT near.form
FROM (
    SELECT form.form, form.config, form.lexeme, typed.word, term.posts
    FROM unnest(%(words)s::text[], %(beginnings)s::text[]) AS typed (word, beginning)
    CROSS JOIN publishing_searchlanguage AS language
    CROSS JOIN LATERAL (
        SELECT form, config, lexeme FROM publishing_searchform AS form
        WHERE form.config = language.config AND NOT form.is_compound
            AND form.form ~>=~ typed.beginning AND form.form ~<~ (typed.beginning || '{LAST_CHARACTER}')
        LIMIT 200
    ) AS form
    JOIN publishing_searchterm AS term
        ON term.config = form.config AND term.lexeme = form.lexeme AND term.posts > 0
    ORDER BY abs(length(form.form) - length(typed.word)), term.posts DESC, form.form
    LIMIT {3 * WORDS}
) AS near
WHERE EXISTS (
    SELECT FROM publishing_postsearch AS row JOIN (PUBLISHED) AS visible ON visible.id = row.post_id
    WHERE row.tsv @@ {as_query("near.lexeme")} AND row.config = near.config
)
ORDER BY abs(length(near.form) - length(near.word)), near.posts DESC, near.form
"""

RECENT_TOPICS = f"""
WITH recent AS MATERIALIZED (
    SELECT id, category_id FROM (PUBLISHED ORDER BY published_at DESC, id DESC LIMIT 3000) AS posts
    WHERE %(languages)s::text[] IS NULL OR left(language, 2) = ANY (%(languages)s::text[])
)
SELECT kind, name, slug FROM (
    SELECT 'category' AS kind, name, slug, count(*) AS posts
    FROM recent JOIN publishing_category AS category ON category.id = category_id GROUP BY name, slug
    UNION ALL
    SELECT 'tag', name, slug, count(*)
    FROM recent JOIN publishing_post_tags AS tagged ON tagged.post_id = recent.id
    JOIN publishing_tag AS tag ON tag.id = tagged.tag_id GROUP BY name, slug
) AS topic
ORDER BY posts DESC, kind, slug LIMIT {TOPICS}
"""


@dataclass(frozen=True)
class TopicLink:
    name: str
    path: str


def near_words(text: str) -> list[str]:
    """Words of posts that begin like those of the query."""
    typed = [word.text for word in divide(text) if len(word.text) >= MIN_BEGINNING]
    given = {"words": typed, "beginnings": [_beginning(word) for word in typed]}
    found = _rows("near", NEAR, given) if typed else []
    return [form for form in dict.fromkeys(form for (form,) in found) if form not in typed][:WORDS]


def topics_to_read(text: str) -> list[TopicLink]:
    """Those of the newest posts in the language of the query's script, else of the site, else in any."""
    for languages in (_languages(text), [_site_language()], None):
        found = _rows("topics", RECENT_TOPICS, {"languages": languages}) if languages != [] else []
        if found:
            return [TopicLink(name, path_of(kind, slug)) for kind, name, slug in found]
    return []


def _rows(kind: str, statement: str, given: Mapping[str, list[str] | None]) -> list[tuple[str, ...]]:
    """None where it takes too long: then less is offered."""
    try:
        return cached(kind, given, lambda: rows(statement.replace("PUBLISHED", _published()), given))
    except TookTooLong:
        return []


def _beginning(word: str) -> str:
    return word[: max(MIN_BEGINNING, len(word) - MOST_LEFT_OUT)]


def _languages(text: str) -> list[str]:
    scripts = (unicodedata.name(char, "").split(" ")[0] for char in text if char.isalpha())
    return [code for script in dict.fromkeys(scripts) for code in LANGUAGES.get(script.split("-")[0], ())]


def _site_language() -> str:
    return (get_language() or "en")[:2]


@cache
def _published() -> str:
    # As text it is complete: the rule of visibility has no parameters.
    posts = Post.objects.published().articles().order_by()
    return str(posts.values("id", "published_at", "category_id", "language").query)
