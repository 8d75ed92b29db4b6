"""Uploads become images: re-encoded files, named by a hash of their content.

Only the pixels of an upload are stored: it is decoded, turned upright, converted to sRGB and encoded again,
in three formats and a few widths. The name is a hash over the hashes of all these files. It is part of what
an editor approves, so readers see the exact bytes that were approved.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from publishing.errors import ImageRefused
from publishing.models import Image
from tasks.advisory_locks import Lock, session_lock
from tasks.content import canonical_json
from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import ImageCms, ImageOps
else:
    Pillow, ImageCms, ImageOps = map(LazyModule, ("PIL.Image", "PIL.ImageCms", "PIL.ImageOps"))

MAX_MEGABYTES = 15
MAX_MEGAPIXELS = 40
MIN_WIDTH = 640
MAX_PROPORTION = 3
ACCEPTED = ("JPEG", "PNG", "WEBP")
WIDTHS = (480, 960, 1600)
ENCODINGS: dict[str, dict[str, Any]] = {
    "avif": {"quality": 55, "speed": 7},
    "webp": {"quality": 76, "method": 4},
    "jpeg": {"quality": 80, "progressive": True, "optimize": True},
}
"""By format, which is also the files' suffix. A browser shows the first that it supports."""

ImageFiles = list[tuple[dict[str, Any], bytes]]
"""Each with its description, the widest JPEG last."""


def store_image(upload: IO[bytes], *, by: User) -> Image:
    """Encode and store an upload; equal images are stored once. Raises ImageRefused.

    Takes about a second for the largest; call it outside of a transaction.
    """
    return store_files(encoded_files(decoded(upload)), by=by)


def store_files(
    files: ImageFiles, *, by: User | None = None, origin: Mapping[str, Any] | None = None
) -> Image:
    """Store what `encoded_files` returned. `origin` says where an image is from that nobody uploaded."""
    width, height = files[-1][0]["width"], files[-1][0]["height"]
    variants = [variant for variant, _ in files]
    shown = canonical_json({"width": width, "height": height, "variants": variants})
    image = Image(name=hashlib.sha256(shown.encode()).hexdigest(), width=width, height=height)
    with image_locked(image.name):
        for variant, data in files:
            _store(image.path_of(variant), data)
        # A repeated upload renews its grace period, so that it is not deleted before it can be used.
        found, _ = Image.objects.update_or_create(
            name=image.name,
            defaults={"uploaded_at": timezone.now()},
            create_defaults={
                "width": width,
                "height": height,
                "variants": variants,
                "uploaded_by": by,
                "origin": dict(origin or {}),
            },
        )
    return found


def load_pillow() -> None:
    """With the formats that it reads and writes."""
    Pillow.init()


def image_locked(name: str) -> AbstractContextManager[None]:
    """No one else stores or deletes this image meanwhile. The lock ends with its process."""
    return session_lock(Lock.IMAGE, name)


def decoded(upload: IO[bytes]) -> Pillow.Image:
    """Upright and in sRGB. Its size is checked before it is decoded. Raises ImageRefused."""
    try:
        picture = Pillow.open(upload, formats=ACCEPTED)
        _require_bounds(*picture.size)
        _require_still(picture)
        # A large JPEG is decoded at a half, a quarter or an eighth of its size, which is enough.
        picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        if upright.width < MIN_WIDTH:
            raise ImageRefused(
                f"The image is {upright.width} pixels wide; the minimum is {MIN_WIDTH}. Upload a larger one."
            )
        return _flat(upright)
    except ImageRefused:
        raise
    except Pillow.DecompressionBombError:
        raise ImageRefused(f"The image has too many pixels: the limit is {MAX_MEGAPIXELS} million.") from None
    except Pillow.UnidentifiedImageError:  # type: ignore[attr-defined]  # public, by the documentation
        raise ImageRefused("This file cannot be read as an image: upload a JPEG, PNG or WebP.") from None
    except (OSError, ValueError, SyntaxError, MemoryError):
        raise ImageRefused("The image is damaged: export it again and upload the new file.") from None


def _require_bounds(width: int, height: int) -> None:
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise ImageRefused(f"The image has {width} × {height} pixels; the limit is {MAX_MEGAPIXELS} million.")
    if min(width, height) * MAX_PROPORTION < max(width, height):
        raise ImageRefused(
            f"The image has {width} × {height} pixels: one side is over {MAX_PROPORTION} times the "
            "other. Crop it."
        )


def _require_still(picture: Pillow.Image) -> None:
    """Refuse an animation, of which readers would see the first frame alone.

    The second picture in a JPEG file of a camera is a preview or a depth map, and no next frame.
    """
    frames = getattr(picture, "n_frames", 1)
    if frames > 1 and picture.format in {"PNG", "WEBP"}:
        raise ImageRefused(
            f"The image is an animation of {frames} frames, and covers are still: export the frame to show."
        )


def _flat(picture: Pillow.Image) -> Pillow.Image:
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


def _store(path: str, data: bytes) -> None:
    if default_storage.exists(path):
        if default_storage.size(path) == len(data):
            return
        default_storage.delete(path)  # incomplete, from a process that died
    default_storage.save(path, ContentFile(data))
