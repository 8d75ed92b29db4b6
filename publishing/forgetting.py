"""Whatever is kept of published content is forgotten when that changes."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from publishing.models import Author, Category, Post, Redirect, Tag
from publishing.site_changes import tell_of_change


@receiver([post_save, post_delete], sender=Post)
@receiver([post_save, post_delete], sender=Category)
@receiver([post_save, post_delete], sender=Author)
@receiver([post_save, post_delete], sender=Tag)
@receiver([post_save, post_delete], sender=Redirect)
def forget_kept_pages(**_: Any) -> None:
    """Of all pages: a post is on many, as itself, in lists, beside its neighbours, in feeds and sitemaps."""
    tell_of_change()
