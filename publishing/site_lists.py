"""Lists that stand on many pages and change only when something is published."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import caches
from django.db.models import Exists, OuterRef

from publishing.models import Category, Post

MONTHS_SHOWN = 24


def categories_in_use() -> list[Category]:
    posts = Post.objects.published()
    return caches["content"].remember(
        "categories", lambda: list(Category.objects.filter(Exists(posts.filter(category=OuterRef("pk")))))
    )


def months_with_posts() -> list[datetime]:
    """Newest first. Costly with many posts: PostgreSQL looks at each of them."""
    posts = Post.objects.published()
    return caches["content"].remember(
        "months", lambda: list(posts.datetimes("published_at", "month", order="DESC")[:MONTHS_SHOWN])
    )
