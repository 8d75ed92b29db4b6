"""Garbage collection: finds and deletes images that nothing uses, and files that belong to no image.

An image that any version of a text shows is never deleted, as no version is. Nor is one in the media library,
from which people delete, or one less than a day old: an editor may be about to use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from publishing.images.pictures import image_locked
from publishing.models import Image, ImageUse, Post
from tasks.advisory_locks import DELETING_FILES, Lock, try_shared_session_lock
from tasks.models import Draft

FOLDER = "covers"
NAME = re.compile(r"[0-9a-f]{64}")
"""Of an image. Anything else in the folder, such as what a file system creates by itself, is left alone."""
GRACE_PERIOD = timedelta(days=1)


def unused() -> QuerySet[Image]:
    """Those not in the media library that no version of a draft and no post has ever shown."""
    rows = Image.objects.filter(uploaded_at__lt=timezone.now() - GRACE_PERIOD, media_item=None)
    return rows.exclude(is_used()).order_by("uploaded_at")


def is_used() -> Q | Combinable:
    """Whether a version of a draft or a post, present or past, shows the image: a condition on images."""
    shown = {"cover_image": OuterRef("name")}
    named = [Exists(model.filter(**shown)) for model in (Draft.history, Draft.objects, Post.history)]
    in_bodies = Exists(ImageUse.objects.filter(name=OuterRef("name")))
    posts = Exists(Post.objects.filter(cover=OuterRef("pk")))
    return named[0] | named[1] | named[2] | in_bodies | posts


def delete_unused() -> Iterator[str]:
    """Delete these, row and files; yields each name. One that a draft starts to use meanwhile is skipped."""
    for name in list(unused().values_list("name", flat=True)):
        with image_locked(name):
            if _delete_row(name):
                delete_files(name)
                yield name


def _delete_row(name: str) -> bool:
    with transaction.atomic():
        # The lock first: it waits for a draft that is just taking up the image. Then the check.
        list(Image.objects.select_for_update().filter(name=name).values_list("pk"))
        return bool(unused().filter(name=name).delete()[0])


def orphans() -> Iterator[str]:
    """Names under which there are files, all older than a day, but no image."""
    try:
        names, _ = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return  # nothing was ever uploaded
    for name in sorted(filter(NAME.fullmatch, names)):
        if _is_orphan(name):
            yield name


def delete_orphans() -> Iterator[str]:
    """Delete these files; yields each name. Locked against a simultaneous upload of the same image."""
    for name in orphans():
        with image_locked(name):
            if _is_orphan(name) and delete_files(name):
                yield name


def _is_orphan(name: str) -> bool:
    if Image.objects.filter(name=name).exists():
        return False
    spared_from = timezone.now() - GRACE_PERIOD
    return all(default_storage.get_modified_time(path) < spared_from for path in _files(name))


def _files(name: str) -> list[str]:
    return [f"{FOLDER}/{name}/{file}" for file in default_storage.listdir(f"{FOLDER}/{name}")[1]]


def delete_files(name: str) -> bool:
    """Delete the files of an image whose row is gone. False while a backup runs, which may name it.

    They are orphans then, and deleted by the next garbage collection.
    """
    with try_shared_session_lock(Lock.BACKUP, DELETING_FILES) as is_allowed:
        if is_allowed:
            for path in _files(name):
                default_storage.delete(path)
            default_storage.delete(f"{FOLDER}/{name}")  # the folder, where a storage has such
    return is_allowed
