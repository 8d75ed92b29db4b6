"""Path converters: what the parts of an address may look like."""

from __future__ import annotations

import unicodedata

from django.urls import register_converter
from django.urls.converters import StringConverter

from tasks.naming import SLUG_PATTERN
from tasks.pipeline.text.slugs import is_slug


class UnicodeSlug(StringConverter):
    """A slug in any script: a name in Chinese has an address in Chinese."""

    regex = SLUG_PATTERN

    def to_python(self, value: str) -> str:
        if not is_slug(value):
            raise ValueError(value)
        return unicodedata.normalize("NFC", value)


class Sha256(StringConverter):
    regex = "[0-9a-f]{64}"


class Colour(StringConverter):
    """Red, green and blue, two digits each."""

    regex = "[0-9a-f]{6}"


class Encoding(StringConverter):
    """The format of an image file."""

    regex = "avif|webp|jpeg"


register_converter(UnicodeSlug, "name")
register_converter(Sha256, "sha256")
register_converter(Encoding, "encoding")
register_converter(Colour, "colour")
