"""Compares two versions of a draft in all reader-visible fields."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from approvals.diffs.line_diff import FieldDiff, diff_content
from approvals.diffs.rendered_diff import DiffBlock, diff_rendered
from approvals.errors import NoSuchVersion
from tasks.attachments import attachments_of
from tasks.content import CONTENT_FIELDS
from tasks.models import Draft
from tasks.pipeline.text import markdown
from tasks.version_scores import with_checked_scores


@dataclass(frozen=True)
class Comparison:
    """Two rows of a draft's history and their differences; each diff is computed on first use."""

    old: Any
    new: Any
    language: str

    @cached_property
    def fields(self) -> list[FieldDiff]:
        return diff_content(*({name: getattr(row, name) for name in CONTENT_FIELDS} for row in self._rows))

    @cached_property
    def fields_but_body(self) -> list[FieldDiff]:
        return [field for field in self.fields if field.name != "body"]

    @cached_property
    def blocks(self) -> list[DiffBlock]:
        """The bodies as readers see them, block by block, each with its own version's citations."""
        attached = attachments_of(self.old.body, self.new.body)
        return diff_rendered(
            *(
                markdown.render(row.body, row.citations, language=self.language, attachments=attached)
                for row in self._rows
            )
        )

    @property
    def _rows(self) -> tuple[Any, Any]:
        return self.old, self.new


def compare_versions(draft: Draft, old: int, new: int) -> Comparison:
    """Raises NoSuchVersion."""
    found = with_checked_scores(draft.history.filter(version__in={old, new}))
    rows = {row.version: row for row in found}
    for number in (old, new):
        if number not in rows:
            raise NoSuchVersion(f"Draft {draft.pk} has no version {number}.")
    return Comparison(rows[old], rows[new], draft.task.language)
