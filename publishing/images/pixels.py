"""Pictures as pixels: what is decoded, and encoded again, without anything else that a file contained.

Free of Django, because a process of its own decodes what could end the process.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from publishing.errors import ImageRefused
from publishing.images.formats import HEIF, IN_WORDS, formats_of, load_heif
from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.off_loop import preloads

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import ImageCms, ImageOps
else:
    Pillow, ImageCms, ImageOps = map(LazyModule, ("PIL.Image", "PIL.ImageCms", "PIL.ImageOps"))

MAX_MEGAPIXELS = 40
MIN_WIDTH = 640
# What decoders raise for damaged files; those of AVIF and HEIC raise RuntimeError.
DAMAGED = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, ArithmeticError, RuntimeError,
    MemoryError, struct.error,
)  # fmt: skip
ANIMATED = frozenset({"PNG", "WEBP", "GIF", "AVIF"})
"""Formats of which further pictures in a file are further frames: in HEIC they are other pictures."""
WIDTHS = (480, 960, 1600)
ENCODINGS: dict[str, dict[str, Any]] = {
    "avif": {"quality": 55, "speed": 7},
    "webp": {"quality": 76, "method": 4},
    "jpeg": {"quality": 80, "progressive": True, "optimize": True},
}
"""By format, which is also the files' suffix. A browser shows the first that it supports."""


@dataclass(frozen=True)
class Bounds:
    """What an image must be like to be shown at a place."""

    min_width: int
    max_proportion: int


COVER = Bounds(MIN_WIDTH, 3)
IN_TEXT = Bounds(64, 8)
"""A drawing, a face or a column of figures may be smaller and narrower than a cover."""


ImageFiles = list[tuple[dict[str, Any], bytes]]
"""Each with its description, the widest JPEG last."""


def load_pillow() -> None:
    """With the formats that it reads and writes."""
    Pillow.init()


@preloads(load_pillow)
def picture_files(data: bytes, bounds: Bounds = COVER) -> ImageFiles:
    """All files of a picture, under the rules of uploads. Raises ImageRefused."""
    return encoded_files(decoded(io.BytesIO(data), bounds))


def decoded(upload: IO[bytes], bounds: Bounds = COVER) -> Pillow.Image:
    """Upright and in sRGB. Its size is checked before it is decoded. Raises ImageRefused."""
    try:
        formats = formats_of(upload)
        if formats == HEIF:
            load_heif()
        picture = Pillow.open(upload, formats=tuple(formats))
        _require_bounds(*picture.size, bounds.max_proportion)
        _require_still(picture)
        # A large JPEG is decoded at a half, a quarter or an eighth of its size, which is enough.
        picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        if upright.width < bounds.min_width:
            raise ImageRefused(
                f"The image is {upright.width} pixels wide; the minimum is {bounds.min_width}. "
                "Upload a larger one."
            )
        return flattened(upright)
    except ImageRefused:
        raise
    except Pillow.DecompressionBombError:
        raise ImageRefused(f"The image has too many pixels: the limit is {MAX_MEGAPIXELS} million.") from None
    except Pillow.UnidentifiedImageError:  # type: ignore[attr-defined]  # public, by the documentation
        raise ImageRefused(f"This file cannot be read as an image: upload a {IN_WORDS}.") from None
    except DAMAGED:
        raise ImageRefused("The image is damaged: export it again and upload the new file.") from None


def _require_bounds(width: int, height: int, max_proportion: int) -> None:
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise ImageRefused(f"The image has {width} × {height} pixels; the limit is {MAX_MEGAPIXELS} million.")
    if min(width, height) * max_proportion < max(width, height):
        raise ImageRefused(
            f"The image has {width} × {height} pixels: one side is over {max_proportion} times the "
            "other. Crop it."
        )


def _require_still(picture: Pillow.Image) -> None:
    """Refuse an animation, of which readers would see the first frame alone.

    The second picture in a JPEG file of a camera is a preview or a depth map, and no next frame.
    """
    # Asked first: a GIF counts its frames by reading all of them.
    if not getattr(picture, "is_animated", False) or picture.format not in ANIMATED:
        return
    number = "" if picture.format == "GIF" else f" of {getattr(picture, 'n_frames', 2)} frames"
    raise ImageRefused(
        f"The image is an animation{number}, of which readers would see the first frame alone: "
        "export the frame to show, or put a link to the animation on a line of its own."
    )


def flattened(picture: Pillow.Image) -> Pillow.Image:
    """The pixels alone, on a white background where it is transparent."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):
        # Sixteen bits of grey: Pillow's own conversion cuts every value above 255 off to white.
        picture = picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    has_gaps = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    pixels = picture.convert("RGBA" if has_gaps else "RGB")
    flat = Pillow.new("RGB", pixels.size, "white")
    flat.paste(pixels, mask=pixels.getchannel("A") if has_gaps else None)
    if profile and picture.mode in {"RGB", "RGBA"}:
        flat = _in_srgb(flat, profile) or flat
    elif profile and picture.mode in {"CMYK", "L"}:
        # Inks and greys are different colours by their profile, and only it knows which.
        flat = _in_srgb(picture, profile) or flat
    flat.info.clear()
    return flat


def _in_srgb(picture: Pillow.Image, profile: bytes) -> Pillow.Image | None:
    """The picture converted from the colours of its profile; None where that is broken or of another kind.

    The colours are then taken as sRGB, as most images have them.
    """
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None


def encoded_files(picture: Pillow.Image, encodings: Collection[str] = tuple(ENCODINGS)) -> ImageFiles:
    """All files of an image. They are to have a JPEG, for old browsers and other sites."""
    return list(_encoded(picture, encodings))


def _encoded(picture: Pillow.Image, encodings: Collection[str]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each file with its description, the widest JPEG last. Never wider than the upload."""
    full = min(picture.width, WIDTHS[-1])
    for width in [*(width for width in WIDTHS if width < full), full]:
        height = max(1, round(picture.height * width / picture.width))
        scaled = picture.resize((width, height), Pillow.Resampling.LANCZOS)
        for encoding in encodings:
            buffer = io.BytesIO()
            scaled.save(buffer, encoding, **ENCODINGS[encoding])
            data = buffer.getvalue()
            yield (
                {
                    "format": encoding,
                    "width": width,
                    "height": height,
                    "bytes": len(data),
                    "sha256": hashlib.sha256(data).hexdigest(),
                },
                data,
            )
