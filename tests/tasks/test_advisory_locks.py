"""The register of advisory locks: one place, keys that differ, and locks that exclude what they should."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.db import connection, transaction

from tasks.advisory_locks import (
    Call,
    Lock,
    about_sql,
    holders_sql,
    lock_until_commit,
    session_lock,
    statement,
    statement_for_all,
    try_lock_until_commit,
    try_session_lock,
)
from tasks.database_connections import connect
from tests.conftest import BASE_DIR

APPS = ("tasks", "approvals", "publishing", "contentpipeline", "benchmarks", "tools")
REGISTER = Path("tasks/advisory_locks.py")


def modules_with(pattern: str) -> set[Path]:
    files = {path for app in APPS for ending in ("*.py", "*.sql") for path in (BASE_DIR / app).rglob(ending)}
    return {path.relative_to(BASE_DIR) for path in files if re.search(pattern, path.read_text())}


def test_no_other_module_takes_advisory_locks_by_itself() -> None:
    assert modules_with(r"pg_(try_)?advisory|locktype") == {REGISTER}


def test_every_lock_has_a_key_of_its_own_and_a_line_that_says_what_it_is() -> None:
    body = next(
        node.body
        for node in ast.parse((BASE_DIR / REGISTER).read_text()).body
        if isinstance(node, ast.ClassDef) and node.name == "Lock"
    )
    keys = [node.value for node in body if isinstance(node, ast.Assign)]
    numbers = [key.value for key in keys if isinstance(key, ast.Constant)]
    lines = [node for node in body if isinstance(node, ast.Expr)]
    assert len(set(numbers)) == len(numbers) == len(Lock), "an enum hides a number that is there twice"
    assert len(lines) == len(Lock) + 1
    assert all(0 < number < 2**31 for number in numbers)


@pytest.mark.django_db(transaction=True)
def test_the_database_has_no_function_that_takes_an_advisory_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosrc ~ 'advisory'"
            " AND pronamespace = current_schema()::regnamespace"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("about", [7, 2**31 + 7, "street-trees"])
def test_a_lock_excludes_others_about_the_same_and_nobody_else(about: int | str) -> None:
    with connect() as other:

        def is_free(lock: Lock, about: int | str) -> bool:
            row = other.execute(statement(Call.TRY_SESSION, lock, about)).fetchone()
            if row and row[0]:
                other.execute(statement(Call.RELEASE, lock, about))
            return bool(row and row[0])

        with session_lock(Lock.IMAGE, about):
            assert not is_free(Lock.IMAGE, about)
            assert is_free(Lock.IMAGE, 8)
            assert is_free(Lock.ALERT, about)
        assert is_free(Lock.IMAGE, about)
        with transaction.atomic():
            lock_until_commit(Lock.IMAGE, about)
            assert not is_free(Lock.IMAGE, about)
        assert is_free(Lock.IMAGE, about)


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_another_process_has_is_not_waited_for() -> None:
    with connect() as other:
        other.execute(statement(Call.SESSION, Lock.ALERT, 7))
        with try_session_lock(Lock.ALERT, 7) as is_held:
            assert not is_held
        with transaction.atomic():
            assert not try_lock_until_commit(Lock.ALERT, 7)
        other.execute(statement(Call.RELEASE, Lock.ALERT, 7))
    with try_session_lock(Lock.ALERT, 7) as is_held:
        assert is_held
    with try_session_lock(Lock.ALERT, 7) as is_held:
        assert is_held, "the first block released it"
    with transaction.atomic():
        assert try_lock_until_commit(Lock.ALERT, 7)


@pytest.mark.django_db(transaction=True)
def test_several_locks_are_one_statement_in_one_order() -> None:
    slugs = ["street-trees", "a-park", "street-trees", "weeds"]
    taken = statement_for_all(Call.TRANSACTION, Lock.POST_ADDRESS, slugs)
    assert taken == statement_for_all(Call.TRANSACTION, Lock.POST_ADDRESS, reversed(slugs))
    with connect() as other, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(taken)
        for slug in slugs:
            row = other.execute(statement(Call.TRY_SESSION, Lock.POST_ADDRESS, slug)).fetchone()
            assert row == (False,)


@pytest.mark.django_db(transaction=True)
def test_who_holds_a_lock_can_be_read_from_the_database() -> None:
    number = 2**40 + 5
    with connect() as other:
        other.execute(statement(Call.SESSION, Lock.WORKER, number))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM pg_locks WHERE {holders_sql(Lock.WORKER)}"
                f" AND objid = {about_sql(str(number))}"
            )
            assert cursor.fetchone() == (1,)
