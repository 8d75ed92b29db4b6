"""Published texts that resemble a draft, found by sketches that are stored once for each version."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from tasks.lifecycle import Status
from tasks.models import Draft, PublishedSketch
from tasks.pipeline.quality.sketches import resemblance, sketch

BATCH = 20
"""Of texts that a look-up prepares itself; the others are for the job `prepare_sketches`."""
MOST = 5
LEAST = 0.02
MAX_CANDIDATES = 500
"""Of texts that share a run of words with the draft: on one site, most share none."""


def similar_published(title: str, body: str, *, own_task: int) -> tuple[list[tuple[str, float]], int]:
    """Published texts of other tasks, the most similar first; and how many have no sketch yet."""
    missing = record_sketches(BATCH)
    own = sketch(title, body)
    if not own:
        return [], missing
    rows = PublishedSketch.objects.filter(hashes__overlap=own, draft__task__status=Status.PUBLISHED)
    rows = rows.exclude(draft__task=own_task).order_by("-draft_id")
    found = [
        (other, round(alike, 3))
        for other, hashes in rows.values_list("draft__title", "hashes")[:MAX_CANDIDATES]
        if (alike := resemblance(own, hashes)) >= LEAST
    ]
    return sorted(found, key=lambda one: -one[1])[:MOST], missing


def record_sketches(limit: int) -> int:
    """Store up to so many sketches of published texts that have none of their version; how many are left."""
    waiting = without_sketch()
    drafts = list(waiting.order_by("-pk").only("pk", "version", "title", "body")[:limit])
    rows = [
        PublishedSketch(draft=draft, version=draft.version, hashes=sketch(draft.title, draft.body))
        for draft in drafts
    ]
    PublishedSketch.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["draft"], update_fields=["version", "hashes"]
    )
    return waiting.count() if len(drafts) == limit else 0


def without_sketch() -> QuerySet[Draft]:
    outdated = Q(sketch__isnull=True) | ~Q(sketch__version=F("version"))
    return Draft.objects.filter(outdated, task__status=Status.PUBLISHED)
