"""Pictures that were uploaded and that nothing uses."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from publishing.images.garbage_collection import clear_orphans, clear_unused, orphans, unused


class Command(BaseCommand):
    help = "Shows pictures that no version of a text ever named, and files of none; --remove deletes both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verb = verbs.add_parser("unused", help="uploaded more than a day ago, and in no version since")
        verb.add_argument("--remove", action="store_true", help="delete them, with their files")

    def handle(self, *args: Any, verb: str, remove: bool, **options: Any) -> None:
        rows = clear_unused() if remove else unused().values_list("name", flat=True)
        files = clear_orphans() if remove else orphans()
        did = "removed" if remove else "unused"
        try:
            for what, names in (("image", rows), ("files", files)):
                for name in names:
                    self.stdout.write(f"{did}  {what}  {name}")
        except OSError as error:
            raise CommandError(f"The storage could not do it: {error} What is left is found again.") from None
