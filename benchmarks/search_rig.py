"""Very many posts to search in: what search reads of them, without the evidence that a real post has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection

from benchmarks.zipf_texts import ZipfTexts
from contentpipeline.ownership import as_owner
from publishing.models import Post, PostSearch, SearchForm
from publishing.search import lists
from publishing.search.index import DIVISION

BATCH = 2000
PROGRESS_LINES = 10
"""How often progress is reported."""
CONFIG = "desk_english"
WORD = re.compile(r"[a-z]+")
MOST_PLACES = 255
"""Of one word in one text, as PostgreSQL counts."""

STEMS = f"SELECT word, (tsvector_to_array(to_tsvector('{CONFIG}', word)))[1] FROM unnest(%s::text[]) AS word"
SEARCH_ROWS = f"COPY {PostSearch._meta.db_table} (post_id, config, tsv, text, division) FROM STDIN"

GO_ON_COUNTING = (
    "SELECT setval(pg_get_serial_sequence('publishing_post', 'id'), max(id)) FROM publishing_post"
)


def add(amount: int, say: Callable[[str], object]) -> None:
    """Add `amount` posts with texts of `ZipfTexts`, an hour apart, like one that is there.

    They are not rendered and have no version and no approval, so the triggers that ask for these are off
    meanwhile, which takes a superuser: for a database that is thrown away.
    """
    example = Post.objects.order_by("-pk")[0]
    texts = ZipfTexts()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(STEMS, [texts.words])
        stems = {word: stem for word, stem in cursor.fetchall() if stem}
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
        try:
            with _without_indexes():
                numbers = range(example.pk + 1, example.pk + 1 + amount)
                for first in range(0, amount, BATCH):
                    some = numbers[first : first + BATCH]
                    _copy(example, [(number, texts.content(number)) for number in some], stems)
                    if first * PROGRESS_LINES // amount < (first + len(some)) * PROGRESS_LINES // amount:
                        say(f"… {first + len(some)} added")
            cursor.execute(GO_ON_COUNTING)
            SearchForm.objects.bulk_create(
                [SearchForm(config=CONFIG, form=word, lexeme=stem) for word, stem in sorted(stems.items())],
                ignore_conflicts=True,
            )
            cursor.execute("ANALYZE")
            lists.rebuild()
        finally:
            cursor.execute("RESET session_replication_role; RESET maintenance_work_mem")
        cursor.execute("VACUUM ANALYZE")


def _copy(example: Post, some: Sequence[tuple[int, dict[str, Any]]], stems: dict[str, str]) -> None:
    """Rows as they are stored: no statement is run for a post."""
    fields = Post._meta.concrete_fields
    same = {
        str(field.column): field.get_db_prep_save(getattr(example, field.attname), connection)
        for field in fields
    }
    columns = ", ".join(same)
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {Post._meta.db_table} ({columns}) FROM STDIN") as copy:
            for number, content in some:
                published_at = example.published_at - (number - example.pk) * timedelta(hours=1)
                copy.write_row(
                    list((same | {
                        "id": number, "draft_id": -number, "approval_id": -number, "slug": f"seeded-{number}",
                        "title": content["title"], "summary": content["summary"], "body": content["body"],
                        "body_html": "", "published_at": published_at, "updated_at": published_at,
                    }).values())
                )  # fmt: skip
        with cursor.copy(SEARCH_ROWS) as copy:
            for number, content in some:
                plain = content["body"].replace("## ", "").replace("\n\n", " ")
                parts = [content["title"], content["summary"], plain]
                text = f"{content['summary']}\n{plain}"
                copy.write_row((number, CONFIG, tsvector(parts, stems), text, DIVISION))


@contextmanager
def _without_indexes() -> Iterator[None]:
    """To make them of all rows at once takes a tenth of the time."""
    indexes = [(model, index) for model in (PostSearch, Post) for index in model._meta.indexes]
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.add_index(model, index)


def tsvector(parts: Sequence[str], stems: dict[str, str]) -> str:
    """What `publishing.search.index` makes of title, summary and body, when each word is one of `stems`."""
    places: dict[str, list[str]] = {}
    place = 0
    for weight, part in zip("ABC", parts, strict=True):
        place += 1
        for word in WORD.findall(part.lower()):
            place += 1
            if stem := stems.get(word):
                places.setdefault(stem, []).append(f"{place}{weight}")
    return " ".join(f"'{stem}':{','.join(some[:MOST_PLACES])}" for stem, some in places.items())
