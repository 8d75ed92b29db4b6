"""The cover of a draft: a change of it is a version of the text, like any other change."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from publishing.errors import ImageMissing
from publishing.models import Image, ImageUse
from tasks.actions import edit_draft
from tasks.models import Draft


def set_cover(draft: Draft, image: Image, *, alt: str, credit: str, by: User) -> bool:
    """Set the cover image. False if nothing changes. Raises ImageMissing, and what `edit_draft` raises."""
    content = {"cover_image": image.name, "cover_alt": alt, "cover_credit": credit}
    with transaction.atomic():
        # Locked until the version that uses it is saved, so that it is not deleted as unused.
        if not Image.objects.select_for_update(no_key=True).filter(pk=image.pk).exists():
            raise ImageMissing("This image was deleted because nothing used it: upload it again.")
        return edit_draft(draft, content, by=by, reason=f"cover image set by {by.get_username()}")


def remove_cover(draft: Draft, *, by: User) -> bool:
    content = {"cover_image": "", "cover_alt": "", "cover_credit": ""}
    return edit_draft(draft, content, by=by, reason=f"cover image removed by {by.get_username()}")


def images_of(draft: Draft) -> list[dict[str, Any]]:
    """The images that versions of a draft show, with where each is from: for its dossier."""
    covers = draft.history.exclude(cover_image="").values("cover_image")
    in_bodies = ImageUse.objects.filter(draft=draft).values("name")
    shown = Q(name__in=covers) | Q(name__in=in_bodies)
    fields = ("name", "width", "height", "variants", "uploaded_by_id", "uploaded_at", "origin")
    return list(Image.objects.filter(shown).order_by("uploaded_at").values(*fields))


def require_cover(draft: Draft, image: Image | None) -> None:
    """Raises ImageMissing unless `image` is the draft's cover and intact, or the draft has none."""
    if not draft.cover_image:
        return
    if image is None:
        raise ImageMissing("The draft's cover image is missing: upload it again, or remove it.")
    require_whole(image)


def require_whole(image: Image, what: str = "the cover image") -> None:
    """Raises ImageMissing unless every file has exactly the bytes from which the image's name was made."""
    for variant in image.variants:
        try:
            with default_storage.open(image.path_of(variant)) as file:
                found = hashlib.sha256(file.read()).hexdigest()
        except OSError:
            found = ""
        if found != variant["sha256"]:
            raise ImageMissing(
                f"A file of {what} is missing or damaged: upload the image again, or remove it."
            )
