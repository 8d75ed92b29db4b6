"""Restores a backup, or proves that it could be."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contentpipeline.backups.errors import BackupProblem
from contentpipeline.backups.restoring import RestoreOptions, restore_backup


class Command(BaseCommand):
    help = (
        "Restores a backup next to the desk and puts it into the desk's place, which has to be stopped. With "
        "--verify, chain, hashes and live bytes are proven first; on a desk that is not empty, --verify "
        "without --replace proves them in a scratch database and leaves the desk as it is, running or not."
    )
    requires_system_checks: list[str] = []  # the desk's database may be of another version, or empty
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--key", type=Path, metavar="FILE", help="the secret age key of an encrypted one")
        parser.add_argument("--verify", action="store_true", help="prove it before anything is replaced")
        parser.add_argument(
            "--replace", action="store_true", help="even if this desk is not empty, which is then set aside"
        )
        parser.add_argument(
            "--drop-former",
            action="store_true",
            help="drop the replaced database instead of setting it aside",
        )

    def handle(
        self, *args: Any, file: Path, key: Path | None, verify: bool, replace: bool, drop_former: bool,
        **options: Any,
    ) -> None:  # fmt: skip
        chosen = RestoreOptions(file.expanduser().absolute(), key, verify, replace, drop_former)
        try:
            restore_backup(chosen, self._say)
        except BackupProblem as error:
            raise CommandError(str(error)) from error

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
