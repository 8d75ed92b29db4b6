"""Drafts and people in the desk's search."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.urls import reverse

from tasks.finders import Finder, Found, matching, register
from tasks.models import Draft
from tasks.navigation import permitted


def find_drafts(user: User, words: Sequence[str], limit: int) -> list[Found]:
    # First which, then their tasks: joined to begin with, every match would be, not the few that are shown.
    found = list(matching(Draft.objects.all(), words, "title").values_list("pk", flat=True)[:limit])
    drafts = Draft.objects.select_related("task").only("title", "category", "task__status").in_bulk(found)
    return [
        Found(
            draft.title,
            reverse("desk:review", args=[draft.pk]),
            ", ".join(filter(None, (draft.task.get_status_display().lower(), draft.category))),
        )
        for draft in (drafts[pk] for pk in found if pk in drafts)
    ]


def find_people(user: User, words: Sequence[str], limit: int) -> list[Found]:
    people = matching(User.objects.all(), words, "username", "first_name", "last_name", "email")
    return [
        Found(
            person.get_full_name() or person.get_username(),
            reverse("admin:auth_user_change", args=[person.pk]),
            ", ".join(
                filter(None, (person.get_username(), person.email, "" if person.is_active else "inactive"))
            ),
        )
        for person in people[:limit]
    ]


register(Finder("drafts", "Drafts", 10, "desk", permitted("tasks.view_draft"), find_drafts))
register(Finder("people", "People", 40, "person", permitted("auth.view_user"), find_people))
