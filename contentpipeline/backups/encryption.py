"""Encryption of backups in the age format, which the public tool `age` reads and writes as well.

A backup is made with the public half of a key: the host that makes backups need not be able to read
them.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from contentpipeline.backups.errors import BackupProblem, FileDamaged, WrongKey

MAGIC = b"age-encryption.org/"
BLOCK_BYTES = 1024 * 1024
DAMAGED = "its encryption does not verify. Nothing was restored. Use another copy."


def make_key(path: Path) -> str:
    """Write a new key to a file that only this account can read; returns its public half."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    text = f"# Reads backups of the desk: store it apart from them.\n# public key: {public}\n{identity}\n"
    try:
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text)
    except FileExistsError:
        raise BackupProblem(f"{path} exists already: it may be the key of older backups.") from None
    except OSError as error:
        raise BackupProblem(f"{path} cannot be written: {error.strerror}.") from error
    return public


def recipients(path: Path) -> list[Any]:
    """Whom a backup is encrypted for: public keys, or the public halves of the keys in the file."""
    from pyrage import RecipientError, x25519

    found: list[Any] = []
    for line in _lines(path):
        if line.startswith("AGE-SECRET-KEY-"):
            found.append(_identity(line, path).to_public())
            continue
        try:
            found.append(x25519.Recipient.from_str(line))
        except RecipientError:
            raise WrongKey(f"{path} has a line that is no age key: make one with --new-key.") from None
    if not found:
        raise WrongKey(f"{path} has no key: make one with `manage.py backup --new-key FILE`.")
    return found


def identities(path: Path) -> list[Any]:
    """What an encrypted backup is read with."""
    found = [_identity(line, path) for line in _lines(path) if line.startswith("AGE-SECRET-KEY-")]
    if not found:
        raise WrongKey(f"{path} has no secret key (AGE-SECRET-KEY-…): public keys alone read nothing.")
    return found


def _identity(line: str, path: Path) -> Any:
    from pyrage import IdentityError, x25519

    try:
        return x25519.Identity.from_str(line)
    except IdentityError:
        raise WrongKey(f"{path} has a damaged secret key: take it from your copy.") from None


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise WrongKey(f"The key {path} cannot be read: {reason}.") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


# --- Streams --------------------------------------------------------------------------------------------


class _Pieces(io.RawIOBase):
    """A generator of bytes as a file; remembers what it raised, which the library reduces to a text."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            try:
                self._rest = memoryview(next(self._pieces, b""))
            except BaseException as error:
                self.error = error
                raise
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)


def write_encrypted(pieces: Iterator[bytes], file: IO[bytes], keys: list[Any]) -> None:
    """Raises what the pieces or the file raise."""
    from pyrage import EncryptError, encrypt_io

    source = _Pieces(pieces)
    try:
        encrypt_io(source, file, keys)
    except EncryptError as error:
        if source.error is not None:
            raise source.error from None
        raise OSError(str(error)) from error


def is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


class Decrypted:
    """An encrypted file as a stream of what is in it, decrypted by a thread while it is read."""

    def __init__(self, path: Path, keys: list[Any]) -> None:
        from pyrage import DecryptError, decrypt_io

        self._error: BaseException | None = None
        read_end, write_end = os.pipe()
        self.stream: IO[bytes] = os.fdopen(read_end, "rb", buffering=BLOCK_BYTES)

        def decrypt() -> None:
            with open(write_end, "wb", buffering=BLOCK_BYTES) as sink, path.open("rb") as source:
                try:
                    decrypt_io(source, sink, keys)
                except DecryptError:
                    self._error = WrongKey(f"{path} cannot be read with this key: it was made for another.")
                except OSError:
                    self._error = FileDamaged(f"{path} was cut off or changed: {DAMAGED}")

        self._thread = threading.Thread(target=_quietly(decrypt), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Raises WrongKey or FileDamaged if it could not be read to its end."""
        while self.stream.read(BLOCK_BYTES):
            pass  # what follows the archive's end; the last block is what shows that nothing was cut off
        self._thread.join()
        self.stream.close()
        if self._error is not None:
            raise self._error

    def abandon(self) -> None:
        """End it in the middle."""
        self.stream.close()
        self._thread.join()


def _quietly(work: Callable[[], None]) -> Callable[[], None]:
    """A reader that has left is no error of the thread that writes."""

    def run() -> None:
        try:
            work()
        except (BrokenPipeError, ValueError):
            return

    return run
