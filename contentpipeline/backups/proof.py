"""Proves what a restored database says of itself, before it is anybody's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from approvals.audit import chain
from approvals.audit.checkpoints import CheckpointForged, read_checkpoints
from approvals.audit.reconciliation import reconcile
from approvals.audit.verification import Anchor, first_failure
from contentpipeline.backups.errors import NotProven
from publishing.images.media_files import named_files

Say = Callable[[str], object]


def prove(found: dict[str, Any], media: Path, heads: Path, missing: set[str], say: Say) -> None:
    """Chain, rows, versions, live posts and pictures. Raises NotProven, naming the first that is wrong."""
    failure = first_failure([*_checkpoints(heads), *_head(found)])
    if failure:
        raise NotProven(
            f"The backup's audit chain is broken: {failure.kind} at entry {failure.seq}: {failure.detail}."
        )
    seq, digest = chain.head()
    say(f"Audit chain, versions and decisions: intact, {seq} entries, head {digest}.")
    live, wrong = 0, ""
    for shown in reconcile():
        live += 1
        wrong = wrong or (f"{shown.what}: {shown.unapproved}" if shown.unapproved else "")
    if wrong:
        raise NotProven(f"Something online was not approved as it is: {wrong}.")
    say(f"Live bytes: {live} posts, each exactly as approved.")
    say(f"Pictures: {_pictures(media, missing)} files, each with the bytes that its name stands for.")


def _head(found: dict[str, Any]) -> list[Anchor]:
    head = found["audit_head"]
    return [Anchor(int(head["seq"]), str(head["hash"]))] if head["seq"] else []


def _checkpoints(heads: Path) -> Iterator[Anchor]:
    usual = settings.AUDIT_HEADS_DIR
    settings.AUDIT_HEADS_DIR = heads
    try:
        yield from read_checkpoints()
    except CheckpointForged as error:
        raise NotProven(
            f"{error} With another SECRET_KEY and no AUDIT_KEY none can be verified: set the former one."
        ) from None
    finally:
        settings.AUDIT_HEADS_DIR = usual


def _pictures(media: Path, missing: set[str]) -> int:
    """The archive's hashes were compared when it was read; here, whether the rows name anything else."""
    count = 0
    for file in named_files():
        if file.path in missing:
            continue
        if not (media / file.path).is_file():
            raise NotProven(f"The database names {file.path}, which the backup does not have.")
        count += 1
    return count
