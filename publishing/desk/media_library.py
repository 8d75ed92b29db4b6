"""The media library: its grid, the page of one picture, and where editors upload to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from publishing.desk.media_forms import MediaItemForm, ReplacementForm, UploadForm
from publishing.errors import ImageInUse, ImageMissing, ImageRefused, ImageTooLarge
from publishing.images import library
from publishing.images.pixels import MIN_WIDTH
from publishing.images.uses import counts, uses_of
from publishing.models import MediaItem
from tasks.actions import may_edit
from tasks.actor import actor
from tasks.form_fields import delete_staged_files
from tasks.models import Draft
from tasks.pipeline.errors import TasksError
from tasks.pipeline.text.body_images import figure_markdown

PAGE_SIZE = 48
FILTERS = {"undescribed": "Without alternative text", "replaced": "Replaced", "mine": "Added by me"}


@require_GET
@permission_required("publishing.view_mediaitem", raise_exception=True)
def images(request: HttpRequest) -> HttpResponse:
    """The grid, or the same as JSON for the picker of the editor."""
    words, chosen = request.GET.get("q", "")[:200], request.GET.get("show", "")
    found = _filtered(MediaItem.objects.select_related("image").search(words), chosen, request)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    if request.GET.get("format") == "json":
        return JsonResponse([as_json(item) for item in page], safe=False)
    return _grid(request, page, UploadForm(user=actor(request)), words=words, chosen=chosen)


def _filtered(items: Any, chosen: str, request: HttpRequest) -> Any:
    if chosen == "undescribed":
        return items.filter(alt="")
    if chosen == "replaced":
        return items.exclude(replaced_by=None)
    items = items.filter(replaced_by=None)
    return items.filter(added_by=actor(request)) if chosen == "mine" else items


def _grid(
    request: HttpRequest, page: Any, form: UploadForm, *, words: str = "", chosen: str = "", status: int = 200
) -> HttpResponse:
    used = counts([item.image_id for item in page])
    context = admin.site.each_context(request) | {
        "title": "Media",
        "page": page,
        "shown": [(item, used.get(item.image_id, 0)) for item in page],
        "q": words,
        "chosen": chosen,
        "filters": FILTERS,
        "form": form,
    }
    return render(request, "desk/media.html", context, status=status)


# --- Upload ---------------------------------------------------------------------------------------------


def upload_image(request: HttpRequest) -> HttpResponse:
    """For the editor's script, with JSON; for a plain form, with a redirect."""
    if _is_form(request):
        return admin.site.admin_view(_upload_form)(request)
    if not admin.site.has_permission(request):
        return _problem(401, "You are logged out: log in again, then upload the image once more.")
    return admin.site.admin_view(_upload_json)(request)


def _is_form(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "")


@require_POST
def _upload_json(request: HttpRequest) -> HttpResponse:
    upload = request.FILES.get("image")
    if not actor(request).has_perm("publishing.add_mediaitem"):
        return _problem(403, "Your role does not allow you to add images to the media library.")
    if not isinstance(upload, UploadedFile):
        return _problem(400, "Send the file in the field “image”.")
    texts = {name: request.POST.get(name, "") for name in library.TEXTS if request.POST.get(name)}
    try:
        item = library.add(upload, by=actor(request), **texts).item
    except PermissionDenied as error:
        return _problem(403, str(error))
    except ImageTooLarge as error:
        return _problem(413, str(error))
    except ImageRefused as error:
        return _problem(400, str(error))
    except ImageMissing as error:
        return _problem(409, str(error))
    return JsonResponse(as_json(item, alt=texts.get("alt", "")), status=201)


def _problem(status: int, detail: str) -> JsonResponse:
    answer = {"type": "about:blank", "title": "The image was not added", "status": status, "detail": detail}
    return JsonResponse(answer, status=status, content_type="application/problem+json")


def as_json(item: MediaItem, *, alt: str = "") -> dict[str, Any]:
    """What the editor needs of a picture. `alt` is for this use of it, if another than the library's."""
    image, alt = item.image, " ".join(alt.split()) or item.alt
    warnings = []
    if not alt:
        warnings.append("The image has no alternative text: describe it for readers who cannot see it.")
    if image.width < MIN_WIDTH:
        warnings.append(f"It is {image.width} pixels wide: readers see it small, and it is no cover.")
    if item.replaced_by_id:
        warnings.append("The media library has a newer image in place of it.")
    return {
        "markdown": figure_markdown(image.name, alt, credit=item.credit),
        "sha256": image.name,
        "url": item.preview,
        "width": image.width,
        "height": image.height,
        "alt": alt,
        "warnings": warnings,
        "title": item.title,
        "credit": item.credit,
        "page": item.get_absolute_url(),
    }


