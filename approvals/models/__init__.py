"""Decisions about texts, the chained record of everything, and what the desk remembers besides."""

from approvals.access.models import PasswordFailures, RequestCount
from approvals.links.models import Opinion, PreviewLink
from approvals.models.desk import DraftComment, ReviewClaim
from approvals.models.records import (
    MIN_REASON_CHARACTERS,
    AuditEntry,
    Decision,
    ReasonCode,
    ReviewRule,
    Verdict,
    Way,
)
from approvals.notifications.models import Notification, NotificationSettings
from approvals.webhooks.models import Webhook, WebhookDelivery

__all__ = [
    "MIN_REASON_CHARACTERS", "AuditEntry", "Decision", "DraftComment", "Notification",
    "NotificationSettings", "Opinion", "PasswordFailures", "PreviewLink", "ReasonCode", "RequestCount",
    "ReviewClaim", "ReviewRule", "Verdict", "Way", "Webhook", "WebhookDelivery",
]  # fmt: skip
