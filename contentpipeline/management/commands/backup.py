"""Writes a backup of everything into one file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contentpipeline.backups.encryption import make_key
from contentpipeline.backups.errors import BackupProblem
from contentpipeline.backups.making import FinishedBackup, make_backup

SHOWN = 10


class Command(BaseCommand):
    help = (
        "Writes database, pictures and audit checkpoints, as they are at one moment, into one file. The desk "
        "may go on meanwhile. Secrets are left out: the file's manifest names them. Exit status 1 when a "
        "picture that the database names is missing or damaged; the file has everything else."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="must not exist yet")
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="encrypt for this age key; its public half is enough"
        )
        parser.add_argument(
            "--new-key", type=Path, metavar="FILE", help="make a key, print its public half, and do no backup"
        )

    def handle(
        self, *args: Any, file: Path | None, key: Path | None, new_key: Path | None, **options: Any
    ) -> None:
        if (file is None) == (new_key is None):
            raise CommandError("Give the FILE to write, or --new-key FILE to make a key.")
        try:
            if new_key is not None:
                self.stdout.write(make_key(new_key))
                return
            assert file is not None
            made = make_backup(file.expanduser().absolute(), key=key)
        except BackupProblem as error:
            raise CommandError(str(error)) from error
        self._say(made, is_encrypted=key is not None)

    def _say(self, made: FinishedBackup, *, is_encrypted: bool) -> None:
        how = "encrypted" if is_encrypted else "NOT encrypted: store it where nobody else reads"
        self.stdout.write(
            f"{made.path}: {made.bytes / 1e6:.1f} MB, {made.pictures} files of pictures, "
            f"{made.heads} audit checkpoints; {how}. SECRET_KEY and other secrets are not in it."
        )
        if made.missing:
            shown = "\n".join(f"  {path}" for path in made.missing[:SHOWN])
            more = f"\n  and {len(made.missing) - SHOWN} more" if len(made.missing) > SHOWN else ""
            self.stderr.write(f"{len(made.missing)} files of pictures are missing or damaged:\n{shown}{more}")
            sys.exit(1)
