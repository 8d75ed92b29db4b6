"""Autocompletion: titles, topics and words of live posts that begin like what a reader is typing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from publishing.addresses import path_of
from publishing.models import Post
from publishing.search.deadline import TookTooLong, rows
from publishing.search.normalization import as_words, clean
from publishing.search.query import MAX_QUERY_CHARACTERS
from publishing.search.weights import as_query

TITLES, TOPICS, WORDS = 5, 2, 3
"""How many of each are shown at most."""
TOPIC_KINDS = {"category", "tag"}
MIN_CHARACTERS = 2
"""How many letters of a word are needed to look up words by them; titles and topics need one."""
LOOKED_UP = 300
"""Words with this prefix are looked up in titles if no more posts than this have them."""
START, STOP = "\ue000", "\ue001"
LAST_CHARACTER = chr(0x10FFFF)

# A beginning is a range of an index. The last word may be whole: its stem is a beginning too.
TYPED = f"""
WITH visible AS NOT MATERIALIZED (PUBLISHED),
typed AS MATERIALIZED (
    SELECT language.config,
           tsvector_to_array(to_tsvector(language.config::regconfig, %(before)s)) AS before,
           array(SELECT unnest(tsvector_to_array(to_tsvector(language.config::regconfig, %(last)s)))
                 UNION SELECT %(last)s) AS beginnings
    FROM publishing_searchlanguage AS language
    WHERE language.posts > 0 AND char_length(%(last)s) >= {MIN_CHARACTERS}
), word AS MATERIALIZED (
    SELECT DISTINCT term.id, term.config, term.lexeme, term.posts
    FROM typed CROSS JOIN LATERAL unnest(typed.beginnings) AS beginning (text)
    JOIN publishing_searchterm AS term ON term.config = typed.config AND term.posts > 0
        AND term.lexeme ~>=~ beginning.text AND term.lexeme ~<~ (beginning.text || %(last_character)s)
), inside AS MATERIALIZED (
    SELECT config, string_agg(part, ' & ')::tsquery AS query
    FROM (
        SELECT config, {as_query("lexeme")}::text || ':A' AS part
        FROM typed CROSS JOIN LATERAL unnest(before) AS lexeme
        UNION ALL
        SELECT config, '(' || string_agg({as_query("beginning")}::text || ':*A', ' | ') || ')'
        FROM typed CROSS JOIN LATERAL unnest(beginnings) AS beginning GROUP BY config
    ) AS part
    WHERE (SELECT sum(posts) FROM word WHERE word.config = part.config) <= {LOOKED_UP}
    GROUP BY config
)
"""

# Whether a post is live is asked twice: the index has those alone, and `visible` is the rule.
TITLES_BEGINNING = f"""
SELECT 'article', post.title, post.slug
FROM publishing_post AS post JOIN visible USING (id)
WHERE post.is_live AND lower(post.title) ~>=~ lower(%(text)s)
    AND lower(post.title) ~<~ (lower(%(text)s) || %(last_character)s)
ORDER BY lower(post.title) USING ~<~ LIMIT {TITLES}
"""

TITLES_HAVING = f"""
SELECT 'article', post.title, post.slug
FROM inside
CROSS JOIN LATERAL (
    SELECT post_id FROM publishing_postsearch AS row
    WHERE row.tsv @@ inside.query AND row.config = inside.config OFFSET 0
) AS row
JOIN publishing_post AS post ON post.id = row.post_id JOIN visible USING (id)
ORDER BY post.published_at DESC, post.id DESC LIMIT {TITLES}
"""

CATEGORIES = f"""
SELECT 'category', name, slug FROM publishing_category AS category
WHERE strpos(' ' || lower(name), ' ' || lower(%(text)s)) > 0 AND EXISTS (
    SELECT FROM publishing_post AS post JOIN visible USING (id) WHERE post.category_id = category.id)
ORDER BY name LIMIT {TOPICS}
"""

TAGS = f"""
SELECT 'tag', name, slug FROM publishing_tag AS tag
WHERE strpos(' ' || lower(name), ' ' || lower(%(text)s)) > 0 AND EXISTS (
    SELECT FROM publishing_post_tags AS tagged JOIN visible ON visible.id = tagged.post_id
    WHERE tagged.tag_id = tag.id)
