"""Texts that a person writes from the start: articles, and pages such as About or Imprint.

They have a task like all others, with the same versions, decisions and records; only that no worker takes
it. Where a machine's text would go back to be written again, a person's waits until someone edits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from tasks.actions import inspect_later, submit
from tasks.content import CONTENT_FIELDS
from tasks.models import ContentTask, Draft, TaskKind
from tasks.naming import usable_slug, validate_slug


@transaction.atomic
def file_own_text(
    kind: TaskKind, content: Mapping[str, Any], *, by: User, language: str = "en", target_words: int = 800
) -> Draft:
    """File a text with version 1 of it, which awaits a decision. Raises ValidationError naming the field."""
    if kind == TaskKind.ARTICLE:
        raise ValueError("Articles from a brief are filed by `file_brief`.")
    title = str(content.get("title", "")).strip()
    task = ContentTask(
        kind=kind,
        topic=title,
        language=language,
        target_words=target_words,
        category=content.get("category", ""),
        tags=list(content.get("tags", ())),
        created_by=by,
    )
    task._change_reason = "filed"
    try:
        task.full_clean(exclude={"created_by"}, validate_constraints=False)
    except ValidationError as error:
        problems = error.message_dict
        raise ValidationError(
            {"title" if name == "topic" else name: problems[name] for name in problems}
        ) from None
    given = {name: content[name] for name in CONTENT_FIELDS if name in content}
    slug = str(given.get("slug", "")).strip()
    if slug:
        _require_slug(slug)
    draft = Draft(task=task)
    task.save()
    given |= {"title": title, "slug": slug or usable_slug("", title)}
    draft.save_version(given, author=by, reason=f"written by {by.get_username()}")
    inspect_later(task, draft)
    submit(task, by=by)
    return draft


def _require_slug(slug: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise ValidationError({"slug": error.messages}) from None
