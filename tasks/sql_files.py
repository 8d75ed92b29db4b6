"""Functions and triggers of the database: their text is in the `sql/` folder of an app, one file a function.

Migrations load the files. docs/database.md says how to change one.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState

SET_SEARCH_PATH = "SELECT set_config('search_path', %s, true)"
"""For the functions that are SET search_path FROM CURRENT: the schema of the tables, temporary tables last.

By default these come first, and a function would read a temporary table in place of ours.
"""


def path_of(app_label: str, name: str) -> Path:
    return Path(apps.get_app_config(app_label).path) / "sql" / f"{name}.sql"


def code_of(text: str) -> str:
    """The text without comments on lines of their own and with single spaces: what it does is the same."""
    return " ".join(re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE).split())


def digest_of(text: str) -> str:
    return hashlib.sha256(code_of(text).encode()).hexdigest()[:16]


class LoadSQL(Operation):
    """Run a file of the app's `sql/` folder.

    `digest` is that of the text when the migration was written: a test compares it with the file.
    """

    reversible = False  # the text of before is not at hand
    category = OperationCategory.SQL

    def __init__(self, name: str, digest: str) -> None:
        self.name = name
        self.digest = digest

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """No model changes."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        text = path_of(app_label, self.name).read_text(encoding="utf-8")
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('search_path'), quote_ident(current_schema())")
            search_path, schema = cursor.fetchone()
        schema_editor.execute(SET_SEARCH_PATH, [f"{schema}, pg_temp"])
        schema_editor.execute(text, None)
        schema_editor.execute(SET_SEARCH_PATH, [search_path])

    def describe(self) -> str:
        return f"Loads sql/{self.name}.sql"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.name, self.digest], {})
