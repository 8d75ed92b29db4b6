"""Posts in the desk's search."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.formats import date_format

from publishing.models import Post
from publishing.models.posts import LONG_FIELDS
from tasks.finders import Finder, Found, matching, register
from tasks.navigation import permitted


def find_posts(user: User, words: Sequence[str], limit: int) -> list[Found]:
    posts = matching(Post.objects.defer(*LONG_FIELDS), words, "title")
    return [Found(post.title, _address(post), _state(post)) for post in posts[:limit]]


def _address(post: Post) -> str:
    if post.is_live:
        return post.get_absolute_url()
    return reverse("admin:publishing_post_change", args=[post.pk])


def _state(post: Post) -> str:
    return f"{'live since' if post.is_live else 'withdrawn, from'} {date_format(post.published_at, 'j M Y')}"


register(Finder("posts", "Posts", 20, "published", permitted("publishing.view_post"), find_posts))
