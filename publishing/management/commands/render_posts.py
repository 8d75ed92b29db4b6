"""Render live posts again: a new release may render the same Markdown differently."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from publishing.addresses import path_of
from publishing.models import Post
from publishing.plain_body import body_html

REASON = "rendered again"


class Command(BaseCommand):
    help = "Render live posts again whose HTML differs from what this release makes of their Markdown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name the posts, and change none")

    def handle(self, *args: Any, **options: Any) -> None:
        posts = Post.objects.published().order_by("pk")
        posts = posts.only("body", "body_html", "citations", "language")
        stale = [
            post.pk
            for post in posts.iterator(chunk_size=200)
            if body_html(post, language=post.language) != post.body_html
        ]
        if options["dry_run"] or options["verbosity"] > 1:
            for slug in Post.objects.filter(pk__in=stale).order_by("pk").values_list("slug", flat=True):
                self.stdout.write(path_of("post", slug))
        if options["dry_run"]:
            self.stdout.write(f"{len(stale)} of the posts would be rendered again.")
            return
        done = sum(map(_render, stale))
        self.stdout.write(f"{done} post{'' if done == 1 else 's'} rendered again.")


@transaction.atomic
def _render(pk: int) -> bool:
    """Render the text it has now; False if it is no longer live."""
    post = Post.objects.published().select_for_update().filter(pk=pk).first()
    if post is None:
        return False
    post.body_html = body_html(post, language=post.language)
    post._change_reason = REASON
    post.save(update_fields=["body_html"])
    return True
