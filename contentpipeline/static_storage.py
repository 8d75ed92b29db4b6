"""Static files as they are built: hashed names, and compressed once for all."""

from __future__ import annotations

from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

LARGE_BYTES = 64 * 1024
"""The best compression of larger files, mostly the API's documentation, took a first start half a minute."""
BEST, QUICK = 11, 5


class QuickCompressor(Compressor):
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return brotli.compress(data, quality=BEST if len(data) <= LARGE_BYTES else QUICK)


class StaticStorage(CompressedManifestStaticFilesStorage):
    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)
