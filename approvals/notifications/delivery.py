"""Sending what is due, outside of any transaction: what is due for one person in one mail.

Notices are claimed by moving `deliver_at` into the future: if the process dies, they are due again then. As a
slow mail server may outlast the claim, whoever sends also holds an advisory lock per recipient, which
PostgreSQL releases when the process dies.
"""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from approvals.notifications.mail_texts import facts_of, mail_of
from approvals.notifications.models import Kind, Notice
from tasks.advisory_locks import Lock, try_session_lock
from tasks.alerts.channels import DeliveryFailed, post_json, send_mail
from tasks.pauses import growing_pause

CLAIM = timedelta(seconds=60)
A_MAIL = 500
ROUND_SECONDS = 20.0
"""After which a round starts no further message: the watch has more to look after."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
MAX_ATTEMPTS = 30
KEPT = timedelta(days=30)


def send_due() -> int:
    """Send what is due; return how many messages were tried. Ends early when one could not be sent.

    Not inside a transaction.
    """
    tried, end = 0, time.monotonic() + ROUND_SECONDS
    while time.monotonic() < end and (claimed := _claim()):
        tried += 1
        with try_session_lock(Lock.NOTIFICATION, _recipient_of(claimed[0])) as is_alone:
            # Who sends to them already will go on; claiming more here would only delay it.
            if not is_alone or not _send(claimed):
                break
    return tried


def forget_old() -> int:
    """Delete what was told or given up a month ago."""
    return Notice.objects.filter(deliver_at=None, created_at__lt=timezone.now() - KEPT).delete()[0]


def pause_after(attempts: int) -> timedelta:
    """10, 20, 40 … seconds, at most an hour."""
    return growing_pause(attempts, FIRST_PAUSE, LONGEST_PAUSE)


@transaction.atomic
def _claim() -> list[int]:
    """All that is due for whoever has waited longest, of one kind; a webhook's notices one by one."""
    now = timezone.now()
    due = Notice.objects.filter(deliver_at__lte=now).order_by("deliver_at", "pk")
    due = due.select_for_update(skip_locked=True)
    first = due.first()
    if first is None:
        return []
    found = [first.pk]
    if first.recipient_id is not None:
        same = due.filter(recipient=first.recipient_id, kind=first.kind)
        found = list(same.values_list("pk", flat=True)[:A_MAIL])
    Notice.objects.filter(pk__in=found).update(deliver_at=now + CLAIM, attempts=F("attempts") + 1)
    return found


def _recipient_of(pk: int) -> int:
    return Notice.objects.values_list("recipient_id", flat=True).filter(pk=pk).first() or 0


def _send(claimed: list[int]) -> bool:
    # Whoever held the lock before may have sent some of them.
    rows = Notice.objects.filter(pk__in=claimed, deliver_at__isnull=False).order_by("pk")
    notices = list(rows.select_related("recipient", "decision", "draft__task"))
    current = [notice for notice in notices if _is_still_news(notice)]
    error = ""
    try:
        if current:
            _tell(current)
    except DeliveryFailed as failure:
        error = str(failure)
    now = timezone.now()
    for notice in notices:
        row = Notice.objects.filter(pk=notice.pk)
        if not error:
            row.update(deliver_at=None, last_error="", sent_at=now if notice in current else None)
        elif notice.attempts >= MAX_ATTEMPTS:
            row.update(deliver_at=None, last_error=error)
        else:
            row.update(deliver_at=now + pause_after(notice.attempts), last_error=error)
    return not error


def _is_still_news(notice: Notice) -> bool:
    """Nobody is called to a draft that was decided or changed meanwhile, nor told after they left."""
    if notice.recipient is not None and not (notice.recipient.is_active and notice.recipient.email):
        return False
    if notice.kind != Kind.AWAITING:
        return True
    return notice.draft.task.awaits_decision and notice.draft.version == notice.version


def _tell(notices: list[Notice]) -> None:
    first = notices[0]
    if first.recipient is None:
        post_json(settings.NOTICE_WEBHOOK_URL, settings.NOTICE_WEBHOOK_SECRET, facts_of(first))
        return
    subject, text = mail_of(notices)
    host = urlsplit(settings.SITE_URL).hostname
    headers = {"Message-ID": f"<notice-{first.pk}@{host}>", "Auto-Submitted": "auto-generated"}
    send_mail(EmailMessage(subject, text, to=[first.recipient.email], headers=headers))
