"""What search engines may index, with the day each page really changed."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, Q, QuerySet
from django.urls import reverse

from publishing.models import Category, Post, Tag


class SiteMap(Sitemap):
    """Addresses below SITE_URL, whatever host asked."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return settings.SITE_URL.partition("://")[2]


class Posts(SiteMap):
    def items(self) -> QuerySet[Post]:
        return Post.objects.published().only("slug", "updated_at")

    def lastmod(self, post: Post) -> datetime:
        return post.updated_at


class Home(SiteMap):
    def items(self) -> list[str]:
        return ["home"]

    def location(self, name: str) -> str:
        return reverse(name)

    def lastmod(self, name: str) -> datetime | None:
        return Post.objects.published().aggregate(Max("updated_at"))["updated_at__max"]


class _Group(SiteMap):
    """Pages of a category or tag, if they list anything."""

    model: type[Category] | type[Tag]

    def items(self) -> QuerySet[Category] | QuerySet[Tag]:
        is_shown = Q(posts__in=Post.objects.published())
        changed = self.model.objects.annotate(changed_at=Max("posts__updated_at", filter=is_shown))
        return changed.filter(changed_at__isnull=False).order_by("name")

    def lastmod(self, group: Category | Tag) -> datetime:
        return group.changed_at


class Categories(_Group):
    model = Category


class Tags(_Group):
    model = Tag


SITEMAPS = {"home": Home, "posts": Posts, "categories": Categories, "tags": Tags}
