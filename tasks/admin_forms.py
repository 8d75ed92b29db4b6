"""What the admin lets people type about a task: its brief, its sources, and the reason of a move."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.forms import CharField, Field, Form
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tasks.briefs import MAX_FILE_BYTES, TEXT_OR_FILE, BriefUnreadable, source_from_bytes
from tasks.content import with_unix_lines
from tasks.form_fields import StagedFileField, Textarea
from tasks.generic_admin import AnyModelForm, AnyStackedInline
from tasks.lifecycle import BRIEF_IS_OPEN
from tasks.models import ContentTask, Source, SourceReading
from tasks.pipeline.stages.source_notes import about_source
from tasks.source_records import record_prefetches

if TYPE_CHECKING:
    from tasks.pipeline.reading.types import Reading

MAX_ROWS = 50
"""The most sources that a page has fields for, however many are requested."""


def is_open(task: ContentTask | None) -> bool:
    return task is None or task.status in BRIEF_IS_OPEN


class ReasonForm(ActionForm):
    reason = CharField(required=False, max_length=500, label="Reason:")


class MoveForm(Form):
    """What comes with a move; the list of tasks has it inside its own form."""

    reason = CharField(required=False, max_length=500)


class UnixLinesForm(AnyModelForm):
    """Different line ends are no change, and no reason to start the work over."""

    def get_initial_for_field(self, field: Field, field_name: str) -> Any:
        return with_unix_lines(super().get_initial_for_field(field, field_name))


class SourceForm(UnixLinesForm):
    file = StagedFileField(required=False)

    user: User | None = None
    reading: Reading | None = None
    """What was read from the file that was given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        assert isinstance(field, StagedFileField)
        field.user = self.user
        # Here, because most pages of the admin have no file to read.
        from tasks.pipeline.reading.formats import accepted_suffixes, formats_in_words

        field.help_text = f"Instead of a text: {formats_in_words()}. The file is stored with the task."
        field.widget.attrs["accept"] = ",".join(accepted_suffixes())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        upload = given.get("file")
        if upload and given.get("text") and "text" in self.changed_data:
            self.add_error("text", f"A source has {TEXT_OR_FILE}")
        if upload and not self.errors:
            title = "" if self._is_title_of_earlier_file() else given.get("title", "")
            try:
                # Read no more than is accepted.
                data = upload.read(MAX_FILE_BYTES + 1)
                read = source_from_bytes(data, upload.name, title)
            except BriefUnreadable as error:
                self.add_error("file", str(error))
            else:
                given |= {"title": read["title"], "text": read["text"]}
                self.reading = read["file"].reading
                self.instance.file_name = read["file_name"]
                self.instance.file = replace(read["file"], by=self.user)
        return given

    def full_clean(self) -> None:
        super().full_clean()
        if "file" in self.errors:
            # That there is no text follows from it.
            self.errors.pop(NON_FIELD_ERRORS, None)

    def _is_title_of_earlier_file(self) -> bool:
        """Whether nobody typed the title: it came with the file that another one replaces."""
        source = self.instance
        if not source.file_name or "title" in self.changed_data:
            return False
        readings = SourceReading.objects.filter(snapshot__source=source).values_list("title", flat=True)
        return source.title in {Path(source.file_name).stem[:300], *(title[:300] for title in readings)}

    def warnings(self) -> list[str]:
        """What is missing or doubtful in the file that was given, once the source is saved."""
        source, warnings = self.instance, self.reading.warnings if self.reading else ()
        return [about_source(source.number, source.title, warning) for warning in warnings]


class SourceInline(AnyStackedInline):
    model = Source
    form = SourceForm
    extra = 1
    fields = ("title", "url", "text", "file", "problem", "record")
    readonly_fields = ("problem", "record")
    formfield_overrides = {
        models.TextField: {"widget": Textarea(attrs={"rows": 5, "cols": 80})},
        models.URLField: {"assume_scheme": "https"},
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related(*record_prefetches())

    def get_fields(self, request: HttpRequest, obj: ContentTask | None = None) -> Any:
        """Nothing is on record about the sources of a brief that is not filed yet."""
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name not in self.readonly_fields]

    @admin.display(description="what it was")
    def record(self, source: Source) -> SafeString | str:
        if source._state.adding:
            return "–"
        snapshot = list(source.snapshots.all())[-1:]
        reading = list(snapshot[0].readings.all())[-1:] if snapshot else []
        found = {"snapshot": next(iter(snapshot), None), "reading": next(iter(reading), None)}
        return render_to_string("admin/tasks/contenttask/_source_record.html", {"source": source, **found})

    def get_formset(self, request: HttpRequest, obj: ContentTask | None = None, **kwargs: Any) -> Any:
        """With a bound on the rows: the library makes 2,000, for over a minute, of a number that is sent."""
        own = type("OwnSourceForm", (SourceForm,), {"user": request.user})
        filed = obj.sources.count() if obj and request.method == "POST" else 0
        bounds = {"max_num": filed + MAX_ROWS, "absolute_max": filed + MAX_ROWS}
        return super().get_formset(request, obj, **{"form": own} | bounds | kwargs)

    def get_extra(self, request: HttpRequest, obj: ContentTask | None = None, **kwargs: Any) -> int:
        """Enough rows for a brief that is restored after a login."""
        extra = super().get_extra(request, obj, **kwargs)
        unsent = getattr(request, "unsent", None)
        given = dict(unsent.fields).get("sources-TOTAL_FORMS", "") if unsent else ""
        filed = obj.sources.count() if obj else 0
        rows = int(given) if given.isdecimal() and len(given) < 4 else 0
        return max(extra, min(rows, MAX_ROWS) - filed)

    def has_add_permission(self, request: HttpRequest, obj: ContentTask | None = None) -> bool:
        return is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: ContentTask | None = None) -> bool:
        return is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ContentTask | None = None) -> bool:
        return is_open(obj) and super().has_delete_permission(request, obj)
