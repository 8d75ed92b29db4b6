"""Staged files of a form until it is saved: bounded, for a day, and for their uploader."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from tasks.models import StagedUpload

if TYPE_CHECKING:
    from tasks.pipeline.reading.types import Reading

RETENTION = timedelta(days=1)
MAX_BYTES = 20_000_000
"""More than any form of the product takes in one file."""
MAX_FILES_OF_USER = 100
"""As many as one form may bring (Django's DATA_UPLOAD_MAX_NUMBER_FILES)."""
MAX_BYTES_OF_USER = 60_000_000
_NOT_STORED = re.compile("[\x00\ud800-\udfff]")


def stage(
    file: UploadedFile[bytes], *, by: User, reading: Reading | None = None, spare: Iterable[str] = ()
) -> StagedUpload | None:
    """Store the file for its uploader; their oldest ones make room, but for those in `spare`.

    None for one that is too large, or for which there is no room.
    """
    if not file.size or file.size > MAX_BYTES or not _has_room(file.size, by, spare):
        return None
    file.seek(0)
    data = file.read()
    with transaction.atomic():
        row = StagedUpload.objects.create(
            user=by, name=_storable(PurePath(file.name or "file").name), data=data, size=len(data),
            reading=_as_json(reading),
        )  # fmt: skip
        _make_room(by, row, spare)
    return row


def staged(token: str, *, by: User) -> StagedUpload | None:
    """The file that a form names, if this person uploaded it within the last day."""
    return StagedUpload.objects.filter(
        user=by, pk__in=_ids([token]), created_at__gte=timezone.now() - RETENTION
    ).first()


def change(row: StagedUpload, data: bytes) -> None:
    """Replace its contents, by what its uploader corrected in them."""
    StagedUpload.objects.filter(pk=row.pk).update(data=data, size=len(data), created_at=timezone.now())


def delete_filed(tokens: Iterable[str], *, by: User) -> None:
    """Delete files that have become part of what was saved."""
    StagedUpload.objects.filter(user=by, pk__in=_ids(tokens)).delete()


def delete_expired(at_most: int) -> int:
    """Delete files that are older than a day; returns how many."""
    old = StagedUpload.objects.filter(created_at__lt=timezone.now() - RETENTION)
    return StagedUpload.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:at_most])).delete()[0]


def _ids(tokens: Iterable[str]) -> list[UUID]:
    """The valid ids among the tokens that a browser sent."""
    found = []
    for token in tokens:
        try:
            found.append(UUID(token))
        except ValueError:
            continue
    return found


def _storable(name: str) -> str:
    """Without what the database refuses; of a name that is too long, its end."""
    return name.replace("\0", "").encode(errors="replace").decode()[-255:]


def _as_json(reading: Reading | None) -> Any:
    """What the database can hold of it; a text with a NUL or half a character is read again instead."""
    if reading is None or _NOT_STORED.search(reading.text + reading.title + "".join(reading.warnings)):
        return None
    return reading.model_dump(mode="json")


def _has_room(size: int, user: User, spare: Iterable[str]) -> bool:
    sizes = list(StagedUpload.objects.filter(user=user, pk__in=_ids(spare)).values_list("size", flat=True))
    return sum(sizes) + size <= MAX_BYTES_OF_USER and len(sizes) < MAX_FILES_OF_USER


def _make_room(user: User, newest: StagedUpload, spare: Iterable[str]) -> None:
    left_bytes, left_files = MAX_BYTES_OF_USER - newest.size, MAX_FILES_OF_USER - 1
    spared = StagedUpload.objects.filter(user=user, pk__in=_ids(spare)).values_list("pk", "size")
    for _, size in spared:
        left_bytes, left_files = left_bytes - size, left_files - 1
    others = StagedUpload.objects.filter(user=user).exclude(pk__in=[newest.pk, *(pk for pk, _ in spared)])
    for pk, size in others.order_by("-created_at", "-id").values_list("pk", "size"):
        left_bytes, left_files = left_bytes - size, left_files - 1
        if left_bytes < 0 or left_files < 0:
            StagedUpload.objects.filter(pk=pk).delete()
