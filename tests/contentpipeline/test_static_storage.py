"""Static files are compressed once, as well as a first start has time for."""

from __future__ import annotations

import random
from pathlib import Path

import brotli

from contentpipeline.static_storage import LARGE_BYTES, QuickCompressor


def words(length: int) -> bytes:
    found = random.Random(1)
    return b" ".join(b"word%d" % found.randrange(900) for _ in range(length // 8 + 1))[:length]


def test_a_file_of_ours_is_compressed_as_well_as_can_be(tmp_path: Path) -> None:
    (tmp_path / "site.css").write_bytes(words(8000))
    QuickCompressor().compress(str(tmp_path / "site.css"))
    packed = (tmp_path / "site.css.br").read_bytes()
    assert packed == brotli.compress(words(8000), quality=11)
    assert len(packed) <= len((tmp_path / "site.css.gz").read_bytes())


def test_a_large_file_is_compressed_quickly() -> None:
    data = words(2 * LARGE_BYTES)
    packed = QuickCompressor.compress_brotli(data)
    assert packed == brotli.compress(data, quality=5)
    assert brotli.decompress(packed) == data
