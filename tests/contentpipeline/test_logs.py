"""A database that is away is one line in the log; any other error keeps its traceback."""

from __future__ import annotations

import logging
import sys

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection

from contentpipeline.logs import DatabaseAway, why_away


def record_of(error: BaseException) -> logging.LogRecord:
    try:
        raise error
    except BaseException:
        record = logging.LogRecord("desk", logging.ERROR, "x", 1, "A %s failed", ("run",), sys.exc_info())
    assert DatabaseAway().filter(record)
    return record


def refused() -> psycopg.OperationalError:
    with pytest.raises(psycopg.OperationalError) as raised:
        psycopg.connect(host="127.0.0.1", port=1, connect_timeout=2)
    return raised.value


def test_a_refused_connection_is_one_line_with_its_reason():
    record = record_of(refused())
    assert record.exc_info is None
    assert record.getMessage().startswith("A run failed: connection")
    assert len(record.getMessage().splitlines()) == 1


def test_a_group_is_one_line_only_when_all_of_it_is_about_the_connection():
    assert why_away(ExceptionGroup("parts", [refused(), refused()]))
    assert not why_away(ExceptionGroup("parts", [refused(), ValueError("ours")]))


@pytest.mark.django_db
def test_what_the_server_says_of_a_statement_keeps_its_traceback():
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    assert record_of(raised.value).exc_info


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_is_one_line_and_a_deadline_is_not():
    with pytest.raises(OperationalError) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert "terminating connection" in why_away(raised.value)
    connection.close()
    with pytest.raises(OperationalError) as raised, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 10; SELECT pg_sleep(1)")
    assert not why_away(raised.value)
    connection.close()


def test_an_error_of_ours_keeps_its_traceback():
    assert record_of(KeyError("ours")).exc_info
