"""Briefs and the work on them as the API represents them. Serializers check shape; the actions decide."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from tasks.actions import LIMITS
from tasks.api.base import ReasonSerializer, StrictSerializer
from tasks.api.serializers.fields import (
    MAX_LIST_ITEMS,
    MAX_SOURCES,
    BudgetField,
    UsdField,
    WebAddressField,
    ZonedTimeField,
)
from tasks.brief_fields import BRIEF_FIELDS, TARGET_LENGTH_HELP
from tasks.bulk import VERBS
from tasks.forecasts import error_of
from tasks.models import ContentTask, ModelCall, Source, StageRun
from tasks.pipeline.errors import KINDS

MAX_SOURCE_CHARACTERS = 500_000
MAX_BULK = 500
BUDGET_HELP = "The most to spend on models, in US dollars; null: the setting TASK_BUDGET_USD."
MAX_ID = 2**63 - 1


class SourceSerializer(StrictSerializer):
    """Either `url`, which is fetched, or `text`, which is used as it is; with both, `url` is only cited."""

    schema_extra = {"not": {"properties": {name: {"maxLength": 0} for name in ("url", "text")}}}

    title = serializers.CharField(default="", allow_blank=True, max_length=300)
    url = WebAddressField()
    text = serializers.CharField(default="", allow_blank=True, max_length=MAX_SOURCE_CHARACTERS)

    def validate(self, source: dict[str, str]) -> dict[str, str]:
        if not source["url"] and not source["text"]:
            raise serializers.ValidationError("Give the source a url or a text.")
        return source


class BriefSerializer(StrictSerializer, serializers.ModelSerializer[ContentTask]):
    # `max_length` goes to the ListSerializer, which the stubs do not know.
    sources = SourceSerializer(many=True, required=False, max_length=MAX_SOURCES)  # type: ignore[call-arg]
    run_after = ZonedTimeField(required=False, allow_null=True, help_text="Not written before this time.")
    due_at = ZonedTimeField(required=False, allow_null=True, help_text="When its review should be finished.")
    budget_usd = BudgetField(required=False, allow_null=True, help_text=BUDGET_HELP)

    class Meta:
        model = ContentTask
        fields = (*BRIEF_FIELDS, "sources")
        extra_kwargs = {name: {"max_length": MAX_LIST_ITEMS} for name in ("tags", "keywords")} | {
            "target_words": {"help_text": TARGET_LENGTH_HELP}
        }


class RetrySerializer(ReasonSerializer, serializers.ModelSerializer[ContentTask]):
    """Settings that are left out stay as they are; `run_after` is cleared unless it is set again."""

    run_after = ZonedTimeField(required=False, allow_null=True, help_text="Not tried again before this time.")
    budget_usd = BudgetField(required=False, allow_null=True, help_text=BUDGET_HELP)

    class Meta:
        model = ContentTask
        fields = ("reason", *LIMITS)


class BreachSerializer(serializers.Serializer[Any]):
    stage = serializers.CharField(help_text="Where a limit was first exceeded, or `queue`.")
    late_seconds = serializers.FloatField(help_text="How late it ended or, if it has not, is by now.")


class SourceReadSerializer(serializers.ModelSerializer[Source]):
    """Without its text, which `/api/sources/{id}/` has."""

    url = serializers.CharField(read_only=True, help_text="Empty, or an http(s) address.")
    warnings = serializers.SerializerMethodField(
        help_text="What is missing or doubtful in its newest reading: a sentence each."
    )

    class Meta:
        model = Source
        fields = ("id", "number", "title", "url", "file_name", "problem", "warnings")
        read_only_fields = fields

    def get_warnings(self, source: Source) -> list[str]:
        found: list[str] | None = source.warnings  # type: ignore[attr-defined]  # an annotation
        return found or []


class LinksSerializer(serializers.Serializer[Any]):
    self = serializers.URLField()
    stages = serializers.URLField()
    sources = serializers.URLField()
    history = serializers.URLField()
    calls = serializers.URLField()
    events = serializers.URLField()
    draft = serializers.URLField(allow_null=True)


class RangeSerializer(serializers.Serializer[Any]):
    low = serializers.FloatField()
    expected = serializers.FloatField()
    high = serializers.FloatField(help_text="Eight of ten tasks are between low and high.")


class ForecastSerializer(serializers.Serializer[Any]):
    cost_usd = RangeSerializer(allow_null=True, help_text="Null when a model has no known price.")
    seconds = RangeSerializer()
    based_on = serializers.IntegerField(help_text="How many tasks of this desk; 0: prices and usual speeds.")
    models = serializers.ListField(child=serializers.CharField())


class ForecastErrorSerializer(serializers.Serializer[Any]):
    cost = serializers.FloatField(required=False)
    seconds = serializers.FloatField(required=False)


class TaskForecastSerializer(ForecastSerializer):
    error = ForecastErrorSerializer(
        allow_null=True, help_text="0.25 is a quarter more than expected. Null until the task is done."
    )


class TaskSerializer(serializers.ModelSerializer[ContentTask]):
    assignee = serializers.CharField(
        source="assignee.username", default=None, allow_null=True, read_only=True,
        help_text="Who sees to it that the text gets written.",
    )  # fmt: skip
    reviewer = serializers.CharField(
        source="reviewer.username", default=None, allow_null=True, read_only=True,
        help_text="Who is asked to decide about it.",
    )  # fmt: skip
    draft = serializers.SerializerMethodField()
    cost_usd = UsdField(allow_null=True, help_text="Null when a call has no known price.")
    budget_usd = UsdField(allow_null=True)
    breach = serializers.SerializerMethodField()
    sources = SourceReadSerializer(many=True, read_only=True)
    forecast = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta:
        model = ContentTask
        fields = (
            "id", "status", "update_state", "stage", "progress", "draft", "error", "error_kind", "attempts",
            "cost_usd", "created_at", "started_at", "finished_at", "breach", "assignee",
            "reviewer", *BRIEF_FIELDS, "sources", "forecast", "links",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "error_kind": {"help_text": f"Empty, {', '.join(KINDS)}."},
            "target_words": {"help_text": TARGET_LENGTH_HELP},
            "update_state": {"help_text": "Of a newer text of what is live; empty when there is none."},
        }

    @extend_schema_field(BreachSerializer(allow_null=True))
    def get_breach(self, task: ContentTask) -> dict[str, Any] | None:
        late = task.lateness
        return None if late is None else {"stage": task.breached_stage, "late_seconds": late.total_seconds()}

    @extend_schema_field(TaskForecastSerializer(allow_null=True))
    def get_forecast(self, task: ContentTask) -> dict[str, Any] | None:
        return task.forecast and {**task.forecast, "error": error_of(task)}

    def get_draft(self, task: ContentTask) -> int | None:
        return task.draft.pk if hasattr(task, "draft") else None

    @extend_schema_field(LinksSerializer)
    def get_links(self, task: ContentTask) -> dict[str, str | None]:
        request = self.context.get("request")
        this = reverse("task-detail", args=[task.pk], request=request)
        draft = self.get_draft(task)
        return {
            "self": this,
            **{name: f"{this}{name}/" for name in ("stages", "sources", "history", "calls", "events")},
            "draft": reverse("draft-detail", args=[draft], request=request) if draft else None,
        }


class StageRunSerializer(serializers.ModelSerializer[StageRun]):
    stage = serializers.CharField(source="key", help_text="The stage's name, with a number per round.")

    class Meta:
        model = StageRun
        fields = ("id", "stage", "run", "attempt", "error", "error_kind", "started_at", "finished_at")
        read_only_fields = fields


class ModelCallSerializer(serializers.ModelSerializer[ModelCall]):
    cost_usd = UsdField(allow_null=True)

    class Meta:
        model = ModelCall
        fields = (
            "id", "run", "stage", "role", "provider", "model", "input_tokens", "output_tokens", "cost_usd",
            "is_estimated", "duration_ms", "outcome", "error", "prompt_version", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class BulkSerializer(StrictSerializer):
    action = serializers.ChoiceField(choices=list(VERBS))
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID), allow_empty=False, max_length=MAX_BULK
    )
    reason = serializers.CharField(default="", allow_blank=True, max_length=5000)


class BulkRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    ok = serializers.BooleanField()
    status = serializers.CharField(allow_null=True, help_text="The task's, after the attempt.")
    error = serializers.CharField(allow_blank=True)


class BulkResultSerializer(serializers.Serializer[Any]):
    results = BulkRowSerializer(many=True, help_text="One for each of `ids`, in their order.")
