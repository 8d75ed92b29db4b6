"""The words of a query marked in titles and passages: for one page, because it costs more than finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from publishing.models import Post
from publishing.search.finding import Found
from publishing.search.query import Query
from publishing.search.words import BOUNDARY, as_shown

# Private-use characters, which no stored text contains: `ts_headline` does not escape, so tags come later.
MARK, UNMARK = "\ue000", "\ue001"
HEADLINE = f"StartSel={MARK}, StopSel={UNMARK}"
PASSAGES = f'{HEADLINE}, MaxFragments=2, MinWords=10, MaxWords=28, FragmentDelimiter=" … "'

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


@dataclass(frozen=True)
class Hit:
    post: Post
    title: SafeString
    passage: SafeString


def hits(found: Found, post_ids: Sequence[int]) -> list[Hit]:
    """These posts with their words marked, in this order; without those that are off the site by now."""
    posts = Post.objects.published().for_lists().in_bulk(post_ids)
    marked = _marked(found.queries, [posts[pk] for pk in post_ids if pk in posts])
    return [Hit(posts[pk], *marked[pk]) for pk in post_ids if pk in marked]


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
