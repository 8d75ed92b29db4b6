"""The search index, written when a post is published: it is found at once, and searches stay cheap."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVector
from django.db import connection, transaction
from django.db.models import Value
from django_q.tasks import async_task

from publishing.models import Post, PostSearch, SearchDelta
from publishing.search.lists import LISTED_FROM
from publishing.search.normalization import as_shown, as_words
from publishing.search.weights import as_query, impact, unpacked
from tasks.pipeline.text.markdown import plain_text

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

LANGUAGE = """
WITH left_behind AS (
    UPDATE publishing_searchlanguage SET posts = greatest(posts - 1, 0) WHERE config = %(old_config)s
)
INSERT INTO publishing_searchlanguage (config, posts) VALUES (%(config)s, 1)
ON CONFLICT (config) DO UPDATE SET posts = publishing_searchlanguage.posts + 1
"""

# In the order of the words, as every writer takes them, so that no two wait for each other.
TERMS = """
WITH new AS (
    SELECT config::text, unnest(tsvector_to_array(tsv)) AS lexeme
    FROM publishing_postsearch WHERE post_id = %(post)s
), old AS (
    SELECT %(old_config)s::text AS config, unnest(%(old_lexemes)s::text[]) AS lexeme
), gone AS (
    UPDATE publishing_searchterm AS term SET posts = greatest(term.posts - 1, 0)
    FROM (SELECT * FROM old EXCEPT SELECT * FROM new) AS lost
    WHERE term.config = lost.config AND term.lexeme = lost.lexeme
)
INSERT INTO publishing_searchterm (config, lexeme, posts)
SELECT config, lexeme, 1 FROM (SELECT * FROM new EXCEPT SELECT * FROM old) AS gained ORDER BY config, lexeme
ON CONFLICT (config, lexeme) DO UPDATE SET posts = publishing_searchterm.posts + 1
"""

DELTAS = f"""
INSERT INTO publishing_searchdelta (term_id, post_id, impact)
SELECT term.id, row.post_id, entry.impact
FROM publishing_postsearch AS row
CROSS JOIN LATERAL {unpacked("row.tsv")} AS flat
CROSS JOIN LATERAL unnest(tsvector_to_array(flat.tsv)) AS word (lexeme)
JOIN publishing_searchterm AS term ON term.config = row.config AND term.lexeme = word.lexeme
JOIN publishing_searchlist AS list ON list.term_id = term.id
CROSS JOIN LATERAL (SELECT {impact("flat.tsv", as_query("word.lexeme"))} AS impact) AS entry
WHERE row.post_id = %(post)s AND entry.impact > list.cutoff
"""

BECAME_COMMON = """
SELECT EXISTS (
    SELECT FROM publishing_postsearch AS row
    CROSS JOIN LATERAL unnest(tsvector_to_array(row.tsv)) AS word (lexeme)
    JOIN publishing_searchterm AS term ON term.config = row.config AND term.lexeme = word.lexeme
    WHERE row.post_id = %(post)s AND term.posts >= %(listed_from)s
    AND NOT EXISTS (SELECT FROM publishing_searchlist AS list WHERE list.term_id = term.id)
)
"""


def index_post(post: Post) -> None:
    """Write the post's search row and count its words, in the transaction that publishes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT config, tsvector_to_array(tsv) FROM publishing_postsearch WHERE post_id = %s", [post.pk]
        )
        old_config, old_lexemes = cursor.fetchone() or ("", [])
        row = search_row(post)
        PostSearch.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["post"], update_fields=["config", "tsv", "text"]
        )
        known = {
            "post": post.pk,
            "config": row.config,
            "old_config": old_config,
            "old_lexemes": old_lexemes,
            "listed_from": LISTED_FROM,
        }
        if row.config != old_config:
            cursor.execute(LANGUAGE, known)
        cursor.execute(TERMS, known)
        SearchDelta.objects.filter(post_id=post.pk).delete()
        cursor.execute(DELTAS, known)
        is_listed = cursor.rowcount > 0
        cursor.execute(BECAME_COMMON, known)
        if is_listed or cursor.fetchone()[0]:
            transaction.on_commit(lambda: async_task("publishing.search.lists.merge"))


def search_row(post: Post) -> PostSearch:
    """The row as it is to be saved; `tsv` is an expression, which the database evaluates."""
    text = f"{post.summary}\n{plain_text(post.body)}"[:MAX_INDEXED_CHARACTERS]
    config = _config(post.language)
    body = text.removeprefix(post.summary)
    return PostSearch(
        post=post,
        config=config,
        tsv=SearchVector(Value(as_words(post.title)), weight="A", config=config)
        + SearchVector(Value(as_words(post.summary)), weight="B", config=config)
        + SearchVector(Value(as_words(body)), weight="C", config=config),
        text=as_shown(text),
    )


def _config(language: str) -> str:
    return f"desk_{LANGUAGES.get(language.lower()[:2], 'simple')}"
