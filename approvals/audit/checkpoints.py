"""Daily checkpoints of the audit chain in files outside the database: they show when its end was cut off.

One file a day, written once and signed, so that someone who can change the database but not these files or
the key cannot hide what was removed. Copy them to a place from which neither can be reached.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac

from approvals.audit import chain
from approvals.audit.verification import Anchor

UNFINISHED = ".unfinished"
ABANDONED_SECONDS = 3600
"""No process takes that long to write one line."""


class CheckpointForged(Exception):
    """A checkpoint does not match its signature: the file was changed, or AUDIT_KEY is a different one."""


def write_checkpoint() -> Path | None:
    """Write today's checkpoint (UTC) unless there is one; its file, or None when nothing was written."""
    now = datetime.now(UTC)
    path = Path(settings.AUDIT_HEADS_DIR) / f"{now:%Y-%m-%d}.json"
    if path.exists():
        return None
    seq, digest = chain.head()
    if not seq:
        return None
    at = now.isoformat(timespec="seconds")
    content = {"at": at, "seq": seq, "hash": digest, "hmac_sha256": signature(at=at, seq=seq, hash=digest)}
    is_written = _write_once(path, json.dumps(content) + "\n")
    _delete_unfinished(path.parent)
    return path if is_written else None


def _write_once(path: Path, text: str) -> bool:
    """Write all of it or nothing, even if the process or the machine dies, and never overwrite a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(8)}{UNFINISHED}")
    try:
        with draft.open("x") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def _delete_unfinished(directory: Path) -> None:
    """Delete what a killed process left behind: once a day, when a checkpoint was written."""
    for draft in directory.glob(f"*{UNFINISHED}"):
        with suppress(FileNotFoundError):  # another process may be deleting it
            if time.time() - draft.stat().st_mtime > ABANDONED_SECONDS:
                draft.unlink()


def read_checkpoints() -> list[Anchor]:
    """All checkpoints, oldest first. Raises CheckpointForged, naming the file."""
    return [_read(path) for path in sorted(Path(settings.AUDIT_HEADS_DIR).glob("*.json"))]


def latest_day() -> str | None:
    """The day of the newest checkpoint, as 2026-11-25."""
    return max((path.stem for path in Path(settings.AUDIT_HEADS_DIR).glob("*.json")), default=None)


def signature(*, at: str, seq: int, hash: str) -> str:
    """HMAC-SHA256 in hexadecimal, under AUDIT_KEY, or without one under a key derived from SECRET_KEY."""
    key = settings.AUDIT_KEY or None
    return salted_hmac("desk.audit.head", f"{at}|{seq}|{hash}", key, algorithm="sha256").hexdigest()


def _read(path: Path) -> Anchor:
    try:
        content = json.loads(path.read_text())
        signed = content.pop("hmac_sha256")
        is_genuine = hmac.compare_digest(signature(**content), signed)
        anchor = Anchor(int(content["seq"]), str(content["hash"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CheckpointForged(_forged(path)) from None
    if not is_genuine:
        raise CheckpointForged(_forged(path))
    return anchor


def _forged(path: Path) -> str:
    return f"{path} was changed, or AUDIT_KEY is not the one that signed it."
