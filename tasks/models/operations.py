"""What operators and followers see of the work: events, workers and incidents."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from tasks.advisory_locks import Lock, about_sql, holders_sql
from tasks.delivery.outbox import OutboxEntry


class TaskEvent(models.Model):
    """An event for the followers of a task. `seq` counts 1, 2, 3 … for each task, without gaps."""

    class Kind(models.TextChoices):
        STATUS = "status"
        STAGE = "stage"
        TEXT = "text"

    pk = models.CompositePrimaryKey("task_id", "seq")
    task = models.ForeignKey("tasks.ContentTask", on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    data = models.JSONField(
        help_text="status and stage: status, stage, progress, error. text: stage, offset and text, which "
        "continues the text so far at that character; offset 0 starts over."
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["task_id", "seq"]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} of task {self.task_id}"


LEASE_SECONDS = 10.0
"""How long a worker may be without a heartbeat before it is treated as dead."""


class HoldsLock(models.Func):
    """Whether the advisory lock of this id is held: a process that has ended holds none."""

    template = (
        f"EXISTS (SELECT FROM pg_locks WHERE {holders_sql(Lock.WORKER)}"
        f" AND objid = {about_sql('%(expressions)s')})"
    )
    output_field = models.BooleanField()


class Clock(models.Func):
    """The database's own time at this moment; `now()` is that of the transaction's begin."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> WorkerQuerySet:
        """Those whose process is there and has a recent heartbeat."""
        return self.annotate(is_held=HoldsLock("id")).filter(
            is_held=True, heartbeat_at__gt=Clock() - timedelta(seconds=LEASE_SECONDS)
        )


class Worker(models.Model):
    """A process that writes articles. It is alive while it holds the advisory lock of its id; see engine/."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())
    in_flight = models.PositiveIntegerField(default=0)
    max_in_flight = models.PositiveIntegerField()
    loop_lag_ms = models.FloatField(
        default=0, help_text="The longest delay of its event loop since the last heartbeat."
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"


class Incident(OutboxEntry):
    """Something of which operators get one alert, however often it happens until it is over."""

    class Kind(models.TextChoices):
        FAILURES = "failures", "Tasks failed"
        SLA_BREACH = "sla_breach", "Time limits exceeded"
        NO_WORKER = "no_worker", "No worker is alive"
        SCHEDULE_FAILED = "plan_failed", "Scheduled publications failed"

    kind = models.CharField(max_length=20, choices=Kind)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    details = models.JSONField(
        default=dict, help_text="What happened, in numbers and ids: count, first_at, task_ids, by."
    )
    latest_at = models.DateTimeField(help_text="The newest failure or breach that it covers.")
    seen_at = models.DateTimeField(
        help_text="When something new was last seen: it closes after a quiet time."
    )

    delivered_at = models.DateTimeField(
        "notified at", null=True, help_text="When the first channel delivered the alert."
    )
    deliveries = models.JSONField(default=dict, help_text="By channel: attempts, delivered_at, error.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], name="tasks_one_open_incident", condition=models.Q(closed_at=None)
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="tasks_alert_due", condition=models.Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.opened_at:%Y-%m-%d %H:%M %Z}"
