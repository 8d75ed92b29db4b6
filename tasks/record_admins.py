"""Admin pages of what the engine and reviewers recorded: to be read only."""

from __future__ import annotations

from django.contrib import admin

from tasks.models import Guidance, Incident, ModelCall, QualityReport, StageRun
from tasks.readonly_admin import ReadOnlyAdmin, ReadOnlyHistoryAdmin


@admin.register(StageRun)
class StageRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "run", "attempt", "key", "error", "started_at", "finished_at")
    list_filter = ("key", "started_at")
    list_select_related = ("task",)
    search_fields = ("task__topic", "error")


@admin.register(ModelCall)
class ModelCallAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "task", "stage", "prompt_version", "model", "input_tokens", "output_tokens", "cost_usd",
        "duration_ms", "outcome", "created_at",
    )  # fmt: skip
    list_filter = ("outcome", "model", "stage", "prompt_version", "created_at")
    list_select_related = ("task",)
    search_fields = ("task__topic", "model", "error")


@admin.register(QualityReport)
class QualityReportAdmin(ReadOnlyAdmin):
    list_display = ("draft", "version", "score", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("draft",)
    search_fields = ("draft__title",)


@admin.register(Guidance)
class GuidanceAdmin(ReadOnlyHistoryAdmin):
    list_display = ("text", "reason_code", "task", "created_at")
    list_filter = ("reason_code", "created_at")
    list_select_related = ("task",)
    search_fields = ("text", "task__topic")


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """What operators were notified of. It opens and closes automatically."""

    list_display = ("kind", "opened_at", "closed_at", "count", "delivered_at", "last_error")
    list_filter = ("kind", "opened_at")

    @admin.display(description="how many")
    def count(self, incident: Incident) -> int:
        return int(incident.details.get("count", 0))
