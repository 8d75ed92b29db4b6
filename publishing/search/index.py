"""The search index, written when a post is published: it is found at once, and searches stay cheap."""

from __future__ import annotations

from functools import reduce
from operator import add

from django.contrib.postgres.search import SearchVector
from django.db import connection, transaction
from django.db.models import Value
from django_q.tasks import async_task

from publishing.models import Post, PostSearch
from publishing.plain_body import plain_body
from publishing.search.lists import LISTED_FROM
from publishing.search.normalization import as_shown, as_words
from publishing.search.weights import as_query, impact, unpacked

# A tsvector holds a megabyte at most; the end of a longer text is not found.
MAX_INDEXED_CHARACTERS = 200_000

LANGUAGES = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# The language's row first and the words in their order, as every writer takes them, so that no two wait for
# each other. Returns whether the lists of common words have to be merged: see lists.py.
INDEX = f"""
WITH old AS MATERIALIZED (
    SELECT config::text AS config, tsvector_to_array(tsv) AS lexemes
    FROM publishing_postsearch WHERE post_id = %(post)s
), indexed AS (
    INSERT INTO publishing_postsearch (post_id, config, tsv, text)
    VALUES (%(post)s, %(config)s,
            setweight(to_tsvector(%(config)s::regconfig, %(title)s), 'A')
            || setweight(to_tsvector(%(config)s::regconfig, %(summary)s), 'B')
            || setweight(to_tsvector(%(config)s::regconfig, %(body)s), 'C'),
            %(text)s)
    ON CONFLICT (post_id) DO UPDATE SET config = excluded.config, tsv = excluded.tsv, text = excluded.text
    RETURNING post_id, config::text AS config, tsv
), left_behind AS (
    UPDATE publishing_searchlanguage AS language SET posts = greatest(language.posts - 1, 0)
    FROM old WHERE language.config = old.config AND old.config <> %(config)s
    RETURNING language.config
), language AS (
    INSERT INTO publishing_searchlanguage (config, posts)
    SELECT %(config)s, 1 WHERE NOT EXISTS (SELECT FROM old WHERE config = %(config)s)
    ON CONFLICT (config) DO UPDATE SET posts = publishing_searchlanguage.posts + 1
    RETURNING config
), new_word AS MATERIALIZED (
    SELECT config, unnest(tsvector_to_array(tsv)) AS lexeme FROM indexed
    WHERE (SELECT count(*) FROM left_behind) + (SELECT count(*) FROM language) >= 0
), old_word AS MATERIALIZED (
    SELECT config, unnest(lexemes) AS lexeme FROM old
), gone AS (
    UPDATE publishing_searchterm AS term SET posts = greatest(term.posts - 1, 0)
    FROM (SELECT * FROM old_word EXCEPT SELECT * FROM new_word) AS lost
    WHERE term.config = lost.config AND term.lexeme = lost.lexeme
), gained AS (
    INSERT INTO publishing_searchterm (config, lexeme, posts)
    SELECT config, lexeme, 1 FROM (SELECT * FROM new_word EXCEPT SELECT * FROM old_word) AS word
    ORDER BY config, lexeme
    ON CONFLICT (config, lexeme) DO UPDATE SET posts = publishing_searchterm.posts + 1
    RETURNING id, posts
), outdated AS (
    DELETE FROM publishing_searchdelta WHERE post_id = %(post)s
), delta AS (
    INSERT INTO publishing_searchdelta (term_id, post_id, impact)
    SELECT term.id, indexed.post_id, entry.impact
    FROM indexed
    CROSS JOIN LATERAL {unpacked("indexed.tsv")} AS flat
    CROSS JOIN LATERAL unnest(tsvector_to_array(flat.tsv)) AS word (lexeme)
    JOIN publishing_searchterm AS term ON term.config = indexed.config AND term.lexeme = word.lexeme
    JOIN publishing_searchlist AS list ON list.term_id = term.id
    CROSS JOIN LATERAL (SELECT {impact("flat.tsv", as_query("word.lexeme"))} AS impact) AS entry
    WHERE entry.impact > list.cutoff
    RETURNING 1
), common AS (
    SELECT id FROM gained WHERE posts >= %(listed_from)s
    UNION ALL
    SELECT term.id FROM new_word
    JOIN publishing_searchterm AS term ON term.config = new_word.config AND term.lexeme = new_word.lexeme
    WHERE term.posts >= %(listed_from)s
)
SELECT EXISTS (SELECT FROM delta) OR EXISTS (
    SELECT FROM common
    WHERE NOT EXISTS (SELECT FROM publishing_searchlist AS list WHERE list.term_id = common.id)
)
"""


def index_post(post: Post) -> None:
    """Write the post's search row and count its words, in the transaction that publishes it."""
    known: dict[str, str | int] = {"post": post.pk, "config": _config(post.language)}
    known |= {"listed_from": LISTED_FROM, **_texts(post)}
    with connection.cursor() as cursor:
        cursor.execute(INDEX, known)
        has_to_merge = cursor.fetchone()[0]
    if has_to_merge:
        transaction.on_commit(lambda: async_task("publishing.search.lists.merge"))


def search_row(post: Post) -> PostSearch:
    """The row as `index_post` writes it; `tsv` is an expression, which the database evaluates."""
    texts, config = _texts(post), _config(post.language)
    weighted = {"A": texts["title"], "B": texts["summary"], "C": texts["body"]}
    vectors = [SearchVector(Value(text), weight=weight, config=config) for weight, text in weighted.items()]
    return PostSearch(post=post, config=config, tsv=reduce(add, vectors), text=texts["text"])


def _texts(post: Post) -> dict[str, str]:
    text = f"{post.summary}\n{plain_body(post.body)}"[:MAX_INDEXED_CHARACTERS]
    return {
        "title": as_words(post.title),
        "summary": as_words(post.summary),
        "body": as_words(text.removeprefix(post.summary)),
        "text": as_shown(text),
    }


def _config(language: str) -> str:
    return f"desk_{LANGUAGES.get(language.lower()[:2], 'simple')}"
