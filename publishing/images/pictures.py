"""Uploads become images: re-encoded files, named by a hash of their content.

Only the pixels of an upload are stored: it is decoded, turned upright, converted to sRGB and encoded again,
in three formats and a few widths. The name is a hash over the hashes of all these files. It is part of what
an editor approves, so readers see the exact bytes that were approved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import IO, Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from publishing.errors import ImageRefused
from publishing.images.formats import IN_PROCESS_OF_ITS_OWN, formats_of
from publishing.images.pixels import COVER, Bounds, ImageFiles, decoded, encoded_files, picture_files
from publishing.models import Image
from tasks.advisory_locks import Lock, session_lock
from tasks.content import canonical_json
from tasks.pipeline.isolation import ComputationFailed, ComputePoolLost, Limits, run_isolated

MAX_MEGABYTES = 15
LIMITS = Limits(wall_seconds=60.0, cpu_seconds=40.0, memory_bytes=3 * 1024**3)
"""For one picture in a process of its own. 40 million pixels are 160 MB, several times over."""


def fits_cover(image: Image) -> bool:
    short, long = sorted((image.width, image.height))
    return image.width >= COVER.min_width and long <= COVER.max_proportion * short


def store_image(upload: IO[bytes], *, by: User, bounds: Bounds = COVER) -> Image:
    """Encode and store an upload; equal images are stored once. Raises ImageRefused.

    Takes about a second for the largest; call it outside of a transaction.
    """
    if formats_of(upload) & IN_PROCESS_OF_ITS_OWN:
        return store_files(_files_in_process(upload.read(), bounds), by=by)
    return store_files(encoded_files(decoded(upload, bounds)), by=by)


def _files_in_process(data: bytes, bounds: Bounds) -> ImageFiles:
    """A damaged file can end the process that decodes it. Raises ImageRefused."""
    try:
        return run_isolated(picture_files, data, bounds, limits=LIMITS)
    except ComputePoolLost as error:
        raise ImageRefused(f"The image cannot be read at the moment: {error} Try again.") from error
    except ComputationFailed as error:
        raise ImageRefused(
            "The image is damaged, or takes too long to read: export it as JPEG and upload that."
        ) from error


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


def image_locked(name: str) -> AbstractContextManager[None]:
    """No one else stores or deletes this image meanwhile. The lock ends with its process."""
    return session_lock(Lock.IMAGE, name)


def _store(path: str, data: bytes) -> None:
    if default_storage.exists(path):
        if default_storage.size(path) == len(data):
            return
        default_storage.delete(path)  # incomplete, from a process that died
    default_storage.save(path, ContentFile(data))
