"""Figures over all tasks as the API represents them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tasks.api.serializers.fields import UsdField
from tasks.lifecycle import Status
from tasks.pipeline.errors import KINDS


class WorkerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    host = serializers.CharField()
    pid = serializers.IntegerField()
    in_flight = serializers.IntegerField(help_text="How many tasks it is writing.")
    max_in_flight = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    heartbeat_at = serializers.DateTimeField()
    heartbeat_age_seconds = serializers.FloatField()
    loop_lag_ms = serializers.FloatField(help_text="The longest delay of its loop since the last heartbeat.")
    is_alive = serializers.BooleanField(help_text="Its heartbeat is younger than 10 seconds.")


class CauseSerializer(serializers.Serializer[Any]):
    error_kind = serializers.CharField(help_text=f"{', '.join(KINDS)}, or empty.")
    message = serializers.CharField(help_text="What the errors have in common; `…` is what differs.")
    count = serializers.IntegerField(help_text="Of failed tasks.")
    retrying = serializers.IntegerField(help_text="Of tasks that wait to be tried again.")
    latest_at = serializers.DateTimeField()
    task_ids = serializers.ListField(
        child=serializers.IntegerField(), help_text="The latest failed ones, at most 5."
    )


class BreachCountSerializer(serializers.Serializer[Any]):
    open = serializers.IntegerField(help_text="Of tasks that are not done yet.")
    last_24_hours = serializers.IntegerField()
    worst_late_seconds = serializers.FloatField(allow_null=True)


class StageBreachesSerializer(BreachCountSerializer):
    stage = serializers.CharField(help_text="The stage, or `queue`.")


class BreachesSerializer(BreachCountSerializer):
    """Time limits that were exceeded by tasks that are not done yet, or in the last 24 hours."""

    by_stage = StageBreachesSerializer(many=True)


class TodaySerializer(serializers.Serializer[Any]):
    """What models cost since midnight UTC, as far as their prices are known."""

    spent_usd = UsdField()
    reserved_usd = UsdField(help_text="Reserved for calls in progress.")
    budget_usd = UsdField(allow_null=True, help_text="DAILY_BUDGET_USD; null without one.")
    is_spent = serializers.BooleanField()


class MetricsSerializer(serializers.Serializer[Any]):
    by_status = serializers.DictField(child=serializers.IntegerField(), help_text=", ".join(Status.values))
    by_stage = serializers.DictField(
        child=serializers.IntegerField(), help_text="Of the tasks in progress that have begun a stage."
    )
    waiting = serializers.IntegerField(help_text="Pending tasks that a worker may take now.")
    scheduled = serializers.IntegerField(help_text="Pending tasks whose `run_after` is still to come.")
    retries_waiting = serializers.IntegerField(help_text="Pending tasks that were tried before.")
    orphaned = serializers.IntegerField(
        help_text="Tasks in progress whose worker is gone; any process returns them to the queue."
    )
    oldest_waiting_seconds = serializers.FloatField(allow_null=True, help_text="Null when nothing waits.")
    ended_last_5_minutes = serializers.IntegerField(help_text="With a draft or a failure.")
    ended_last_hour = serializers.IntegerField()
    ended_per_minute = serializers.FloatField(help_text="Over the last 5 minutes.")
    in_flight = serializers.IntegerField(help_text="Tasks that live workers are writing.")
    workers = WorkerSerializer(many=True)
    failures = CauseSerializer(
        many=True,
        help_text="The 30 most frequent among the latest 10,000 tasks that failed or wait for a retry.",
    )
    breaches = BreachesSerializer()
    success_rate = serializers.FloatField(allow_null=True, help_text="0 to 1; null before anything ended.")
    median_seconds = serializers.FloatField(
        allow_null=True, help_text="From the first start to the draft, over all tasks that got one."
    )
    p95_seconds = serializers.FloatField(allow_null=True, help_text="The same; 95 % took no longer.")
    cost_usd = UsdField(help_text="Of the calls whose price is known.")
    unpriced_calls = serializers.IntegerField()
    today = TodaySerializer()
