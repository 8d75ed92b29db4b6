"""Pictures: what somebody uploads becomes files of our own making, named by what is in them.

Nothing of the upload is kept but what can be seen: it is decoded, turned upright, brought to sRGB and encoded
again, in three formats and a few widths. The name is a hash over the hashes of all these files. It is part of
what an editor approves, so readers see the very bytes that were approved.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser
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
"""By the format's name, which is the files' suffix too; the first that a browser knows is shown."""


def keep(upload: IO[bytes], *, by: AbstractBaseUser) -> Image:
    """Encode and store what was uploaded; the same picture is kept once. Raises ImageRefused.

    Takes about a second for the largest; call it outside of a transaction.
    """
    picture = _decoded(upload)
    files = [(variant, data) for variant, data in _encoded(picture)]
    width, height = files[-1][0]["width"], files[-1][0]["height"]
    variants = [variant for variant, _ in files]
    shown = canonical_json({"width": width, "height": height, "variants": variants})
    image = Image(name=hashlib.sha256(shown.encode()).hexdigest(), width=width, height=height)
    with alone_with(image.name):
        for variant, data in files:
            _store(image.path_of(variant), data)
        # Uploaded again it is young again, and not cleared away before somebody can use it.
        found, _ = Image.objects.update_or_create(
            name=image.name,
            defaults={"uploaded_at": timezone.now()},
            create_defaults={"width": width, "height": height, "variants": variants, "uploaded_by": by},
        )
    return found


def alone_with(name: str) -> AbstractContextManager[None]:
    """No other process stores this image or deletes its files meanwhile."""
    return session_lock(Lock.IMAGE, name)


def _decoded(upload: IO[bytes]) -> Pillow.Image:
    """Upright and in sRGB. What it would cost is judged from the file's head, before anything is decoded."""
    try:
        picture = Pillow.open(upload, formats=ACCEPTED)
        _require_bounds(*picture.size)
        # A JPEG can be decoded at a half, a quarter or an eighth, which is all that is needed of a large one.
        picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        if upright.width < MIN_WIDTH:
            raise ImageRefused(
                f"The image is {upright.width} pixels wide: {MIN_WIDTH} are needed. Upload a larger one."
            )
        return _flat(upright)
    except ImageRefused:
        raise
    except Pillow.DecompressionBombError:
        raise ImageRefused(f"The image has too many pixels: at most {MAX_MEGAPIXELS} million.") from None
    except Pillow.UnidentifiedImageError:
        raise ImageRefused("This is no image that can be read: upload a JPEG, PNG or WebP.") from None
    except (OSError, ValueError, SyntaxError, MemoryError):
        raise ImageRefused("The image is damaged: export it again, and upload that.") from None


def _require_bounds(width: int, height: int) -> None:
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise ImageRefused(
            f"The image has {width} × {height} pixels: {MAX_MEGAPIXELS} million at most. Make it smaller."
        )
    if min(width, height) * MAX_PROPORTION < max(width, height):
        raise ImageRefused(
            f"The image has {width} × {height} pixels: one is over {MAX_PROPORTION} times the other. Crop it."
        )


def _flat(picture: Pillow.Image) -> Pillow.Image:
    """The pixels alone, on white where there are none."""
    profile = picture.info.get("icc_profile")
    has_gaps = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    pixels = picture.convert("RGBA" if has_gaps else "RGB")
    flat = Pillow.new("RGB", pixels.size, "white")
    flat.paste(pixels, mask=pixels.getchannel("A") if has_gaps else None)
    if profile and picture.mode in {"RGB", "RGBA"}:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            ImageCms.profileToProfile(flat, given, ImageCms.createProfile("sRGB"), inPlace=True)
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile: the colours are taken for what most images have
        flat.info.clear()
    return flat


def _encoded(picture: Pillow.Image) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each file with what is known of it, the widest JPEG last. Never wider than the upload."""
    full = min(picture.width, WIDTHS[-1])
    for width in [*(width for width in WIDTHS if width < full), full]:
        height = max(1, round(picture.height * width / picture.width))
        scaled = picture.resize((width, height), Pillow.Resampling.LANCZOS)
        for encoding, options in ENCODINGS.items():
            buffer = io.BytesIO()
            scaled.save(buffer, encoding, **options)
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
        default_storage.delete(path)  # half a file, from a process that died
    default_storage.save(path, ContentFile(data))
