"""Search over published posts: PostgreSQL full text, weighted title, summary, body.

Words are weighed by rarity, which `ts_rank` alone does not do: a post's score is the sum of idf · ts_rank
over the query's words. Posts with all words come first, those with some of them follow. Quoted phrases and
exclusions are conditions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Value
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from publishing.models import Post, PostSearch
from publishing.search_words import BOUNDARY, UNSPACED, as_shown, as_words
from tasks.markdown import plain_text

MAX_QUERY_CHARACTERS = 256
MAX_QUERY_WORDS = 12
MAX_RESULTS = 1000
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

# Private-use characters, which no stored text contains: `ts_headline` does not escape, so tags come later.
MARK, UNMARK = "\ue000", "\ue001"
HEADLINE = f"StartSel={MARK}, StopSel={UNMARK}"
PASSAGES = f'{HEADLINE}, MaxFragments=2, MinWords=10, MaxWords=28, FragmentDelimiter=" … "'

WORD = re.compile(r"'(?:[^'\\]|''|\\\\)*'")
QUOTED_OR_EXCLUDED = re.compile(r'(?<!\S)-(?:"[^"]*"?|\S+)|"[^"]*"?')
RUN_OF_UNSPACED = re.compile(f"{UNSPACED.pattern}+")
ALTERNATIVES = re.compile(r"(?<!\S)or(?!\S)", re.IGNORECASE)
TYPOGRAPHIC_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


@dataclass(frozen=True)
class Query:
    """What somebody typed, as one text search configuration understands it. Each text is a tsquery."""

    config: str
    posts: int  # that have this configuration
    strict: str
    conditions: str
    phrases: str
    words: Counter[str]
    loose_words: Counter[str]  # those outside of phrases
    has_alternatives: bool

    @property
    def any_word(self) -> str:
        return " | ".join(self.words)

    @property
    def marked(self) -> str:
        """A phrase is marked as a whole: its words alone may stand anywhere."""
        return " | ".join(filter(None, [self.phrases, *self.loose_words]))


@dataclass(frozen=True)
class Found:
    """The ids of matching posts, best first, at most MAX_RESULTS of them."""

    post_ids: list[int]
    queries: list[Query] = field(repr=False)

    @property
    def had_words(self) -> bool:
        """Whether there was anything to look for, beside stop words, signs and exclusions."""
        return bool(self.queries)


@dataclass(frozen=True)
class Hit:
    post: Post
    title: SafeString
    passage: SafeString


def index_post(post: Post) -> None:
    """Write the post's search row; called in the transaction that publishes it."""
    text = f"{post.summary}\n{plain_text(post.body)}"[:MAX_INDEXED_CHARACTERS]
    config = _config(post.language)
    body = text.removeprefix(post.summary)
    row = PostSearch(
        post=post,
        config=config,
        tsv=SearchVector(Value(as_words(post.title)), weight="A", config=config)
        + SearchVector(Value(as_words(post.summary)), weight="B", config=config)
        + SearchVector(Value(as_words(body)), weight="C", config=config),
        text=as_shown(text),
    )
    PostSearch.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["post"], update_fields=["config", "tsv", "text"]
    )


def search(text: str) -> Found:
    """Find published posts. Any string is welcome: what cannot be looked for finds nothing."""
    queries = _parse(text)
    return Found(_rank(queries) if queries else [], queries)


def hits(found: Found, post_ids: Sequence[int]) -> list[Hit]:
    """The posts with their words marked: for the rows of one page, as marking costs more than finding."""
    posts = Post.objects.published().for_lists().in_bulk(post_ids)
    marked = _marked(found.queries, [posts[pk] for pk in post_ids if pk in posts])
    return [Hit(posts[pk], *marked[pk]) for pk in post_ids if pk in marked]


def _config(language: str) -> str:
    return f"desk_{LANGUAGES.get(language.lower()[:2], 'simple')}"


# --- Understanding ------------------------------------------------------------------------------------

PARSE = """
SELECT config, posts,
       websearch_to_tsquery(config::regconfig, %(text)s)::text,
       websearch_to_tsquery(config::regconfig, %(conditions)s)::text,
       websearch_to_tsquery(config::regconfig, %(phrases)s)::text,
       querytree(websearch_to_tsquery(config::regconfig, %(text)s)),
       querytree(websearch_to_tsquery(config::regconfig, %(loose)s))
FROM (SELECT config, count(*) AS posts FROM publishing_postsearch GROUP BY config) AS used
"""


def _parse(text: str) -> list[Query]:
    """One query for every language in use; none where no word is left to look for."""
    text = _prepared(text)
    conditions = QUOTED_OR_EXCLUDED.findall(text)
    loose = QUOTED_OR_EXCLUDED.sub(" ", text)
    has_alternatives = bool(ALTERNATIVES.search(loose))
    with connection.cursor() as cursor:
        cursor.execute(
            PARSE,
            {
                "text": text,
                "conditions": " ".join(conditions),
                "phrases": " or ".join(part for part in conditions if not part.startswith("-")),
                "loose": loose,
            },
        )
        rows = cursor.fetchall()
    return [
        Query(config, posts, strict, conditions, phrases, words, _words(loose_tree), has_alternatives)
        for config, posts, strict, conditions, phrases, tree, loose_tree in rows
        if (words := _words(tree))
    ]


