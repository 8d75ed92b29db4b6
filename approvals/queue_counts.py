"""How many tasks are in each queue: counted once between two entries of the audit chain.

Every transition of a task appends to the chain, so its head is the cache key, except for queues that change
with time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from approvals import queues
from approvals.audit.cached import since_last_entry
from approvals.queues import Queue
from tasks.naming import one_of_same


def counted(offered: list[Queue], user: User) -> dict[str, int]:
    """The number of tasks in each, by its name."""

    def count(chosen: list[Queue]) -> dict[str, int]:
        return {one.name: queues.tasks_in(one, user).count() for one in chosen}

    by_actions = [one for one in offered if not one.changes_with_time]
    key = f"queues:{user.pk}:{','.join(one.name for one in by_actions)}"
    cached: dict[str, int] = since_last_entry(key, user, lambda: count(by_actions))
    return cached | count([one for one in offered if one.changes_with_time])


@dataclass(frozen=True)
class FilterValues:
    """What a queue can be filtered by: values that occur in it, of each name one spelling."""

    categories: list[str]
    authors: list[str]


def filter_values(queue: Queue, user: User) -> FilterValues:
    def find() -> FilterValues:
        rows: Any = queues.with_names(queues.tasks_in(queue, user)).order_by()
        found = list(rows.values_list("category_name", "author_name").distinct())
        categories = sorted({category for category, _ in found} - {""})
        return FilterValues(
            list(one_of_same(categories).values()), sorted({name for _, name in found} - {""})
        )

    if queue.changes_with_time:
        return find()
    cached: FilterValues = since_last_entry(f"queue-filters:{user.pk}:{queue.name}", user, find)
    return cached


def my_turn(user: User) -> int:
    """For the navigation: what waits for this person's decision, or for anybody's where they make none."""
    name = queues.MY_TURN if queues.decides(user) else queues.AWAITING
    return counted([queues.named(name)], user)[name]
