"""The fields of a brief that people fill in: the editable columns of ContentTask.

The model is the one list: the API, TOML files and the engine's `Brief` derive theirs from it. (Not from
`Brief.model_fields`: pydantic is not loaded in the web server.) tests/tasks/test_brief_fields.py says what
else a new field needs.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tasks.models import ContentTask

COLUMNS: dict[str, models.Field[Any, Any]] = {
    field.name: field for field in ContentTask._meta.fields if field.editable and not field.primary_key
}
BRIEF_FIELDS = tuple(COLUMNS)
TIMES = frozenset(name for name, field in COLUMNS.items() if isinstance(field, models.DateTimeField))
LISTS = frozenset(name for name, field in COLUMNS.items() if isinstance(field, ArrayField))
TEXTS = frozenset(
    name for name, field in COLUMNS.items() if isinstance(field, models.CharField | models.TextField)
)
TARGET_LENGTH_HELP = "In words; in Chinese and Japanese, in characters."
NUMBERS = frozenset(COLUMNS) - TIMES - LISTS - TEXTS
