"""Puts a backup's pictures into the storage: what is there with the same bytes stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from publishing.images.media_files import read


class AddedPictures:
    """Names of files contain the hash of what they show, so that adding some hurts no one else's.

    `remove` undoes `add`, even in the middle of it.
    """

    def __init__(self, media: Path) -> None:
        self._media = media
        self.added: list[str] = []
        self.present = 0

    def add(self) -> None:
        for file in self._files():
            name, data = file.relative_to(self._media).as_posix(), file.read_bytes()
            there = read(name)
            if there == data:
                self.present += 1
                continue
            if there is not None:
                default_storage.delete(name)  # damaged: the backup has the right bytes
            self.added.append(name)
            default_storage.save(name, ContentFile(data))

    def remove(self) -> None:
        for name in self.added:
            with suppress(OSError):
                default_storage.delete(name)

    def _files(self) -> Iterator[Path]:
        yield from sorted(path for path in self._media.rglob("*") if path.is_file())
