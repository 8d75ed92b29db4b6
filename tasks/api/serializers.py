"""What of tasks and drafts goes over the wire. Serializers check shape; the verbs decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from tasks.actions import LIMITS
from tasks.api.base import ReasonSerializer, StrictSerializer
from tasks.content import with_unix_lines
from tasks.lifecycle import Status
from tasks.models import NO_ZONE, ContentTask, Draft, ModelCall, QualityReport, Source, StageRun
from tasks.pipeline.errors import KINDS

MAX_SOURCES = 50
MAX_SOURCE_CHARACTERS = 500_000
MAX_BODY_CHARACTERS = 1_000_000
MAX_WORDS_OF_A_KIND = 50
MAX_BULK = 500
MAX_ID = 2**63 - 1

BRIEF_FIELDS = (
    "topic", "brief", "audience", "tone", "style", "target_words", "language", "category", "tags", "keywords",
    "due_at", *LIMITS,
)  # fmt: skip
TEXT_FIELDS = (
    "title", "slug", "summary", "body", "seo_title", "seo_description", "category", "tags", "citations",
)  # fmt: skip


@extend_schema_field(OpenApiTypes.DOUBLE)
class UsdField(serializers.DecimalField):
    """US dollars: exact inside, a JSON number outside; null where a price is not known."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"max_digits": 12, "decimal_places": 6, "read_only": True} | options))

    def to_representation(self, value: Any) -> float:
        return float(value)


