"""What a notice says: the brief's topic and an editor's words. Nothing that a model wrote leaves the site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from approvals.notifications.models import Kind, Notice

LISTED = 50
EVENTS = {
    Kind.DECISION: "decision.recorded",
    Kind.AWAITING: "draft.awaiting",
    Kind.PLAN: "plan.ended",
}


def mail_of(notices: Sequence[Notice]) -> tuple[str, str]:
    """Subject and text of one mail about notices of one kind."""
    first, count = notices[0], len(notices)
    if first.kind == Kind.DECISION:
        told = f"{_verdict(first)}: {first.draft.task.topic}" if count == 1 else f"{count} decisions"
        parts = [_decided(notice) for notice in notices[:LISTED]]
    elif first.kind == Kind.PLAN:
        told = f"Not published: {first.draft.task.topic}" if count == 1 else f"{count} texts not published"
        parts = [
            f"“{notice.draft.task.topic}”: {notice.text}\n{_address(notice)}" for notice in notices[:LISTED]
        ]
    else:
        told = f"Awaits you: {first.draft.task.topic}" if count == 1 else f"{count} drafts await you"
        parts = [
            f"“{notice.draft.task.topic}” awaits a decision.\n{_address(notice)}"
            for notice in notices[:LISTED]
        ]
    if count > LISTED:
        parts.append(f"And {count - LISTED} more: {settings.SITE_URL}{reverse('desk:queue')}")
    parts.append(f"How you are told: {settings.SITE_URL}{reverse('admin:notice_settings')}")
    # A header is one line, whatever a topic holds.
    subject = " ".join(f"[{settings.SITE_NAME}] {told}".split())[:200]
    return subject, "\n\n".join(parts) + "\n"


def facts_of(notice: Notice) -> dict[str, Any]:
    """The same for programs."""
    task, decision = notice.draft.task, notice.decision
    facts: dict[str, Any] = {
        "event": EVENTS[Kind(notice.kind)],
        "notice": notice.pk,
        "site": settings.SITE_NAME,
        "task": task.pk,
        "topic": task.topic,
        "draft": notice.draft_id,
        "version": notice.version,
        "url": _address(notice),
    }
    if decision:
        facts |= {
            "decision": decision.decision,
            "reason_code": decision.reason_code,
            "reason": decision.reason,
            "decided_by": decision.actor_name,
            "decided_at": decision.decided_at.isoformat(),
        }
    if notice.text:
        facts["reason"] = notice.text
    return facts


def _verdict(notice: Notice) -> str:
    assert notice.decision is not None
    return {"approve": "Approved", "request_changes": "Changes requested", "reject": "Rejected"}[
        notice.decision.decision
    ]


def _decided(notice: Notice) -> str:
    decision = notice.decision
    assert decision is not None
    who = f"{_verdict(notice)} by {decision.actor_name}, version {decision.version}"
    lines = [f"{who}: “{notice.draft.task.topic}”"]
    if decision.reason_code:
        lines.append(f"Reason: {decision.get_reason_code_display()}")
    if decision.reason:
        lines.append(decision.reason)
    return "\n".join([*lines, _address(notice)])


def _address(notice: Notice) -> str:
    return settings.SITE_URL + reverse("desk:review", args=[notice.draft_id])
