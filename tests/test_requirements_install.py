"""Installing from a lock: nothing gets in whose hash it does not name, and a refusal says why."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.lockfile import ROOT

NAME = "desk_example"


def wheel(directory: Path, content: str, version: str = "1.0") -> str:
    """Write a package of one module into this directory; its hash."""
    path, info = directory / f"{NAME}-{version}-py3-none-any.whl", f"{NAME}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{NAME}.py", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment's Python."""
    directory = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    return directory / "bin" / "python"


def install(python: Path, mirror: Path, lock: str) -> subprocess.CompletedProcess[str]:
    """Install this lock where there is no other index than the mirror's folder."""
    path = mirror / "some.lock"
    path.write_text(lock)
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))}
    only = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(mirror), "PIP_CONFIG_FILE": os.devnull}
    command = [str(python), "-m", "tools.install", str(path)]
    return subprocess.run(command, cwd=ROOT, env=ours | only, capture_output=True, text=True)


def has(python: Path) -> bool:
    return subprocess.run([python, "-c", f"import {NAME}"], capture_output=True).returncode == 0


def test_a_changed_file_is_not_installed_and_the_reason_is_named(python: Path, tmp_path: Path) -> None:
    wheel(tmp_path, "x = 'changed'")
    done = install(python, tmp_path, f"{NAME}==1.0 --hash=sha256:{'0' * 64}\n")
    assert done.returncode != 0
    assert not has(python)
    assert "has other files than" in done.stderr
    assert "some.lock" in done.stderr


def test_a_mirror_that_lacks_a_version_is_named_as_the_reason(python: Path, tmp_path: Path) -> None:
    digest = wheel(tmp_path, "x = 1")
    done = install(python, tmp_path, f"{NAME}==1.1 --hash=sha256:{digest}\n")
    assert done.returncode != 0
    assert not has(python)
    assert "lacks a version that" in done.stderr


def test_a_package_without_a_hash_is_not_installed(python: Path, tmp_path: Path) -> None:
    wheel(tmp_path, "x = 1")
    assert install(python, tmp_path, f"{NAME}==1.0\n").returncode != 0
    assert not has(python)


def test_the_file_whose_hash_the_lock_names_is_installed(python: Path, tmp_path: Path) -> None:
    digest = wheel(tmp_path, "x = 1")
    done = install(python, tmp_path, f"{NAME}==1.0 --hash=sha256:{digest}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert has(python)
