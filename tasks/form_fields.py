"""Fields of forms that every app uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tasks import uploads
from tasks.content import with_unix_lines
from tasks.models import StagedUpload

FORM_ID = "_form"
"""The field in which static/desk/autosave.js names a form that it sends and stores."""


class Textarea(forms.Textarea):
    """A textarea that gives what was typed: browsers send CRLF, and count a line's end as one character."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return with_unix_lines(super().value_from_datadict(data, files, name))


class StagedFileInput(forms.FileInput):
    """A file input that also stands for a file that was chosen before: `staged`, by its token."""

    staged: StagedUpload | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        chosen = files.get(name)
        if chosen or data.get(f"{name}-remove"):
            return chosen
        return data.get(f"{name}-staged") or None

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and f"{name}-staged" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        token = self.staged.pk if self.staged else ""
        hidden = format_html('<input type="hidden" name="{}-staged" value="{}">', name, token)
        if self.staged is None:
            return format_html("{}{}", field, hidden)
        return format_html(
            '<span class="staged-file"><strong>{}</strong> ({}) is selected. '
            '<label><input type="checkbox" name="{}-remove" value="1"> Remove</label></span> '
            "Choose another file: {}{}",
            self.staged.name,
            filesizeformat(self.staged.size),
            name,
            field,
            hidden,
        )


class StagedFileField(forms.FileField):
    """A file that stays chosen while other fields are corrected, for `user`, whom its form sets."""

    widget = StagedFileInput
    user: User | None = None

    def to_python(self, data: Any) -> UploadedFile[Any] | None:
        given: UploadedFile[Any] | None = self._found(data) if isinstance(data, str) else data
        return given if super().to_python(given) is not None else None

    def _found(self, token: str) -> UploadedFile[Any]:
        row = uploads.staged(token, by=self.user) if self.user else None
        if row is None:
            raise ValidationError(
                "The file that you selected before has expired: select it again.", code="not_staged"
            )
        return SimpleUploadedFile(row.name, bytes(row.data))


def stage_files(form: forms.BaseForm, *, by: User) -> None:
    """Before a form is shown again with its errors: keep its files selected."""
    for name, field in form.fields.items():
        if isinstance(field, StagedFileField) and name not in form.errors:
            widget = _widget(field)
            given = widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
            if isinstance(given, UploadedFile):
                widget.staged = uploads.stage(given, by=by)
            elif given:
                widget.staged = uploads.staged(given, by=by)


def show_staged_files(form: forms.BaseForm, tokens: Mapping[str, str], *, by: User) -> None:
    """Before a form is restored after a login: show the files that are still staged."""
    for name, field in form.fields.items():
        if isinstance(field, StagedFileField):
            _widget(field).staged = uploads.staged(tokens.get(f"{form.add_prefix(name)}-staged", ""), by=by)


def delete_staged_files(form: forms.BaseForm, *, by: User) -> None:
    """Once a form is saved: delete the files that were staged for it."""
    tokens = [
        form.data.get(f"{form.add_prefix(name)}-staged", "")
        for name, field in form.fields.items()
        if isinstance(field, StagedFileField)
    ]
    uploads.delete_filed(filter(None, tokens), by=by)


def _widget(field: StagedFileField) -> StagedFileInput:
    """A field that belongs to a form has a widget of its own, and no longer its class."""
    return cast(StagedFileInput, field.widget)
