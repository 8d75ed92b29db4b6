"""Fields of forms that every app uses."""

from __future__ import annotations

from typing import Any

from django import forms

from tasks.content import with_unix_lines


class Textarea(forms.Textarea):
    """A textarea that gives what was typed: browsers send CRLF, and count a line's end as one character."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return with_unix_lines(super().value_from_datadict(data, files, name))
