"""Appends what the apps below signal to the audit chain, so that no other code has to log it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.dispatch import receiver
from simple_history.signals import post_create_historical_record

from approvals.audit import chain
from approvals.models import Decision
from approvals.models.desk import ReviewLock
from tasks.content import canonical_json
from tasks.lifecycle import Move, Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft, QualityCheckRule
from tasks.signals import model_tested, status_changed, update_changed

if TYPE_CHECKING:
    from tasks.model_test import ModelTest

VERBS = {"+": "created", "~": "changed", "-": "deleted"}


@receiver(status_changed)
def record_moves(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    chain.add(
        [
            chain.Fact(
                f"task.{move.new}",
                object_type="contenttask",
                object_id=move.task.pk,
                task_id=move.task.pk,
                by=move.by,
                data={
                    "from": str(move.old), "to": str(move.new), "reason": move.reason, "run": move.task.run
                },
            )
            for move in moves
        ]
    )  # fmt: skip


@receiver(status_changed)
def delete_review_locks(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    """A draft that no longer awaits a decision has no review lock."""
    left = [move.task.pk for move in moves if move.old == Status.AWAITING_APPROVAL]
    if left:
        ReviewLock.objects.filter(draft__task__in=left).delete()


@receiver(update_changed)
def record_update(
    sender: type, *, task: ContentTask, old: Update, new: Update, by: Any, reason: str, **_: Any
) -> None:
    chain.add(
        [
            chain.Fact(
                f"update.{new or 'live'}",
                object_type="update",
                object_id=task.pk,
                task_id=task.pk,
                by=by,
                data={"from": str(old), "to": str(new), "reason": reason},
            )
        ]
    )


@receiver(model_tested)
def record_model_test(sender: type, *, test: ModelTest, by: User, **_: Any) -> None:
    cost_usd = None if test.cost_usd is None else str(test.cost_usd)
    data = {"model": test.model, "outcome": "ok" if test.is_ok else test.kind, "cost_usd": cost_usd}
    chain.record("model.tested", object_type="user", object_id=by.pk, by=by, data=data)


@receiver(update_changed)
def delete_review_locks_of_update(sender: type, *, task: ContentTask, new: Update, **_: Any) -> None:
    if new != Update.AWAITING:
        ReviewLock.objects.filter(draft__task=task).delete()


@receiver(post_create_historical_record)
def record_history(
    sender: type, *, instance: Any, history_instance: Any, history_user: Any, **_: Any
) -> None:
    record_histories([(instance, history_instance)], by=history_user)


def record_histories(rows: Sequence[tuple[Any, Any]], *, by: User | None) -> None:
    """One entry per history row of any model. `rows` are instances and their history."""
    chain.add([_fact(instance, history, by) for instance, history in rows])


def _fact(instance: Any, history: Any, by: User | None) -> chain.Fact:
    name = instance._meta.model_name
    data: dict[str, Any] = {
        "reason": history.history_change_reason or "",
        "sha256": _fingerprint(instance, history),
    }
    if isinstance(instance, Draft):
        data |= {
            "version": instance.version,
            "content_sha256": instance.content_sha256,
            "written_by": instance.written_by,
        }
    if isinstance(instance, QualityCheckRule):
        # In plain text, as a change of permissions is: it decides what an approval stands on.
        data |= {name: getattr(instance, name) for name in ("check_name", "severity", "limits")}
    if isinstance(instance, Decision):
        # In plain text: the chain alone says who decided what, and the row can be checked against it.
        names = ("decision", "version", "content_sha256", "reason_code", "reason", "via", "approvals_needed")
        data |= {name: getattr(instance, name) for name in names}
        data["way"] = str(instance.way)
        if instance.objections is not None:
            data["objections"] = instance.objections
    return chain.Fact(
        f"{name}.{VERBS[history.history_type]}",
        object_type=name,
        object_id=instance.pk,
        task_id=_task_id(instance),
        by=by,
        data=data,
    )


def _fingerprint(instance: Any, history_instance: Any) -> str:
    """Hash over every tracked field as the history row has it, so that the row can be checked."""
    fields = {
        field.attname: str(getattr(history_instance, field.attname))
        for field in history_instance.tracked_fields
    }
    return hashlib.sha256(canonical_json(fields).encode()).hexdigest()


def _task_id(instance: Any) -> int | None:
    found: int | None
    if isinstance(instance, ContentTask):
        found = instance.pk
    elif hasattr(instance, "task_id"):
        found = instance.task_id
    else:
        draft = getattr(instance, "draft", None)
        found = draft.task_id if draft else None
    return found
