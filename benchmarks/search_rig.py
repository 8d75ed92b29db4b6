"""Very many posts to search in: what search reads of them, without the evidence that a real post has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from contentpipeline.ownership import as_owner
from publishing.models import Post, PostSearch
from publishing.search import lists
from publishing.seeding import Texts

BATCH = 2000
PROGRESS_LINES = 10
"""How often progress is reported."""
CONFIG = "desk_english"
WORD = re.compile(r"[a-z]+")
MOST_PLACES = 255
"""Of one word in one text, as PostgreSQL counts."""

STEMS = f"SELECT word, (tsvector_to_array(to_tsvector('{CONFIG}', word)))[1] FROM unnest(%s::text[]) AS word"
TEXTS = "CREATE TEMP TABLE bench_text (id bigint, title text, summary text, body text, text text, tsv text)"
ADD_SEARCH_ROWS = f"""
INSERT INTO publishing_postsearch (post_id, config, tsv, text)
SELECT id, '{CONFIG}', tsv::tsvector, text FROM bench_text
"""

GO_ON_COUNTING = (
    "SELECT setval(pg_get_serial_sequence('publishing_post', 'id'), max(id)) FROM publishing_post"
)


def add(amount: int, say: Callable[[str], object]) -> None:
    """Add `amount` posts with texts as `seed_posts` makes them, an hour apart, like one that is there.

    They are not rendered and have no version and no approval, so the triggers that ask for these are off
    meanwhile, which takes a superuser: for a database that is thrown away.
    """
    example = Post.objects.order_by("-pk")[0]
    texts = Texts()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(STEMS, [texts.words])
        stems = dict(cursor.fetchall())
        cursor.execute(TEXTS)
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
        try:
            with _without_index():
                numbers = range(example.pk + 1, example.pk + 1 + amount)
                for first in range(0, amount, BATCH):
                    some = numbers[first : first + BATCH]
                    with cursor.copy("COPY bench_text FROM STDIN") as copy:
                        for row in _rows(some, texts, stems):
                            copy.write_row(row)
                    cursor.execute(_add_posts(), [example.pk])
                    cursor.execute(ADD_SEARCH_ROWS)
                    cursor.execute("TRUNCATE bench_text")
                    if first * PROGRESS_LINES // amount < (first + len(some)) * PROGRESS_LINES // amount:
                        say(f"… {first + len(some)} added")
            cursor.execute(GO_ON_COUNTING)
            cursor.execute("ANALYZE")
            lists.rebuild()
        finally:
            cursor.execute("RESET session_replication_role; RESET maintenance_work_mem")
        cursor.execute("DROP TABLE bench_text")
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def _without_index() -> Iterator[None]:
    """To make it of all rows at once takes a tenth of the time."""
    (index,) = PostSearch._meta.indexes
    with connection.schema_editor() as editor:
        editor.remove_index(PostSearch, index)
    yield
    with connection.schema_editor() as editor:
        editor.add_index(PostSearch, index)


def _rows(numbers: Sequence[int], texts: Texts, stems: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    for number in numbers:
        content = texts.content(number)
        title, summary, body = content["title"], content["summary"], content["body"]
        plain = body.replace("## ", "").replace("\n\n", " ")
        yield number, title, summary, body, f"{summary} {plain}", tsvector([title, summary, plain], stems)


def tsvector(parts: Sequence[str], stems: dict[str, str]) -> str:
    """What PostgreSQL would make of title, summary and body, when each word is one of `stems`."""
    places: dict[str, list[str]] = {}
    place = 0
    for weight, part in zip("ABC", parts, strict=True):
        for word in WORD.findall(part.lower()):
            place += 1
            if stem := stems[word]:
                places.setdefault(stem, []).append(f"{place}{weight}")
    return " ".join(f"'{stem}':{','.join(some[:MOST_PLACES])}" for stem, some in places.items())


def _add_posts() -> str:
    new = {
        "id": "new.id", "draft_id": "-new.id", "approval_id": "-new.id", "slug": "'seeded-' || new.id",
        "title": "new.title", "summary": "new.summary", "body": "new.body", "body_html": "''",
        "published_at": "row.published_at - (new.id - row.id) * interval '1 hour'",
        "updated_at": "row.published_at - (new.id - row.id) * interval '1 hour'",
    }  # fmt: skip
    columns = [str(field.column) for field in Post._meta.concrete_fields]
    values = ", ".join(new.get(column, f"row.{column}") for column in columns)
    return (
        f"INSERT INTO publishing_post ({', '.join(columns)})"
        f" SELECT {values} FROM bench_text AS new, publishing_post AS row WHERE row.id = %s"
    )
