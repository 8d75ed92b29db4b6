from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client

from publishing.publish import unpublish
from publishing.site import archive_months
from publishing.site.archive_months import STEPS, Month, months
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


def test_the_archive_lists_each_month_once_by_one_query(django_assert_num_queries):
    for moment in ((2026, 11, 30, 23, 59), (2026, 11, 1, 0, 0), (2026, 1, 1, 0, 0), (2024, 2, 29, 12, 0)):
        make_post(published_at=datetime(*moment, tzinfo=UTC))
    unpublish(make_post(published_at=datetime(2025, 5, 5, tzinfo=UTC)), by=make_user("publisher"))
    with django_assert_num_queries(1):
        assert months() == [
            Month(date(2026, 11, 1), 2), Month(date(2026, 1, 1), 1), Month(date(2024, 2, 1), 1)
        ]  # fmt: skip


def test_the_archive_says_how_many_posts_each_month_has(monkeypatch):
    for day in (1, 2, 3):
        make_post(published_at=datetime(2026, 11, day, tzinfo=UTC))
    assert "<span>3<span" in Client().get("/archive/").content.decode()
    monkeypatch.setattr(archive_months, "MOST_COUNTED", 2)
    assert months() == [Month(date(2026, 11, 1), 2, has_more=True)]


def test_the_archive_leads_to_months_and_categories():
    make_post(published_at=datetime(2026, 11, 5, tzinfo=UTC))
    text = Client().get("/archive/").content.decode()
    assert 'href="/archive/2026/11/"' in text
    assert 'href="/category/city/"' in text
    assert 'href="/archive/"' in Client().get("/archive/2026/11/").content.decode()


def test_an_empty_archive_is_a_page():
    assert months() == []
    assert "Nothing has been published yet" in Client().get("/archive/").content.decode()


def test_the_months_are_found_in_the_index_and_not_in_the_posts():
    for number in range(30):
        make_post(published_at=datetime(2026, 1 + number % 10, 5, tzinfo=UTC))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("ANALYZE publishing_post")
        cursor.execute("EXPLAIN " + STEPS, {"zone": "UTC", "most": 10, "counted": 5})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "publishing_newest" in plan
    assert "Seq Scan" not in plan
