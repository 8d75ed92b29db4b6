"""What stands against an approval of a text because of the images in its body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from approvals.objections import Objection
from publishing.models import Image, MediaItem
from tasks.models import Draft
from tasks.pipeline.text.body_images import alt_of, name_of, names_in
from tasks.pipeline.text.dialect import parse


def images_objections(draft: Draft, images: Mapping[str, Image]) -> list[Objection]:
    """`images` are those in the body that are stored, with their media items."""
    names = names_in(draft.body)
    if not names:
        return []
    found = []
    undescribed = [name for name, alt in _alternative_texts(draft.body) if name and not alt]
    if undescribed:
        number = "1 image has" if len(undescribed) == 1 else f"{len(undescribed)} images have"
        what = f"{number} no alternative text for readers who cannot see it: write it between ![ and ]."
        found.append(Objection("image_undescribed", what))
    for name in names:
        if (item := _media_item(images.get(name))) and item.replaced_by_id:
            newer = f"The media library has a newer image in place of “{item}”, which the text shows."
            found.append(Objection("image_replaced", newer, needs_confirmation=False))
    return found


def _alternative_texts(body: str) -> Iterator[tuple[str, str]]:
    for token in parse(body):
        for child in token.children or ():
            if child.type == "image":
                yield name_of(child), alt_of(child)


def _media_item(image: Image | None) -> MediaItem | None:
    found: MediaItem | None = getattr(image, "media_item", None)
    return found
