"""The form of a brief: its fields, and its sources in one list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth.models import User

from tasks.admin_forms import UnixLinesForm
from tasks.brief_fields import LISTS, TARGET_LENGTH_HELP
from tasks.filing import sources
from tasks.filing.sources import SourceItem
from tasks.form_fields import Textarea
from tasks.known_names import NameKind, nearly_same
from tasks.models import Source
from tasks.uploads import delete_filed
from tasks.zoned_times import ZonedTimeFormField

SAVE_TEMPLATE = "_template"
"""The button that makes a template of the brief that is being typed."""
MAX_NAMES = 200
PLACEHOLDERS = {
    "topic": "What the article is about",
    "audience": "Who reads it, such as city planners",
    "tone": "Such as calm, or lively",
    "style": "Such as a report, or questions and answers",
    "tags": "Separate with commas",
    "keywords": "Separate with commas",
}


class ListInput(forms.TextInput):
    """Items between commas; a comma too many is no empty item, and an item is in the list once."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        given = super().value_from_datadict(data, files, name)
        if not isinstance(given, str):
            return given
        return ", ".join(dict.fromkeys(item.strip() for item in given.split(",") if item.strip()))


class MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Any number of files."""

    widget = MultipleFileInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        chosen = data if isinstance(data, list | tuple) else [data] if data else []
        return [upload for upload in chosen if upload]


class BriefForm(UnixLinesForm):
    """`source_files`, `addresses` and `given` are the list of sources; see `tasks.filing.sources`."""

    run_after = ZonedTimeFormField(
        required=False, label="Not before", help_text="Earliest start of the work."
    )
    due_at = ZonedTimeFormField(required=False, label="Due", help_text="When the review should be finished.")
    source_files = MultipleFileField(required=False, label="Choose files")
    addresses = forms.CharField(
        required=False, label="Addresses, or a text", strip=False, max_length=sources.MAX_PASTED,
        widget=Textarea(attrs={"rows": 3}),
        help_text="One address a line. Any other lines are a text, which becomes a source as it is.",
    )  # fmt: skip
    given = forms.CharField(required=False, label="Sources", widget=Textarea(attrs={"hidden": True}))

    user: User
    confirmed: Sequence[str] = ()
    """New names that were pointed out as nearly the same as one in use: sent again, they are meant."""
    items: Sequence[SourceItem] = ()
    """The sources of the list, once the form is validated; else those that it begins with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from tasks.pipeline.reading.formats import accepted_suffixes, formats_in_words

        # Where the brief is closed, it has no fields.
        if length := self.fields.get("target_words"):
            length.help_text = TARGET_LENGTH_HELP
        for name in LISTS:
            if name in self.fields:
                self.fields[name].widget = ListInput()
        for name in NameKind:
            if name in self.fields:
                self.fields[name].widget.attrs |= {"list": f"id_{name}_names", "autocomplete": "off"}
        for field, words in PLACEHOLDERS.items():
            if field in self.fields:
                self.fields[field].widget.attrs["placeholder"] = words
        self.fields["source_files"].widget.attrs["accept"] = ",".join(accepted_suffixes())
        self.fields["source_files"].help_text = f"{formats_in_words()}, up to 10 MB each."

    def show_given(self, given: str) -> None:
        """Begin with these sources: those of a template, of another brief, or from before a login."""
        self.initial["given"] = given
        self.items = sources.given_items(given, by=self.user)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        self._point_out_names(found)
        self._read_sources(found)
        if SAVE_TEMPLATE in self.data:
            self.add_error(None, "A template is made of it: the brief is not filed.")
        return found

    def _point_out_names(self, found: Mapping[str, Any]) -> None:
        confirmed = self._sent("confirmed")
        for kind in NameKind:
            if kind not in found or kind not in self.changed_data:
                continue
            names = [found[kind]] if kind == NameKind.CATEGORY else found[kind]
            near = nearly_same(kind, [name for name in names if name and name not in confirmed])
            confirmed += near
            for name, known in near.items():
                self.add_error(
                    kind, f"“{known.name}” is in use already. Choose it, or send again to add “{name}”."
                )
        self.confirmed = list(dict.fromkeys(confirmed))[:MAX_NAMES]

    def _sent(self, name: str) -> list[str]:
        values: list[str] = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        return values

    def _read_sources(self, found: Mapping[str, Any]) -> None:
        remove = set(self._sent("remove"))
        given = sources.given_items(found.get("given", ""), by=self.user)
        items = [item for item in given if item.reference not in remove]
        items += [sources.file_item(upload, by=self.user) for upload in found.get("source_files") or ()]
        items += sources.pasted_items(found.get("addresses", ""))
        self.items = items
        if problems := [f"{item.name}: {item.problem}" for item in items if item.problem]:
            self.add_error("source_files", problems)
        if len(items) > sources.MAX_SOURCES:
            self.add_error(
                "source_files", f"These are {len(items)} sources: {sources.MAX_SOURCES} are the most."
            )

    @property
    def changed_data(self) -> list[str]:
        """Without the list of sources, which are no columns of a brief."""
        return [name for name in super().changed_data if name not in SOURCE_FIELDS]

    def new_sources(self) -> list[Source]:
        return [item.source for item in self.items if item.source is not None]

    def stage(self) -> None:
        """Before it is shown again with its errors: store the files that came with it."""
        spare = sources.references(self.items)
        for item in self.items:
            sources.stage_item(item, by=self.user, spare=spare)
            spare += sources.references([item])

    def delete_staged(self) -> None:
        """Once it is saved."""
        delete_filed(sources.references(self.items), by=self.user)

    @property
    def given_lines(self) -> str:
        """The value of the field `given` when it is shown."""
        return "\n".join(item.line for item in self.items if item.line and not item.problem)

    @property
    def listed(self) -> list[SourceItem]:
        """The items that are shown in the list: addresses stand in their own field."""
        return [item for item in self.items if item.reference or (item.problem and not item.url)]


SOURCE_FIELDS = frozenset({"source_files", "addresses", "given"})
