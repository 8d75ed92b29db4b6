"""The posts of a judged collection: rows as search reads them, without publishing each.

For a database that is thrown away: the triggers that ask for evidence are off meanwhile, as in `search_rig`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from benchmarks.collection import Collection
from publishing import seeding
from publishing.models import Post
from publishing.search import lists
from publishing.search.index import index_again

BATCH = 500
MAX_TITLE = Post._meta.get_field("title").max_length or 0
MADE_FROM = -1_000_000_000
"""Ids of drafts and approvals that are not there count down from it."""
EMPTY = (
    "searchdelta", "searchlist", "searchform", "searchterm", "searchlanguage", "postsearch",
)  # fmt: skip


def load(collection: Collection) -> list[int]:
    """Make these the only posts in the index. Their ids, in the order of the texts."""
    example = _example()
    fields = {field.attname: getattr(example, field.attname) for field in Post._meta.concrete_fields}
    first = example.pk + 1
    posts = []
    for number, text in enumerate(collection.texts.values()):
        # What of a title is too long for one begins the body.
        title, rest = text.title[:MAX_TITLE], text.title[MAX_TITLE:]
        row = fields | {
            "id": first + number, "draft_id": MADE_FROM - number, "approval_id": MADE_FROM - number,
            "slug": f"judged-{number}", "title": title, "summary": "", "body": f"{rest} {text.body}".strip(),
            "language": collection.language,
        }  # fmt: skip
        posts.append(Post(**row))
    with _without_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM publishing_post WHERE id <> %s", [example.pk])
        for name in EMPTY:
            cursor.execute(f"DELETE FROM publishing_{name}")
        for start in range(0, len(posts), BATCH):
            some = posts[start : start + BATCH]
            Post.objects.bulk_create(some)
            index_again(some)
        lists.rebuild()
        cursor.execute("ANALYZE")
    return [post.pk for post in posts]


def _example() -> Post:
    """A published post to make others like."""
    found = Post.objects.filter(draft_id__gt=0).order_by("pk").first()
    if found is None:
        content = {
            "title": "One", "slug": "one", "summary": "", "body": "One.", "category": "Judged", "tags": []
        }  # fmt: skip
        seeding.add([content])
        found = Post.objects.order_by("pk")[0]
    return found


@contextmanager
def _without_triggers() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("RESET session_replication_role")
