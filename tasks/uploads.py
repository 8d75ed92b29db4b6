"""Staged files of a form until it is saved: bounded, for a day, and for their uploader."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePath
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from tasks.models import StagedUpload

RETENTION = timedelta(days=1)
MAX_BYTES = 20_000_000
"""More than any form of the product takes in one file."""
MAX_FILES_OF_USER = 100
"""As many as one form may bring (Django's DATA_UPLOAD_MAX_NUMBER_FILES)."""
MAX_BYTES_OF_USER = 60_000_000


def stage(file: UploadedFile[bytes], *, by: User) -> StagedUpload | None:
    """Store the file for its uploader; their oldest ones make room. None for one that is too large."""
    if not file.size or file.size > MAX_BYTES:
        return None
    file.seek(0)
    data = file.read()
    with transaction.atomic():
        row = StagedUpload.objects.create(
            user=by, name=PurePath(file.name or "file").name[-255:], data=data, size=len(data)
        )
        _make_room(by, row)
    return row


def staged(token: str, *, by: User) -> StagedUpload | None:
    """The file that a form names, if this person uploaded it within the last day."""
    return StagedUpload.objects.filter(
        user=by, pk__in=_ids([token]), created_at__gte=timezone.now() - RETENTION
    ).first()


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


def _make_room(user: User, newest: StagedUpload) -> None:
    left_bytes, left_files = MAX_BYTES_OF_USER - newest.size, MAX_FILES_OF_USER - 1
    others = StagedUpload.objects.filter(user=user).exclude(pk=newest.pk).order_by("-created_at", "-id")
    for pk, size in others.values_list("pk", "size"):
        left_bytes, left_files = left_bytes - size, left_files - 1
        if left_bytes < 0 or left_files < 0:
            StagedUpload.objects.filter(pk=pk).delete()
