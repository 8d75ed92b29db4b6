"""Responsive images: the browser chooses format and width, and knows the size before it loads one."""

from __future__ import annotations

from typing import Any

from django import template

from publishing.addresses import path_of
from publishing.models import Image

register = template.Library()

WHOLE_COLUMN = "(min-width: 74rem) 58rem, 94vw"
CARD = "(min-width: 60rem) 33rem, 94vw"
LEAD = "(min-width: 60rem) 40rem, 94vw"


@register.inclusion_tag("publishing/_picture.html")
def picture(image: Image | None, alt: str, place: str = "card", eager: bool = False) -> dict[str, Any]:
    """`place` is post, lead or card. `eager` is for the one image that is seen first; others wait."""
    sizes = {"post": WHOLE_COLUMN, "lead": LEAD}.get(place, CARD)
    return _shown(image, "media", alt) | {"sizes": sizes, "eager": eager}


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
