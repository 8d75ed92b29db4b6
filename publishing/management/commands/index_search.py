"""Rebuild the search index: the counts of all words, and the lists of posts for common ones."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from publishing.cache_invalidation import notify_site_changed
from publishing.models import Post, SearchForm, SearchList, SearchTerm
from publishing.search import lists
from publishing.search.index import index_again
from publishing.search.titles import write_missing_titles

POSTS_A_ROUND = 200


class Command(BaseCommand):
    help = (
        "Rebuild word counts and lists of the search index after an import; --posts also indexes posts again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--posts", action="store_true", help="also rewrite the search row of every post")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["posts"]:
            _write_rows()
        write_missing_titles()
        lists.rebuild()
        notify_site_changed()  # cached results are outdated
        words, listed = SearchTerm.objects.count(), SearchList.objects.count()
        self.stdout.write(f"{words} words counted, {listed} of them with a list of posts.")


def _write_rows() -> None:
    SearchForm.objects.all().delete()
    last = 0
    while posts := list(
        Post.objects.published().articles().filter(pk__gt=last).order_by("pk")[:POSTS_A_ROUND]
    ):
        index_again(posts)
        last = posts[-1].pk
