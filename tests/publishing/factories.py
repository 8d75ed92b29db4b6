"""Published posts, made through the verbs that people use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from publishing.models import Post
from publishing.publish import publish
from publishing.site_identity.actions import change_identity, stored
from tasks.actions import edit_draft
from tasks.models import Draft
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


def edit_identity(**values: Any) -> None:
    """Save these fields of the site's identity, as the desk does."""
    row = stored()
    if row is None:
        values = {"name": "The Canopy"} | values
    by = make_user("publisher", "Publishers", is_staff=True)
    change_identity(values, by=by, version=row.version if row else 0)


def edit_live(post: Post, *, by: User | None = None, **content: Any) -> Draft:
    """A newer text of what is live, which awaits a decision."""
    draft = Draft.objects.select_related("task").get(pk=post.draft_id)
    edit_draft(draft, content or {"summary": "New words."}, by=by or make_user("edna", "Editors"))
    return Draft.objects.select_related("task").get(pk=post.draft_id)


def approved_update(post: Post, **content: Any) -> Draft:
    draft = edit_live(post, **content)
    approve(draft, by=make_user("editor", "Editors"))
    return draft
