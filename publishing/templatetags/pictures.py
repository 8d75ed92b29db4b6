"""Responsive images: the browser chooses format and width, and knows the size before it loads one."""

from __future__ import annotations

from typing import Any

from django import template

from publishing.addresses import path_of
from publishing.models import Image
from publishing.plain_body import portable_markdown

register = template.Library()

WHOLE_COLUMN = "(min-width: 74rem) 68rem, 94vw"
CARD = "(min-width: 56rem) 22rem, (min-width: 40rem) 46vw, 94vw"
LEAD = "(min-width: 56rem) 30rem, 94vw"
DRAWN = "1600px"
"""A quarter of the width of a drawn cover is shown, as large as a whole photograph."""


register.filter("portable", portable_markdown)


@register.inclusion_tag("publishing/_picture.html")
def picture(image: Image | None, alt: str, place: str = "card", eager: bool = False) -> dict[str, Any]:
    """`place` is post, lead or card. `eager` is for the one image that is seen first; others wait."""
    sizes = {"post": WHOLE_COLUMN, "lead": LEAD}.get(place, CARD)
    if image and image.is_drawn:
        return _shown(image, "media", alt) | {"sizes": DRAWN, "eager": eager}
    focal = focal_classes(image) if image and place != "post" else ""  # only there it is cropped
    return _shown(image, "media", alt) | {"sizes": sizes, "eager": eager, "focal": focal}


def focal_classes(image: Image) -> str:
    """In steps of ten percent, as site.css has them; empty for the middle, which needs none."""
    x, y = (round(percent / 10) * 10 for percent in (image.focal_x, image.focal_y))
    return "" if (x, y) == (50, 50) else f"focal-x{x} focal-y{y}"


@register.inclusion_tag("publishing/_picture.html")
def desk_picture(name: str, alt: str) -> dict[str, Any]:
    """The image of a draft, for those who may see drafts."""
    image = Image.objects.filter(name=name).first() if name else None
    return _shown(image, "publishing_desk:media", alt) | {"sizes": "40rem", "eager": True}


def _shown(image: Image | None, view: str, alt: str) -> dict[str, Any]:
    if image is None:
        return {"image": None}
    by_format: dict[str, list[str]] = {}
    for variant in image.variants:
        path = path_of(view, image.name, variant["width"], variant["format"])
        by_format.setdefault(variant["format"], []).append(f"{path} {variant['width']}w")
    fallback = by_format.pop("jpeg")
    return {
        "image": image,
        "alt": alt,
        "sources": {encoding: ", ".join(files) for encoding, files in by_format.items()},
        "srcset": ", ".join(fallback),
        "src": fallback[-1].split()[0],
    }
