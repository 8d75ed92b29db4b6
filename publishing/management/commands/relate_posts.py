"""Find related articles for posts that were published in bulk, or before the site had related articles."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from publishing.cache_invalidation import notify_site_changed
from publishing.models import Post
from publishing.similarity import relate

POSTS_A_STATISTIC = 1000


class Command(BaseCommand):
    help = "Find related articles for posts that were never examined; --all for every post again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="also posts that have been examined before")

    def handle(self, *args: Any, **options: Any) -> None:
        posts = Post.objects.published().articles().order_by("pk").prefetch_related("tags")
        if not options["all"]:
            posts = posts.filter(terms=None)
        done = 0
        for post in posts.iterator(chunk_size=200):
            if done % POSTS_A_STATISTIC == 0:
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE publishing_postterms")  # says how rare a term is
            with transaction.atomic():
                relate(post, post.tags.all())
            done += 1
        if done:
            notify_site_changed()
        self.stdout.write(f"{done} post{'' if done == 1 else 's'} examined.")
