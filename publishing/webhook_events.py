"""The webhook events about posts; subscriptions are made at `/api/webhooks/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from approvals.webhooks.enqueue import NamedPayload, enqueue_events, text_payload
from approvals.webhooks.events import Event, register
from publishing.addresses import absolute, path_of
from publishing.models import Post
from tasks.lifecycle import Move, Status

PUBLISHED = "post.published"
UPDATED = "post.updated"
UNPUBLISHED = "post.unpublished"

register(
    Event(PUBLISHED, "A text went online, for the first time or again.", "publishing.view_post"),
    Event(UPDATED, "A newer approved text replaced the live one.", "publishing.view_post"),
    Event(UNPUBLISHED, "A post was taken off the site.", "publishing.view_post"),
)


def notify_moves(moves: Sequence[Move]) -> None:
    """Posts go online and offline by moves of their tasks, always."""
    named = [(name, move.task.pk) for move in moves if (name := _event_of(move))]
    if named:
        enqueue_events({name for name, _ in named}, lambda: _events(named))


def notify_update(post: Post) -> None:
    enqueue_events({UPDATED}, lambda: [(UPDATED, post_payload(post))])


def _event_of(move: Move) -> str:
    if move.new == Status.PUBLISHED:
        return PUBLISHED
    return UNPUBLISHED if move.old == Status.PUBLISHED else ""


def _events(named: Sequence[tuple[str, int]]) -> Iterable[NamedPayload]:
    posts = Post.objects.filter(draft__task__in=[task for _, task in named]).select_related("draft")
    by_task = {post.draft.task_id: post for post in posts.defer("body", "body_html", "draft__body")}
    return [(name, post_payload(by_task[task])) for name, task in named if task in by_task]


def post_payload(post: Post) -> dict[str, Any]:
    """The event's data: about the version that readers see, which need not be the draft's latest."""
    payload = text_payload(post.draft.task_id, post.draft)
    api = path_of("api-post-detail", post.slug)
    payload["links"] |= {"page": absolute(post.get_absolute_url()), "post": absolute(api)}
    return payload | {
        "post": post.pk,
        "slug": post.slug,
        "task": post.draft.task_id,
        "version": post.version,
        "content_sha256": post.content_sha256,
        "published_at": post.published_at.isoformat(),
    }