ORDER BY name LIMIT {TOPICS}
"""

# A word is taken from a text that has it, since the index has stems.
WORDS_BEGINNING = f"""
SELECT 'word',
       ts_headline(best.config::regconfig, shown.text, best.query,
                   'StartSel={START}, StopSel={STOP}, MaxWords=6, MinWords=1, MaxFragments=1'),
       ''
FROM (
    SELECT id, config, posts, {as_query("lexeme")} AS query
    FROM (SELECT * FROM word ORDER BY posts DESC, lexeme LIMIT {2 * WORDS}) AS commonest
) AS best
CROSS JOIN LATERAL (
    SELECT listed AS post_id
    FROM publishing_searchlist AS list CROSS JOIN LATERAL unnest(list.post_ids[1:20]) AS listed
    JOIN visible ON visible.id = listed
    WHERE list.term_id = best.id
    UNION ALL
    SELECT row.post_id
    FROM publishing_postsearch AS row JOIN visible ON visible.id = row.post_id
    WHERE row.tsv @@ best.query AND row.config = best.config
        AND NOT EXISTS (SELECT FROM publishing_searchlist AS list WHERE list.term_id = best.id)
    LIMIT 1
) AS holder
CROSS JOIN LATERAL (
    SELECT post.title || ' ' || row.text AS text
    FROM publishing_postsearch AS row JOIN publishing_post AS post ON post.id = row.post_id
    WHERE row.post_id = holder.post_id
) AS shown
ORDER BY best.posts DESC
"""

PARTS = (TITLES_BEGINNING, TITLES_HAVING, CATEGORIES, TAGS, WORDS_BEGINNING)
SUGGEST = TYPED + " UNION ALL ".join(f"({part})" for part in PARTS)


@dataclass(frozen=True)
class Suggestion:
    text: str
    kind: str  # article, category, tag or word
    path: str  # where it leads


def suggestions(text: str) -> list[Suggestion]:
    """Ten at most: titles, then topics, then words. Any string is welcome."""
    text = " ".join(clean(text[:MAX_QUERY_CHARACTERS]).split())
    if not text:
        return []
    words = re.findall(r"\w+", as_words(text).lower())
    given = {
        "text": text,
        "before": " ".join(words[:-1]),
        "last": "".join(words[-1:]),
        "last_character": LAST_CHARACTER,
    }
    published = Post.objects.published().order_by().values("id").query
    try:
        found = rows(SUGGEST.replace("PUBLISHED", str(published)), given)
    except TookTooLong:
        return []
    articles = [
        Suggestion(name, kind, path_of("post", slug)) for kind, name, slug in found if kind == "article"
    ]
    topics = [
        Suggestion(name, kind, path_of(kind, slug)) for kind, name, slug in found if kind in TOPIC_KINDS
    ]
    words = [_completed(text, _highlighted_word(name)) for kind, name, _ in found if kind == "word"]
    other = [word for word in words if word and _folded(word.text) != _folded(text)]
    return [*_distinct(articles)[:TITLES], *topics[:TOPICS], *_distinct(other)[:WORDS]]


def _completed(text: str, form: str) -> Suggestion | None:
    """What was typed, its last word completed; None where the form begins otherwise than that."""
    before, _, last = text.rpartition(" ")
    if not form or not _folded(form).startswith(_folded(last)):
        return None
    whole = f"{before} {form}".strip()
    return Suggestion(whole, "word", f"{reverse('search')}?{urlencode({'q': whole})}")


def _highlighted_word(headline: str) -> str:
    found = re.search(f"{START}([^{STOP}]*){STOP}", headline)
    return found[1].lower() if found else ""


def _distinct(some: Iterable[Suggestion]) -> list[Suggestion]:
    first: dict[str, Suggestion] = {}
    for one in some:
        first.setdefault(_folded(one.text), one)
    return list(first.values())


def _folded(text: str) -> str:
    """Without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))
