"""What follows from a change of a post, inside the transaction that makes it."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from publishing import indexnow
from publishing.models import Post


@receiver(post_save, sender=Post)
def announce(sender: type[Post], instance: Post, **_: Any) -> None:
    indexnow.enqueue([instance.get_absolute_url()])
