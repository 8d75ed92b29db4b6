"""Fill a site with posts, for demonstrations and benchmarks, and remove them again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from publishing import seeding
from publishing.demonstration.site import seed


class Command(BaseCommand):
    help = "Add N approved and published posts: a demonstration site. --remove takes all of them off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("amount", type=int, nargs="?", metavar="N", help="how many posts to add")
        parser.add_argument("--remove", action="store_true", help="delete the posts that this command added")

    def handle(self, *args: Any, amount: int | None, remove: bool, **options: Any) -> None:
        if remove == (amount is not None) or (amount is not None and amount < 1):
            raise CommandError("Give the number of posts to add, at least 1, or --remove.")
        if amount is None:
            self.stdout.write(f"{seeding.remove()} posts removed.")
            return
        seed(amount, lambda done: self.stderr.write(f"{done} of {amount}"))
        self.stdout.write(f"{amount} posts added. They are for demonstration: delete them with --remove.")
