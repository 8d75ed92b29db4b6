"""Compares every live post with the decision that approved it, byte for byte. Trusts no trigger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from approvals.audit.reconciliation import Shown
from approvals.models import Verdict
from publishing.category_names import are_same
from publishing.models import COPIED_FIELDS, Post
from publishing.plain_body import body_html
from tasks.content import CONTENT_FIELDS, content_sha256


def live_posts() -> Iterator[Shown]:
    posts = Post.objects.published().select_related("approval", "category", "draft").prefetch_related("tags")
    for post in posts.order_by("pk").iterator(chunk_size=100):
        yield Shown(post.get_absolute_url(), _unapproved(post))


def _unapproved(post: Post) -> str:
    version = post.draft.history.filter(version=post.version).first()
    if version is None:
        return f"version {post.version} of draft {post.draft_id} is not on record"
    return (
        _of_the_decision(post)
        or _of_the_text(post, version)
        or _of_what_is_made_from_it(post, version)
        or _of_what_was_shown_before(post)
    )


def _of_the_decision(post: Post) -> str:
    decision = post.approval
    about = (decision.draft_id, decision.version, decision.content_sha256)
    if decision.decision != Verdict.APPROVE or about != (post.draft_id, post.version, post.content_sha256):
        return f"decision {decision.pk} does not approve this text"
    approvals = post.draft.decisions.filter(
        decision=Verdict.APPROVE, version=post.version, content_sha256=post.content_sha256
    )
    people = approvals.values("actor_id").distinct().count()
    if people < decision.approvals_needed:
        return f"it needs {decision.approvals_needed} approvals and has {people}"
    return ""


def _of_the_text(post: Post, version: Any) -> str:
    if content_sha256({name: getattr(version, name) for name in CONTENT_FIELDS}) != post.content_sha256:
        return f"version {post.version} on record is not the text that was approved"
    differing = [name for name in COPIED_FIELDS if getattr(post, name) != getattr(version, name)]
    return f"{', '.join(differing)} differ from version {post.version}" if differing else ""


def _of_what_is_made_from_it(post: Post, version: Any) -> str:
    if post.body_html != body_html(post, language=post.language):
        return "body_html is not what its Markdown renders to: run `manage.py render_posts`"
    if not are_same([post.category.name if post.category else ""], [version.category]):
        return "its category differs"
    if not are_same((tag.name for tag in post.tags.all()), version.tags):
        return "its tags differ"
    return ""


def _of_what_was_shown_before(post: Post) -> str:
    """Earlier texts, which updates put online and replaced."""
    if len(post.logged) != post.changes:
        return f"its text was changed {post.changes} times, but the log has {len(post.logged)} changes"
    if not post.logged:
        return ""
    approved = set(
        post.draft.decisions.filter(decision=Verdict.APPROVE).values_list("version", "content_sha256")
    )
    for entry in post.logged:
        for shown in ((entry.from_version, entry.from_sha256), (entry.to_version, entry.to_sha256)):
            if shown not in approved:
                return f"version {shown[0]}, which was online, was not approved"
    return ""
