"""The text of notifications: the brief's topic and an editor's words. Nothing that a model wrote is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from approvals.models import Decision
from approvals.notifications.models import Kind, Notification
from tasks.delivery.messages import OutboundMessage
from tasks.site_name import site_name

MAX_LISTED = 50
EVENTS = {
    Kind.DECISION: "decision.recorded",
    Kind.AWAITING: "draft.awaiting",
    Kind.SCHEDULE: "plan.ended",
    Kind.MENTION: "comment.mention",
    Kind.ASSIGNED: "task.assigned",
}
VERDICTS = {"approve": "Approved", "request_changes": "Changes requested", "reject": "Rejected"}


def message_of(notifications: Sequence[Notification]) -> OutboundMessage:
    """One message about notifications of one kind; its payload is about the first."""
    first, count = notifications[0], len(notifications)
    parts = [_paragraph(each) for each in notifications[:MAX_LISTED]]
    if count > MAX_LISTED:
        parts.append(f"And {count - MAX_LISTED} more: {settings.SITE_URL}{reverse('desk:queue')}")
    if first.recipient:
        parts.append(f"Notification settings: {settings.SITE_URL}{reverse('admin:notification_settings')}")
    return OutboundMessage(
        # With the time, because another desk or a restored database uses the same numbers.
        id=f"notification-{first.pk}-{int(first.created_at.timestamp())}",
        subject=_subject(first, count),
        text="\n\n".join(parts),
        payload=_payload(first),
    )


def _subject(first: Notification, count: int) -> str:
    topic = first.about.topic
    match first.kind:
        case Kind.DECISION:
            return f"{_verdict(_decision(first))}: {topic}" if count == 1 else f"{count} decisions"
        case Kind.SCHEDULE:
            return f"Not published: {topic}" if count == 1 else f"{count} texts not published"
        case Kind.MENTION:
            return f"Comment: {topic}" if count == 1 else f"{count} comments"
        case Kind.ASSIGNED:
            return f"Assigned to you: {topic}" if count == 1 else f"{count} tasks assigned to you"
    return f"Awaiting your decision: {topic}" if count == 1 else f"{count} drafts await your decision"


def _paragraph(notification: Notification) -> str:
    topic = f"“{notification.about.topic}”"
    match notification.kind:
        case Kind.DECISION:
            lines = _decision_lines(_decision(notification), topic)
        case Kind.SCHEDULE | Kind.MENTION | Kind.ASSIGNED:
            lines = [f"{topic}: {notification.text}"]
        case _:
            lines = [f"{topic} awaits a decision."]
    return "\n".join([*lines, _address(notification)])


def _decision_lines(decision: Decision, topic: str) -> list[str]:
    lines = [f"{_verdict(decision)} by {decision.actor_name}, version {decision.version}: {topic}"]
    if decision.reason_code:
        lines.append(f"Reason: {decision.get_reason_code_display()}")
    if decision.reason:
        lines.append(decision.reason)
    return lines


def _payload(notification: Notification) -> dict[str, Any]:
    task, decision = notification.about, notification.decision
    payload: dict[str, Any] = {
        "event": EVENTS[Kind(notification.kind)],
        "notice": notification.pk,
        "site": site_name(),
        "task": task.pk,
        "topic": task.topic,
        "draft": notification.draft_id,
        "version": notification.version,
        "url": _address(notification),
    }
    if decision:
        payload |= {
            "decision": decision.decision,
            "reason_code": decision.reason_code,
            "reason": decision.reason,
            "decided_by": decision.actor_name,
            "decided_at": decision.decided_at.isoformat(),
        }
    if notification.text:
        payload["reason"] = notification.text
    return payload


def _decision(notification: Notification) -> Decision:
    assert notification.decision is not None
    return notification.decision


def _verdict(decision: Decision) -> str:
    return VERDICTS[decision.decision]


def _address(notification: Notification) -> str:
    if notification.draft_id is None:
        return settings.SITE_URL + reverse("admin:tasks_contenttask_change", args=[notification.task_id])
    return settings.SITE_URL + reverse("desk:review", args=[notification.draft_id])
