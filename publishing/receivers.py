"""What follows from a change of a post, and from news of the apps below, inside their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse

from publishing import indexnow, schedule, webhook_events
from publishing.models import Correction, Post, Redirect
from tasks.lifecycle import Move
from tasks.signals import status_changed


@receiver(post_save, sender=Post)
@receiver(post_save, sender=Redirect)
def announce(sender: type[Post | Redirect], instance: Post | Redirect, **_: Any) -> None:
    indexnow.enqueue([instance.get_absolute_url()])


@receiver(post_save, sender=Correction)
def announce_log(sender: type[Correction], instance: Correction, **_: Any) -> None:
    if instance.kind != Correction.Kind.MINOR:
        indexnow.enqueue([reverse("corrections")])


@receiver(post_save, sender=Correction)
def tell_subscribers_of_update(sender: type[Correction], instance: Correction, **_: Any) -> None:
    webhook_events.tell_of_update(instance.post)


@receiver(status_changed)
def end_schedules(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    schedule.end_with_moves(moves)


@receiver(status_changed)
def tell_subscribers(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    webhook_events.tell_of_moves(moves)
