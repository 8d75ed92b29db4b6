"""Images that nothing names, and files that belong to no image: found, and cleared away.

A picture that any kept version of a text shows stays for ever, as that version does. What is less than a day
old stays too: somebody may be about to use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from publishing.images.pictures import alone_with
from publishing.models import Image, Post
from tasks.models import Draft

FOLDER = "covers"
NAME = re.compile(r"[0-9a-f]{64}")
"""Of an image. What else lies there, such as the folders that a file system makes for itself, is not ours."""
SPARED = timedelta(days=1)


def unused() -> QuerySet[Image]:
    """Those that no version of a draft and no post, present or past, has ever shown."""
    shown = {"cover_image": OuterRef("name")}
    named = [Exists(model.filter(**shown)) for model in (Draft.history, Draft.objects, Post.history)]
    posts = Exists(Post.objects.filter(cover=OuterRef("pk")))
    rows = Image.objects.filter(uploaded_at__lt=timezone.now() - SPARED).order_by("uploaded_at")
    return rows.exclude(named[0] | named[1] | named[2] | posts)


def clear_unused() -> Iterator[str]:
    """Delete these, row and files; yields the name of each. What a text takes up meanwhile is left alone."""
    for name in list(unused().values_list("name", flat=True)):
        with alone_with(name):
            if _delete_row(name):
                _delete_files(name)
                yield name


def _delete_row(name: str) -> bool:
    with transaction.atomic():
        # First the lock, for which a text that is just taking it up is waited for, and then the question.
        list(Image.objects.select_for_update().filter(name=name).values_list("pk"))
        return bool(unused().filter(name=name).delete()[0])


def orphans() -> Iterator[str]:
    """Names of images of which there are files, all older than a day, and no row."""
    try:
        names, _ = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return  # nothing was ever uploaded
    for name in sorted(filter(NAME.fullmatch, names)):
        if _is_orphan(name):
            yield name


def clear_orphans() -> Iterator[str]:
    """Delete these files; yields each name. An upload of the same image waits, or is waited for."""
    for name in orphans():
        with alone_with(name):
            if _is_orphan(name):
                _delete_files(name)
                yield name


def _is_orphan(name: str) -> bool:
    if Image.objects.filter(name=name).exists():
        return False
    spared_from = timezone.now() - SPARED
    return all(default_storage.get_modified_time(path) < spared_from for path in _files(name))


def _files(name: str) -> list[str]:
    return [f"{FOLDER}/{name}/{file}" for file in default_storage.listdir(f"{FOLDER}/{name}")[1]]


def _delete_files(name: str) -> None:
    for path in _files(name):
        default_storage.delete(path)
    default_storage.delete(f"{FOLDER}/{name}")  # the folder, where a storage has such