@require_POST
@permission_required(["publishing.view_mediaitem", "publishing.add_mediaitem"], raise_exception=True)
def _upload_form(request: HttpRequest) -> HttpResponse:
    form, user = UploadForm(request.POST, request.FILES, user=actor(request)), actor(request)
    if not form.is_valid():
        return _first_page(request, form)
    texts = {name: form.cleaned_data[name] for name in ("credit", "licence")}
    added, known = [], 0
    for upload in form.cleaned_data["image"]:
        try:
            one = library.add(upload, by=user, **texts)
        except (ImageRefused, ImageMissing) as error:
            form.add_error("image", f"{upload.name}: {error}")
            continue
        added.append(one.item)
        known += not one.is_new
    _report(request, added, known)
    if form.errors:
        return _first_page(request, form)
    if len(added) == 1:
        return redirect(added[0])
    return redirect(f"{reverse('publishing_desk:images')}?show=undescribed")


def _report(request: HttpRequest, added: list[MediaItem], known: int) -> None:
    if number := len(added) - known:
        what = "1 image was" if number == 1 else f"{number} images were"
        messages.success(request, f"{what} added. Describe what readers would see.")
    if known:
        what = "1 image was" if known == 1 else f"{known} images were"
        messages.info(request, f"{what} in the library already.")


def _first_page(request: HttpRequest, form: UploadForm) -> HttpResponse:
    found = MediaItem.objects.select_related("image").filter(replaced_by=None)
    return _grid(request, Paginator(found, PAGE_SIZE).get_page(1), form, status=400)


# --- One picture ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("publishing.view_mediaitem", raise_exception=True)
def image(request: HttpRequest, name: str) -> HttpResponse:
    item = _item(name)
    if request.method != "POST":
        return _item_page(request, item, MediaItemForm(instance=item))
    form = MediaItemForm(request.POST, instance=_item(name))
    if not form.is_valid():
        return _item_page(request, item, form, status=400)
    if library.change(item, form.cleaned_data, by=actor(request)):
        messages.success(request, "Saved. Texts that show the image stay as they are.")
    else:
        messages.info(request, "Nothing was changed.")
    return redirect(item)


@require_POST
@permission_required(["publishing.view_mediaitem", "publishing.change_mediaitem"], raise_exception=True)
def replace_image(request: HttpRequest, name: str) -> HttpResponse:
    item, form = _item(name), ReplacementForm(request.POST, request.FILES, user=actor(request))
    shown = MediaItemForm(instance=item)
    if not form.is_valid():
        return _item_page(request, item, shown, replacement=form, status=400)
    try:
        newer = library.replace(item, form.cleaned_data["file"], by=actor(request))
    except (ImageRefused, ImageMissing) as error:
        form.add_error("file", str(error))
        return _item_page(request, item, shown, replacement=form, status=400)
    delete_staged_files(form, by=actor(request))
    messages.success(
        request, "The newer image was added. No text has changed: choose below which are to show it."
    )
    messages.info(request, f"Check that the description still fits: “{newer.alt or 'none yet'}”.")
    return redirect(item)


@require_POST
@permission_required(["publishing.view_mediaitem", "tasks.change_draft"], raise_exception=True)
def use_newer_image(request: HttpRequest, name: str) -> HttpResponse:
    """Make a version of each chosen draft that shows the newer picture; a refusal stops no other."""
    item, user = _item(name), actor(request)
    chosen = [pk for pk in request.POST.getlist("draft") if pk.isdecimal() and len(pk) < 19]
    drafts = Draft.objects.filter(pk__in=chosen).order_by("pk")
    if not drafts:
        messages.warning(request, "Select the texts that are to show the newer picture.")
    for draft in drafts:
        try:
            if library.use_newer(item, draft, by=user):
                messages.success(request, f"“{draft}”: saved as version {draft.version}, to be reviewed.")
        except (TasksError, ImageMissing, PermissionDenied) as error:
            messages.error(request, f"“{draft}” was not changed: {error}")
    return redirect(item)


@require_POST
@permission_required(["publishing.view_mediaitem", "publishing.delete_mediaitem"], raise_exception=True)
def delete_image(request: HttpRequest, name: str) -> HttpResponse:
    item = _item(name)
    try:
        library.delete(item, by=actor(request))
    except ImageInUse as error:
        return _item_page(request, item, MediaItemForm(instance=item), problem=error, status=409)
    messages.success(request, f"“{item.title}” was deleted.")
    return redirect("publishing_desk:images")


def _item(name: str) -> MediaItem:
    return get_object_or_404(MediaItem.objects.select_related("image", "replaced_by__image"), image_id=name)


def _item_page(
    request: HttpRequest,
    item: MediaItem,
    form: MediaItemForm,
    *,
    replacement: ReplacementForm | None = None,
    problem: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    user, uses = actor(request), uses_of(item.image_id)
    context = admin.site.each_context(request) | {
        "title": item.title,
        "item": item,
        "form": form,
        "replacement": replacement or ReplacementForm(user=user),
        "problem": problem,
        "uses": uses,
        "can_use_newer": {use.draft.pk for use in uses if use.in_draft and may_edit(use.draft.task, user)}
        if user.has_perm("tasks.change_draft")
        else set(),
        "markdown": as_json(item)["markdown"],
        "earlier": item.replaces.select_related("image"),
    }
    return render(request, "desk/media_item.html", context, status=status)
