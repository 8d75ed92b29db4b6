"""The demonstration site: the articles as people publish them, with what happens to articles afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from approvals.decisions import decide
from approvals.models import Verdict, Way
from publishing.demonstration.articles import DemonstrationArticle, articles, others
from publishing.demonstration.recombined import recombined
from publishing.images.automatic import draw_now, generated_credit
from publishing.models import Author, Post, Redirect
from publishing.publish import publish, unpublish, update_live
from publishing.receivers import invalidate_caches
from publishing.schedule import schedule
from publishing.search import lists
from publishing.seeding import EDITOR, WRITER, add, empowered_editor
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft

EDITORS = {
    EDITOR: ("Mara Lindqvist", "mara-lindqvist", "Edits what the desk writes about cities and machines."),
    f"{EDITOR}-2": ("Tomás Herrera", "tomas-herrera", "Edits science and nature. Reads footnotes first."),
    f"{EDITOR}-3": ("Ines Koch", "ines-koch", "Edits culture and travel, and most things after midnight."),
}
"""Account, name, address and profile."""
OLDEST_DAYS, NEWEST_DAYS = 730, 60
"""When recombined texts were published: after the newest articles in every list."""
PATTERNS = 3
"""Covers for recombined texts of one category: to draw one for each would take minutes."""

Report = Callable[[int], object]


def seed(amount: int, report: Report = lambda done: None) -> None:
    """Add this many live posts: first the articles, then texts made of their parts.

    With the last of the articles, one is corrected, one updated, one scheduled and one withdrawn.
    """
    taken = _taken()
    missing = [article for article in articles() if article.slug not in taken]
    chosen = missing[:amount]
    with ExitStack() as stack:
        editors = [stack.enter_context(empowered_editor(name)) for name in EDITORS]
        _introduce(editors)
        for place, article in enumerate(chosen):
            _publish(article, editors[place % len(editors)])
        if chosen and len(chosen) == len(missing):
            for article in articles():
                _change(article, editors)
            for place, article in enumerate(one for one in others() if one.slug not in taken):
                _add(article, editors[place % len(editors)])
    report(len(chosen))
    if amount > len(chosen):
        first = 1 + sum(1 for slug in taken if slug.rpartition("-")[2].isdigit())
        numbers = range(first, first + amount - len(chosen))
        texts = (_with_cover(recombined(number)) for number in numbers)
        add(texts, lambda done: report(len(chosen) + done), published_at=partial(_moment, timezone.now()))
    lists.rebuild()
    invalidate_caches()


def _taken() -> set[str]:
    """The addresses that posts have or had."""
    return {*Post.objects.values_list("slug", flat=True), *Redirect.objects.values_list("slug", flat=True)}


def _moment(now: datetime, place: int) -> datetime:
    chance = random.Random(place)
    day = now - timedelta(days=chance.randint(NEWEST_DAYS, OLDEST_DAYS))
    return day.replace(hour=chance.randint(6, 18), minute=chance.randint(0, 59), second=0)


# --- The articles ---------------------------------------------------------------------------------------


def _introduce(editors: list[User]) -> None:
    for editor in editors:
        name, slug, bio = EDITORS[editor.username]
        if not Author.objects.filter(slug=slug).exists():
            Author.objects.get_or_create(
                user_id=editor.pk, defaults={"name": name, "slug": slug, "bio": bio, "is_public": True}
            )


@transaction.atomic
def _publish(article: DemonstrationArticle, editor: User) -> Post:
    draft = _approved(article, editor)
    post = publish(draft, by=editor)
    at = timezone.now() - timedelta(days=article.days, minutes=37 * article.days % 600)
    Post.objects.filter(pk=post.pk).update(published_at=at, updated_at=at)
    return post


def _approved(article: DemonstrationArticle, editor: User) -> Draft:
    task = ContentTask.objects.create(
        topic=article.title, category=article.category, tags=article.tags, language=article.language
    )
    # Before anything is committed, so that no worker takes it.
    task.move_to(Status.IN_PROGRESS, reason="seeded")
    draft = Draft(task=task)
    cover, alt, credit = draw_now(article.title, article.category, article.language)
    covered = {"cover_image": cover.name, "cover_alt": alt, "cover_credit": credit}
    draft.save_version(
        article.content | {"body": article.first_body} | covered, reason="draft", written_by=WRITER
    )
    task.move_to(Status.AWAITING_APPROVAL, reason="seeded")
    _approve(draft, editor)
    return draft


def _approve(draft: Draft, editor: User) -> None:
    decide(
        draft,
        Verdict.APPROVE,
        version=draft.version,
        content_sha256=draft.content_sha256,
        by=editor,
        via="api",
        way=Way.SEED,
    )


# --- What else there is -----------------------------------------------------------------------------------


@transaction.atomic
def _change(article: DemonstrationArticle, editors: list[User]) -> None:
    """Replace the first version: written by one editor and approved by another."""
    draft = _draft_of(article)
    if article.change is None or draft is None or draft.body == article.body:
        return
    writer, approver = editors[-1], editors[0]
    edit_draft(draft, {"body": article.body}, by=writer)
    draft.refresh_from_db()
    _approve(draft, approver)
    update_live(draft, by=approver, kind=article.change.kind, note=article.change.note)


def _draft_of(article: DemonstrationArticle) -> Draft | None:
    live = Post.objects.published().filter(slug=article.slug, draft__written_by=WRITER)
    return Draft.objects.select_related("task").filter(post__in=live).first()


@transaction.atomic
def _add(article: DemonstrationArticle, editor: User) -> None:
    """What readers do not see: a text that is to be published, and one that was."""
    if article.state == "scheduled":
        at = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=article.days)
        schedule(_approved(article, editor), at, zone="UTC", by=editor)
    else:
        unpublish(_publish(article, editor), by=editor, reason=article.reason)


# --- Texts made of their parts ------------------------------------------------------------------------------


def _with_cover(content: dict[str, Any]) -> dict[str, Any]:
    """One of a few patterns, chosen by the title."""
    pattern = "·" * (1 + len(content["title"]) % PATTERNS)
    return content | {
        "cover_image": _pattern(pattern, content["category"]),
        "cover_alt": "A pattern of quarter circles",
        "cover_credit": generated_credit("en"),
    }


@cache
def _pattern(title: str, category: str) -> str:
    return draw_now(title, category, "en")[0].name
