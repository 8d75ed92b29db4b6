"""What of posts can be subscribed to, at `/api/webhooks/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from approvals.webhooks.enqueue import Told, about_text, tell
from approvals.webhooks.events import Event, register
from publishing.addresses import absolute, path_of
from publishing.models import Post
from tasks.lifecycle import Move, Status

PUBLISHED = "post.published"
UPDATED = "post.updated"
UNPUBLISHED = "post.unpublished"

register(
    Event(PUBLISHED, "A text went online, at first or again.", "publishing.view_post"),
    Event(UPDATED, "A newer approved text took the place of the one that was live.", "publishing.view_post"),
    Event(UNPUBLISHED, "A post was taken off the site.", "publishing.view_post"),
)


def tell_of_moves(moves: Sequence[Move]) -> None:
    """A post goes online and off it by a move of its task, whoever publishes."""
    named = [(name, move.task.pk) for move in moves if (name := _event_of(move))]
    if named:
        tell({name for name, _ in named}, lambda: _about(named))


def tell_of_update(post: Post) -> None:
    tell({UPDATED}, lambda: [(UPDATED, about(post))])


def _event_of(move: Move) -> str:
    if move.new == Status.PUBLISHED:
        return PUBLISHED
    return UNPUBLISHED if move.old == Status.PUBLISHED else ""


def _about(named: Sequence[tuple[str, int]]) -> Iterable[Told]:
    posts = Post.objects.filter(draft__task__in=[task for _, task in named]).select_related("draft")
    by_task = {post.draft.task_id: post for post in posts.defer("body", "body_html", "draft__body")}
    return [(name, about(by_task[task])) for name, task in named if task in by_task]


def about(post: Post) -> dict[str, Any]:
    """What is told of a post: the version that readers see, which need not be the draft's latest."""
    told = about_text(post.draft.task_id, post.draft)
    api = path_of("api-post-detail", post.slug)
    told["links"] |= {"page": absolute(post.get_absolute_url()), "post": absolute(api)}
    return told | {
        "post": post.pk,
        "slug": post.slug,
        "task": post.draft.task_id,
        "version": post.version,
        "content_sha256": post.content_sha256,
        "published_at": post.published_at.isoformat(),
    }
