"""Briefs in the desk's search."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.urls import reverse

from tasks.finders import Finder, Found, matching, register
from tasks.models import ContentTask
from tasks.navigation import permitted


def find_briefs(user: User, words: Sequence[str], limit: int) -> list[Found]:
    tasks = matching(ContentTask.objects.only("topic", "status"), words, "topic")
    return [
        Found(
            task.topic,
            reverse("admin:tasks_contenttask_change", args=[task.pk]),
            f"task {task.pk}, {task.get_status_display().lower()}",
        )
        for task in tasks[:limit]
    ]


register(Finder("briefs", "Briefs", 30, "brief", permitted("tasks.view_contenttask"), find_briefs))
