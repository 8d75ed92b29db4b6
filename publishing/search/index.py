"""The search index, written when a post is published: it is found at once, and searches stay cheap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, transaction
from django_q.tasks import async_task

from publishing.cache_invalidation import notify_site_changed
from publishing.models import Post, PostSearch, SearchForm
from publishing.plain_body import plain_body
from publishing.search import keywords, lexemes
from publishing.search.lexemes import quoted
from publishing.search.lists import LISTED_FROM
from publishing.search.normalization import clean
from publishing.search.titles import titles_of, write_titles
from publishing.search.weights import as_query, impact, unpacked
from publishing.search.words import UNSPACED_CHARACTER, Word, divide

Known = Mapping[tuple[str, str], tuple[str, ...]]
"""The lexemes by configuration and word."""

# A tsvector holds a megabyte at most; the end of a longer text is not found.
MAX_INDEXED_CHARACTERS = 200_000

MAX_LITERAL = 900_000
"""Characters of `tsv` as text: a tsvector has a megabyte at most."""
MAX_POSITION, MAX_PLACES = 16_383, 255
"""The last position PostgreSQL knows, and how many of one word."""
DIVISION = 1
"""The version of the rules by which texts become words. Rows of an earlier one are indexed again by a job."""
POSTS_A_ROUND = 100
IN_TITLE = "="
"""Begins the lexemes of stop words, which are indexed for titles only."""

# The language's row first and the words in their order, as every writer takes them, so that no two wait for
# each other. Returns whether the lists of common words have to be merged: see lists.py.
INDEX = f"""
WITH old AS MATERIALIZED (
    SELECT config::text AS config, tsvector_to_array(tsv) AS lexemes
    FROM publishing_postsearch WHERE post_id = %(post)s
), indexed AS (
    INSERT INTO publishing_postsearch (post_id, config, tsv, text, division)
    VALUES (%(post)s, %(config)s, %(tsv)s::tsvector, %(text)s, %(division)s)
    ON CONFLICT (post_id) DO UPDATE
    SET config = excluded.config, tsv = excluded.tsv, text = excluded.text, division = excluded.division
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
), new_form AS (
    INSERT INTO publishing_searchform (config, form, lexeme, plain_lexeme, is_compound)
    SELECT %(config)s, form, lexeme, plain_lexeme, is_compound
    FROM unnest(%(forms)s::text[], %(lexemes)s::text[], %(plain_lexemes)s::text[], %(compounds)s::boolean[])
        AS word (form, lexeme, plain_lexeme, is_compound)
    WHERE NOT EXISTS (
        SELECT FROM publishing_searchform AS known
        WHERE known.config = %(config)s AND known.form = word.form AND known.is_compound >= word.is_compound
    )
    ORDER BY form
    ON CONFLICT (config, form) DO UPDATE SET is_compound = true
), title AS (
    INSERT INTO publishing_posttitle (post_id, text, words)
    VALUES (%(post)s, %(title)s, %(title_words)s::tsvector)
    ON CONFLICT (post_id) DO UPDATE SET text = excluded.text, words = excluded.words
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


class IndexedForm(NamedTuple):
    """See `SearchForm`."""

    form: str
    lexeme: str
    plain_lexeme: str
    is_compound: bool


@dataclass(frozen=True)
class Indexed:
    """What search stores of a post."""

    config: str
    tsv: str
    """The literal of a tsvector."""
    text: str
    forms: tuple[IndexedForm, ...]
    """The words as the text has them, sorted."""


def index_post(post: Post) -> None:
    """Write the post's search row and count its words, in the transaction that publishes it."""
    (made,) = indexed([post])
    (title,) = titles_of([post])
    given: dict[str, str | int | list[str] | list[bool]] = {
        "post": post.pk, "config": made.config, "tsv": made.tsv, "text": made.text, "division": DIVISION,
        "forms": [one.form for one in made.forms], "lexemes": [one.lexeme for one in made.forms],
        "plain_lexemes": [one.plain_lexeme for one in made.forms],
        "compounds": [one.is_compound for one in made.forms], "listed_from": LISTED_FROM,
        "title": title.text, "title_words": title.words,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INDEX, given)
        has_to_merge = cursor.fetchone()[0]
    keywords.save(post.pk)
    if has_to_merge:
        transaction.on_commit(lambda: async_task("publishing.search.lists.merge"))


def index_again(posts: Sequence[Post]) -> None:
    """Write the search rows of many posts. Their words are not counted: `lists.rebuild` does that."""
    made = indexed(posts)
    rows = [
        PostSearch(post=post, config=one.config, tsv=one.tsv, text=one.text, division=DIVISION)
        for post, one in zip(posts, made, strict=True)
    ]
    forms: dict[tuple[str, str], IndexedForm] = {}
    for one in made:
        for form in one.forms:
            if form.is_compound or (one.config, form.form) not in forms:
                forms[one.config, form.form] = form
    PostSearch.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["post"],
        update_fields=["config", "tsv", "text", "division"],
    )
    SearchForm.objects.bulk_create(
        [SearchForm(config=config, **form._asdict()) for (config, _), form in sorted(forms.items())],
        ignore_conflicts=True,
    )
    write_titles(posts)


