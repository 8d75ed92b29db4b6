"""The forms of the media library."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile

from publishing.images.formats import IN_WORDS, MEDIA_TYPES
from publishing.images.library import FOCAL_POINT
from publishing.images.pictures import MAX_MEGABYTES
from publishing.images.pixels import MAX_MEGAPIXELS
from publishing.models import MediaItem
from tasks.form_fields import StagedFileField, StagedFileInput

MOST_FILES = 50
LIMITS = f"{IN_WORDS}, at most {MAX_MEGABYTES} MB and {MAX_MEGAPIXELS} million pixels each."
STRIPPED = "Location, camera and personal data in a file are removed."


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files in one input."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list | tuple) else [data]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"Select at most {MOST_FILES} files at once.")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    image = ManyFilesField(
        label="Images",
        widget=ManyFilesInput(attrs={"accept": MEDIA_TYPES, "multiple": True}),
        error_messages={"required": "Select one or more pictures.", "empty": "The file is empty."},
        help_text=f"{LIMITS} {STRIPPED}",
    )
    credit = forms.CharField(
        required=False,
        max_length=MediaItem._meta.get_field("credit").max_length,
        help_text="For all of these, as readers are to see it: Photo: Edda Tor.",
    )
    licence = forms.CharField(
        label="Licence note",
        required=False,
        max_length=MediaItem._meta.get_field("licence").max_length,
        help_text="For the desk: on which terms they may be used.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


class MediaItemForm(forms.ModelForm):  # type: ignore[type-arg]
    focal_x = forms.IntegerField(
        label="From the left, in percent",
        min_value=0,
        max_value=100,
        help_text="Where a card shows a part of the image, this point stays in sight. Click the image, "
        "or write two numbers.",
    )
    focal_y = forms.IntegerField(label="From the top, in percent", min_value=0, max_value=100)

    class Meta:
        model = MediaItem
        fields = ("title", "alt", "credit", "licence")
        widgets = {
            "alt": forms.Textarea(attrs={"rows": 3}),
            "licence": forms.Textarea(attrs={"rows": 2}),
        }
        error_messages = {"alt": {"required": "Describe the image for readers who cannot see it."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["alt"].required = True
        for name in FOCAL_POINT:
            self.fields[name].initial = getattr(self.instance.image, name)

    def clean_alt(self) -> str:
        return " ".join(self.cleaned_data["alt"].split())


class ReplacementForm(forms.Form):
    file = StagedFileField(
        label="Newer image",
        widget=StagedFileInput(attrs={"accept": MEDIA_TYPES}),
        error_messages={"required": "Select the newer picture."},
        help_text=f"{LIMITS} Texts show it once you have chosen them here.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].user = user  # type: ignore[attr-defined]
