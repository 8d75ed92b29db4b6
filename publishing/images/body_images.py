"""The images that bodies show: which are stored, and which drafts use them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from publishing.errors import ImageMissing
from publishing.images.covers import require_whole
from publishing.models import Image, ImageUse
from tasks.models import Draft
from tasks.pipeline.text.body_images import BodyImage, names_in, stored

SITE_FOLDER = "/media/covers/"
DESK_FOLDER = "/admin/publishing-desk/images/"


def stored_images(names: Collection[str], folder: str) -> dict[str, BodyImage]:
    """For `tasks.attachments`."""
    rows = Image.objects.filter(name__in=names).values_list("name", "variants")
    return {name: stored(name, variants, folder or DESK_FOLDER) for name, variants in rows}


def record_uses(draft: Draft, body: str) -> None:
    """Note which images a version shows. Called in the transaction that saves it."""
    names = names_in(body)
    if not names:
        return
    # Locked until the version is saved, so that none is deleted as unused meanwhile.
    list(Image.objects.select_for_update(no_key=True).filter(name__in=names).order_by("name").values("name"))
    uses = (ImageUse(name=name, draft_id=draft.pk) for name in names)
    ImageUse.objects.bulk_create(uses, ignore_conflicts=True)


def images_by_name(drafts: Sequence[Draft]) -> Mapping[str, Image]:
    """The images in the bodies of all these drafts, with their media items, in one query or none."""
    names = names_in(*(draft.body for draft in drafts))
    return Image.objects.select_related("media_item").in_bulk(names) if names else {}


def missing_images(draft: Draft, found: Mapping[str, Image]) -> ImageMissing | None:
    """An error that names the images in its body which are not stored."""
    missing = [name for name in names_in(draft.body) if name not in found]
    if not missing:
        return None
    which = ", ".join(f"image:{name[:12]}…" for name in missing[:3]) + ("…" if len(missing) > 3 else "")
    what = "an image that is" if len(missing) == 1 else f"{len(missing)} images that are"
    return ImageMissing(
        f"The text shows {what} not in the media library ({which}): upload "
        f"{'it' if len(missing) == 1 else 'them'} there, or take the line out of the text."
    )


def require_body_images(draft: Draft) -> None:
    """Raises ImageMissing unless every image in the body is stored, with exactly the approved bytes."""
    found = images_by_name([draft])
    if error := missing_images(draft, found):
        raise error
    for image in found.values():
        require_whole(image, "an image in the text")