def _prepared(text: str) -> str:
    text = text[:MAX_QUERY_CHARACTERS].translate(TYPOGRAPHIC_QUOTES)
    if '"' not in text:
        # Characters of such a script are words of their own; what was typed together belongs together.
        text = RUN_OF_UNSPACED.sub(r'"\g<0>"', text)
    # Cut again, because one character may stand for many.
    return as_words(text)[:MAX_QUERY_CHARACTERS]


def _words(tree: str) -> Counter[str]:
    """The quoted lexemes of a tsquery without its exclusions, and how often each was typed."""
    typed = Counter(WORD.findall(tree))
    return Counter({word: typed[word] for word in list(typed)[:MAX_QUERY_WORDS]})


# --- Ranking ------------------------------------------------------------------------------------------

RANK = """
WITH query AS (
    SELECT config, strict::tsquery, matching::tsquery && conditions::tsquery AS matching
    FROM unnest(%(configs)s::text[], %(strict)s::text[], %(matching)s::text[], %(conditions)s::text[])
        AS query (config, strict, matching, conditions)
), word AS MATERIALIZED (
    SELECT word.config, word.lexeme::tsquery AS query,
           word.typed * ln(1 + (word.posts - found.posts + 0.5) / (found.posts + 0.5)) AS weight
    FROM unnest(%(word_configs)s::text[], %(words)s::text[], %(typed)s::int[], %(posts)s::int[])
        AS word (config, lexeme, typed, posts),
    LATERAL (
        SELECT count(*) AS posts FROM publishing_postsearch AS row
        WHERE row.config = word.config AND row.tsv @@ word.lexeme::tsquery
    ) AS found
)
SELECT row.post_id
FROM query
JOIN publishing_postsearch AS row ON row.config = query.config AND row.tsv @@ query.matching
JOIN ({published}) AS visible ON visible.id = row.post_id
CROSS JOIN LATERAL (
    SELECT sum(word.weight * ts_rank('{{.1,.6,.8,1}}', row.tsv, word.query, 1)) AS sum
    FROM word WHERE word.config = row.config
) AS score
ORDER BY row.tsv @@ query.strict DESC, score.sum DESC, row.post_id DESC
LIMIT %(limit)s
"""


def _rank(queries: list[Query]) -> list[int]:
    words = [
        (query.config, word, typed, query.posts) for query in queries for word, typed in query.words.items()
    ]
    word_configs, lexemes, typed, posts = (list(column) for column in zip(*words, strict=True))
    # As text it is complete: the rule of visibility has no parameters.
    published = Post.objects.published().order_by().values("id").query
    with connection.cursor() as cursor:
        cursor.execute(
            RANK.format(published=published),
            {
                "configs": [query.config for query in queries],
                "strict": [query.strict for query in queries],
                "matching": [query.strict if query.has_alternatives else query.any_word for query in queries],
                # With alternatives a phrase may be one of them, and no condition.
                "conditions": ["" if query.has_alternatives else query.conditions for query in queries],
                "word_configs": word_configs,
                "words": lexemes,
                "typed": typed,
                "posts": posts,
                "limit": MAX_RESULTS,
            },
        )
        return [post_id for (post_id,) in cursor.fetchall()]


# --- Marking ------------------------------------------------------------------------------------------

HIGHLIGHT = """
SELECT row.post_id,
       ts_headline(row.config::regconfig, shown.title, marked.query, %(title_options)s),
       ts_headline(row.config::regconfig, row.text, marked.query, %(text_options)s)
FROM unnest(%(ids)s::bigint[], %(titles)s::text[]) AS shown (post_id, title)
JOIN publishing_postsearch AS row USING (post_id)
JOIN (
    SELECT config, query::tsquery
    FROM unnest(%(configs)s::text[], %(queries)s::text[]) AS given (config, query)
) AS marked ON marked.config = row.config
"""


def _marked(queries: list[Query], posts: list[Post]) -> dict[int, tuple[SafeString, SafeString]]:
    with connection.cursor() as cursor:
        cursor.execute(
            HIGHLIGHT,
            {
                "ids": [post.pk for post in posts],
                "titles": [as_shown(post.title) for post in posts],
                "configs": [query.config for query in queries],
                "queries": [query.marked for query in queries],
                "title_options": f"{HEADLINE}, HighlightAll=true",
                "text_options": PASSAGES,
            },
        )
        return {
            post_id: (_as_html(title), _as_html(passage)) for post_id, title, passage in cursor.fetchall()
        }


def _as_html(headline: str) -> SafeString:
    shown = headline.replace(BOUNDARY, "").replace(UNMARK + MARK, "")
    return mark_safe(escape(shown).replace(MARK, "<mark>").replace(UNMARK, "</mark>"))
