"""The form for the identity of the site, and the rows of its menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from publishing.images.formats import IN_WORDS, MEDIA_TYPES
from publishing.models import SiteIdentity, SiteLanguage
from publishing.site_identity import links, menu
from publishing.site_identity.actions import derived_accent, sentence_of, unreadable_accents
from publishing.site_identity.colours import SHIPPED, Scheme
from publishing.site_identity.logos import MAX_MEGABYTES, MIN_ICON_SIZE
from publishing.site_identity.menu import MAX_ENTRIES, MenuKind, TypedEntry
from tasks.clock_times import zones
from tasks.form_fields import StagedFileField, StagedFileInput, Textarea


def _meta(name: str) -> Any:
    return SiteIdentity._meta.get_field(name)


def _line(name: str, **more: Any) -> forms.CharField:
    field = _meta(name)
    widget = forms.TextInput(attrs={"class": "wide"})
    return forms.CharField(
        max_length=field.max_length,
        required=not field.blank,
        help_text=field.help_text,
        widget=widget,
        **more,
    )


def _lines(label: str, help_text: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=Textarea(attrs={"rows": 4}), **more
    )


def _picture(label: str, help_text: str) -> StagedFileField:
    return StagedFileField(
        label=label,
        required=False,
        help_text=help_text,
        widget=StagedFileInput(attrs={"accept": MEDIA_TYPES}),
    )


def _colour(label: str, help_text: str, shipped: str) -> forms.CharField:
    widget = forms.TextInput(
        attrs={"class": "identity-colour", "spellcheck": "false", "placeholder": shipped}
    )
    return forms.CharField(label=label, required=False, max_length=30, help_text=help_text, widget=widget)


class IdentityForm(forms.Form):
    """The rows of the menu are `menu_rows`; all else are fields."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    name = _line("name")
    tagline = _line("tagline")
    description = forms.CharField(
        max_length=300, required=False, help_text=_meta("description").help_text,
        widget=Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    logo = _picture(
        "Logo",
        f"{IN_WORDS}, shown 48 pixels high instead of the name: best 144 pixels high, with a "
        "transparent background, and readable on white and on black. No SVG.",
    )
    remove_logo = forms.BooleanField(label="Show the name instead of the logo", required=False)
    icon = _picture(
        "Icon", f"A square of at least {MIN_ICON_SIZE} pixels, for browser tabs, bookmarks and home screens."
    )
    remove_icon = forms.BooleanField(label="Use the icon that is shipped", required=False)
    accent = _colour(
        "Accent colour",
        "Of links and the line above the page, as #a03c14. Empty: the shipped one.",
        SHIPPED[Scheme.LIGHT],
    )
    accent_dark = _colour(
        "Accent colour on dark backgrounds",
        "Empty: the nearest to the other that can be read on them.",
        SHIPPED[Scheme.DARK],
    )
    footer_text = _lines("Footer", "Markdown: a sentence or two at the end of every page.", max_length=2000)
    footer_links = _lines(
        "Links in the footer", "One a line: a label and an address, as “Imprint /imprint/”."
    )
    social_links = _lines(
        "Social profiles",
        "One a line: a label and an address, as “Mastodon https://example.social/@desk”.",
    )
    time_zone = forms.ChoiceField(
        help_text="All times on the site and the desk are shown and read in it; the API stays in UTC."
    )
    language = forms.ChoiceField(
        label="Language of the interface", choices=SiteLanguage,
        help_text="Of the site's own words. Articles keep their own language.",
    )  # fmt: skip
    posts_per_page = forms.IntegerField(min_value=1, max_value=100, help_text="In lists, from 1 to 100.")

    def __init__(
        self, *args: Any, row: SiteIdentity | None, user: User, menu_rows: list[TypedEntry] | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.row = row
        self.fields["time_zone"].choices = _zone_choices(row)  # type: ignore[attr-defined]
        for name in ("logo", "icon"):
            self.fields[name].user = user  # type: ignore[attr-defined]
        self.menu_rows = typed_rows(self.data) if menu_rows is None else menu_rows
        self.menu_errors: dict[int, list[str]] = {}
        self.entries: list[menu.Entry] = []

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not any(character.isprintable() and not character.isspace() for character in name):
            raise ValidationError("Readers could not see this name: enter letters.")
        return name

    def clean_accent(self) -> str:
        return self._colour("accent")

    def clean_accent_dark(self) -> str:
        return self._colour("accent_dark")

    def clean_logo(self) -> UploadedFile[Any] | None:
        return _of_bounded_size(self.cleaned_data["logo"])

    def clean_icon(self) -> UploadedFile[Any] | None:
        return _of_bounded_size(self.cleaned_data["icon"])

    def clean_footer_links(self) -> list[list[str]]:
        return [list(link) for link in links.parse_lines(self.cleaned_data["footer_links"])]

    def clean_social_links(self) -> list[list[str]]:
        found = links.parse_lines(self.cleaned_data["social_links"])
        if any(link.address.startswith("/") for link in found):
            raise ValidationError("A profile is on another site: begin its address with https://.")
        return [list(link) for link in found]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        for one in unreadable_accents(values.get("accent", ""), values.get("accent_dark", "")):
            self.add_error("accent" if one.scheme == Scheme.LIGHT else "accent_dark", sentence_of(one))
        for index, row in enumerate(self.menu_rows):
            try:
                self.entries.append(menu.parse(row))
            except ValidationError as error:
                self.menu_errors[index] = error.messages
        if self.menu_errors:
            raise ValidationError("An entry of the menu leads nowhere: see there.")
        return values

    def _colour(self, name: str) -> str:
        given = self.cleaned_data[name].strip().lower()
        digits = given.removeprefix("#")
        if len(digits) == 3:
            digits = "".join(2 * digit for digit in digits)
        if given and (len(digits) != 6 or not set(digits) <= set("0123456789abcdef")):
            raise ValidationError(
                f"“{given}” is not a colour: enter six digits from 0 to 9 and a to f, as #a03c14."
            )
        return f"#{digits}" if given else ""


def initial_of(row: SiteIdentity | None, shown: Any) -> dict[str, Any]:
    """What the form shows at first: the row, or what the site shows while there is none."""
    if row is None:
        names = ("name", "time_zone", "language", "posts_per_page")
        return {"version": 0} | {name: getattr(shown, name) for name in names}
    values = {name: getattr(row, name) for name in IdentityForm.base_fields if hasattr(row, name)}
    values["footer_links"] = links.as_lines(row.footer_links)
    values["social_links"] = links.as_lines(row.social_links)
    if row.accent_dark == derived_accent(row.accent):
        values["accent_dark"] = ""
    return {name: value for name, value in values.items() if name not in {"logo", "icon"}}


def typed_rows(data: Mapping[str, Any]) -> list[TypedEntry]:
    """The rows of the menu in a request; those in which nothing was typed are left out."""
    rows = []
    for index in range(MAX_ENTRIES):
        target, label = (str(data.get(f"menu-{index}-{part}", "")) for part in ("target", "label"))
        if target.strip() or label.strip():
            rows.append(TypedEntry(str(data.get(f"menu-{index}-kind", "")), target, label))
    return rows


def moved_rows(rows: list[TypedEntry], button: str) -> list[TypedEntry]:
    """The rows after a button was pressed, such as "up-2" or "remove-0"."""
    verb, _, number = button.partition("-")
    index = int(number) if number.isascii() and number.isdigit() and len(number) < 3 else -1
    if not 0 <= index < len(rows):
        return rows
    rows = list(rows)
    row = rows.pop(index)
    if verb != "remove":
        rows.insert(max(0, index + (-1 if verb == "up" else 1)), row)
    return rows


MENU_KINDS = list(MenuKind.choices)


def _zone_choices(row: SiteIdentity | None) -> list[tuple[str, str]]:
    names = list(zones())
    if row and row.time_zone not in names:
        names.append(row.time_zone)
    return [(name, name.replace("_", " ")) for name in names]


def _of_bounded_size(file: UploadedFile[Any] | None) -> UploadedFile[Any] | None:
    if file is not None and (file.size or 0) > MAX_MEGABYTES * 1_000_000:
        raise ValidationError(f"The file has over {MAX_MEGABYTES} MB: export a smaller one.")
    return file