def index_outdated() -> int:
    """Index again some posts whose words were divided by earlier rules, each in a transaction of its own.

    Returns how many were. Not inside a transaction.
    """
    outdated = Post.objects.filter(search__division__lt=DIVISION).order_by("pk")
    done = 0
    for pk in outdated.values_list("pk", flat=True)[:POSTS_A_ROUND]:
        with transaction.atomic():
            # A process that has locked the post is publishing a newer text of it.
            post = outdated.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if post:
                index_post(post)
                done += 1
    if done:
        notify_site_changed()  # results in caches are outdated
    return done


def indexed(posts: Sequence[Post]) -> list[Indexed]:
    """In the order of the posts, with one look at the dictionaries for all of them."""
    divided = [_divided(post) for post in posts]
    spellings: dict[str, set[str]] = defaultdict(set)
    for each in divided:
        for _, words in each.sections:
            spellings[each.config].update(form for word in words for form in (word.text, *word.forms))
    known = lexemes.of(spellings)
    return [Indexed(each.config, _tsvector(each, known), each.text, _forms(each, known)) for each in divided]


@dataclass(frozen=True)
class _DividedPost:
    config: str
    text: str
    sections: tuple[tuple[str, list[Word]], ...]  # by weight


def _divided(post: Post) -> _DividedPost:
    language = post.language.lower()[:2]
    title, summary = clean(post.title), clean(post.summary)
    body = clean(plain_body(post.body))[: max(0, MAX_INDEXED_CHARACTERS - len(summary))]
    parts = (("A", title), ("B", summary), ("C", body))
    sections = tuple((weight, divide(part, language)) for weight, part in parts)
    return _DividedPost(lexemes.config_of(post.language), f"{summary}\n{body}", sections)


def _tsvector(post: _DividedPost, known: Known) -> str:
    """The literal: each lexeme with its places and their weights."""
    places: dict[str, list[str]] = {}
    position = length = 0
    for weight, words in post.sections:
        position += 1  # no phrase goes on from the title to the summary
        for word in words:
            position += 1
            found = {one for form in (word.text, *word.forms) for one in known[post.config, form]}
            if not found and weight == "A":
                found = {IN_TITLE + word.text}
            place = f"{min(position, MAX_POSITION)}{weight}"
            for lexeme in found:
                length += len(place) + 1 + (2 * len(lexeme.encode()) + 3 if lexeme not in places else 0)
                if length > MAX_LITERAL:
                    continue
                at = places.setdefault(lexeme, [])
                if len(at) < MAX_PLACES:
                    at.append(place)
    return " ".join(f"{quoted(lexeme)}:{','.join(at)}" for lexeme, at in places.items())


def _forms(post: _DividedPost, known: Known) -> tuple[IndexedForm, ...]:
    found: dict[str, IndexedForm] = {}
    for _, words in post.sections:
        for word in words:
            for form in (word.text, *word.forms):
                made = known[post.config, form]
                is_compound = form is not word.text
                if not made or not _is_form(form) or (form in found and not is_compound):
                    continue
                found[form] = IndexedForm(form, made[0], made[1] if len(made) > 1 else "", is_compound)
    return tuple(sorted(found.values()))


def _is_form(form: str) -> bool:
    """Whether it is a word that can be mistyped or completed: no number, no pair of characters."""
    return len(form) > 1 and not UNSPACED_CHARACTER.match(form) and not form.replace(".", "").isdigit()
