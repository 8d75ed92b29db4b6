"""Enqueueing events for subscriptions, in the transaction of what happened.

A payload is ids, hashes and addresses: texts are read over the API, which asks who reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse

from approvals.models import Decision
from approvals.webhooks.events import DECISION_MADE, task_event
from approvals.webhooks.models import WebhookDelivery
from tasks.lifecycle import Move, Status
from tasks.models import Draft
from tasks.signals import status_changed

NamedPayload = tuple[str, dict[str, Any]]
"""An event's name, and its payload."""


# Every move of a task runs this, so it is not composed each time.
SUBSCRIBED = """
    SELECT hook.id, hook.events FROM approvals_webhook hook JOIN auth_user owner ON owner.id = hook.owner_id
    WHERE hook.is_active AND owner.is_active AND hook.events && %s::varchar[]
"""


def enqueue_events(events: Collection[str], payloads: Callable[[], Iterable[NamedPayload]]) -> None:
    """Write a delivery for every subscription to any of `events`. Without one, `payloads` is not called.

    No row is locked, so that no move waits for another or for a change of a subscription.
    """
    with connection.cursor() as cursor:
        cursor.execute(SUBSCRIBED, [list(events)])
        hooks = cursor.fetchall()
    if hooks:
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(webhook_id=pk, event=event, data=data)
            for event, data in payloads()
            for pk, subscribed in hooks
            if event in subscribed
        )


@receiver(status_changed)
def enqueue_moves(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    enqueue_events({task_event(move.new) for move in moves}, lambda: _payloads_of_moves(moves))


@receiver(post_save, sender=Decision)
def enqueue_decision(sender: type, *, instance: Decision, created: bool, **_: Any) -> None:
    if created:
        enqueue_events({DECISION_MADE}, lambda: [(DECISION_MADE, _payload_of_decision(instance))])


def _payloads_of_moves(moves: Sequence[Move]) -> Iterable[NamedPayload]:
    drafts = Draft.objects.filter(task__in=[move.task.pk for move in moves])
    by_task = {draft.task_id: draft for draft in drafts.only("task_id", "version", "content_sha256")}
    for move in moves:
        task, draft = move.task, by_task.get(move.task.pk)
        data = {
            "task": task.pk,
            "run": task.run,
            "from": str(move.old),
            "to": str(move.new),
            **text_payload(task.pk, draft),
        }
        if move.new == Status.FAILED:
            data["error_kind"] = task.error_kind
        yield task_event(move.new), data


def _payload_of_decision(decision: Decision) -> dict[str, Any]:
    about = text_payload(decision.draft.task_id, decision.draft)
    about["links"] |= {"decision": absolute_path("decision-detail", decision.pk)}
    return about | {
        "task": decision.draft.task_id,
        "decision": decision.pk,
        "verdict": decision.decision,
        "reason_code": decision.reason_code,
        "actor": decision.actor_id,
        "version": decision.version,
        "content_sha256": decision.content_sha256,
    }


def text_payload(task_id: int, draft: Draft | None) -> dict[str, Any]:
    """Which text it is about, if there is one yet, and where both can be read."""
    links = {"task": absolute_path("task-detail", task_id)}
    if draft is None:
        return {"draft": None, "version": None, "content_sha256": None, "links": links}
    links |= {
        "draft": absolute_path("draft-detail", draft.pk),
        "review": absolute_path("desk:review", draft.pk),
    }
    return {
        "draft": draft.pk, "version": draft.version, "content_sha256": draft.content_sha256, "links": links
    }  # fmt: skip


def absolute_path(view: str, pk: int) -> str:
    return settings.SITE_URL + reverse(view, args=[pk])
