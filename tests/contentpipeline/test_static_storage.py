"""Static files are compressed once, as well as a first start has time for."""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.test import override_settings

from contentpipeline import static_build
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


NOBODY = 65534


@pytest.fixture
def root(settings) -> Iterator[Path]:
    """Readable by all, writable by root alone."""
    with tempfile.TemporaryDirectory() as directory:
        settings.STATIC_ROOT = Path(directory)
        settings.STATIC_ROOT.chmod(0o555)
        yield settings.STATIC_ROOT
        settings.STATIC_ROOT.chmod(0o755)


def is_taken_by_another_account() -> bool:
    """Root may write everywhere, so nothing is checked."""
    fork = os.fork()
    if fork == 0:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        os._exit(int(static_build._is_part_of_an_image()))
    return os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 1


def test_files_that_came_with_an_image_are_taken_as_they_are(root: Path) -> None:
    assert not is_taken_by_another_account(), "there are none"
    root.chmod(0o755)
    (root / "staticfiles.json").write_text("{}")
    root.chmod(0o555)
    assert is_taken_by_another_account()
    root.chmod(0o777)
    assert not is_taken_by_another_account(), (
        "an account that may write rebuilds them when something has changed"
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Iterator[Path]:
    """The product's files as a first start builds them."""
    root = tmp_path_factory.mktemp("static")
    storages = settings.STORAGES | {
        "staticfiles": {"BACKEND": "contentpipeline.static_storage.StaticStorage"}
    }
    with override_settings(STATIC_ROOT=root, STORAGES=storages):
        assert static_build.build_static_files()
        assert not static_build.build_static_files(), "nothing has changed"
        yield root


def test_files_are_compressed_under_the_name_that_pages_use_alone(built: Path) -> None:
    named = json.loads((built / "staticfiles.json").read_text())["paths"]
    for name in (
        "desk/desk.css",
        "admin/css/base.css",
        "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js",
    ):
        for suffix in (".br", ".gz"):
            assert (built / f"{named[name]}{suffix}").exists(), name
            assert not (built / f"{name}{suffix}").exists(), name
        assert (built / name).exists(), "under its own name it is served as it is"


def test_what_no_page_loads_is_neither_compressed_nor_collected(built: Path) -> None:
    assert not list(built.rglob("*.map.br"))
    assert not (built / "rest_framework").exists()


@pytest.mark.usefixtures("built")
def test_another_version_of_a_package_rebuilds_the_files(monkeypatch, tmp_path: Path) -> None:
    before = static_build._fingerprint()
    assert static_build._fingerprint() == before
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "whitenoise-99.dist-info").mkdir()
    assert static_build._fingerprint() != before
