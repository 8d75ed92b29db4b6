"""The cover of a draft: a change of it is a version of the text, like any other change."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser

from publishing.errors import ImageMissing
from publishing.models import Image
from publishing.pictures import require_whole
from tasks.actions import edit_draft
from tasks.models import Draft


def set_cover(draft: Draft, image: Image, *, alt: str, credit: str, by: AbstractBaseUser) -> bool:
    """Show this image above the text. False: it is there already. Raises what `edit_draft` raises."""
    content = {"cover_image": image.name, "cover_alt": alt, "cover_credit": credit}
    return edit_draft(draft, content, by=by, reason=f"cover image set by {by.get_username()}")


def remove_cover(draft: Draft, *, by: AbstractBaseUser) -> bool:
    content = {"cover_image": "", "cover_alt": "", "cover_credit": ""}
    return edit_draft(draft, content, by=by, reason=f"cover image removed by {by.get_username()}")


def approved_cover(draft: Draft) -> Image | None:
    """The image that the text names, with all its files as they were. Raises ImageMissing."""
    if not draft.cover_image:
        return None
    image = Image.objects.filter(name=draft.cover_image).first()
    if image is None:
        raise ImageMissing("The draft names a cover image that is not here: upload it again, or remove it.")
    require_whole(image)
    return image
