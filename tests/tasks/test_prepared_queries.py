from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import CharField, IntegerField

from publishing.models import Category
from tasks.prepared_queries import Parameter, PreparedQuery
from tests.live import database_url

pytestmark = pytest.mark.django_db(transaction=True)


def names_of(slug: str, **how: bool) -> PreparedQuery:
    given = Parameter(slug, CharField())
    return PreparedQuery(Category.objects.filter(slug=given).values_list("name"), **how)


@pytest.fixture
def city() -> Category:
    return Category.objects.create(name="City", slug="city")


@contextmanager
def another_connection() -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url(), autocommit=True) as other:
        yield other


def prepared() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%publishing_category%'"
        )
        return cursor.fetchall()


def lose_connection() -> None:
    with another_connection() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


def test_values_differ_and_the_plan_is_made_once(city: Category) -> None:
    statement = names_of("wanted")
    assert statement.rows(wanted="city") == [("City",)]
    assert statement.rows(wanted="water") == []
    assert statement.rows(wanted="' OR true --") == []
    assert len(prepared()) == 1


def test_unprepared_queries_are_planned_for_each_execution(city: Category) -> None:
    connection.close()
    assert names_of("wanted", prepare=False).rows(wanted="city") == [("City",)]
    assert prepared() == []


def test_a_missing_value_is_an_error_of_the_caller(city: Category) -> None:
    with pytest.raises(KeyError, match="wanted"):
        names_of("wanted").rows(other="city")


def test_a_lost_connection_is_replaced_without_the_reader_noticing(city: Category) -> None:
    statement = names_of("wanted")
    statement.rows(wanted="city")
    lose_connection()
    assert statement.rows(wanted="city") == [("City",)]


@transaction.atomic
def lose_connection_between(statement: PreparedQuery) -> None:
    statement.rows(wanted="city")
    lose_connection()
    statement.rows(wanted="city")


def test_in_a_transaction_a_lost_connection_is_not_replaced(city: Category) -> None:
    with pytest.raises(OperationalError):
        lose_connection_between(names_of("wanted"))
    connection.close()


def test_a_migration_under_a_running_server_breaks_no_page(city: Category) -> None:
    statement = names_of("wanted")
    statement.rows(wanted="city")
    with another_connection() as other:
        other.execute("ALTER TABLE publishing_category ALTER name TYPE varchar(101)")
        try:
            assert statement.rows(wanted="city") == [("City",)]
        finally:
            other.execute("ALTER TABLE publishing_category ALTER name TYPE varchar(100)")


def test_an_invalid_query_is_not_repeated(city: Category, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = PreparedQuery(Category.objects.filter(pk=Parameter("pk", IntegerField())).values_list("name"))
    asked = []
    execute = PreparedQuery._execute
    monkeypatch.setattr(PreparedQuery, "_execute", lambda *given: asked.append(1) or execute(*given))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 100")
    with another_connection() as other, other.transaction():
        other.execute("LOCK TABLE publishing_category IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError):
            statement.rows(pk=city.pk)
    assert len(asked) == 1
    connection.close()
