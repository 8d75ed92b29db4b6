"""The media library: pictures that people add, describe, replace and delete.

What readers see of a picture stands in the text that shows it, so no verb here changes a text, but for
`use_newer`, which makes a version of it that is decided about like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from approvals.audit import chain
from publishing.cache_invalidation import notify_site_changed
from publishing.errors import ImageInUse, ImageMissing, ImageRefused, ImageTooLarge
from publishing.images.garbage_collection import delete_files, is_used
from publishing.images.pictures import MAX_MEGABYTES, image_locked, store_image
from publishing.images.pixels import IN_TEXT
from publishing.models import Image, MediaItem, Post
from tasks.actions import edit_draft
from tasks.models import Draft

TEXTS = ("title", "alt", "credit", "licence")
FOCAL_POINT = ("focal_x", "focal_y")


@dataclass(frozen=True)
class Added:
    """`is_new` unless the library had exactly this picture before."""

    item: MediaItem
    is_new: bool


def add(upload: UploadedFile[Any], *, by: User, **texts: str) -> Added:
    """Add a picture, with any of TEXTS. Raises ImageRefused and PermissionDenied.

    One that is there already stays as it is described; what was not said of it yet is added.
    """
    _require(by, "add")
    image = store_image(_of_usable_size(upload), by=by, bounds=IN_TEXT)
    title = texts.pop("title", "") or _title_of(upload.name or "")
    return add_stored(image, title=title, by=by, **texts)


def add_cover(upload: UploadedFile[Any], *, by: User, alt: str, credit: str) -> Image:
    """Store an upload under the rules of covers; who may add to the library finds it there too."""
    image = store_image(upload, by=by)
    if by.has_perm("publishing.add_mediaitem"):
        add_stored(image, title=_title_of(upload.name or ""), by=by, alt=alt, credit=credit)
    return image


@transaction.atomic
def add_stored(image: Image, *, title: str, by: User, **texts: str) -> Added:
    """The same for an image that is stored already."""
    if not Image.objects.select_for_update(no_key=True).filter(pk=image.pk).exists():
        raise ImageMissing("This image was deleted because nothing used it: upload it again.")
    given = {name: _fitting(name, text) for name, text in texts.items()}
    item, is_new = MediaItem.objects.get_or_create(
        image=image,
        defaults={
            "title": _fitting("title", title) or "Untitled",
            "added_by": by,
            "added_by_name": by.get_username(),
            **given,
        },
    )
    missing = {name: text for name, text in given.items() if text and not getattr(item, name)}
    if is_new:
        _record("added", item, by, {name: getattr(item, name) for name in TEXTS})
    elif _change(item, missing, TEXTS):
        _record("changed", item, by, missing)
    return Added(item, is_new)


@transaction.atomic
def change(item: MediaItem, values: Mapping[str, Any], *, by: User) -> bool:
    """Change what is said of a picture, and its focal point. False if nothing changes.

    Raises PermissionDenied.
    """
    _require(by, "change")
    item = MediaItem.objects.select_for_update(of=("self",)).select_related("image").get(pk=item.pk)
    is_moved = _change(item.image, values, FOCAL_POINT)
    if is_moved and Post.objects.published().filter(cover=item.image).exists():
        notify_site_changed()
    is_changed = _change(item, values, TEXTS)
    if is_moved or is_changed:
        said = {name: values[name] for name in (*TEXTS, *FOCAL_POINT) if name in values}
        _record("changed", item, by, said)
    return is_moved or is_changed


def _change(row: MediaItem | Image, values: Mapping[str, Any], names: Sequence[str]) -> bool:
    changed = [name for name in names if name in values and getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return bool(changed)


def replace(item: MediaItem, upload: UploadedFile[Any], *, by: User) -> MediaItem:
    """Add a picture that is to be used in place of this one. Texts change only by `use_newer`.

    Raises ImageRefused and PermissionDenied.
    """
    _require(by, "change")
    image = store_image(_of_usable_size(upload), by=by, bounds=IN_TEXT)
    if image.pk == item.image_id:
        raise ImageRefused("This is the same image, byte for byte: choose the newer one.")
    with transaction.atomic():
        texts = {name: getattr(item, name) for name in ("alt", "credit", "licence")}
        newer = add_stored(image, title=item.title, by=by, **texts).item
        if newer.replaced_by_id:
            # The earlier picture again: it is the current one from now on.
            MediaItem.objects.filter(pk=newer.pk).update(replaced_by=None)
            newer.replaced_by = None
        older = MediaItem.objects.filter(pk=item.pk) | MediaItem.objects.filter(replaced_by=item)
        older.exclude(pk=newer.pk).update(replaced_by=newer)
        _record("replaced", item, by, {"by": newer.image_id})
    return newer


def use_newer(item: MediaItem, draft: Draft, *, by: User) -> bool:
    """Show the picture that replaces this one, in a new version of the text. False if it shows neither.

    Raises ImageMissing without a newer one, and what `edit_draft` raises.
    """
    newer = item.replaced_by
    if newer is None:
        raise ImageMissing("There is no newer image in place of this one.")
    content = {"body": draft.body.replace(f"image:{item.image_id}", f"image:{newer.image_id}")}
    if draft.cover_image == item.image_id:
        content["cover_image"] = newer.image_id
    return edit_draft(draft, content, by=by, reason=f"newer image “{newer.title}” used"[:100])


def delete(item: MediaItem, *, by: User) -> None:
    """Delete a picture with its files. Raises ImageInUse where any version of a text shows it."""
    _require(by, "delete")
    name = item.image_id
    with image_locked(name):
        with transaction.atomic():
            # The lock first: it waits for a draft that is just taking up the image. Then the check.
            list(Image.objects.select_for_update().filter(name=name).values_list("pk"))
            if Image.objects.filter(is_used(), name=name).exists():
                raise ImageInUse(
                    "It is not deleted: a version of a text shows this image, and versions stay."
                )
            _record("deleted", item, by, {"title": item.title})
            item.delete()
            Image.objects.filter(name=name).delete()
        delete_files(name)


def _of_usable_size(upload: UploadedFile[Any]) -> UploadedFile[Any]:
    size = upload.size or 0
    if size > MAX_MEGABYTES * 1_000_000:
        raise ImageTooLarge(
            f"The file has {size / 1_000_000:.1f} MB; the limit is {MAX_MEGABYTES} MB. Make it smaller first."
        )
    return upload


def _title_of(file_name: str) -> str:
    """ "harbour_at-dawn.jpg" is about "harbour at dawn"."""
    return " ".join(PurePath(file_name).stem.replace("_", " ").replace("-", " ").split())


def _fitting(name: str, text: str) -> str:
    longest: int = MediaItem._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]
    return " ".join(text.replace("\0", " ").split())[:longest]


def _require(by: User, verb: str) -> None:
    if not by.has_perm(f"publishing.{verb}_mediaitem"):
        raise PermissionDenied(f"Your role does not allow you to {verb} images in the media library.")


def _record(what: str, item: MediaItem, by: User, data: dict[str, Any]) -> None:
    chain.record(
        f"media.{what}",
        object_type="media",
        object_id=item.pk,
        by=by,
        data={"image": item.image_id, "title": item.title, **data},
    )
