"""Where images are used: by drafts as they are now, and by live posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Concat

from publishing.models import ImageUse, Post
from tasks.models import Draft

MOST = 200
"""Drafts that are listed of one image."""


@dataclass(frozen=True)
class Use:
    """A text that shows the image: as its draft is now, or as readers see it, or both."""

    draft: Draft
    in_draft: bool
    post: Post | None

    @property
    def is_live(self) -> bool:
        return self.post is not None


def counts(names: Collection[str]) -> dict[str, int]:
    """How many drafts show each image now, as cover or in the body, in two queries."""
    drafts: dict[str, set[int]] = defaultdict(set)
    for name, draft in _in_bodies(names).values_list("name", "draft_id"):
        drafts[name].add(draft)
    for name, draft in (
        Draft.objects.filter(cover_image__in=names).order_by().values_list("cover_image", "pk")
    ):
        drafts[name].add(draft)
    return {name: len(found) for name, found in drafts.items()}


def uses_of(name: str) -> list[Use]:
    """The drafts that show it now, and those of live posts that do."""
    shown = Q(cover_image=name) | Q(pk__in=_in_bodies([name]).values("draft_id"))
    now = {draft.pk: draft for draft in Draft.objects.filter(shown).select_related("task")[:MOST]}
    live = Post.objects.published().filter(Q(cover_id=name) | Q(body_images__contains=[name]))
    posts = {
        post.draft_id: post for post in live.select_related("draft__task").defer("body", "body_html")[:MOST]
    }
    drafts = {**{pk: post.draft for pk, post in posts.items()}, **now}
    return [Use(draft, pk in now, posts.get(pk)) for pk, draft in sorted(drafts.items(), reverse=True)]


def _in_bodies(names: Collection[str]) -> QuerySet[ImageUse]:
    address = Concat(Value("image:"), F("name"), output_field=CharField())
    return ImageUse.objects.filter(name__in=names, draft__body__contains=address)
