"""The file: a tar archive, whole or inside age's encryption. Written and read as a stream.

It begins with `manifest.json` and ends with `contents.json`, the hash of everything in between. The database
is in PostgreSQL's custom format, cut into parts because tar wants sizes in advance:
`cat database/* | pg_restore`.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from contentpipeline.backups.encryption import Decrypted, is_encrypted
from contentpipeline.backups.errors import BackupProblem, FileDamaged, WrongKey

MANIFEST, CONTENTS, DATABASE, MEDIA, HEADS = "manifest.json", "contents.json", "database", "media", "heads"
PART_BYTES = 8 * 1024 * 1024
READ_BYTES = 256 * 1024
MAX_JSON_BYTES = 512 * 1024 * 1024
"""Of the manifest and the list of contents: a million pictures have 200 MB of names and hashes."""


class Writer:
    """Yields the bytes of the archive, member by member."""

    def __init__(self, made_at: float) -> None:
        self._made_at = int(made_at)
        self.sha256: dict[str, str] = {}
        self.database_bytes = 0

    def member(self, name: str, data: bytes) -> Iterator[bytes]:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = len(data), 0o600, self._made_at
        self.sha256[name] = hashlib.sha256(data).hexdigest()
        yield info.tobuf(tarfile.PAX_FORMAT)
        yield data
        if padding := -len(data) % tarfile.BLOCKSIZE:
            yield bytes(padding)

    def database(self, dump: IO[bytes]) -> Iterator[bytes]:
        number = 0
        while part := dump.read(PART_BYTES):
            self.database_bytes += len(part)
            yield from self.member(f"{DATABASE}/{number:06}", part)
            number += 1

    def end(self, said: dict[str, Any]) -> Iterator[bytes]:
        """The list of contents, and the two empty blocks that end a tar archive."""
        contents = json.dumps({**said, "sha256": self.sha256}, separators=(",", ":")).encode()
        digest = hashlib.sha256(contents).hexdigest()
        yield from self.member(CONTENTS, contents)
        yield from self.member(f"{CONTENTS}.sha256", f"{digest}  {CONTENTS}\n".encode())
        yield bytes(2 * tarfile.BLOCKSIZE)


class Reader:
    """Reads a backup once, from its beginning to its end. Raises FileDamaged and WrongKey."""

    def __init__(self, path: Path, keys: list[Any] | None) -> None:
        self._path, self._decrypted, self._file = path, None, None
        self._sha256: dict[str, str] = {}
        try:
            encrypted = is_encrypted(path)
        except OSError as error:
            raise BackupProblem(f"{path} cannot be read: {error.strerror}.") from error
        if encrypted and not keys:
            raise WrongKey(f"{path} is encrypted: give its key with --key FILE.")
        if encrypted:
            self._decrypted = Decrypted(path, keys or [])
            stream = self._decrypted.stream
        else:
            stream = self._file = path.open("rb")
        self._stream = stream

    def extract(self, directory: Path) -> Iterator[tuple[str, Any]]:
        """Write everything below the directory; yields the manifest first, the contents last.

        The database becomes one file, `database`. The contents come once every hash was right.
        """
        try:
            yield from self._extract(directory)
        except (tarfile.TarError, EOFError, ValueError, KeyError) as error:
            raise self._damaged() from error
        finally:
            self._leave()

    def _extract(self, directory: Path) -> Iterator[tuple[str, Any]]:
        contents: bytes | None = None
        with tarfile.open(fileobj=self._stream, mode="r|", bufsize=READ_BYTES) as archive:
            for number, info in enumerate(archive):
                if not info.isreg() or (number == 0) != (info.name == MANIFEST):
                    raise self._damaged()
                source = archive.extractfile(info)
                is_late = contents is not None and info.name != f"{CONTENTS}.sha256"
                if source is None or is_late:
                    raise self._damaged()
                if info.name == MANIFEST:
                    yield MANIFEST, json.loads(self._small(info, source))
                elif info.name == CONTENTS:
                    contents = self._small(info, source)
                elif info.name == f"{CONTENTS}.sha256":
                    if self._small(info, source).split()[0].decode() != self._sha256[CONTENTS]:
                        raise self._damaged()
                else:
                    self._save(info, source, _place(directory, info.name))
        if contents is None or f"{CONTENTS}.sha256" not in self._sha256:
            raise self._damaged()
        if self._decrypted is not None:
            self._decrypted.close()
            self._decrypted = None
        said = json.loads(contents)
        found = {name: digest for name, digest in self._sha256.items() if not name.startswith(CONTENTS)}
        if said["sha256"] != found:
            raise self._damaged()
        yield CONTENTS, said

    def _small(self, info: tarfile.TarInfo, source: IO[bytes]) -> bytes:
        if info.size > MAX_JSON_BYTES:
            raise self._damaged()
        data = source.read()
        self._sha256[info.name] = hashlib.sha256(data).hexdigest()
        return data

    def _save(self, info: tarfile.TarInfo, source: IO[bytes], place: Path) -> None:
        digest, size = hashlib.sha256(), 0
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab" if info.name.startswith(f"{DATABASE}/") else "xb") as file:
            while data := source.read(READ_BYTES):
                digest.update(data)
                size += len(data)
                file.write(data)
        if size != info.size:
            raise self._damaged()
        self._sha256[info.name] = digest.hexdigest()

    def _damaged(self) -> BackupProblem:
        """The reason that lies deepest: what cannot be decrypted looks like an archive that is cut off."""
        if self._decrypted is not None:
            decrypted, self._decrypted = self._decrypted, None
            try:
                decrypted.close()
            except BackupProblem as reason:
                return reason
        return FileDamaged(
            f"{self._path} is no backup, or was cut off or changed: nothing was restored. Use another copy."
        )

    def _leave(self) -> None:
        if self._decrypted is not None:
            self._decrypted.abandon()
        if self._file is not None:
            self._file.close()


def _place(directory: Path, name: str) -> Path:
    """Where a member goes. Raises ValueError for a name that would lead elsewhere."""
    kind, _, rest = name.partition("/")
    parts = rest.split("/")
    if kind not in {DATABASE, MEDIA, HEADS} or not all(part.strip(".") for part in parts) or "\0" in name:
        raise ValueError(name)
    return directory / DATABASE if kind == DATABASE else directory.joinpath(kind, *parts)
