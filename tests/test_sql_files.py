"""The functions and triggers of the database are those in the `sql/` folders of the apps."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tasks.sql_files import code_of, digest_of, path_of
from tests.database_code import differences, loads

APPS = ("tasks", "approvals", "publishing")
FILES = [path for app in APPS for path in sorted((settings.BASE_DIR / app / "sql").glob("*.sql"))]
TRIGGERS_ALONE = "append_only_tables"
"""These call the function of another app's file."""


def name_of(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.django_db
def test_the_database_has_the_functions_and_triggers_of_the_files_and_no_others() -> None:
    found = differences()
    assert not found, "\n".join(found)


DIFFERENCES = {
    "function refuse_skipped_version(): the file says otherwise": (
        "CREATE OR REPLACE FUNCTION refuse_skipped_version() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RETURN NEW; END$$"
    ),
    "function is_approved(bigint,integer,text): the file says otherwise": (
        "ALTER FUNCTION is_approved(bigint, integer, text) RESET search_path"
    ),
    "trigger hash_is_true on tasks_draft: the database does not have it": (
        "DROP TRIGGER hash_is_true ON tasks_draft"
    ),
    "trigger append_only_rows on approvals_decision: the file says otherwise": (
        "ALTER TABLE approvals_decision DISABLE TRIGGER append_only_rows"
    ),
    "function more(): no file has it": "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
}


@pytest.mark.django_db
@pytest.mark.parametrize("sentence", DIFFERENCES)
def test_a_difference_is_named_with_what_to_do(sentence: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES[sentence])
    [said] = differences()
    assert said.startswith(sentence)
    assert "docs/database.md" in said


@pytest.mark.django_db
def test_each_file_is_loaded_once_by_the_last_migration_that_needed_its_present_text() -> None:
    loaded = Counter(path_of(migration.app_label, load.name) for migration, load in loads())
    more = [name_of(path) for path, count in loaded.items() if count > 1]
    assert not more, f"Remove {more} from the earlier migrations, which a later one makes redundant."
    assert sorted(loaded) == sorted(FILES), "A file that no migration loads is in no database."


@pytest.mark.django_db
def test_no_file_changed_since_a_migration_loaded_it() -> None:
    for migration, load in loads():
        path = path_of(migration.app_label, load.name)
        digest = digest_of(path.read_text(encoding="utf-8"))
        assert digest == load.digest, (
            f"{name_of(path)} changed since {migration} loaded it, so databases that ran this migration have "
            f"another text: move the line into a new migration, as LoadSQL({load.name!r}, {digest!r}). "
            "docs/database.md says more."
        )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_named_after_its_one_function(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = re.findall(r"^CREATE OR REPLACE FUNCTION (\w+)\(", text, re.MULTILINE)
    called = set(re.findall(r"EXECUTE FUNCTION (\w+)\(\)", text))
    if path.stem == TRIGGERS_ALONE:
        assert (functions, called) == ([], {"refuse_change"})
    else:
        assert functions == [path.stem]
        assert called <= {path.stem}
    assert text.startswith("-- "), "it begins with what it is for"


def test_a_comment_or_another_line_break_needs_no_migration() -> None:
    text = path_of("tasks", "refuse_change").read_text(encoding="utf-8")
    assert digest_of("-- More is said.\n" + text.replace("\n", "\n\n")) == digest_of(text)
    assert digest_of(text.replace("append-only", "append only")) != digest_of(text)
    assert code_of("a -- b") == "a -- b", "what follows code on its line may be inside a string"


def test_every_app_that_has_sql_files_is_checked() -> None:
    having = {app.label for app in apps.get_app_configs() if list((Path(app.path) / "sql").glob("*.sql"))}
    assert having == set(APPS)
