"""Which files of the storage the database names: what a backup has to have, and where a restore puts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage

from publishing.models import Image, SiteIdentity
from publishing.site_identity import logos

NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class MediaFile:
    """`sha256` is empty where the database has none: logos are named by theirs."""

    path: str
    sha256: str


def named_files() -> Iterator[MediaFile]:
    """Every file that a row names, past identities of the site included, without holding all of them."""
    for image in Image.objects.order_by("name").only("name", "variants").iterator(chunk_size=500):
        for variant in image.variants:
            yield MediaFile(image.path_of(variant), str(variant.get("sha256", "")))
    pictures = [SiteIdentity.objects, SiteIdentity.history]
    rows = [row for manager in pictures for row in manager.values_list("logo", "icon")]
    for name in sorted(set(NAME.findall(repr(rows)))):
        yield MediaFile(logos.path_of(name), name)


def read(path: str) -> bytes | None:
    """The file, or None where it is missing. Raises OSError where the storage fails."""
    try:
        with default_storage.open(path) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
