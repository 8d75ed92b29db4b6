"""Decisions about texts, the audit chain, and what the review desk stores."""

from approvals.access.models import Invitation, PasswordFailures, RequestCount, TokenDetails
from approvals.links.models import PreviewLink, SignOffFeedback
from approvals.models.desk import DraftComment, ReviewLock
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
    "MIN_REASON_CHARACTERS", "AuditEntry", "Decision", "DraftComment", "Invitation", "Notification",
    "NotificationSettings", "PasswordFailures", "PreviewLink", "ReasonCode", "RequestCount",
    "ReviewLock", "ReviewRule", "SignOffFeedback", "TokenDetails", "Verdict", "Way", "Webhook",
    "WebhookDelivery",
]  # fmt: skip
