"""Category guidelines: what every text of a category must follow. Reviewers' reasons are of one task only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import QuerySet, Value

from tasks.advisory_locks import Lock, lock_until_commit
from tasks.errors import GuidanceRefused
from tasks.models import CategoryGuidance, ContentTask, Guidance
from tasks.naming import name_key, name_keys

if TYPE_CHECKING:
    from django.contrib.auth.models import User

GUIDELINES = """
SELECT wanted.name, adopted.text FROM unnest(%s::text[]) AS wanted (name)
JOIN tasks_categoryguidance AS adopted ON name_key(adopted.category) = name_key(wanted.name)
ORDER BY adopted.id
"""
MAX_GUIDELINES = 20
"""A model that is given too many guidelines follows none, and all are paid for in every call."""


@transaction.atomic
def adopt_guideline(
    category: str, text: str, *, by: User, adopted: Guidance | None = None
) -> CategoryGuidance:
    """Show `text` to every later run of the category's tasks; `adopted` is the review reason it comes from.

    Raises GuidanceRefused when the category has it, or too many, and ValidationError naming the field.
    """
    guideline = CategoryGuidance(
        category=category.strip(),
        text=text.strip(),
        reason_code=adopted.reason_code if adopted else "",
        guidance=adopted,
        adopted_by=by,
        adopted_by_name=by.get_username(),
    )
    guideline.full_clean(
        exclude=["guidance", "adopted_by"], validate_unique=False, validate_constraints=False
    )
    _lock_category(guideline.category)
    present = list(_guidelines_of(guideline.category))
    if any(row.text == guideline.text or (adopted and row.guidance_id == adopted.pk) for row in present):
        raise GuidanceRefused(f"“{guideline.category}” already has this guideline.")
    if len(present) >= MAX_GUIDELINES:
        raise GuidanceRefused(
            f"“{guideline.category}” already has {len(present)} guidelines: remove one of them first."
        )
    guideline._history_user = by
    guideline.save()
    return guideline


@transaction.atomic
def remove_guideline(guideline: CategoryGuidance, *, by: User) -> None:
    """Remove it from its category. Its history stays."""
    guideline._history_user = by
    guideline.delete()


def guidelines_for(tasks: Iterable[ContentTask]) -> dict[int, tuple[str, ...]]:
    """By task, the guidelines of its category, oldest first; tasks without any are left out."""
    by_category: dict[str, list[int]] = {}
    for task in tasks:
        if task.category:
            by_category.setdefault(task.category, []).append(task.pk)
    found: dict[int, tuple[str, ...]] = {}
    if not by_category:
        return found
    with connection.cursor() as cursor:
        cursor.execute(GUIDELINES, [list(by_category)])
        for category, text in cursor.fetchall():
            for task_id in by_category[category]:
                found[task_id] = (*found.get(task_id, ()), text)
    return found


def _guidelines_of(category: str) -> QuerySet[CategoryGuidance]:
    keyed = CategoryGuidance.objects.alias(key=name_key("category"))
    return keyed.filter(key=name_key(Value(category)))


def _lock_category(category: str) -> None:
    """Two editors may adopt the same reason at once: the second waits, and then sees the first."""
    lock_until_commit(Lock.CATEGORY_GUIDELINES, name_keys([category])[category])
