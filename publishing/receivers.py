"""What follows from a change of a post, and from news of the apps below, inside their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse

from publishing import indexnow, schedule
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


@receiver(status_changed)
def end_schedules(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    schedule.end_with_moves(moves)
