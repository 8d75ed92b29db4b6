"""The page on which a draft gets its cover image."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from publishing.errors import ImageMissing, ImageRefused
from publishing.images.covers import remove_cover, set_cover
from publishing.images.formats import IN_WORDS, MEDIA_TYPES
from publishing.images.library import add_cover
from publishing.images.pictures import MAX_MEGABYTES, fits_cover
from publishing.images.pixels import COVER, MAX_MEGAPIXELS, MIN_WIDTH
from publishing.models import Image, MediaItem
from tasks.actions import may_edit
from tasks.actor import actor
from tasks.errors import DraftChanged, TransitionRefused
from tasks.form_fields import StagedFileField, StagedFileInput, delete_staged_files, stage_files
from tasks.models import Draft
from tasks.pipeline.text.titles import shortened

MOST_ALT = Draft._meta.get_field("cover_alt").max_length or 125
SHOWN_OF_LIBRARY = 12


class CoverForm(forms.Form):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    file = StagedFileField(
        label="Image",
        required=False,
        widget=StagedFileInput(attrs={"accept": MEDIA_TYPES}),
        help_text=f"{IN_WORDS}, at least {MIN_WIDTH} pixels wide, at most {MAX_MEGABYTES} MB and "
        f"{MAX_MEGAPIXELS} million pixels. Location, camera and personal data in the file are removed.",
    )
    library = forms.CharField(
        label="From the media library", required=False, max_length=64, widget=forms.HiddenInput
    )
    alt = forms.CharField(
        label="Alternative text",
        required=False,
        max_length=Draft._meta.get_field("cover_alt").max_length,
        help_text="Describes the image for readers who cannot see it. Left empty for an image of the "
        "library, it is the description there.",
        widget=forms.TextInput(attrs={"class": "wide"}),
    )
    credit = forms.CharField(
        max_length=Draft._meta.get_field("cover_credit").max_length,
        required=False,
        help_text="The creator of the image, and its licence.",
        widget=forms.TextInput(attrs={"class": "wide"}),
    )

    def __init__(self, draft: Draft, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        self.fields["file"].user = user  # type: ignore[attr-defined]
        self.initial = {"version": draft.version, "alt": draft.cover_alt, "credit": draft.cover_credit}

    def clean_file(self) -> UploadedFile[Any] | None:
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is None and not self.draft.cover_image and not self.data.get("library"):
            raise forms.ValidationError("Choose an image.")
        size = file.size or 0 if file is not None else 0
        if size > MAX_MEGABYTES * 1_000_000:
            raise forms.ValidationError(
                f"The file has {size / 1_000_000:.1f} MB; the limit is {MAX_MEGABYTES} MB."
            )
        return file

    def clean_library(self) -> MediaItem | None:
        name = self.cleaned_data["library"]
        if not name:
            return None
        item = MediaItem.objects.select_related("image").filter(image_id=name).first()
        if item is None:
            raise forms.ValidationError("This image is no longer in the media library: choose another.")
        if not fits_cover(item.image):
            raise forms.ValidationError(
                f"“{item.title}” has {item.image.width} × {item.image.height} pixels: a cover is at least "
                f"{MIN_WIDTH} wide, and no side over {COVER.max_proportion} times the other."
            )
        return item

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        item = values.get("library")
        if item is not None and values.get("file") is not None:
            self.add_error("file", "Choose a file or an image from the media library, not both.")
        if item is not None:
            values["alt"] = values.get("alt") or shortened(item.alt, MOST_ALT)
            values["credit"] = values.get("credit") or item.credit
        if not values.get("alt") and "alt" not in self.errors:
            self.add_error("alt", "Describe the image for readers who cannot see it.")
        return values


BUTTONS = {"remove", "draw"}
"""Of the form, those that need nothing of what is typed in it."""


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(["tasks.view_draft", "tasks.change_draft"], raise_exception=True)
def cover(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(Draft.objects.select_related("task"), pk=draft_id)
    if request.method != "POST":
        return _page(request, draft, CoverForm(draft, user=actor(request)))
    form = CoverForm(draft, request.POST, request.FILES, user=actor(request))
    if not BUTTONS & request.POST.keys() and not form.is_valid():
        return _page(request, draft, form, status=400)
    try:
        is_changed = _changed(request, draft, form)
    except ImageRefused as error:
        form.add_error("file", str(error))
        return _page(request, draft, form, status=400)
    except (DraftChanged, ImageMissing, TransitionRefused) as error:
        return _page(request, draft, form, problem=error, status=409)
    delete_staged_files(form, by=actor(request))
    if is_changed:
        messages.success(request, f"Saved as version {draft.version}.")
    else:
        messages.info(request, "Nothing was changed.")
    return redirect("desk:review", draft_id)


def _changed(request: HttpRequest, draft: Draft, form: CoverForm) -> bool:
    if "remove" in request.POST:
        return remove_cover(draft, by=actor(request))
    if "draw" in request.POST:
        from publishing.images.automatic import draw_now  # loads the types of the pipeline

        image, alt, credit = draw_now(draft.title, draft.category, draft.task.language)
        return set_cover(draft, image, alt=alt, credit=credit, by=actor(request))
    return _set(request, draft, form)


def _set(request: HttpRequest, draft: Draft, form: CoverForm) -> bool:
    values = form.cleaned_data
    draft.version = values["version"]
    if values["file"]:
        image = add_cover(values["file"], by=actor(request), alt=values["alt"], credit=values["credit"])
    elif values["library"]:
        image = values["library"].image
    else:
        image = get_object_or_404(Image, name=draft.cover_image)
    return set_cover(draft, image, alt=values["alt"], credit=values["credit"], by=actor(request))


def _page(
    request: HttpRequest,
    draft: Draft,
    form: CoverForm,
    *,
    problem: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    if form.is_bound:
        stage_files(form, by=actor(request))
    image = Image.objects.filter(name=draft.cover_image).first() if draft.cover_image else None
    origin = image.origin if image else {}
    words = request.GET.get("q", "")[:200]
    found = MediaItem.objects.select_related("image").filter(replaced_by=None).search(words)
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"Cover image of {draft.title}",
        "draft": draft,
        "form": form,
        "origin": origin,
        "fetched_at": parse_datetime(str(origin.get("fetched_at", ""))),
        "has_earlier_title": image is not None and image.title not in ("", draft.title),
        "problem": problem,
        "library": found.filter(image__width__gte=MIN_WIDTH)[:SHOWN_OF_LIBRARY],
        "q": words,
        "chosen": form.data.get("library", "") if form.is_bound else "",
        "can_be_edited": may_edit(draft.task, actor(request)),
    }
    return render(request, "desk/cover.html", context, status=status)
