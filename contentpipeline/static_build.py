"""Building static files only when something they are made of has changed."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def build_static_files() -> bool:
    """Collect, hash and compress. False when the last build is still good."""
    if _is_part_of_an_image():
        return False
    mark = Path(settings.STATIC_ROOT) / ".built-from"
    source = _fingerprint()
    if mark.exists() and mark.read_text() == source:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
    mark.write_text(source)
    return True


def _is_part_of_an_image() -> bool:
    """Whether it was built with the code, and is read-only here."""
    root = Path(settings.STATIC_ROOT)
    return (root / "staticfiles.json").exists() and not os.access(root, os.W_OK)


def _fingerprint() -> str:
    """A digest of every source file's name, size and time, and of the installed packages."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(None):
            path = Path(storage.path(name))
            found = path.stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    # The storage itself may change: it decides names and compression.
    # Their directories have name and version in their names: reading what is in them would take longer.
    for package in sorted(found.name for entry in sys.path for found in Path(entry).glob("*.dist-info")):
        digest.update(package.encode())
    return digest.hexdigest()