class WebAddressField(serializers.CharField):
    """Empty, or an http(s) address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"default": "", "allow_blank": True, "max_length": 2000} | options))
        self.validators.append(URLValidator(schemes=["http", "https"]))


class ZonedTimeField(serializers.DateTimeField):
    """A time in ISO 8601 that names its zone: another could be another moment for whoever sent it."""

    default_error_messages = {"no_zone": NO_ZONE}

    def to_internal_value(self, value: Any) -> datetime:
        time = super().to_internal_value(value)
        if isinstance(value, str) and timezone.is_naive(parse_datetime(value) or time):
            self.fail("no_zone")
        return time


class SourceSerializer(StrictSerializer):
    """Either `url`, which is fetched, or `text`, which is used as it is; with both, `url` is only cited."""

    title = serializers.CharField(default="", allow_blank=True, max_length=300)
    url = WebAddressField()
    text = serializers.CharField(default="", allow_blank=True, max_length=MAX_SOURCE_CHARACTERS)

    def validate(self, source: dict[str, str]) -> dict[str, str]:
        if not source["url"] and not source["text"]:
            raise serializers.ValidationError("Give the source a url or a text.")
        return source


class BriefSerializer(StrictSerializer, serializers.ModelSerializer[ContentTask]):
    sources = SourceSerializer(many=True, required=False, max_length=MAX_SOURCES)
    run_after = ZonedTimeField(required=False, allow_null=True, help_text="Not written before this time.")
    due_at = ZonedTimeField(
        required=False, allow_null=True, help_text="When the decision about its text should have been made."
    )

    class Meta:
        model = ContentTask
        fields = (*BRIEF_FIELDS, "sources")
        extra_kwargs = {name: {"max_length": MAX_WORDS_OF_A_KIND} for name in ("tags", "keywords")}


class RetrySerializer(ReasonSerializer, serializers.ModelSerializer[ContentTask]):
    """Settings that are left out stay as they are; `run_after` is cleared unless it is set again."""

    run_after = ZonedTimeField(required=False, allow_null=True, help_text="Not tried again before this time.")

    class Meta:
        model = ContentTask
        fields = ("reason", *LIMITS)


class BreachSerializer(serializers.Serializer[Any]):
    stage = serializers.CharField(help_text="Where a limit was first exceeded, or `queue`.")
    late_seconds = serializers.FloatField(help_text="How late it ended or, if it has not, is by now.")


class SourceReadSerializer(serializers.ModelSerializer[Source]):
    class Meta:
        model = Source
        fields = ("number", "title", "url", "problem")


class LinksSerializer(serializers.Serializer[Any]):
    self = serializers.URLField()
    stages = serializers.URLField()
    history = serializers.URLField()
    calls = serializers.URLField()
    events = serializers.URLField()
    draft = serializers.URLField(allow_null=True)


class TaskSerializer(serializers.ModelSerializer[ContentTask]):
    draft = serializers.SerializerMethodField()
    cost_usd = UsdField(allow_null=True, help_text="Null when a call has no known price.")
    budget_usd = UsdField(allow_null=True)
    breach = serializers.SerializerMethodField()
    sources = SourceReadSerializer(many=True, read_only=True)
    links = serializers.SerializerMethodField()

    class Meta:
        model = ContentTask
        fields = (
            "id", "status", "update_state", "stage", "progress", "draft", "error", "error_kind", "attempts",
            "cost_usd", "created_at", "started_at", "finished_at", "breach", *BRIEF_FIELDS, "sources",
            "links",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "error_kind": {"help_text": f"Empty, {', '.join(KINDS)}."},
            "update_state": {"help_text": "Of a newer text of what is live; empty when there is none."},
        }

    @extend_schema_field(BreachSerializer(allow_null=True))
    def get_breach(self, task: ContentTask) -> dict[str, Any] | None:
        late = task.lateness
        return None if late is None else {"stage": task.breached_stage, "late_seconds": late.total_seconds()}

    def get_draft(self, task: ContentTask) -> int | None:
        return task.draft.pk if hasattr(task, "draft") else None

    @extend_schema_field(LinksSerializer)
    def get_links(self, task: ContentTask) -> dict[str, str | None]:
        request = self.context.get("request")
        this = reverse("task-detail", args=[task.pk], request=request)
        draft = self.get_draft(task)
        return {
            "self": this,
            **{name: f"{this}{name}/" for name in ("stages", "history", "calls", "events")},
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
            "is_estimated", "duration_ms", "outcome", "error", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class BulkSerializer(StrictSerializer):
    action = serializers.ChoiceField(choices=["cancel", "retry", "hold", "resume"])
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
    reserved_usd = UsdField(help_text="Put aside for calls under way.")
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
        help_text="Tasks in progress whose worker is gone; any process of the installation gives them back."
    )
    oldest_waiting_seconds = serializers.FloatField(allow_null=True, help_text="Null when nothing waits.")
    ended_last_5_minutes = serializers.IntegerField(help_text="With a draft or a failure.")
    ended_last_hour = serializers.IntegerField()
    ended_per_minute = serializers.FloatField(help_text="Over the last 5 minutes.")
    in_flight = serializers.IntegerField(help_text="Tasks that living workers are writing.")
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


class CitationSerializer(StrictSerializer):
    number = serializers.IntegerField(min_value=1, max_value=10_000)
    title = serializers.CharField(max_length=300)
    url = WebAddressField()


class CheckSerializer(serializers.Serializer[Any]):
    check = serializers.CharField()
    status = serializers.CharField(help_text="passed, failed or skipped")
    severity = serializers.CharField(help_text="veto or advisory")
    message = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())


class QualitySerializer(serializers.ModelSerializer[QualityReport]):
    """What the checks found in a version. Without a report they have not run on it."""

    results = CheckSerializer(many=True)
    critique = serializers.DictField(allow_null=True)
    editor_notes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = QualityReport
        fields = ("version", "score", "results", "critique", "editor_notes", "created_at")
        read_only_fields = fields


class DraftSerializer(serializers.ModelSerializer[Draft]):
    citations = CitationSerializer(many=True)
    quality = serializers.SerializerMethodField()

    class Meta:
        model = Draft
        fields = (
            "id", "task", "version", "content_sha256", *TEXT_FIELDS, "cover_image", "cover_alt",
            "cover_credit", "quality",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(QualitySerializer(allow_null=True))
    def get_quality(self, draft: Draft) -> dict[str, Any] | None:
        report = draft.quality_reports.filter(version=draft.version).first()
        return QualitySerializer(report).data if report else None


class DraftEditSerializer(StrictSerializer, serializers.ModelSerializer[Draft]):
    """The fields to change, and why. Outer spaces stay: stripping would change what nobody touched.

    Never used with `partial`, which would reach into the citations and let half of one pass.
    """

    slug = serializers.SlugField(required=False, max_length=100, allow_unicode=True)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=600, trim_whitespace=False)
    body = serializers.CharField(required=False, max_length=MAX_BODY_CHARACTERS, trim_whitespace=False)
    citations = CitationSerializer(required=False, many=True, max_length=10 * MAX_SOURCES)
    reason = serializers.CharField(default="", allow_blank=True, max_length=1000)

    class Meta:
        model = Draft
        fields = (*TEXT_FIELDS, "reason")
        extra_kwargs = {"title": {"required": False}, "tags": {"max_length": MAX_WORDS_OF_A_KIND}}

    def to_internal_value(self, data: Any) -> Any:
        # First: a text that fits must not become too long by its line ends.
        return super().to_internal_value(with_unix_lines(data))

    def validate_citations(self, citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
        numbers = [citation["number"] for citation in citations]
        if len(set(numbers)) < len(numbers):
            raise serializers.ValidationError("Give every citation a number of its own.")
        return citations


class VersionSerializer(serializers.Serializer[Any]):
    """One row of a draft's history. `costs` in the context says what each version cost."""

    version = serializers.IntegerField()
    content_sha256 = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.CharField(source="history_change_reason", allow_null=True)
    author = serializers.IntegerField(source="author_id", allow_null=True, help_text="Null for a model.")
    written_by = serializers.CharField()
    score = serializers.IntegerField(allow_null=True)
    cost_usd = serializers.SerializerMethodField(
        help_text="Of the model calls that led to it; null when one has no known price."
    )
    created_at = serializers.DateTimeField(source="history_date")

    @extend_schema_field(UsdField(allow_null=True))
    def get_cost_usd(self, row: Any) -> float | None:
        cost = self.context["costs"][row.version]
        return None if cost is None else float(cost)


class VersionTextSerializer(VersionSerializer):
    slug = serializers.CharField()
    summary = serializers.CharField()
    body = serializers.CharField()
    seo_title = serializers.CharField()
    seo_description = serializers.CharField()
    category = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    cover_image = serializers.CharField()
    cover_alt = serializers.CharField()
    cover_credit = serializers.CharField()
    citations = CitationSerializer(many=True)
