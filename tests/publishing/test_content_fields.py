"""What readers see of a draft is listed once, in CONTENT_FIELDS; each other place is held against that."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from approvals.audit.verification import CHANGED_VERSION
from publishing.api.serializers import PostSerializer
from publishing.models import COPIED_FIELDS, Post
from tasks.api.serializers.drafts import DraftSerializer
from tasks.content import CONTENT_FIELDS
from tasks.models import Draft

pytestmark = pytest.mark.django_db

OWN_ROWS = {"category", "tags"}
"""Posts refer to these rows, so no column of a post has their text."""


def one(sql: str, *values: object) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return str(cursor.fetchone()[0])


def body_of(function: str) -> str:
    return one("SELECT prosrc FROM pg_proc WHERE proname = %s", function)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def columns_of(model: type[Draft] | type[Post]) -> set[str]:
    return {field.name for field in model._meta.get_fields()}


def places() -> dict[str, set[str]]:
    """Each place that has to know every field, and those that it knows."""
    post_is_compared = re.search(r"AND \((title.*?)\)\s*= \((.*?)\)", body_of("refuse_unapproved_post"), re.S)
    assert post_is_compared
    trigger = one(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgname = 'approved_bytes_only' AND tgrelid = 'publishing_post'::regclass"
    )
    hashed = re.search(r"content_sha256\((.*?)\) IS DISTINCT", CHANGED_VERSION, re.S)
    assert hashed
    return {
        "tasks/models/drafts.py, Draft": columns_of(Draft),
        "tasks/models/drafts.py, its history": columns_of(Draft.history.model),
        "tasks/api/serializers/drafts.py, DraftSerializer": set(DraftSerializer().fields),
        "tasks/sql/content_sha256.sql, arguments": words(
            one("SELECT pg_get_function_arguments(oid) FROM pg_proc WHERE proname = 'content_sha256'")
        ),
        "tasks/sql/content_sha256.sql, keys": set(re.findall(r'"(\w+)":', body_of("content_sha256"))),
        "tasks/sql/refuse_wrong_hash.sql": set(re.findall(r"NEW\.(\w+)", body_of("refuse_wrong_hash"))),
        "approvals/audit/verification.py, CHANGED_VERSION": words(hashed[1]),
        "publishing/models/posts.py, Post": columns_of(Post),
        "publishing/models/posts.py, COPIED_FIELDS": {*COPIED_FIELDS, *OWN_ROWS},
        "publishing/api/serializers.py, PostSerializer": set(PostSerializer().fields),
        "publishing/sql/refuse_unapproved_post.sql, version": words(post_is_compared[1]) | OWN_ROWS,
        "publishing/sql/refuse_unapproved_post.sql, post": words(post_is_compared[2]) | OWN_ROWS,
        "publishing/sql/refuse_unapproved_post.sql, columns of the trigger": words(trigger) | OWN_ROWS,
    }


@pytest.mark.parametrize("field", CONTENT_FIELDS)
def test_every_place_knows_every_field_that_readers_see(field: str) -> None:
    assert not [place for place, known in places().items() if field not in known]


def test_a_field_that_no_place_knows_is_reported_with_all_of_them() -> None:
    assert [place for place, known in places().items() if "subtitle" not in known] == list(places())


def test_a_post_copies_every_field_but_those_with_rows_of_their_own() -> None:
    assert set(COPIED_FIELDS) == {*CONTENT_FIELDS, "version", "content_sha256"} - OWN_ROWS


def test_the_hash_in_sql_is_of_the_same_fields_in_the_same_order() -> None:
    keys = re.findall(r'"(\w+)":', body_of("content_sha256"))
    assert keys == sorted(CONTENT_FIELDS)
