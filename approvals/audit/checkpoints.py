"""Heads of the audit chain, kept outside the database: they show when the chain's end was cut off.

One file a day, written once and signed, so that whoever can change the database but not these files or
the key cannot hide what they took away. Copy them to where neither can be reached.
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
"""Nobody takes so long to write a line."""


class HeadForged(Exception):
    """A kept head does not have its signature: the file was changed, or AUDIT_KEY is another one."""


def keep_head() -> Path | None:
    """Write the head of this day (UTC) unless there is one; its file, or None when nothing was written."""
    now = datetime.now(UTC)
    path = Path(settings.AUDIT_HEADS_DIR) / f"{now:%Y-%m-%d}.json"
    if path.exists():
        return None
    seq, digest = chain.head()
    if not seq:
        return None
    said = {"at": now.isoformat(timespec="seconds"), "seq": seq, "hash": digest}
    is_written = _write_once(path, json.dumps(said | {"hmac_sha256": signature(**said)}) + "\n")
    _clear_away(path.parent)
    return path if is_written else None


def _write_once(path: Path, text: str) -> bool:
    """Whole or not at all, whenever the process or the machine dies, and never over one that is there."""
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


def _clear_away(directory: Path) -> None:
    """Remove what a process that was killed left behind: once a day, when a head was written."""
    for draft in directory.glob(f"*{UNFINISHED}"):
        with suppress(FileNotFoundError):  # another process may be at it
            if time.time() - draft.stat().st_mtime > ABANDONED_SECONDS:
                draft.unlink()


def kept_heads() -> list[Anchor]:
    """The heads that were kept here, oldest first. Raises HeadForged, naming the file."""
    return [_read(path) for path in sorted(Path(settings.AUDIT_HEADS_DIR).glob("*.json"))]


def latest_day() -> str | None:
    """The day of the newest head, as 2026-11-25."""
    return max((path.stem for path in Path(settings.AUDIT_HEADS_DIR).glob("*.json")), default=None)


def signature(*, at: str, seq: int, hash: str) -> str:
    """HMAC-SHA256, in hexadecimal, under AUDIT_KEY, or without one under a key derived from SECRET_KEY."""
    key = settings.AUDIT_KEY or None
    return salted_hmac("desk.audit.head", f"{at}|{seq}|{hash}", key, algorithm="sha256").hexdigest()


def _read(path: Path) -> Anchor:
    try:
        said = json.loads(path.read_text())
        signed = said.pop("hmac_sha256")
        is_genuine = hmac.compare_digest(signature(**said), signed)
        head = Anchor(int(said["seq"]), str(said["hash"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        is_genuine = False
    if not is_genuine:
        raise HeadForged(f"{path} was changed, or AUDIT_KEY is not the one that signed it.")
    return head
