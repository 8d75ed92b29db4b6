"""Writing down who is to be told of what, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, Permission, User
from django.db.models import Q, Subquery
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from approvals.models import Decision
from approvals.notifications.models import Kind, Notice, NoticeSettings, Pace
from tasks.lifecycle import Move, Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft
from tasks.signals import status_changed, update_changed

DIGEST_AT = time(7, 0)
"""When the daily mail leaves, in the site's time zone."""


@receiver(post_save, sender=Decision)
def file_decision(sender: type, *, instance: Decision, created: bool, **_: Any) -> None:
    """To who filed the brief and the last person who edited the text, unless they decided themselves."""
    if not created or not _is_anybody_told():
        return
    draft = instance.draft
    edited = draft.history.filter(author_id__isnull=False, version__lte=instance.version)
    concerned = {
        draft.task.created_by_id,
        *edited.order_by("-version").values_list("author_id", flat=True)[:1],
    }
    people = _reachable().filter(pk__in=concerned - {None, instance.actor_id})
    _file(Kind.DECISION, draft, people, decision=instance, version=instance.version)


@receiver(status_changed)
def file_waiting(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    """To every editor who may decide about it: nobody is told of their own text."""
    _file_waiting({move.task.pk: move.by for move in moves if move.new == Status.AWAITING_APPROVAL})


@receiver(update_changed)
def file_update(
    sender: type, *, task: ContentTask, old: Update, new: Update, by: AbstractBaseUser | None, **_: Any
) -> None:
    """As for any other text that awaits a decision. A further edit tells nobody again who was told."""
    if new != Update.AWAITING:
        return
    if old == Update.AWAITING:
        version = Draft.objects.filter(task=task).values("version")
        untold = Notice.objects.filter(kind=Kind.AWAITING, draft__task=task, deliver_at__isnull=False)
        untold.exclude(recipient=by).update(version=Subquery(version))
    else:
        _file_waiting({task.pk: by})


def file_plan_ended(draft: Draft, *, planner_id: int, version: int, text: str) -> None:
    """To who planned a publication that will not happen. `text` says why, in sentences."""
    if _is_anybody_told():
        _file(Kind.PLAN, draft, _reachable().filter(pk=planner_id), version=version, text=text)


def _file_waiting(arrived: Mapping[int, AbstractBaseUser | None]) -> None:
    if not arrived or not _is_anybody_told():
        return
    editors = list(_editors())
    for draft in Draft.objects.filter(task__in=arrived):
        own_bytes = Q(version=1) | Q(content_sha256=draft.content_sha256)
        wrote = set(draft.history.filter(own_bytes).values_list("author_id", flat=True))
        by = arrived[draft.task_id]
        not_told = wrote | {draft.author_id, by.pk if by else None}
        others = [editor for editor in editors if editor.pk not in not_told]
        _file(Kind.AWAITING, draft, others, version=draft.version)


def _is_anybody_told() -> bool:
    return bool(settings.SENDS_MAIL or settings.NOTICE_WEBHOOK_URL)


def _reachable() -> Any:
    return User.objects.filter(is_active=True).exclude(email="").select_related("notice_settings")


def _editors() -> Any:
    may_decide = Permission.objects.filter(content_type__app_label="approvals", codename="add_decision")
    return _reachable().filter(
        Q(groups__permissions__in=may_decide) | Q(user_permissions__in=may_decide)
    ).distinct()  # fmt: skip


def _file(kind: Kind, draft: Draft, people: Iterable[User], **facts: Any) -> None:
    now = timezone.now()
    rows = []
    if settings.SENDS_MAIL:
        for person in people:
            pace = getattr(getattr(person, "notice_settings", None) or NoticeSettings(), kind)
            if pace != Pace.NEVER:
                at = now if pace == Pace.NOW else next_digest(now)
                rows.append(Notice(recipient=person, kind=kind, draft=draft, deliver_at=at, **facts))
    if settings.NOTICE_WEBHOOK_URL:
        rows.append(Notice(kind=kind, draft=draft, deliver_at=now, **facts))
    Notice.objects.bulk_create(rows)


def next_digest(now: datetime) -> datetime:
    local = timezone.localtime(now)
    today = local.replace(hour=DIGEST_AT.hour, minute=DIGEST_AT.minute, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)
