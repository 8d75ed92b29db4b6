"""Garbage collection of uploaded images."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from publishing.images.garbage_collection import delete_orphans, delete_unused, orphans, unused


class Command(BaseCommand):
    help = "Lists images that no version of any text uses, and files without an image; --remove deletes both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verb = verbs.add_parser("unused", help="uploaded more than a day ago and used by no version")
        verb.add_argument("--remove", action="store_true", help="delete them, with their files")

    def handle(self, *args: Any, verb: str, remove: bool, **options: Any) -> None:
        rows = delete_unused() if remove else unused().values_list("name", flat=True)
        files = delete_orphans() if remove else orphans()
        did = "removed" if remove else "unused"
        try:
            for what, names in (("image", rows), ("files", files)):
                for name in names:
                    self.stdout.write(f"{did}  {what}  {name}")
        except OSError as error:
            raise CommandError(f"The storage failed: {error} Run the command again for the rest.") from None
