"""Enqueueing notifications, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, Permission, User
from django.db.models import Q, Subquery
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from approvals.models import Decision
from approvals.notifications.models import Kind, Notification, NotificationSettings, Pace
from tasks.delivery import channels
from tasks.delivery.messages import Purpose
from tasks.lifecycle import Move, Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft
from tasks.signals import status_changed, update_changed
from tasks.site_name import site_zone

DIGEST_AT = time(7, 0)
"""When the daily message leaves, in the site's time zone."""


@receiver(post_save, sender=Decision)
def enqueue_decision(sender: type, *, instance: Decision, created: bool, **_: Any) -> None:
    """To the author of the brief and the last person who edited the text, unless they decided themselves."""
    if not created or not channels.configured(Purpose.NOTIFICATIONS):
        return
    draft = instance.draft
    edited = draft.history.filter(author_id__isnull=False, version__lte=instance.version)
    concerned = {
        draft.task.created_by_id,
        *edited.order_by("-version").values_list("author_id", flat=True)[:1],
    }
    people = _reachable().filter(pk__in=concerned - {None, instance.actor_id})
    _enqueue(Kind.DECISION, draft, people, decision=instance, version=instance.version)


@receiver(status_changed)
def enqueue_awaiting(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    """To every editor who may decide about it, except those who wrote this text."""
    _enqueue_awaiting({move.task.pk: move.by for move in moves if move.new == Status.AWAITING_APPROVAL})


@receiver(update_changed)
def enqueue_update(
    sender: type, *, task: ContentTask, old: Update, new: Update, by: AbstractBaseUser | None, **_: Any
) -> None:
    """As for any other text that awaits a decision. Another edit notifies no account a second time."""
    if new != Update.AWAITING:
        return
    if old == Update.AWAITING:
        version = Draft.objects.filter(task=task).values("version")
        waiting = Notification.objects.waiting().filter(kind=Kind.AWAITING, draft__task=task)
        waiting.exclude(recipient=by.pk if by else None).update(version=Subquery(version))
    else:
        _enqueue_awaiting({task.pk: by})


def enqueue_schedule_ended(draft: Draft, *, scheduled_by: int, version: int, text: str) -> None:
    """To the account that scheduled a publication that will not happen. `text` says why, in sentences."""
    if channels.configured(Purpose.NOTIFICATIONS):
        people = _reachable().filter(pk=scheduled_by)
        _enqueue(Kind.SCHEDULE, draft, people, version=version, text=text)


def enqueue_comment(draft: Draft, people: Iterable[User], *, version: int, text: str) -> None:
    """To those whom a comment mentions or who take part in its thread. `text` says who wrote what."""
    if channels.configured(Purpose.NOTIFICATIONS):
        ids = [person.pk for person in people]
        if ids:
            _enqueue(Kind.MENTION, draft, _reachable().filter(pk__in=ids), version=version, text=text)


def enqueue_assigned(task: ContentTask, person: User, *, text: str) -> None:
    """To the account that is to write or to review the task, whether or not there is a draft yet."""
    if channels.configured(Purpose.NOTIFICATIONS):
        draft = Draft.objects.filter(task=task).only("pk", "version").first()
        facts = {"version": draft.version} if draft else {"version": 0, "task": task}
        _enqueue(Kind.ASSIGNED, draft, _reachable().filter(pk=person.pk), text=text, **facts)


def _enqueue_awaiting(arrived: Mapping[int, AbstractBaseUser | None]) -> None:
    if not arrived or not channels.configured(Purpose.NOTIFICATIONS):
        return
    editors = list(_editors())
    for draft in Draft.objects.filter(task__in=arrived):
        own_bytes = Q(version=1) | Q(content_sha256=draft.content_sha256)
        wrote = set(draft.history.filter(own_bytes).values_list("author_id", flat=True))
        by = arrived[draft.task_id]
        involved = wrote | {draft.author_id, by.pk if by else None}
        others = [editor for editor in editors if editor.pk not in involved]
        _enqueue(Kind.AWAITING, draft, others, version=draft.version)


def _reachable() -> Any:
    return User.objects.filter(is_active=True).exclude(email="").select_related("notification_settings")


def _editors() -> Any:
    may_decide = Permission.objects.filter(content_type__app_label="approvals", codename="add_decision")
    return _reachable().filter(
        Q(groups__permissions__in=may_decide) | Q(user_permissions__in=may_decide)
    ).distinct()  # fmt: skip


def _enqueue(kind: Kind, draft: Draft | None, people: Iterable[User], **facts: Any) -> None:
    now = timezone.now()
    rows: list[Notification] = []
    for channel in channels.configured(Purpose.NOTIFICATIONS):
        about = {"channel": channel.name, "kind": kind, "draft": draft, **facts}
        if not channel.is_personal:
            rows.append(Notification(due_at=now, **about))
            continue
        rows += [
            Notification(recipient=person, due_at=due_at, **about)
            for person in people
            if (due_at := _due_at(person, kind, now))
        ]
    Notification.objects.bulk_create(rows)


def _due_at(person: User, kind: Kind, now: datetime) -> datetime | None:
    """When this account wants it; None for never."""
    own = getattr(person, "notification_settings", None) or NotificationSettings()
    match getattr(own, kind):
        case Pace.NEVER:
            return None
        case Pace.DAILY:
            return next_digest(now)
    return now


def next_digest(now: datetime) -> datetime:
    local = timezone.localtime(now, site_zone())
    today = local.replace(hour=DIGEST_AT.hour, minute=DIGEST_AT.minute, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)
