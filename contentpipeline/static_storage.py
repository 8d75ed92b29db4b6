"""Static files as they are built: hashed names, and compressed once for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from contentpipeline.library_versions import check_version

WRITTEN_FOR = "6.12"
"""The series of WhiteNoise whose compression these classes change."""
LARGE_BYTES = 64 * 1024
"""The best compression of larger files, mostly the API's documentation, took a first start half a minute."""
BEST, QUICK = 11, 5
STAYS_AS_IT_IS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
"""What comes compressed, and source maps, which no page loads."""


class QuickCompressor(Compressor):  # type: ignore[misc]  # WhiteNoise has no types
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        smaller: bytes = brotli.compress(data, quality=BEST if len(data) <= LARGE_BYTES else QUICK)
        return smaller


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise has no types
    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Only under the names that pages use: under its own name each file would be compressed once more.

        Raises UncheckedVersion where another WhiteNoise is installed.
        """
        check_version("whitenoise", version("whitenoise"), written_for=WRITTEN_FOR, module=__name__)
        yield from super().compress_files(set(paths) & set(self.hashed_files.values()))

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**{**options, "extensions": STAYS_AS_IT_IS})
