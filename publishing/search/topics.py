"""Categories and tags by the beginning of any of their words."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from publishing.cache_invalidation import site_generation
from publishing.search.beginnings import Beginning
from publishing.search.titles import plain, title_words
from publishing.search.words import unaccented

MAX_TOPICS = 5000
"""Names are compared with what was typed one by one: more of them would take too long."""

VOCABULARY = f"""
SELECT 'language', config, '', 0::bigint FROM publishing_searchlanguage WHERE posts > 0
UNION ALL (SELECT 'category', name, slug, id FROM publishing_category ORDER BY id LIMIT {MAX_TOPICS})
UNION ALL (SELECT 'tag', name, slug, id FROM publishing_tag ORDER BY id LIMIT {MAX_TOPICS})
"""


@dataclass(frozen=True)
class Topic:
    kind: str  # category or tag
    name: str
    slug: str
    pk: int
    key: str  # its words and the words as one line, each after a blank


@dataclass(frozen=True)
class Vocabulary:
    """What suggestions know of the site other than its posts: it changes seldom."""

    configs: tuple[str, ...]  # of the languages in use
    topics: tuple[Topic, ...]
    topic_words: tuple[str, ...]


_latest: tuple[str, Vocabulary] | None = None


def vocabulary() -> Vocabulary:
    """Read once for each generation of the site, where this process is notified of these."""
    global _latest
    generation, latest = site_generation.current, _latest
    if generation and latest and latest[0] == generation:
        return latest[1]
    with connection.cursor() as cursor:
        cursor.execute(VOCABULARY)
        rows = cursor.fetchall()
    configs = tuple(sorted(name for kind, name, _, _ in rows if kind == "language"))
    topics = tuple(
        Topic(kind, name, slug, pk, _key(name)) for kind, name, slug, pk in rows if kind != "language"
    )
    found = Vocabulary(
        configs, topics, tuple(sorted({word for topic in topics for word in topic.key.split()}))
    )
    _latest = (generation, found)
    return found


def topics_beginning(text: str, begun: Beginning | None, topics: tuple[Topic, ...]) -> list[Topic]:
    """Those with this text at the beginning of a word, then those with all of its words."""
    literal = f" {plain(text)}"
    exact = [topic for topic in topics if literal in topic.key]
    if begun is None or begun.excluded:
        return exact
    words = [[f" {unaccented(spelling)} " for spelling in word] for word in begun.words]
    ends = [
        ([[f" {unaccented(spelling)} " for spelling in word] for word in end.words], f" {end.beginning}")
        for end in begun.ends
    ]
    having = [
        topic
        for topic in topics
        if literal not in topic.key
        and _has(topic.key, words)
        and any(beginning in topic.key and _has(topic.key, whole) for whole, beginning in ends)
    ]
    return exact + having


def _has(key: str, words: list[list[str]]) -> bool:
    return all(any(spelling in key for spelling in word) for word in words)


def _key(name: str) -> str:
    words = sorted(map(unaccented, title_words(name)))
    return f" {plain(name)} \n {' '.join(words)} "
