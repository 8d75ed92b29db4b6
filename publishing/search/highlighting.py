"""The words of a query highlighted in titles and passages: of one page, as it costs more than the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from publishing.cards import Card, cards_of
from publishing.search.cache import cached
from publishing.search.deadline import TookTooLong, rows
from publishing.search.normalization import BOUNDARY, as_shown
from publishing.search.query import Query
from publishing.search.ranking import SearchResults

# Private-use characters, which `as_shown` takes out of texts. `ts_headline` does not escape: tags come later.
START, STOP = "\ue000", "\ue001"
HEADLINE = f"StartSel={START}, StopSel={STOP}"
PASSAGES = f'{HEADLINE}, MaxFragments=2, MinWords=10, MaxWords=28, FragmentDelimiter=" … "'

HIGHLIGHT = """
SELECT row.post_id,
       ts_headline(row.config::regconfig, shown.title, searched.query, %(title_options)s),
       ts_headline(row.config::regconfig, row.text, searched.query, %(text_options)s)
FROM unnest(%(ids)s::bigint[], %(titles)s::text[]) AS shown (post_id, title)
JOIN publishing_postsearch AS row USING (post_id)
JOIN (
    SELECT config, query::tsquery
    FROM unnest(%(configs)s::text[], %(queries)s::text[]) AS given (config, query)
) AS searched ON searched.config = row.config
"""


@dataclass(frozen=True)
class Hit:
    post: Card
    title: SafeString
    passage: SafeString


def highlighted_hits(found: SearchResults, post_ids: Sequence[int]) -> list[Hit]:
    """These posts with their words highlighted, in this order; without those withdrawn in the meantime.

    Where highlighting takes too long, as in very long texts, they are shown as they are.
    """
    cards = cards_of(post_ids)
    shown = [(pk, cards[pk].title) for pk in post_ids if pk in cards]
    given = (shown, [(query.config, query.highlighted) for query in found.queries])
    try:
        marked = cached("marks", given, lambda: _highlight(found.queries, shown))
    except TookTooLong:
        marked = {pk: (escape(title), SafeString("")) for pk, title in shown}
    return [Hit(cards[pk], *marked[pk]) for pk in post_ids if pk in marked]


def _highlight(
    queries: list[Query], shown: list[tuple[int, str]]
) -> dict[int, tuple[SafeString, SafeString]]:
    given = {
        "ids": [pk for pk, _ in shown],
        "titles": [as_shown(title) for _, title in shown],
        "configs": [query.config for query in queries],
        "queries": [query.highlighted for query in queries],
        "title_options": f"{HEADLINE}, HighlightAll=true",
        "text_options": PASSAGES,
    }
    return {
        post_id: (_as_html(title), _as_html(passage)) for post_id, title, passage in rows(HIGHLIGHT, given)
    }


def _as_html(headline: str) -> SafeString:
    shown = headline.replace(BOUNDARY, "").replace(STOP + START, "")
    return mark_safe(escape(shown).replace(START, "<mark>").replace(STOP, "</mark>"))
