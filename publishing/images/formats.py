"""Which files are read as images, by their first bytes, and what to do with all others."""

from __future__ import annotations

import re
from typing import IO, NamedTuple

from publishing.errors import ImageRefused

USUAL, AVIF, HEIF = (frozenset(names.split()) for names in ("JPEG PNG WEBP GIF", "AVIF", "HEIF"))
"""By the names that Pillow has for them, HEIF once its reader is loaded."""
IN_PROCESS_OF_ITS_OWN = AVIF | HEIF
"""Decoders that some damaged files make end their process, as pi-heif 1.4.0."""
IN_WORDS = "JPEG, PNG, WebP, AVIF, HEIC or GIF"
MEDIA_TYPES = "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,image/gif"
HEAD_BYTES = 1024
AVIF_BRANDS = {b"avif", b"avis"}
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
EXPORT = "export it as JPEG or PNG"


class NotAnImage(NamedTuple):
    """A kind of file that people upload by mistake: how it begins, its name and the remedy."""

    begins: re.Pattern[bytes]
    name: str
    remedy: str


def _kind(begins: bytes, name: str, remedy: str) -> NotAnImage:
    return NotAnImage(re.compile(begins, re.DOTALL | re.IGNORECASE), name, remedy)


KINDS = (
    _kind(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml.*)?(?:<!--.*-->\s*)?(?:<!DOCTYPE svg.*)?<svg[\s>/]",
          "an SVG drawing", "it may contain programs, so export it as PNG, twice as large as it is shown"),
    _kind(rb".{0,1000}%PDF-", "a PDF document", "export the page as PNG"),
    _kind(rb"....ftyp(?:crx )", "a RAW picture of a camera", f"develop it, and {EXPORT}"),
    _kind(rb"(?:FUJIFILMCCD-RAW|IIU\0|IIRO|IIRS|\0MRM)|II\*\0.{4}CR", "a RAW picture of a camera",
          f"develop it, and {EXPORT}"),
    _kind(rb"II[*+]\0|MM\0[*+]", "a TIFF or RAW file", f"develop or open it, and {EXPORT}"),
    _kind(rb"BM.{4}\0{4}", "a Windows bitmap", EXPORT),
    _kind(rb"8BPS", "a Photoshop document", EXPORT),
    _kind(rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL file", EXPORT),
    _kind(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 file", EXPORT),
    _kind(rb"\0\0\x01\0", "an icon", EXPORT),
    _kind(rb"....ftyp(?:mp4|isom|iso2|qt  |M4V|avc1|dash)|\x1aE\xdf\xa3|RIFF....AVI ", "a film",
          "take a still out of it, or write a link to it on a line of its own"),
    _kind(rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript file", "export it as PNG"),
    _kind(rb"PK\x03\x04", "an archive or an office document", "take the pictures out of it"),
    _kind(rb"\s*<(?:!doctype html|html)", "a web page", "save the picture itself, and upload that"),
)  # fmt: skip


def formats_of(upload: IO[bytes]) -> frozenset[str]:
    """The formats that it may have. Raises ImageRefused for a file of another kind."""
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    if not head:
        raise ImageRefused("The file is empty: choose another one.")
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return HEIF
    if head[4:8] == b"ftyp" and head[8:12] in AVIF_BRANDS:
        return AVIF
    for kind in KINDS:
        if kind.begins.match(head):
            raise ImageRefused(f"This file is {kind.name} and cannot be read as an image: {kind.remedy}.")
    return USUAL


def load_heif() -> None:
    """Four megabytes that most installations never need."""
    try:
        import pi_heif  # type: ignore[import-untyped]
    except ImportError:
        raise ImageRefused(f"HEIC cannot be read on this machine: {EXPORT}.") from None
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False)
