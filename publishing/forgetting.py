"""Whatever is kept of published content is forgotten when that changes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from publishing.models import Author, Category, Post, Redirect, Tag
from publishing.site_changes import tell_of_change

COMPUTED = ("content", "query")
"""The cache tiers for what is made from posts."""


@receiver([post_save, post_delete], sender=Post)
@receiver([post_save, post_delete], sender=Category)
@receiver([post_save, post_delete], sender=Author)
@receiver([post_save, post_delete], sender=Tag)
@receiver([post_save, post_delete], sender=Redirect)
def forget_kept_pages(**_: Any) -> None:
    """Of all pages: a post is on many, as itself, in lists, beside its neighbours, in feeds and sitemaps."""
    tell_of_change()
    if settings.REDIS_URL:
        transaction.on_commit(_forget_computed)


def _forget_computed() -> None:
    for name in COMPUTED:
        caches[name].forget()
    # Once more: a page may have been made since the commit, with a list from before it.
    tell_of_change()
