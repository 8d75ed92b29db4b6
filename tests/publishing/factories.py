"""Published posts, made through the verbs that people use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from publishing.models import Post
from publishing.publish import publish
from tests.factories import approve, make_draft, make_task, make_user


def make_post(
    title: str = "",
    body: str = "",
    *,
    language: str = "en",
    published_at: datetime | None = None,
    **content: Any,
) -> Post:
    """Brief, draft, approval, publication. `content` is any other field of a draft."""
    given = {name: value for name, value in {"title": title, "body": body}.items() if value}
    draft = make_draft(make_task(language=language), **given, **content)
    approve(draft)
    post = publish(draft, by=make_user("publisher", "Publishers", is_staff=True))
    if published_at:
        Post.objects.filter(pk=post.pk).update(published_at=published_at)
        post.refresh_from_db()
    return post
