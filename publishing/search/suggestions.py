"""Autocompletion: titles, topics and words of live posts for what a reader is typing, each with a result."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from publishing.addresses import path_of
from publishing.models import Post
from publishing.search import lexemes
from publishing.search.beginnings import Beginning, beginning, title_query
from publishing.search.completions import COMPLETIONS, GIVEN, Completion, completed, configured
from publishing.search.deadline import TIMEOUT_MS, TookTooLong, rows
from publishing.search.normalization import clean
from publishing.search.titles import plain
from publishing.search.topics import Topic, topics_beginning, vocabulary
from publishing.search.typing_errors import corrected_beginnings

TITLES, TOPICS, WORDS = 5, 2, 3
"""How many of each are shown at most."""
TOPIC_KINDS = {"category", "tag"}
MAX_CHARACTERS = 256
LAST_CHARACTER = chr(0x10FFFF)
BEGINNING_SO, HAVING, COMPARED = 50, 2000, 100
"""Titles that begin with the text, or have its words, and how many of them are compared further."""
MORE = 4
"""Times as many topics and words are looked at as are shown: some turn out to be without a post."""

TITLES_LIKE = f"""
WITH visible AS NOT MATERIALIZED (PUBLISHED),
begun AS MATERIALIZED (
    SELECT post_id, text FROM publishing_posttitle
    WHERE %(text)s <> '' AND text ~>=~ %(text)s AND text ~<~ (%(text)s || %(last_character)s)
    ORDER BY text USING ~<~ LIMIT {BEGINNING_SO}
), matching AS MATERIALIZED (
    SELECT post_id, text FROM publishing_posttitle
    WHERE words @@ nullif(%(titles)s, '')::tsquery LIMIT {HAVING}
), compared AS MATERIALIZED (
    SELECT post_id, starts_with(text, %(text)s) AS begins,
           CASE WHEN starts_with(text, %(text)s) THEN text COLLATE "C" END AS begun_so,
           strpos(' ' || text, ' ' || %(text)s) > 0 AS has, strpos(text, %(unfinished)s) > 0 AS has_end
    FROM (SELECT * FROM begun UNION SELECT * FROM matching) AS title
    ORDER BY begins DESC, begun_so, has DESC, has_end DESC, post_id DESC LIMIT {COMPARED}
), title AS MATERIALIZED (
    SELECT compared.*, post.title, post.slug, post.published_at
    FROM compared JOIN publishing_post AS post ON post.id = compared.post_id JOIN visible USING (id)
    WHERE post.is_live
), {GIVEN}
"""

ARTICLES = f"""
SELECT 'article', title, slug, '', NULL::text[] FROM title
ORDER BY begins DESC, begun_so, has DESC, has_end DESC, published_at DESC, post_id DESC LIMIT {2 * TITLES}
"""

CATEGORIES = """
SELECT 'topic', '', '', 'category' || category.id, NULL
FROM unnest(%(categories)s::bigint[]) AS category (id) WHERE EXISTS (
    SELECT FROM publishing_post AS post JOIN visible USING (id) WHERE post.category_id = category.id)
"""

TAGS = """
SELECT 'topic', '', '', 'tag' || tag.id, NULL
FROM unnest(%(tags)s::bigint[]) AS tag (id) WHERE EXISTS (
    SELECT FROM publishing_post_tags AS tagged JOIN visible ON visible.id = tagged.post_id
    WHERE tagged.tag_id = tag.id)
"""

SUGGEST = TITLES_LIKE + " UNION ALL ".join(f"({part})" for part in (ARTICLES, CATEGORIES, TAGS, *COMPLETIONS))


@dataclass(frozen=True)
class Suggestion:
    text: str
    kind: str  # article, category, tag or word
    path: str  # where it leads


def suggestions(text: str) -> list[Suggestion]:
    """Ten at most: titles, then topics, then words. Any string is welcome.

    A word completes what was typed to a query that some live post has all of. Where there is nothing,
    one word is taken for mistyped.
    """
    text = " ".join(clean(text[:MAX_CHARACTERS]).split())
    if not text:
        return []
    until = time.monotonic() + TIMEOUT_MS / 1000
    try:
        found = _suggestions(text)
        if found:
            return found
        for corrected in corrected_beginnings(text, vocabulary()):
            if time.monotonic() > until:
                break
            if found := _suggestions(corrected):
                return found
    except TookTooLong:
        pass
    return []


def _suggestions(text: str) -> list[Suggestion]:
    """Raises TookTooLong."""
    known = vocabulary()
    begun = beginning(text)
    topics = topics_beginning(text, begun, known.topics)[: MORE * TOPICS]
    found = rows(
        SUGGEST.replace("PUBLISHED", str(Post.objects.published().articles().order_by().values("id").query)),
        {
            "text": plain(text),
            "unfinished": plain(begun.unfinished) if begun else "",
            "last_character": LAST_CHARACTER,
            "categories": [topic.pk for topic in topics if topic.kind == "category"],
            "tags": [topic.pk for topic in topics if topic.kind == "tag"],
            **_looked_up(begun, known.configs),
        },
    )
    articles = [
        Suggestion(name, kind, path_of("post", slug)) for kind, name, slug, *_ in found if kind == "article"
    ]
    return [
        *_distinct(articles)[:TITLES],
        *_live_topics(topics, {name for kind, _, _, name, _ in found if kind == "topic"}),
        *_words(text, begun, [Completion(*rest) for kind, *rest in found if kind == "word"]),
    ]


def _looked_up(begun: Beginning | None, configs: Iterable[str]) -> dict[str, object]:
    """The parameters for titles and words."""
    if begun is None:
        return {"titles": "", **configured(None, {}, [])}
    configs = list(configs)
    spellings = begun.spellings()
    stems = lexemes.of(dict.fromkeys(configs, spellings)) if spellings else {}
    of_any: dict[str, set[str]] = {}
    for (_, spelling), found in stems.items():
        of_any.setdefault(spelling, set()).update(found)
    # One letter begins too many words.
    has_titles = begun.words or begun.is_unspaced or len(begun.ends[0].beginning) > 1
    titles = title_query(begun, of_any) if has_titles else ""
    return {"titles": titles, **configured(begun, stems, configs)}


def _live_topics(topics: list[Topic], live: set[str]) -> list[Suggestion]:
    shown: dict[str, list[Suggestion]] = {kind: [] for kind in ("category", "tag")}
    for topic in topics:
        if f"{topic.kind}{topic.pk}" in live:
            shown[topic.kind].append(Suggestion(topic.name, topic.kind, path_of(topic.kind, topic.slug)))
    return [one for some in shown.values() for one in some][:TOPICS]


def _words(text: str, begun: Beginning | None, candidates: list[Completion]) -> list[Suggestion]:
    if begun is None:
        return []
    found = [
        Suggestion(whole, "word", f"{reverse('search')}?{urlencode({'q': whole})}")
        for candidate in candidates
        if (whole := completed(begun, candidate)) and plain(whole) != plain(text)
    ]
    return _distinct(found)[:WORDS]


def _distinct(some: Iterable[Suggestion]) -> list[Suggestion]:
    first: dict[str, Suggestion] = {}
    for one in some:
        first.setdefault(plain(one.text), one)
    return list(first.values())
