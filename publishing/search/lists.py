"""For each common word, the list of the posts in which it weighs most: built, merged and rebuilt.

The lists are a cache of the search rows. An outdated entry does no harm, because every search scores the
posts again; a missing one would not be found by that word alone.
"""

from __future__ import annotations

from django.db import connection, transaction

from publishing.models import SearchDelta
from publishing.search import keywords
from publishing.search.weights import as_query, impact, impact_of_places, size_of, unpacked
from tasks.advisory_locks import Lock, lock_until_commit, try_lock_until_commit

LISTED_FROM = 200
"""Posts that have a word, from which on it has a list. Rarer words are looked up in the index."""
LIST_LENGTH = 1000

TERMS_A_ROUND = 200
# Up to this many words are counted one by one; more of them in one pass over all posts.
ONE_BY_ONE = 20

COUNT_LANGUAGES = """
WITH found AS (
    SELECT config, count(*) AS posts FROM publishing_postsearch GROUP BY config
), gone AS (
    DELETE FROM publishing_searchlanguage WHERE config NOT IN (SELECT config FROM found)
)
INSERT INTO publishing_searchlanguage (config, posts) SELECT config, posts FROM found
ON CONFLICT (config) DO UPDATE SET posts = excluded.posts
"""

# One statement and so one snapshot: a word published at the same time is neither missed nor removed.
COUNT_TERMS = """
WITH found AS MATERIALIZED (
    SELECT language.config, word.word AS lexeme, word.ndoc AS posts
    FROM publishing_searchlanguage AS language
    CROSS JOIN LATERAL
        ts_stat(format('SELECT tsv FROM publishing_postsearch WHERE config = %%L', language.config)) AS word
), gone AS (
    DELETE FROM publishing_searchterm AS term
    WHERE NOT EXISTS (SELECT FROM found WHERE found.config = term.config AND found.lexeme = term.lexeme)
)
INSERT INTO publishing_searchterm (config, lexeme, posts)
SELECT config, lexeme, posts FROM found ORDER BY config, lexeme
ON CONFLICT (config, lexeme) DO UPDATE SET posts = excluded.posts
WHERE publishing_searchterm.posts <> excluded.posts
"""

COMMON_WITHOUT_LIST = """
SELECT id FROM publishing_searchterm AS term
WHERE posts >= %(listed_from)s
AND NOT EXISTS (SELECT FROM publishing_searchlist AS list WHERE list.term_id = term.id)
"""

SAVE_LISTS = """
INSERT INTO publishing_searchlist (term_id, post_ids, impacts, cutoff)
SELECT term_id, array_agg(post_id ORDER BY place), array_agg(impact ORDER BY place),
       CASE WHEN count(*) < %(length)s THEN 0 ELSE min(impact) END
FROM (
    SELECT term_id, post_id, impact,
           row_number() OVER (PARTITION BY term_id ORDER BY impact DESC, post_id DESC) AS place
    FROM entry
) AS ranked
WHERE place <= %(length)s
GROUP BY term_id
ON CONFLICT (term_id) DO UPDATE
SET post_ids = excluded.post_ids, impacts = excluded.impacts, cutoff = excluded.cutoff
"""

LIST_ONE = f"""
WITH entry AS (
    SELECT term.id AS term_id, row.post_id, {impact("flat.tsv", "term.query")} AS impact
    FROM (
        SELECT id, config, {as_query("lexeme")} AS query FROM publishing_searchterm WHERE id = %(term)s
    ) AS term
    JOIN publishing_postsearch AS row ON row.config = term.config AND row.tsv @@ term.query
    CROSS JOIN LATERAL {unpacked("row.tsv")} AS flat
)
{SAVE_LISTS}
"""

LIST_ALL = f"""
WITH wanted AS MATERIALIZED (
    SELECT id, config, lexeme FROM publishing_searchterm WHERE id = ANY (%(terms)s)
), entry AS (
    SELECT wanted.id AS term_id, row.post_id,
           {impact_of_places("word.positions", "word.weights", "size.root")} AS impact
    FROM publishing_postsearch AS row
    CROSS JOIN LATERAL {size_of("row.tsv")} AS size
    CROSS JOIN LATERAL unnest(row.tsv) AS word
    JOIN wanted ON wanted.config = row.config AND wanted.lexeme = word.lexeme
)
{SAVE_LISTS}
"""

MERGE = f"""
WITH taken AS (
    DELETE FROM publishing_searchdelta WHERE term_id = ANY (%(terms)s) RETURNING term_id, post_id, impact
), entry AS (
    SELECT DISTINCT ON (term_id, post_id) term_id, post_id, impact
    FROM (
        SELECT term_id, post_id, impact, true AS is_new FROM taken
        UNION ALL
        SELECT list.term_id, listed.post_id, listed.impact, false
        FROM publishing_searchlist AS list
        CROSS JOIN LATERAL unnest(list.post_ids, list.impacts) AS listed (post_id, impact)
        WHERE list.term_id = ANY (%(terms)s)
    ) AS known
    ORDER BY term_id, post_id, is_new DESC, impact DESC
)
{SAVE_LISTS}
"""


def merge() -> None:
    """Merge recent publications into the lists, and build those of words that have become common."""
    with transaction.atomic():
        if _try_lock():
            _build_missing()
    while True:
        with transaction.atomic():
            deltas = SearchDelta.objects.order_by("term_id").values_list("term_id", flat=True)
            terms = list(deltas.distinct()[:TERMS_A_ROUND])
            if not terms or not _try_lock():
                return
            _write(MERGE, terms=terms)


def rebuild() -> None:
    """Count all words and build all lists again: after an import, or when many posts have been deleted."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_until_commit(Lock.SEARCH_LISTS)
        # For the sort of every common word of every post.
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(COUNT_LANGUAGES)
        cursor.execute(COUNT_TERMS, {})
        cursor.execute("DELETE FROM publishing_searchlist")
        _build_missing()
        keywords.save_all()


def _try_lock() -> bool:
    """Whether this transaction is the one that writes lists: two would undo each other's work."""
    return try_lock_until_commit(Lock.SEARCH_LISTS)


def _build_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(COMMON_WITHOUT_LIST, {"listed_from": LISTED_FROM})
        missing = [term_id for (term_id,) in cursor.fetchall()]
    if len(missing) > ONE_BY_ONE:
        _write(LIST_ALL, terms=missing)
    else:
        for term_id in missing:
            _write(LIST_ONE, term=term_id)


def _write(statement: str, **known: int | list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"length": LIST_LENGTH, **known})
