from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import CharField, IntegerField

from publishing.models import Category
from publishing.site.statements import Given, Statement
from tests.live import database_url

pytestmark = pytest.mark.django_db(transaction=True)


def names_of(slug: str, **how: bool) -> Statement:
    given = Given(slug, CharField())
    return Statement(Category.objects.filter(slug=given).values_list("name"), **how)


@pytest.fixture
def city() -> Category:
    return Category.objects.create(name="City", slug="city")


@contextmanager
def somebody_else() -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url(), autocommit=True) as other:
        yield other


def prepared() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%publishing_category%'"
        )
        return cursor.fetchall()


def lose_connection() -> None:
    with somebody_else() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


def test_values_are_given_each_time_and_the_plan_is_made_once(city: Category) -> None:
    statement = names_of("wanted")
    assert statement.rows(wanted="city") == [("City",)]
    assert statement.rows(wanted="water") == []
    assert statement.rows(wanted="' OR true --") == []
    assert len(prepared()) == 1


def test_what_depends_on_its_values_is_planned_for_each(city: Category) -> None:
    connection.close()
    assert names_of("wanted", prepare=False).rows(wanted="city") == [("City",)]
    assert prepared() == []


def test_a_value_that_is_not_given_is_a_mistake_of_the_caller(city: Category) -> None:
    with pytest.raises(KeyError, match="wanted"):
        names_of("wanted").rows(other="city")


def test_a_lost_connection_is_replaced_without_the_reader_noticing(city: Category) -> None:
    statement = names_of("wanted")
    statement.rows(wanted="city")
    lose_connection()
    assert statement.rows(wanted="city") == [("City",)]


@transaction.atomic
def lose_connection_between(statement: Statement) -> None:
    statement.rows(wanted="city")
    lose_connection()
    statement.rows(wanted="city")


def test_in_a_transaction_more_was_lost_than_a_connection(city: Category) -> None:
    with pytest.raises(OperationalError):
        lose_connection_between(names_of("wanted"))
    connection.close()


def test_a_migration_under_a_running_server_breaks_no_page(city: Category) -> None:
    statement = names_of("wanted")
    statement.rows(wanted="city")
    with somebody_else() as other:
        other.execute("ALTER TABLE publishing_category ALTER name TYPE varchar(101)")
        try:
            assert statement.rows(wanted="city") == [("City",)]
        finally:
            other.execute("ALTER TABLE publishing_category ALTER name TYPE varchar(100)")


def test_a_statement_that_is_wrong_is_not_asked_twice(
    city: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = Statement(Category.objects.filter(pk=Given("pk", IntegerField())).values_list("name"))
    asked = []
    execute = Statement._execute
    monkeypatch.setattr(Statement, "_execute", lambda *given: asked.append(1) or execute(*given))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 100")
    with somebody_else() as other, other.transaction():
        other.execute("LOCK TABLE publishing_category IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError):
            statement.rows(pk=city.pk)
    assert len(asked) == 1
    connection.close()
