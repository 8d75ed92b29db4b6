"""What editors ask of every text in a category. A reviewer's reason is asked of its own task without them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models.functions import Lower

from tasks.advisory_locks import Lock, lock_until_commit
from tasks.errors import GuidanceRefused
from tasks.models import CategoryGuidance, ContentTask, Guidance

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

MAX_OF_A_CATEGORY = 20
"""A model that is asked for everything at once heeds nothing; and all of it is paid for in every call."""


@transaction.atomic
def ask_of_category(
    category: str, text: str, *, by: AbstractBaseUser, adopted: Guidance | None = None
) -> CategoryGuidance:
    """Have every later run of the category's tasks shown `text`; `adopted` is where it was learnt.

    Raises GuidanceRefused when it is asked already, or too much is, and ValidationError naming the field.
    """
    asked = CategoryGuidance(
        category=category.strip(),
        text=text.strip(),
        reason_code=adopted.reason_code if adopted else "",
        guidance=adopted,
        adopted_by=by,
        adopted_by_name=by.get_username(),
    )
    asked.full_clean(exclude=["guidance", "adopted_by"], validate_unique=False, validate_constraints=False)
    _one_at_a_time(asked.category)
    present = list(_of([asked.category]))
    if any(row.text == asked.text or (adopted and row.guidance_id == adopted.pk) for row in present):
        raise GuidanceRefused(f"This is asked of every text in “{asked.category}” already.")
    if len(present) >= MAX_OF_A_CATEGORY:
        raise GuidanceRefused(
            f"{len(present)} things are asked of texts in “{asked.category}” already: drop one of them first."
        )
    asked._history_user = by
    asked.save()
    return asked


@transaction.atomic
def drop(asked: CategoryGuidance, *, by: AbstractBaseUser) -> None:
    """Ask it no longer. That it was asked, by whom and until when, stays in its history."""
    asked._history_user = by
    asked.delete()


def asked_of(tasks: Iterable[ContentTask]) -> dict[int, tuple[str, ...]]:
    """By task, what is asked of every text in its category, oldest first; tasks without any are left out."""
    by_category: dict[str, list[int]] = {}
    for task in tasks:
        if task.category:
            by_category.setdefault(task.category.lower(), []).append(task.pk)
    found: dict[int, tuple[str, ...]] = {}
    if not by_category:
        return found
    for category, text in _of(by_category).order_by("id").values_list("lowered", "text"):
        for task_id in by_category[category]:
            found[task_id] = (*found.get(task_id, ()), text)
    return found


def _of(categories: Iterable[str]) -> Any:
    lowered = [category.lower() for category in categories]
    return CategoryGuidance.objects.annotate(lowered=Lower("category")).filter(lowered__in=lowered)


def _one_at_a_time(category: str) -> None:
    """Two editors may adopt the same reason at once: the second waits, and then sees it."""
    lock_until_commit(Lock.CATEGORY_GUIDELINES, category.lower())
