"""Pictures that nothing uses are cleared away, and none that something does or is about to use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from publishing.errors import ImageMissing
from publishing.images import garbage_collection
from publishing.images.covers import remove_cover, require_whole, set_cover
from publishing.images.pictures import image_locked
from publishing.models import Image, Post
from publishing.publish import unpublish
from tests.contentpipeline.test_s3 import KEY, SECRET, Bucket
from tests.factories import make_draft, make_user
from tests.publishing.pictures import make_illustrated_post, make_image


@pytest.fixture(params=["disk", "bucket"])
def storage(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Iterator[str]:
    if request.param == "disk":
        settings.MEDIA_ROOT = tmp_path
        yield "disk"
        return
    bucket = Bucket()
    options = {"bucket_url": bucket.url, "access_key": KEY, "secret_key": SECRET, "region": "us-east-1"}
    backend = {"BACKEND": "contentpipeline.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    yield "bucket"
    bucket.server.shutdown()
    bucket.server.server_close()


@pytest.fixture
def a_day_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage_collection, "GRACE_PERIOD", timedelta(seconds=-5))


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("images", "unused", *arguments, stdout=output)
    return output.getvalue()


def files_of(name: str) -> list[str]:
    try:
        return default_storage.listdir(f"covers/{name}")[1]
    except FileNotFoundError:
        return []


@pytest.mark.django_db
def test_unused_images_are_listed_and_removed_on_request(storage: str, a_day_later: None) -> None:
    image = make_image()
    assert run() == run() == f"unused  image  {image.name}\n"
    assert len(files_of(image.name)) == 9
    assert run("--remove") == f"removed  image  {image.name}\n"
    assert (Image.objects.count(), files_of(image.name), run("--remove")) == (0, [], "")


@pytest.mark.django_db
def test_images_less_than_a_day_old_are_not_deleted(storage: str) -> None:
    image = make_image()
    other = "0" * 64
    default_storage.save(f"covers/{other}/480.avif", ContentFile(b"half an upload"))
    assert run("--remove") == ""
    require_whole(image)
    assert files_of(other) == ["480.avif"]


@pytest.mark.django_db
def test_other_files_are_left_alone(storage: str, a_day_later: None) -> None:
    default_storage.save("covers/backup/2025.tar", ContentFile(b"another's"))
    assert run() == run("--remove") == ""
    assert files_of("backup") == ["2025.tar"]


@pytest.mark.django_db
def test_images_of_any_version_are_never_deleted(storage: str, a_day_later: None) -> None:
    writer = make_user("writer", "Writers", is_staff=True)
    draft, image = make_draft(), make_image(width=1100)
    set_cover(draft, image, alt="Trees along a street", credit="", by=writer)
    remove_cover(draft, by=writer)
    withdrawn = make_illustrated_post()
    unpublish(Post.objects.get(), by=make_user("pia", "Publishers"))
    assert run() == run("--remove") == ""
    assert Image.objects.count() == 2
    for used in (image, withdrawn.cover):
        assert used is not None
        require_whole(used)


@pytest.mark.django_db
def test_files_of_no_image_are_removed(storage: str, a_day_later: None) -> None:
    image = make_image()
    Image.objects.all().delete()  # as a process does that dies before it deletes the files
    assert run() == f"unused  files  {image.name}\n"
    assert run("--remove") == f"removed  files  {image.name}\n"
    assert (files_of(image.name), run()) == ([], "")


@pytest.mark.django_db
def test_a_repeated_upload_renews_the_grace_period(storage: str) -> None:
    image = make_image()
    Image.objects.update(uploaded_at=timezone.now() - timedelta(days=9))
    assert image.name in run()
    make_image()
    assert run("--remove") == ""
    require_whole(image)


@pytest.mark.django_db
def test_a_deleted_image_cannot_become_a_cover(storage: str, a_day_later: None) -> None:
    image, draft = make_image(), make_draft()
    run("--remove")
    with pytest.raises(ImageMissing, match="upload it again"):
        set_cover(draft, image, alt="Trees", credit="", by=make_user("writer", "Writers"))
    draft.refresh_from_db()
    assert (draft.version, draft.cover_image) == (1, "")


def in_thread(work: Any) -> threading.Thread:
    def run_and_close() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run_and_close)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_deletion_waits_for_a_draft_that_takes_up_the_image(storage: str, a_day_later: None) -> None:
    writer, draft, image = make_user("writer", "Writers", is_staff=True), make_draft(), make_image()
    with transaction.atomic():
        set_cover(draft, image, alt="Trees along a street", credit="", by=writer)
        clearing = in_thread(lambda: run("--remove"))
        clearing.join(0.7)
        assert clearing.is_alive(), "it waits, because this is not committed"
    clearing.join(10)
    require_whole(Image.objects.get())


@pytest.mark.django_db(transaction=True)
def test_deletion_waits_for_a_simultaneous_upload(storage: str, a_day_later: None) -> None:
    image = make_image()
    Image.objects.all().delete()
    with image_locked(image.name):  # as `keep` does while it stores the files
        clearing = in_thread(lambda: run("--remove"))
        clearing.join(0.7)
        assert clearing.is_alive()
        image.save(force_insert=True)
    clearing.join(10)
    require_whole(Image.objects.get())


@pytest.mark.django_db
def test_an_unavailable_storage_is_reported(settings: Any) -> None:
    options = {"bucket_url": "http://127.0.0.1:9/b", "access_key": KEY, "secret_key": SECRET, "region": "r"}
    backend = {"BACKEND": "contentpipeline.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    with pytest.raises(CommandError, match="cannot be reached"):
        run()
