"""Whether images can be stored, read and deleted: `doctor` does so with a small file.

`/health/ready/` does not. It is polled every few seconds, which would cost five calls to the bucket each
time; and a server without images serves everything else: taking it out of service would make things worse.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from contentpipeline.probes import ProbeResult, State

SECONDS = 15.0
"""For all of it; a single call to a bucket may take ten."""


def media() -> ProbeResult:
    where, remedy = _where_and_remedy()
    attempt = StorageAttempt()
    attempt.start()
    attempt.join(SECONDS)
    if attempt.is_alive():
        why = f"no answer within {SECONDS:g} seconds"
    elif attempt.error is not None:
        why = _reason(attempt.error)
    else:
        return ProbeResult(State.OK, f"{where}.")
    return ProbeResult(State.DOWN, f"{where} cannot be {attempt.doing} ({why}): {remedy}.")


class StorageAttempt(threading.Thread):
    """One that can be left behind: nothing else ends the wait for a disk of the network that hangs."""

    def __init__(self) -> None:
        super().__init__(name="media-probe", daemon=True)
        self.doing = "written to"
        self.error: Exception | None = None

    def run(self) -> None:
        root = Path(settings.MEDIA_ROOT)
        was_there = root.exists()
        try:
            self._write_read_and_remove()
        except Exception as error:
            self.error = error
        if not was_there:
            # Who asks the doctor may be root, in whose directory the server could not write.
            with suppress(OSError):
                root.rmdir()

    def _write_read_and_remove(self) -> None:
        content = secrets.token_bytes(32)
        name = default_storage.save(f"probe-{secrets.token_hex(8)}", ContentFile(content))
        self.doing = "read"
        try:
            with default_storage.open(name) as file:
                if file.read() != content:
                    raise OSError("what was read back is not what was written")
        except OSError:
            with suppress(OSError):
                default_storage.delete(name)
            raise
        self.doing = "removed from"
        default_storage.delete(name)
        if default_storage.exists(name):
            raise OSError("what was removed is still there")


def _where_and_remedy() -> tuple[str, str]:
    storages: dict[str, dict[str, Any]] = settings.STORAGES
    bucket = storages["default"].get("OPTIONS", {}).get("bucket_url")
    if bucket:
        return (
            bucket,
            "check MEDIA_S3_URL, and that its keys may list the bucket, and put, get and delete in it",
        )
    return str(
        settings.MEDIA_ROOT
    ), "let the account of the server write there, or set DATA_DIR or MEDIA_S3_URL"


def _reason(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or (str(error) if isinstance(error, OSError) else "")
    return (reason or type(error).__name__).removesuffix(".")
