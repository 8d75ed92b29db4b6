"""A message as a mail."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from tasks.delivery.messages import OutboundMessage
from tasks.site_name import site_name

MAX_SUBJECT_CHARACTERS = 200


def as_mail(message: OutboundMessage, to: Sequence[str]) -> EmailMessage:
    host = urlsplit(settings.SITE_URL).hostname
    # A header is one line, whatever a topic holds.
    subject = " ".join(f"[{site_name()}] {message.subject}".split())[:MAX_SUBJECT_CHARACTERS]
    headers = {"Message-ID": f"<{message.id}@{host}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, f"{message.text}\n", to=to, headers=headers)
