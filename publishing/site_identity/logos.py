"""The logo and the icon of the site: uploads become PNG files, named by a hash of their bytes.

As with covers, only the pixels are stored. A logo is smaller than a picture may be, and it is transparent,
so it goes another way than those of `publishing.images.pictures`.
"""

from __future__ import annotations

import hashlib
import io
import struct
from typing import IO, TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from publishing.errors import ImageRefused
from publishing.images.formats import IN_WORDS, formats_of
from publishing.images.pixels import ANIMATED, flattened
from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import ImageOps
else:
    Pillow, ImageOps = map(LazyModule, ("PIL.Image", "PIL.ImageOps"))

FOLDER = "site"
MAX_MEGABYTES = 5
MAX_MEGAPIXELS = 20
TOO_MANY = f"The image has over {MAX_MEGAPIXELS} million pixels: export a smaller one."
LOGO_SIZE = (960, 144)
"""At most: three pixels for each of the 48 that it is high on a page."""
MIN_LOGO_HEIGHT = 32
ICON_SIZES = (32, 180, 512)
MIN_ICON_SIZE = 180
MAX_UNEVENNESS = 1.02

Picture = dict[str, Any]
"""What the row of the identity has of a picture: `files` by size, and its `width` and `height`."""


def path_of(name: str) -> str:
    return f"{FOLDER}/{name}.png"


def store_logo(upload: IO[bytes]) -> Picture:
    """Raises ImageRefused."""
    picture = _decoded(upload)
    if picture.height < MIN_LOGO_HEIGHT:
        raise ImageRefused(
            f"The logo is {picture.height} pixels high; the minimum is {MIN_LOGO_HEIGHT}, and "
            f"{LOGO_SIZE[1]} is best. Export a larger one."
        )
    picture.thumbnail(LOGO_SIZE, Pillow.Resampling.LANCZOS)
    name = _store(picture)
    return {"files": {str(picture.width): name}, "width": picture.width, "height": picture.height}


def store_icon(upload: IO[bytes]) -> Picture:
    """In the sizes that browsers and telephones ask for. Raises ImageRefused."""
    picture = _decoded(upload)
    shorter, longer = sorted(picture.size)
    if longer > MAX_UNEVENNESS * shorter:
        raise ImageRefused(
            f"The icon has {picture.width} × {picture.height} pixels, and icons are square: crop it."
        )
    if shorter < MIN_ICON_SIZE:
        raise ImageRefused(
            f"The icon is {shorter} pixels wide; the minimum is {MIN_ICON_SIZE}, and {ICON_SIZES[-1]} "
            "is best. Export a larger one."
        )
    files = {
        str(size): _store(picture.resize((size, size), Pillow.Resampling.LANCZOS)) for size in ICON_SIZES
    }
    return {"files": files, "width": ICON_SIZES[-1], "height": ICON_SIZES[-1]}


def _decoded(upload: IO[bytes]) -> Pillow.Image:
    """Upright, in sRGB, with what is transparent."""
    try:
        picture = Pillow.open(upload, formats=tuple(formats_of(upload)))
        if picture.width * picture.height > MAX_MEGAPIXELS * 1_000_000:
            raise ImageRefused(TOO_MANY)
        if getattr(picture, "is_animated", False) and picture.format in ANIMATED:
            raise ImageRefused("The image is an animation, and this one is still: export the frame to show.")
        picture.load()
        return _in_srgb(ImageOps.exif_transpose(picture))
    except ImageRefused:
        raise
    except Pillow.UnidentifiedImageError:  # type: ignore[attr-defined]  # public, by the documentation
        raise ImageRefused(f"This file cannot be read as an image: upload a {IN_WORDS}.") from None
    except Pillow.DecompressionBombError:
        raise ImageRefused(
            f"The image has over {MAX_MEGAPIXELS} million pixels: export a smaller one."
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error, MemoryError):
        raise ImageRefused("The image is damaged: export it again and upload the new file.") from None


def _in_srgb(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode not in {"RGBA", "LA", "PA"} and "transparency" not in picture.info:
        return flattened(picture).convert("RGBA")
    whole = picture.convert("RGBA")
    colours = whole.convert("RGB")
    colours.info.pop("transparency", None)
    found = flattened(colours)
    found.putalpha(whole.getchannel("A"))
    return found


def _store(picture: Pillow.Image) -> str:
    buffer = io.BytesIO()
    picture.info.clear()
    picture.save(buffer, "PNG", optimize=True)
    name = hashlib.sha256(buffer.getvalue()).hexdigest()
    if not default_storage.exists(path_of(name)):
        default_storage.save(path_of(name), ContentFile(buffer.getvalue()))
    return name
