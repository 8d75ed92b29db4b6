"""Files of backups that are not as they were, or that another key was made for."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from contentpipeline.backups.encryption import make_key
from contentpipeline.backups.errors import BackupProblem
from publishing.models import Post
from tests.backups import backup, restore
from tests.publishing.factories import make_post
from tests.publishing.pictures import make_illustrated_post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("backup_place")]


def truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def without_its_end(data: bytes) -> bytes:
    return data[:-40]


def altered(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def altered_early(data: bytes) -> bytes:
    return data[:700] + bytes([data[700] ^ 1]) + data[701:]


DAMAGES = [
    truncated,
    without_its_end,
    altered,
    altered_early,
    lambda data: b"",
    lambda data: b"no backup" * 99,
]


@pytest.mark.usefixtures("no_leftovers")
@pytest.mark.parametrize("is_encrypted", [True, False])
def test_a_damaged_file_is_refused_before_anything_is_touched(
    backup_place: Path, backup_key: Path, is_encrypted: bool
) -> None:
    make_post("Street trees")
    data = backup(backup_place, *(["--key", str(backup_key)] if is_encrypted else [])).read_bytes()
    for number, damage in enumerate(DAMAGES):
        if damage is without_its_end and not is_encrypted:
            continue  # tar's own padding, after the contents
        file = backup_place / f"{number}.damaged"
        file.write_bytes(damage(data))
        with pytest.raises(BackupProblem, match=r"cut off or changed|no backup|manifest"):
            restore(file, key=backup_key, verify=True)
    assert Post.objects.count() == 1


@pytest.mark.usefixtures("no_leftovers")
def test_a_file_with_changed_contents_is_refused(backup_place: Path) -> None:
    """Another picture was put into an archive that is a good one otherwise."""
    make_illustrated_post()
    file, other = backup(backup_place), backup_place / "other.backup"
    with tarfile.open(file) as source, tarfile.open(other, "w") as target:
        for info in source:
            member = source.extractfile(info)
            assert member is not None
            data = member.read()
            if info.name.endswith(".webp"):
                data = data[:-1] + b"x"
            target.addfile(info, io.BytesIO(data))
    with pytest.raises(BackupProblem, match="changed"):
        restore(other, verify=True)


@pytest.mark.usefixtures("no_leftovers")
def test_another_key_or_none_is_said_so(backup_place: Path, backup_key: Path) -> None:
    file = backup(backup_place, "--key", str(backup_key))
    make_key(backup_place / "another")
    with pytest.raises(BackupProblem, match="was made for another"):
        restore(file, key=backup_place / "another", verify=True)
    with pytest.raises(BackupProblem, match="is encrypted: give its key with --key"):
        restore(file, verify=True)
    public = backup_place / "public"
    public.write_text(
        next(line for line in backup_key.read_text().splitlines() if "age1" in line).split()[-1]
    )
    with pytest.raises(BackupProblem, match="no secret key"):
        restore(file, key=public, verify=True)
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", "--new-key", str(backup_key))


def test_the_public_half_of_a_key_makes_backups(backup_place: Path, backup_key: Path) -> None:
    public = backup_place / "public"
    public.write_text(
        next(line for line in backup_key.read_text().splitlines() if "age1" in line).split()[-1]
    )
    assert "Proven" in restore(backup_of_a_post(backup_place, public), key=backup_key, verify=True)


def backup_of_a_post(place: Path, key: Path) -> Path:
    make_post("Street trees")
    return backup(place, "--key", str(key))
