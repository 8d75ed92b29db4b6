"""Reactions to changes of published content and to signals of the apps below, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.urls import reverse
from simple_history.signals import post_create_historical_record

from publishing import indexnow, link_cards, schedule, webhook_events
from publishing.cache_invalidation import notify_site_changed
from publishing.images.body_images import record_uses
from publishing.models import Author, Category, Correction, Post, Redirect, Tag
from tasks.lifecycle import Move
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft
from tasks.signals import status_changed, update_changed


@receiver([post_save, post_delete], sender=Post)
@receiver([post_save, post_delete], sender=Category)
@receiver([post_save, post_delete], sender=Author)
@receiver([post_save, post_delete], sender=Tag)
@receiver([post_save, post_delete], sender=Redirect)
def invalidate_caches(**_: Any) -> None:
    """Of all pages: a post is on many: its own, its neighbours', lists, feeds and sitemaps."""
    notify_site_changed()


@receiver(post_save, sender=Post)
@receiver(post_save, sender=Redirect)
def announce(sender: type[Post | Redirect], instance: Post | Redirect, **_: Any) -> None:
    indexnow.enqueue([instance.get_absolute_url()])


@receiver(post_save, sender=Correction)
def announce_log(sender: type[Correction], instance: Correction, **_: Any) -> None:
    if instance.kind != Correction.Kind.MINOR:
        indexnow.enqueue([reverse("corrections")])


@receiver(post_save, sender=Correction)
def notify_subscribers_of_update(sender: type[Correction], instance: Correction, **_: Any) -> None:
    webhook_events.notify_update(instance.post)


@receiver(post_create_historical_record, sender=Draft.history.model)
def record_attachments(sender: type, *, instance: Draft, **_: Any) -> None:
    record_uses(instance, instance.body)
    link_cards.add_when_saved(instance)


@receiver(status_changed)
def void_schedules(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    schedule.void_with_moves(moves)


@receiver(update_changed)
def void_planned_update(
    sender: type, *, task: ContentTask, old: Update, new: Update, by: Any, reason: str, **_: Any
) -> None:
    schedule.void_with_update(task, old, new, by, reason)


@receiver(status_changed)
def notify_subscribers(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    webhook_events.notify_moves(moves)
